"""How a run went: a row for each look at the held-out rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from math import isnan
from pathlib import Path

from audition.files import written_whole


@dataclass(frozen=True)
class Look:
    """What was seen after a step. epoch: how often each training row had been seen by then.

    rate: of the body in that step. loss, penalty: means over the steps since the look before, the penalty
    apart from the loss. held_out_loss, held_out_score: of all held-out rows; nan where there are none.
    seconds: since the start of the run, without the time in which it was broken off.
    """

    step: int
    epoch: float
    rate: float
    loss: float
    penalty: float
    held_out_loss: float
    held_out_score: float
    seconds: float

    @property
    def merit(self) -> tuple[float, float]:
        """Higher is better: by the score, and among equals by the loss."""
        score, loss = self.held_out_score, self.held_out_loss
        return (-float("inf") if isnan(score) else score, -float("inf") if isnan(loss) else -loss)


@dataclass(frozen=True)
class Curve:
    """All looks of a run, in order. score_name: what the held-out score is."""

    rows: tuple[Look, ...]
    score_name: str

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Look]:
        return iter(self.rows)

    @property
    def best(self) -> Look | None:
        """The best look, the first of equals; without held-out rows the last. None where there is none."""
        if not self.rows:
            return None
        if all(isnan(row.held_out_loss) for row in self.rows):
            return self.rows[-1]
        return max(self.rows, key=lambda row: row.merit)

    @property
    def since_best(self) -> int:
        """How many looks there were after the best."""
        best = self.best
        return 0 if best is None else len(self.rows) - 1 - self.rows.index(best)

    def records(self) -> list[dict[str, float]]:
        """A dict a row, as JSON takes it."""
        return [asdict(row) for row in self.rows]

    @classmethod
    def of(cls, records: Sequence[dict[str, float]], score_name: str) -> Curve:
        """From what `records` gave."""
        return cls(tuple(Look(**record) for record in records), score_name)  # type: ignore[arg-type]

    def to_csv(self, path: Path) -> None:
        """Writes a table with a row a look, whole or not at all; raises InputError where it cannot be."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(field.name for field in fields(Look))
        writer.writerows(astuple(row) for row in self.rows)
        _write(path, text.getvalue())

    def to_svg(self, path: Path, *, title: str = "") -> None:
        """Writes a picture of losses and scores over epochs; raises InputError where it cannot be."""
        from audition.tuning.runs.curve_picture import picture_of

        _write(path, picture_of(self, title))


def _write(path: Path, text: str) -> None:
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")
