"""Everything that a report says, as a value; its views are made from it and from nothing else."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from audition.errors import InputError
from audition.files import check_new, write_new_text
from audition.ranking.value import Ranking
from audition.reporting.agreement import Agreement
from audition.reporting.answer import Answer
from audition.reporting.costs import Trade
from audition.reporting.dataset import DataFacts
from audition.reporting.depths import Depths
from audition.reporting.judged import Judged
from audition.reporting.motion import Motion
from audition.reporting.ran import Ran
from audition.reporting.shifts import Shift

FORMAT = "audition-report"
VERSION = 1
SUFFIXES = (".html", ".md", ".json", ".txt")


@dataclass(frozen=True)
class Report:
    """What a ranking says, part by part; a part that there is nothing for is None or empty.

    absent: why parts are missing that data, features or a truth would give, part -> a sentence.
    """

    ranking: Ranking
    answer: Answer
    trades: tuple[Trade, ...]
    agreement: Agreement | None
    shifts: tuple[Shift, ...]
    depths: tuple[Depths, ...]
    motion: Motion | None
    data: DataFacts | None
    ran: Ran
    judged: Judged | None
    absent: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: what `to_json` writes."""
        bare = replace(self.ranking, rows=tuple(replace(row, resampled={}) for row in self.ranking.rows))
        parts = asdict(replace(self, ranking=replace(bare, rows=())))
        head = {"format": FORMAT, "format_version": VERSION}
        plain: dict[str, Any] = _plain({**head, **parts, "ranking": bare.to_dict()})
        return plain

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False)

    def to_html(self) -> str:
        """The report as one HTML file that needs no network."""
        from audition.reporting.html import as_html

        return as_html(self)

    def to_markdown(self) -> str:
        """The report as Markdown, tables in place of figures."""
        from audition.reporting.markdown import as_markdown

        return as_markdown(self)

    def save(self, path: str | Path) -> None:
        """Writes a new .html, .md, .json or .txt file; raises InputError for others and for one that exists."""
        where = Path(path)
        check_report(where)
        views = {".html": self.to_html, ".md": self.to_markdown, ".json": self.to_json, ".txt": self.__repr__}
        write_new_text(where, views[where.suffix.lower()]().rstrip("\n") + "\n")

    def __repr__(self) -> str:
        from audition.reporting.terminal import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        """In notebooks, as a page within the page, so that neither changes the other's looks."""
        from markupsafe import escape

        style = "width:100%;height:720px;border:0"
        return f'<iframe title="audition report" style="{style}" srcdoc="{escape(self.to_html())}"></iframe>'


def check_report(path: Path) -> None:
    """Raises InputError for a file that cannot be made, or that is none of SUFFIXES."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"A report is written as {', '.join(SUFFIXES)}; {str(path)!r} is named otherwise.")
    check_new(path)


def _plain(value: Any) -> Any:
    """Tuples as lists; infinities as text and NaN as None, because JSON has neither."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
