"""How much of a result is the family's, the model's, the way of tuning's, the data set's: from tables, by moments."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from audition.arrays import Float64
from audition.recommendation.names import family_of
from audition.recommendation.prior import Variances
from audition.recommendation.tables import Table

FEWEST = 4  # models that two tables share, for them to say how alike they are


def variances_of(tables: Sequence[Table]) -> Variances:
    """Moment estimates; what tables cannot tell apart (one table: model and way of tuning) goes to the model.

    Each table counts alike. Between models of a table: what their means differ by beyond the noise of a
    mean. Model: how the means of two tables go together on the models that both have. Family: how the means
    of relatives in one table go together more than those of others.
    """
    dataset = float(np.mean([_within(table) for table in tables]))
    between = float(np.mean([max(_between(table), 0.0) for table in tables]))
    shared = [_together(one, other) for one, other in combinations(tables, 2)]
    told = [value for value in shared if value is not None]
    steady = min(max(float(np.mean(told)), 0.0), between) if told else between
    family = min(max(float(np.mean([_kinship(table) for table in tables])), 0.0), steady)
    return Variances(family, steady - family, between - steady, dataset)


def _within(table: Table) -> float:
    """The variance of a model's results about its mean, over the models with two or more."""
    several = table.results[table.counts > 1]
    return float(np.nanvar(several, axis=1, ddof=1).mean()) if len(several) else 0.0


def _between(table: Table) -> float:
    return float(table.means.var() - (_within(table) / table.counts).mean())


def _together(one: Table, other: Table) -> float | None:
    """The covariance of the means of two tables over the models that both have; None for too few."""
    both = sorted(set(one.models) & set(other.models))
    if len(both) < FEWEST:
        return None
    first, second = (_centred(table, both) for table in (one, other))
    return float(first @ second / len(both))


def _centred(table: Table, models: Sequence[str]) -> Float64:
    means = np.array([table.means[table.models.index(model)] for model in models])
    return np.asarray(means - means.mean())


def _kinship(table: Table) -> float:
    """The mean product of relatives' means less that of all other pairs; 0 where there are none of either."""
    families = np.array([family_of(model) for model in table.models], dtype=object)
    products = np.outer(table.means, table.means)
    pairs = ~np.eye(len(families), dtype=bool)
    kin = (families[:, None] == families) & pairs
    if not kin.any() or not (pairs & ~kin).any():
        return 0.0
    return float(products[kin].mean() - products[pairs & ~kin].mean())
