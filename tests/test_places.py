"""Places among others: against scipy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.stats import rankdata

from audition.places import shared_places

FEW = st.sampled_from([0.0, -0.0, 1.0, 1.5, -2.0, np.inf, -np.inf, np.nan])


@given(arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=7), elements=FEW))
def test_places_are_those_of_scipy(values: np.ndarray) -> None:
    for axis in range(values.ndim):
        expected = rankdata(values, axis=axis, nan_policy="omit")
        assert np.array_equal(shared_places(values, axis), expected, equal_nan=True)


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3)])
def test_of_nothing(shape: tuple[int, ...]) -> None:
    assert shared_places(np.empty(shape)).shape == shape
