"""The words of the page that no number changes."""

from __future__ import annotations

from audition.evaluation.bootstrap import FEWEST
from benchmarks.quality_page.results import SHARP


def _line(text: str) -> str:
    return " ".join(text.split())


HEAD = _line("""
Every measure, with and without PED, kNN, a linear probe, the number of parameters, ImageNet accuracy and a list
that never looks at the data, judged by real fine-tuning of whole networks
([how](../benchmarks/finetuned/README.md)).
""")
LEGEND = _line(f"""
τ_w is the weighted Kendall τ with what fine-tuning gave, 1 for the same order, 0 for chance; regret@1 the points
(of accuracy, or of a hundredth of the score) lost by tuning the measure's first place instead of the best. Both
are means over targets, with 90 % intervals over targets, or over networks (ᵐ) where targets are fewer than
{FEWEST}. **Bold** differences are those whose paired interval over targets leaves out 0; **a difference that is
not bold is not significant**, and with fewer targets none is. The intervals are not corrected for the number of
comparisons: with fifty measures some bold ones are chance, and the highest of many is flattered by having been
picked.
""")
PARTIAL = _line("""
**This page is partial: the fine-tuning runs are not finished.** What few targets cannot show is not claimed
below; numbers will change.
""")
NO_ANSWER = _line("""
**In short:** no answer yet. Fewer than six unrelated image targets are decided, so nothing here says which
measure is best. What is known already: on the published tables a list that never looks at the data is hard to
beat (see [Published tables](#published-tables)).
""")
NOTHING = "Nothing is decided here yet."
FEW = _line("""
Intervals marked ᵐ are over networks, not targets: they say how the number moves with the pool, not what another
target would give.
""")
BUDGET = _line("""
With a budget of two the hybrid of Renggli et al. (CVPR 2022) tunes the first of the static list and the first of
a probe, and keeps the better one; where both name the same network, the second of the static list takes the
place. Points lost by the best of what is tried:
""")
RECOMMENDATION = _line("""
The consensus order of `audition rank`, held out: weights, tables and history come from the other targets. The
last column is the recommendation less the order of the line, paired; bold where its interval over targets leaves
out 0. Undecided targets are among these. From `python -m benchmarks.recommendation`.
""")
ORDERS = _line("""
"Same order" is how alike two unrelated targets order the networks (mean τ_w over pairs of targets). Where it is
near 1 the pool has one order of quality, and a list needs no data; where it is low only measures that look at
the data can be right. Networks that differ in size only are shown apart from networks of one architecture that
differ in what they were trained on. The measures shown were chosen before our own runs were
judged.
""")
PUBLISHED = _line("""
As published, not made again here: mean τ_w of 11 supervised CNNs on 11 sets: SFDA .710, NLEEP .611, LogME .509,
PARC .467, LEEP .410; of 12 self-supervised ResNet-50 on 10 sets: SFDA+PED .628, LogME+PED .627, SFDA .582,
GBC+PED .407, NLEEP .365, LogME .358, PARC .314, GBC .152. A list by mean place on the other sets gives .836 and
.667 there (the list above goes by mean standardised accuracy): **none of those scores beats it**.
""")
CORRELATION = _line("""
Pearson's r of scores and results is that of all their pairwise differences. A standard deviation of the scores
on a target stands for so many points of accuracy (by least squares); where this differs much from target to
target, a gap between scores cannot be read as a gap in accuracy.
""")
SIZES = _line("""
Pairs of networks by how far apart their scores are, in standard deviations: the share whose order is right, and
the mean points between them. Pairs share networks and targets, so these shares have no simple interval.
""")
CEILING = _line("""
The truth that measures are judged by is the mean of all seeds, so it is sharper than one half of them; no
measure can be expected to agree with it much better than the seeds agree with each other. The highest of many
measures on one target is flattered by having been picked there.
""")
ROWS = "The same measures, asked of the training rows of other seeds, against the same truth:"
LAYERS = _line("""
The layers of one network on one target are ranked among each other. Rankings of several networks on one target
are not independent, so intervals over them are too short. The seeds' agreement is over the layers of all
networks, which differ more than those of one.
""")
ZOO = _line("""
Small networks of this package on targets of their own, tuned by another recipe ([how](../zoo/README.md)). The
default measures were chosen on these, so they are no proof of them.
""")
WHEN = "Mean τ_w over the decided targets of each kind; the three highest of all measures were picked after the fact."
SELF_SUPERVISED = _line("""
which makes no order to judge by. The published table of 12 self-supervised ResNet-50 (above) is what there is:
there PED lifts LogME from .358 to .627, and the list of the other targets has .667.
""")
UNDECIDED = _line(f"""
On these the seeds of fine-tuning agree by less than τ_w = {SHARP}: no table above has them, except that the
static list looks at them, too.
""")
MADE = """
```
python -m benchmarks.finetuned truth        # *_truth.csv and agreement.csv from the runs, after more of them
python -m benchmarks.quality_page           # this page, from benchmarks/finetuned/results and the shipped tables
python -m benchmarks.quality_page scores    # scores.csv and seconds.csv there: asks what was not asked yet
```
""".strip("\n")
NOTES = tuple(
    map(
        _line,
        (
            """- Measures see what the runs saw: the training rows of seed 0 as each network takes them, features as
            the head gets them, never a held-out or a test row. The zoo's are those of the whole training folder.""",
            """- A target is looked at when half of its networks are tuned through, and decided when its seeds agree
            well enough.""",
            """- The static list of a target is each network's mean standardised result on all other targets of the
            part; targets drawn from one collection (`flowers_20` and `flowers`, `eurosat_20` and `eurosat`, the two
            of CIFAR-10, the two of Omniglot) go out together, and count as one where targets are counted for a claim.
            Intervals over targets take them as independent, which they are not quite.""",
            """- Parameters, operations and ImageNet accuracy are one list for all targets; a number in brackets says
            how many of the candidates a line knows. Its τ_w is of these alone, and comparisons are made on what both
            sides know.""",
            """- A mean τ_w leaves out targets on which all of a measure's scores are equal; their number is said, and
            such a measure is never called the best. H-Score, SFDA, EMMS and ETran say little where a network has
            more columns than there are rows.""",
            """- `ncti` and `etran` scale over the candidates of the table. `nleep` with full covariances is not asked
            from 40 classes on.""",
            """- What to bear in mind of the truth stands in
            [its description](../benchmarks/finetuned/README.md).""",
        ),
    )
)
