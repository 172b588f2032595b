"""The words of the page that no number changes."""

PACE = 1.2
BEHIND, SHARE = 1, 1 / 5

HEAD = """\
Whether the networks that a ranking leaves behind can help to tune the one that is chosen, and whether \
`audition auto` finds the best of many at a part of the cost. A student is tuned for six targets, three of \
them with at most 20 rows a class: plainly, near the weights that it began with (L2-SP), by knowledge \
distillation, and by B-Tuning (You et al., JMLR 2022) with one, three and five teachers. Beside it stand \
the teachers themselves: what LogME's posteriors on their features say, weighed by their evidence, with \
nothing tuned."""

ACCURACIES = """\
Accuracy on the rows that test, in points: the mean over seeds ± their standard deviation. In brackets the \
rows that are learned from, and those that choose the rate and the state."""

GAINS = """\
Points more than plain fine-tuning with the same rows, and where 90 % of such means lie (Student's t): \
over seeds in the line of a target; in the lines of means over targets or over seeds, whichever is wider. \
**Bold** leaves out 0; a mean over fewer than six targets never is. Nothing is corrected for the number of \
comparisons: of thirty, three are chance. Seeds of one target share its pool of rows, so their intervals \
are a little too narrow for new rows."""

ONE_RATE = """\
### At one rate for all

Few held-out rows choose a rate badly, and a method is lucky or not with its own. Here all contenders have \
the rate that is best for them together, by the held-out rows of all of their short runs."""

COSTS = """\
Processor time as a ratio to plain fine-tuning of the same target and seed, run within the same minutes: a \
step (median and highest over targets and seeds), looks at held-out rows included. Before the first step \
stand decoding, the features of the training rows, and the posteriors; the teachers' features were kept by \
then."""

TRADEOFFS = """\
### Smaller λ

Accuracy on held-out rows at the best of four rates in the short runs that choose it (mean of the seeds \
that choose), and where whole runs were made, the points on the rows that test, over plain fine-tuning. \
Held-out rows are few where rows are."""

WHY = """\
### What lies behind it

Of seed 0, before the first step: the share of the labels' variance that the answers of three teachers \
explain (1: the labels themselves), on the rows that their posteriors were fitted on and on rows that \
test; the same of the student's own posterior; then loss and penalty of a batch, and the lengths of their \
gradients."""

PULL = """\
Gradients are clipped to a norm of 1 together, so that the loss keeps what the penalty leaves of it, in \
the head too, where the penalty has no part. What teachers say of rows that they were fitted on is near \
the labels, which the student has already; what they know beyond them shows on other rows, and no such row \
is learned from."""

SEARCH = """\
`audition auto` and every candidate tuned by itself, plainly, each with its own choice among four rates: \
the same rows, settings (120 steps of 20 rows) and views. Seconds are of one processor, and for `auto` \
hold all that it does: features of every candidate on the rows that are learned from, the ranking, short \
runs, and the last run, without teachers, as it is where no budget is given. The best on test rows is the best \
of many noisy numbers, and so flattered; the best on held-out rows is what tuning all of them would have found."""

MADE = """\
- Training and test files of the sample images are pooled; each seed divides them anew into rows to learn \
from, rows held out and rows to test on, the same for every contender. Test rows choose nothing.
- The rate is chosen once a target, student and contender: the best of 0.003, 0.01, 0.03 and 0.1 in short \
runs of 30 steps, by the mean accuracy on held-out rows of seeds 0 and 1 (then by their loss). Then five \
seeds run at that rate.
- All else is the same for all: SGD, updates of 20 rows (120 steps where rows are few, else 150), two \
views of each picture, the head at ten times the rate, gradients clipped to 1, the state that was best on \
held-out rows. L2-SP has no weight decay beside it. λ = 100 (1 in distillation), temperature 0.1.
- Teachers are the first of a ranking by LogME on the rows that are learned from, among the zoo and the \
sample networks, the student left out. Their features are kept a view.
- Small networks at small sizes and a hundred-odd steps: what comes out is for that case."""

COMMANDS = """\
```
python -m benchmarks.tuning run        # results/runs.csv and results/rates.csv; again after it was stopped
python -m benchmarks.tuning run --one-rate    # the same at one rate for all
python -m benchmarks.tuning run --weaker      # with smaller λ
python -m benchmarks.tuning reasons    # results/reasons.csv
python -m benchmarks.tuning search     # results/search.csv
python -m benchmarks.tuning page       # this page
```

With `OMP_NUM_THREADS=1`, one process, on a machine that is busy with other work. It needs torch, timm, \
torchvision, onnx, Pillow and the sample assets (`AUDITION_ASSETS`), and no network."""
