"""docs/claims.md from the committed results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks.claims.claim import PAPERS, VERDICTS, Claim, Result

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"
HEAD = """\
# What the papers claim, and what we measured

The papers of LogME, TransRate and PED, claim by claim: what it says or what follows from it, in our words; what we
measured of it with the built-in networks, real weights, published tables and made-up data; and a verdict. The rule that
turns the numbers into the verdict stands in the code of each row (`benchmarks/claims`).

"Cannot be checked here" means that it takes features, networks or computing that this repository does not have; the
row says which. The networks are small and the targets few: a claim that is not confirmed here is not refuted for the
networks of its paper, and one that is confirmed is confirmed for these.

In short: **LogME**'s evidence does what is said of it, once the term that the released code drops is back; its order
of these networks cannot be told from that of a retrained head, and takes a hundredth of the time. **TransRate** orders
layers, but hangs on its ε and on the number of columns, and other measures order layers as well. **PED** lowers the
energy that it is named after, and so does fine-tuning, but by another way; on the networks here it changes the order
too little to tell.

τ_w is the weighted Kendall coefficient of [evaluate](evaluate.md), and intervals are its 90 % intervals.

```
python -m benchmarks.claims            # measures all again (about six minutes on one core), and writes this page
python -m benchmarks.claims --page     # writes this page from benchmarks/claims/results
```
"""


def page(results: Mapping[str, Result]) -> str:
    """The whole page in Markdown; results by topic, in order."""
    claims = [claim for result in results.values() for claim in result.claims]
    parts = [HEAD, _summary(claims)]
    parts += [_section(paper, [claim for claim in claims if claim.paper == paper]) for paper in PAPERS]
    return "\n".join([*parts, _machines(results)])


def _summary(claims: list[Claim]) -> str:
    found = Counter((claim.paper, claim.verdict) for claim in claims)
    lines = [_line(("paper", *VERDICTS)), _line(("---",) * (len(VERDICTS) + 1))]
    lines += [_line((paper, *(str(found[paper, verdict]) for verdict in VERDICTS))) for paper in PAPERS]
    return "\n".join([*lines, ""])


def _section(paper: str, claims: list[Claim]) -> str:
    lines = [_line(("claim", "what we measured", "verdict", "from")), _line(("---",) * 4)]
    lines += [
        _line((claim.claim, claim.measured, f"**{claim.verdict}**", claim.source))
        for claim in sorted(claims, key=lambda claim: VERDICTS.index(claim.verdict))
    ]
    about = f"{PAPERS[paper]}. [The measure](measures/{paper.lower()}.md) has a page of its own."
    return "\n".join([f"## {paper}", "", about, "", *lines, ""])


def _machines(results: Mapping[str, Result]) -> str:
    topics: dict[str, list[str]] = {}
    for topic, result in results.items():
        topics.setdefault(result.machine, []).append(f"`{topic}`")
    lines = [f"- {', '.join(names)}: {machine}." for machine, names in topics.items()]
    return "\n".join(["## Measured on", "", *lines, ""])


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"
