"""Numbers and tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles

from audition.evaluation import Difference, Estimate
from audition.evaluation.compare import DATA_SETS

NOTHING = "–"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table and the empty line after it; the first column is text, the others are numbers."""
    lines = [_line(header), "|---|" + "---:|" * (len(header) - 1)]
    return [*lines, *map(_line, rows), ""]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def number(value: float, digits: int = 3) -> str:
    """With a true minus; a dash where there is none."""
    return NOTHING if value != value else f"{value:.{digits}f}".replace("-", "−")


def interval(bounds: tuple[float, float] | None, digits: int = 2) -> str:
    return NOTHING if bounds is None else f"{number(bounds[0], digits)} to {number(bounds[1], digits)}"


def sure(estimate: Estimate, digits: int = 2) -> str:
    """The interval over data sets; over models, marked, where those are too few."""
    if estimate.interval is not None or estimate.over_models is None:
        return interval(estimate.interval, digits)
    return f"{interval(estimate.over_models, digits)} ᵐ"


def apart(difference: Difference | None, *, few: bool) -> str:
    """In bold where its interval over targets leaves out 0; of few targets never."""
    if difference is None or difference.value != difference.value:
        return NOTHING
    sign = "+" if difference.value > 0 else ""
    text = f"{sign}{number(difference.value, 2)}"
    return f"**{text}**" if difference.decided and difference.over == DATA_SETS and not few else text


def listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else list(names))


def seconds(times: Sequence[float]) -> str:
    """The median, and what nine of ten stay under."""
    if not times:
        return NOTHING
    return f"{median(times):.2g} ({quantiles([*times, *times], n=10)[-1]:.2g})"
