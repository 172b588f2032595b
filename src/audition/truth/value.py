"""True results as a value: models by data sets, and who measured them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audition.errors import InputError, UnknownNameError
from audition.places import shared_places

Float64 = NDArray[np.float64]

MOST = 2**24
"""Cells of a table: every model by every data set, whether it has a result there or not."""

# dataset -> model -> number; what a model has no number for is absent.
Cells = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Truth:
    """What fine-tuning gave: M models by T data sets.

    accuracy: [M, T], higher is better, in the unit of the source (the shipped tables: %); NaN where
        nobody measured. Iterate over the names of the data sets; `truth["cars"]` is {model: accuracy}.
    scores: scores that stand beside the results in the same table, measure -> dataset -> model.
    citation: where it was published. notes: what is known to be wrong with it.
    """

    name: str
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    accuracy: Float64
    scores: Mapping[str, Cells] = field(default_factory=dict)
    citation: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.accuracy.shape != (len(self.models), len(self.datasets)):
            raise InputError(
                f"{len(self.models)} models by {len(self.datasets)} data sets, "
                f"but the table of results is {self.accuracy.shape}."
            )
        self.accuracy.flags.writeable = False

    @classmethod
    def of(cls, name: str, cells: Cells) -> Truth:
        """The truth of {dataset: {model: accuracy}}, models and data sets in the order of their first mention."""
        models = tuple(dict.fromkeys(model for column in cells.values() for model in column))
        if len(models) * len(cells) > MOST:
            raise InputError(
                f"{name} is of {len(models):,} models on {len(cells):,} data sets, more than a table can hold: "
                "give the data sets that matter."
            )
        table = [[cells[dataset].get(model, np.nan) for dataset in cells] for model in models]
        return cls(name, models, tuple(cells), np.array(table, float).reshape(len(models), len(cells)))

    def __len__(self) -> int:
        return len(self.datasets)

    def __iter__(self) -> Iterator[str]:
        return iter(self.datasets)

    def __getitem__(self, dataset: str) -> dict[str, float]:
        """{model: accuracy} on a data set, without those that nobody measured."""
        if dataset not in self.datasets:
            raise UnknownNameError(f"data set in {self.name}", dataset, self.datasets)
        column = self.accuracy[:, self.datasets.index(dataset)].tolist()
        return {model: result for model, result in zip(self.models, column, strict=True) if result == result}

    def only(self, datasets: Sequence[str]) -> Truth:
        """The same with some of the data sets, in their order; the scores beside stay as they are."""
        cells = {dataset: self[dataset] for dataset in datasets}
        part = Truth.of(self.name, cells)
        return Truth(
            self.name,
            part.models,
            part.datasets,
            part.accuracy.copy(),
            self.scores,
            self.citation,
            self.notes,
        )

    def static_list(self, *, by: Literal["accuracy", "place"] = "accuracy") -> dict[str, dict[str, float]]:
        """What a list that never looks at the data says of each data set: dataset -> model -> goodness.

        A model's goodness on one data set is its mean over all the *others*: of its accuracy there less
        the mean of the models, in their standard deviations (by="accuracy"), or of its place counted from
        the worst, equal ones sharing theirs (by="place"). A model without a result elsewhere is left out.
        """
        if by not in ("accuracy", "place"):
            raise UnknownNameError("static list by", by, ("accuracy", "place"))
        goodness = _standardised(self.accuracy) if by == "accuracy" else _places(self.accuracy)
        known = np.isfinite(goodness)
        filled = np.where(known, goodness, 0.0)
        elsewhere = known.sum(axis=1, keepdims=True) - known
        with np.errstate(invalid="ignore", divide="ignore"):
            means = (filled.sum(axis=1, keepdims=True) - filled) / elsewhere
        exact = np.round(means, 12)  # what is equal stays equal: rounding errors would order it
        return Truth(self.name, self.models, self.datasets, exact).cells()

    def cells(self) -> dict[str, dict[str, float]]:
        """The same as {dataset: {model: accuracy}}."""
        return {dataset: self[dataset] for dataset in self.datasets}

    def __repr__(self) -> str:
        holes = int(np.isnan(self.accuracy).sum())
        without = f", {holes} of {self.accuracy.size} without a result" if holes else ""
        return f"{self.name}: {len(self.models)} models by {len(self.datasets)} data sets{without}"


def _standardised(accuracy: Float64) -> Float64:
    """Each column less its mean, in its standard deviations; zero where all are equal."""
    known = np.isfinite(accuracy)
    number = np.maximum(known.sum(axis=0), 1)
    centred = accuracy - np.where(known, accuracy, 0.0).sum(axis=0) / number
    spread = np.sqrt(np.where(known, centred**2, 0.0).sum(axis=0) / number)
    return np.asarray(centred / np.where(spread == 0, 1.0, spread))


def _places(accuracy: Float64) -> Float64:
    """Each column's places from the worst, as a share of the models known there; equal ones share theirs."""
    places = shared_places(accuracy, axis=0)
    return np.asarray(places / np.maximum(np.isfinite(accuracy).sum(axis=0), 1))
