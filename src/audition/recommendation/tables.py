"""Results of fine-tuning as what they say of each model: its mean standardised accuracy, and over how many sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.recommendation.names import known_as
from audition.truth import Truth, load_truth, shipped_tables


@dataclass(frozen=True, eq=False)
class Table:
    """K models of which T data sets tell something, all of them tuned in one way.

    models: as `known_as` calls them. results: [K, T] accuracies, standardised within each data set (mean 0,
    standard deviation 1 over the models known there), NaN for holes. spreads: [T], the standard deviations,
    in the unit of the source (the shipped tables: %).
    """

    name: str
    models: tuple[str, ...]
    results: Float64
    spreads: Float64

    @property
    def counts(self) -> NDArray[np.intp]:
        """On how many data sets each model has a result [K]."""
        return np.asarray(np.isfinite(self.results).sum(axis=1))

    @property
    def means(self) -> Float64:
        """The mean standardised accuracy of each model [K]."""
        return np.asarray(np.nansum(self.results, axis=1) / self.counts)


def tables_of(truth: Truth) -> tuple[Table, ...]:
    """The tables of a truth: one for each group of models that share data sets with each other.

    A table of images and text in one is two. Data sets where fewer than two models differ, and groups
    without any, say nothing and are left out; names that mean one model share its mean.
    """
    if not truth.datasets:
        return ()
    keys = np.array(list(map(known_as, truth.models)), dtype=object)
    models = tuple(dict.fromkeys(keys))
    accuracy = np.array([_mean_of(truth.accuracy[keys == model]) for model in models])
    telling = [column for column in range(accuracy.shape[1]) if np.nanstd(accuracy[:, column]) > 0]
    groups = _groups(np.isfinite(accuracy[:, telling]))
    return tuple(_table(truth.name, models, accuracy[:, telling], group) for group in groups)


@cache
def published() -> tuple[Table, ...]:
    """The tables that the package brings."""
    return tuple(table for name in shipped_tables() for table in tables_of(load_truth(name)))


def _mean_of(rows: Float64) -> Float64:
    """The accuracy on each data set over rows that are one model; NaN for a hole."""
    known = np.isfinite(rows)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, rows, 0).sum(axis=0) / known.sum(axis=0))


def _groups(known: NDArray[np.bool_]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Models and data sets [K, T] that results join: rows and columns of each group."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    rows, columns = known.shape
    links = np.zeros((rows + columns, rows + columns))
    links[:rows, rows:] = known
    _, label = connected_components(csr_array(links), directed=False)
    each = [(np.flatnonzero(label[:rows] == g), np.flatnonzero(label[rows:] == g)) for g in np.unique(label)]
    return [(models, datasets) for models, datasets in each if len(models) > 1 and len(datasets)]


def _table(
    name: str, models: Sequence[str], accuracy: Float64, group: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> Table:
    rows, columns = group
    part = accuracy[np.ix_(rows, columns)]
    spreads = np.nanstd(part, axis=0)
    return Table(
        name, tuple(models[row] for row in rows), (part - np.nanmean(part, axis=0)) / spreads, spreads
    )
