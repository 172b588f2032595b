"""What a tuned model says of items: a value that is printed, or written as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.arrays import Array, Float64
from audition.errors import InputError, printable
from audition.files import write_new_text
from audition.tuning.results.given import NOTHING, Given
from audition.tuning.rows.answers import LIKELY, Answers


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a tuned model says of n items.

    names: where each item came from. outputs: of the network, [n, K]. skipped: the names of items that could
    not be read, which have no row. given: the columns of the table that the items came from, if any.
    """

    answers: Answers
    names: tuple[str, ...]
    outputs: Array
    skipped: tuple[str, ...] = ()
    given: Given = NOTHING

    def __len__(self) -> int:
        return len(self.names)

    @property
    def labels(self) -> NDArray[Any]:
        """Classes [n]; of several labels 0 and 1 [n, K]; of a regression numbers [n], or [n, K] of several."""
        return self.answers.predictions(self.outputs)

    @property
    def probabilities(self) -> Float64:
        """Of each class or label, [n, K]; raises InputError for a regression."""
        return self.answers.probabilities(self.outputs)

    def header(self, top: int | None = None) -> list[str]:
        """The names of the columns of `rows`."""
        classes = [str(label) for label in self.answers.classes]
        if self.answers.task == "regression":
            return [
                "item",
                *(["prediction"] if len(classes) == 1 else [f"prediction of {c}" for c in classes]),
            ]
        if top is None:
            return ["item", "prediction", *(f"probability of {label}" for label in classes)]
        ends = ["", *(f" {place}" for place in range(2, self._places(top) + 1))]
        return ["item", *(f"{what}{end}" for end in ends for what in ("prediction", "probability"))]

    def rows(self, top: int | None = None) -> Iterator[list[str]]:
        """A row an item: its name, what is predicted, and the probability of every class.

        top: in place of those, so many of the likeliest classes, each with its probability.
        Raises InputError where there are no single classes to order.
        """
        if top is not None:
            self._check_top(top)
        for name, output in zip(self.names, self.outputs, strict=True):
            yield [name, *self._cells(output[None], top)]

    def csv(self, top: int | None = None) -> str:
        """All of it as CSV, with the columns of the table that the items came from after their names.

        Texts are as they are; a spreadsheet takes one that begins with "=" for a formula. A column of the table that
        is called as one of ours is marked "(given)".
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        (name, *header), given = self.header(top), self.given
        marked = (f"{column} (given)" if column in (name, *header) else column for column in given.columns)
        writer.writerow([name, *marked, *header])
        for (item, *predicted), cells in zip(self.rows(top), given.rows or repeat(()), strict=False):
            writer.writerow([item, *cells, *predicted])
        return text.getvalue()

    def to_csv(self, path: str | Path, *, top: int | None = None) -> None:
        """The same in a new file; raises InputError where one exists or it cannot be written."""
        write_new_text(Path(path), self.csv(top))

    def print_on(self, console: Console, top: int | None = None) -> None:
        """A table: each item with what is predicted, and of classes how likely that is."""
        top = 1 if top is None and self.answers.task == "classification" else top
        table = Table(box=None, pad_edge=False)
        header = self.header(top)
        shown = header if self.answers.task != "multilabel" else header[:2]
        for place, column in enumerate(shown):
            table.add_column(Text(printable(column)), justify="left" if place < 2 else "right")
        for row in self.rows(top):
            table.add_row(*(Text(printable(cell)) for cell in row[: len(shown)]))
        console.print(table)

    def _cells(self, output: Array, top: int | None) -> Sequence[str]:
        if self.answers.task == "regression":
            return [f"{value:.7g}" for value in self.answers.numbers(output)[0]]
        chances = self.answers.probabilities(output)[0]
        names = [str(label) for label in self.answers.classes]
        if self.answers.task == "multilabel":
            likely = "; ".join(names[k] for k in np.flatnonzero(chances >= LIKELY))
            return [likely, *map(_chance, chances)]
        if top is None:
            return [names[int(chances.argmax())], *map(_chance, chances)]
        order = np.argsort(-chances, kind="stable")[: self._places(top)]
        return [cell for k in order for cell in (names[k], _chance(chances[k]))]

    def _places(self, top: int) -> int:
        return min(top, len(self.answers.classes))

    def _check_top(self, top: int) -> None:
        if self.answers.task != "classification":
            raise InputError("Only of classes are there likeliest ones: leave the top out.")
        if isinstance(top, bool) or top < 1:
            raise InputError(f"The top is a positive whole number of classes; got {top!r}.")


def _chance(value: Any) -> str:
    return f"{value:.6g}"
