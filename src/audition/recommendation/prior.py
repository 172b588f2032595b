"""What results elsewhere say of a candidate before the data is looked at: one mixed model over all tables.

A model's standardised accuracy on a data set is the sum of what its accuracy on ImageNet and its size are
worth (how much that is, is learned here, too), what its family does, what it does itself, what it does under
the table's way of tuning, an offset of the table (its models may be better than another's) and what it does on
that one data set; each is normal with a variance of its own. Given the means of the tables, the accuracy on new
data has a normal distribution in closed form. So a table that tunes in another way says less than the user's
own results, and one result says less than eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.recommendation.names import family_of, known_as, traits_of
from audition.recommendation.tables import Table

Codes = NDArray[np.intp]

TRAIT = 0.1  # variance of what 5 points on ImageNet, or 3 times the parameters, are worth
OFFSET = 1.0  # variance of an offset: a table's models may be as much better as one model is than another


@dataclass(frozen=True)
class Variances:
    """Of a standardised accuracy: by family, by model, by model and way of tuning (table), by data set."""

    family: float
    model: float
    table: float
    dataset: float


@dataclass(frozen=True, eq=False)
class Prior:
    """For M candidates: mean and variance of the standardised accuracy on new data [M].

    variance: less what all candidates share (their mean covariance), which decides nothing between them.
    published, own: the numbers of published results and of the user's own that they are known by [M].
    """

    mean: Float64
    variance: Float64
    published: tuple[int, ...]
    own: tuple[int, ...]

    @property
    def inner(self) -> Float64:
        """The variance about the candidates' own mean [M]: M − 1 of M parts of it."""
        return self.variance * max(1 - 1 / len(self.mean), 0.5)

    @property
    def unit(self) -> float:
        """The expected spread of the candidates' accuracies: among much the same models less than 1."""
        return float(np.sqrt(self.mean.var() + self.inner.mean()))


@dataclass(frozen=True, eq=False)
class _Models:
    """Models as numbers, equal for one model and for one family [M], and their traits [M, 2]."""

    model: Codes
    family: Codes
    traits: Float64

    def __getitem__(self, part: slice) -> _Models:
        return _Models(self.model[part], self.family[part], self.traits[part])


def prior_of(
    candidates: Sequence[str],
    tables: Sequence[Table],
    history: Sequence[Table],
    variances: Variances,
    parameters: Sequence[int | None] | None = None,
) -> Prior:
    """What tables (tuned in other ways) and the user's history (in the same way) say of candidates, by name.

    parameters: of each candidate, None where not known.
    """
    number, seen = len(candidates), [*history, *tables]
    keys = [*map(known_as, candidates), *(model for table in seen for model in table.models)]
    models = _models(keys, parameters or [None] * number)
    ours, theirs = models[:number], models[number:]
    means = np.array([mean for table in seen for mean in table.means], dtype=float)
    counts = np.array([count for table in seen for count in table.counts], dtype=float)
    table = np.array([place for place, one in enumerate(seen) for _ in one.models], dtype=int)
    own = table < len(history)
    alike = np.where(
        own, -1, table
    )  # all tables of the user's own are tuned in one way, as the new data will be
    between = _covariance(theirs, theirs, alike[:, None] == alike, variances)
    between += OFFSET * (table[:, None] == table) + np.diag(variances.dataset / counts)
    across = _covariance(ours, theirs, own[None, :], variances)
    solved = np.linalg.solve(between, np.column_stack([means, across.T]))
    whole = _covariance(ours, ours, np.True_, variances) + variances.dataset * np.eye(number)
    same = ours.model[:, None] == theirs.model
    numbers = [tuple((same * counts * part).sum(axis=1).astype(int).tolist()) for part in (~own, own)]
    left = _less_common(whole - across @ solved[:, 1:])
    return Prior(across @ solved[:, 0], left, numbers[0], numbers[1])


def _models(keys: Sequence[str], parameters: Sequence[int | None]) -> _Models:
    sizes = [*parameters, *[None] * (len(keys) - len(parameters))]
    traits = [traits_of(key, size) for key, size in zip(keys, sizes, strict=True)]
    return _Models(_codes(keys), _codes([family_of(key) for key in keys]), np.array(traits).reshape(-1, 2))


def _codes(names: Sequence[str]) -> Codes:
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1]


def _covariance(one: _Models, other: _Models, alike: np.ndarray | np.bool, variances: Variances) -> Float64:
    """Of what models do on any data set; alike: where they are tuned in the same way."""
    same = one.model[:, None] == other.model
    kin = one.family[:, None] == other.family
    steady = variances.family * kin + same * (variances.model + variances.table * alike)
    return np.asarray(steady + TRAIT * one.traits @ other.traits.T)


def _less_common(covariance: Float64) -> Float64:
    """Variances less the mean covariance of two candidates [M]."""
    number = len(covariance)
    own = np.diag(covariance)
    if number == 1:
        return own
    common = (covariance.sum() - own.sum()) / (number * (number - 1))
    return np.asarray(np.maximum(own - common, own.min() / 10))
