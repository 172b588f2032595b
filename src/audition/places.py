"""Places of values among others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shared_places(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Places along an axis from 1, the lowest; equal values share the mean of theirs, NaN has none (NaN).

    As `scipy.stats.rankdata` with nan_policy="omit", which takes half a second to import.

    >>> shared_places(np.array([0.3, 0.1, np.nan, 0.3]))
    array([2.5, 1. , nan, 2.5])
    """
    along = np.moveaxis(values, axis, -1)
    order = np.argsort(along, axis=-1)  # NaN comes last
    ordered = np.take_along_axis(along, order, axis=-1)
    number, change = along.shape[-1], ordered[..., 1:] != ordered[..., :-1]
    edge, at = np.ones((*along.shape[:-1], 1), dtype=bool), np.arange(number)
    begins, ends = np.concatenate([edge, change], axis=-1), np.concatenate([change, edge], axis=-1)
    first = np.maximum.accumulate(np.where(begins, at, 0), axis=-1)
    last = np.minimum.accumulate(np.where(ends, at, number)[..., ::-1], axis=-1)[..., ::-1]
    places = np.empty(along.shape)
    np.put_along_axis(places, order, np.where(np.isnan(ordered), np.nan, (first + last) / 2 + 1), axis=-1)
    return np.moveaxis(places, -1, axis)
