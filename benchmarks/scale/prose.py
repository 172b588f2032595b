"""What the page says whatever was measured."""

HEAD = """\
What rows, columns, classes and candidates cost, what a very large run would cost by these numbers and where it
would break first, and what racing saves. All numbers are measured, or follow from measured ones by a
multiplication that is shown; nothing of this size has been run."""

MEASURED = """\
Processor time of one thread where nothing else is said: other work on the machine lengthens it least. N rows, D
columns of float32, C classes."""

ENGINES = """\
A piece is sent, comes back, and is merged; pieces are sent ahead as a ranking sends them. "Leader" is processor
time of the process that leads, which does this for all workers together; statistics are of 512 columns and 100
classes."""

RATIOS = "Ratios of one run. Time on the wall says something on a quiet machine only."

STEPS = """\
Where the time of a row of 512 columns goes, {whole} in statistics: {listed}; adding the blocks up, {rest}. With several
threads of BLAS, each sums up blocks of its own, but for the classes, and needs a block of 32 MiB. A file that is mapped
counts as memory as far as it was read."""

LARGE = """\
Who does the work matters more than how much it is. Workers share theirs; the process that leads, and its
network, do theirs alone, however many machines there are. The hours of a line are those on the clock if nothing
else were in the way. Cores are taken to be as fast as the one here; the network of the leader to carry 10 Gbit
a second. The time of opening and downloading 10,000 networks, and of reading the items from where they lie, is
not in the table."""

INSTEAD = """\
**Fewer rows.** A score differs between draws of n rows by {noise:.1f}/√n of the spread between networks (LogME,
median over {targets} targets). The measure itself is off by more: at an agreement of τ_w = {tau:.2f} with
fine-tuning its error is about {bias:.2f} of that spread, and no number of rows takes that away. At {rows:,}
rows the rows' part is a tenth of it.

**Fewer candidates on all rows.** That is [racing](#racing-on-a-published-table).

**Fewer candidates.** `audition shortlist` narrows a hub before anything is downloaded, by what is known without
the data.

**A list of few items.** Workers read the items where they lie, so that a table of a few thousand paths, drawn
before, is all that the leader needs. (`--limit` draws them, too, but lists everything first.) What the leader
sends, merges and holds falls with the rows."""

JOB = """\
A run of {rows} rows, {candidates} candidates, {columns} columns and {classes} classes on {machines} machines of
{cores} cores:
{passes} forward passes, in {pieces} pieces of {piece} rows. A worker sums up parts of {part:,} rows, merges those of
its piece, and sends {answer} of statistics back; the leader merges the pieces. Both merge as one fixed binary tree, so
that the bits of the result do not depend on how many parts a piece has. It takes a core {long} to do a piece, which is
what a worker that dies costs."""

BUSY = """\
From {cores:,.0f} cores on the leader is busy all the time, and more of them do nothing; with passes {speed:.0f}
times as fast, as on accelerators, from {few:,.0f} on."""

BREAKS = (
    """\
1. **The leader's list of items**, at once: an item of a folder takes {item:.0f} bytes with its label, so that
{items} take
{held}, more than a machine has, before anything is computed.""",
    """\
2. **Items on their way**: each worker has a piece, and one waits for it. Where an engine of a cluster holds what it is
to send, that is {way} of the leader's memory. (Processes of one machine are sent what lies on its disk: {kept}, packed
once for all candidates.)""",
    """\
3. **Sending items**: the pieces of every candidate name their items again. That takes the leader {send} an item,
{sending} for all, and {moved} pass one network card, {wire}, where the forward passes take {passing} by {cores:,}
cores. It is the first thing that more machines do not help.""",
    """\
4. **Merging** does not break: {answers} answers of {merge} each take the leader {merging}.""",
    """\
5. **Class tables**: with {classes:,} classes an answer is {many} in place of {few}, and a row costs
{slower:.1f} times as much in statistics, because the rows of a block are of nearly as many classes as there are
rows.""",
    """\
6. **The order of the candidates** does not break: by two measures it takes {order} for {candidates}. By one
measure it grows with their square, {thousand} for 1,000 and so about {square} for {candidates}. The list of the
cache takes {listing}, and replicates {replicates}.""",
    """\
7. **Features on disk** were never meant for this: {features}. Statistics of all candidates take {statistics}.""",
)

RACED = """\
All models on all rows lose {whole} points, because the measure errs. Racing loses {lost} at {share} of those passes
and ends with the same model in {same} of the draws; with a threshold of {sharp} in {sharp_same}, at {sharp_share}.
Halving needs {half} to end there, and random search {random} to come within a quarter of a point. Nearly all that a
race spends it spends on its first rung, {rung} here: who wants to save more begins with fewer models, not with a
sharper threshold. A race among the {listed} first of the list takes {few} and loses {few_lost} points; the first of
the list alone, at no pass at all, {list_one}."""

THRESHOLDS = """\
Where a race drops whoever is the best with a probability below a threshold, the many that are dropped add up.
The same with other thresholds, with intervals that are wrong, and with measures that agree less or more with
fine-tuning:"""

STATISTICS = """\
Statistics: how large they are; what adding two takes, packing and unpacking one for another process, and the
two default measures of it."""

RACING = """\
`{table}` has what fine-tuning gave {models} models on {datasets} data sets (Renggli et al., VLDB 2023). It has
no features, so a score is made up, as honestly as that goes:

- **Merit**: the place of the model's accuracy on that data set, as a normal score.
- **An error that stays**: normal, for each model and data set for itself, as large as leaves τ_w = {tau:.2f}
  between score and accuracy: the median that LogME reaches on the {judged} targets of [our own
  fine-tuning](quality.md) whose seeds agree.
- **An error of the rows**: normal, {noise:.2f}/√n of the spread between scores at n rows: what LogME differs by
  between three draws of the rows, when what a draw does to all networks alike is taken out (median of {targets}
  targets, {low:.1f} to {high:.1f}). More rows hold the fewer ones, so that errors of one model hang together.

Everybody may look at {rows:,} rows of each data set. {repeats} draws a data set; the points lost are those
behind the best model of the table, and a pass is one row through one network.

- **Racing**: everyone on {first} rows; then whoever is the best with a probability of at least {least:g} on twice
  as many, and so on.
- **Successive halving**: the same, but the better half goes on each time, whatever the scores say.
- **Static list**: the first 1, 2, 4, ... by their mean over the *other* data sets, on all rows; the best score wins.
- **Random search**: so many drawn blindly, on all rows.
- **Static list, then racing**: a race among the first {listed} of the list."""

LIMITS = """\
What this does not show: here errors are normal and alike for all models, the race knows how large those of the
rows are, and a score on few rows has the same meaning as on many. Real scores on 32 rows do not: where classes
are many, the part a race begins with must hold all of them. Errors that stay hang together within a family of
networks; here they do not. Data sets of one collection (five of `tweet_eval`) help the list more than strangers
would. On real networks the race has to be judged by itself."""

MADE = """\
```
python -m benchmarks.scale measure             # results/measured.csv, all parts
python -m benchmarks.scale measure rows disk   # some of them; --help names all
python -m benchmarks.scale measure workers disk-wall    # on a quiet machine
python -m benchmarks.scale simulate            # results/policies.csv
python -m benchmarks.scale page                # this page
```

With `OMP_NUM_THREADS=1`. `passes` and `workers` need the sample assets (`AUDITION_ASSETS`), torch, torchvision,
timm and onnxruntime; `pieces` and `workers` leave out Dask and Ray where they are not installed. Machines of
the numbers above:

{machines}"""
