"""Intervals cover what they say, in simulations where the truth is known."""

import numpy as np
import pytest

from audition.evaluation.bootstrap import FEWEST, draws, interval, of_mean, tail
from audition.evaluation.coefficients import kendall, tau_w

RUNS, RESAMPLES = 1500, 500
KINDS = {
    "normal": (lambda rng, size: rng.normal(size=size), 0.0),
    "near the top of a scale": (lambda rng, size: rng.beta(5, 1.5, size=size), 5 / 6.5),
    "hits and misses": (lambda rng, size: (rng.random(size) < 0.7).astype(float), 0.7),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [FEWEST, 8, 11, 27])
def test_nine_in_ten_intervals_over_data_sets_hold_the_mean(kind, number):
    """85 to 95 % of them."""
    sample, mean = KINDS[kind]
    values = sample(np.random.default_rng(number), (RUNS, number))
    means = values @ draws(number, RESAMPLES, 1).T / number
    outside = tail(number, 0.9)
    low, high = np.quantile(means, [outside, 1 - outside], axis=1)
    covered = np.mean((low <= mean + 1e-12) & (mean - 1e-12 <= high))
    assert 0.85 < covered < 0.95


@pytest.mark.parametrize(("number", "least"), [(8, 0.82), (11, 0.84), (27, 0.85)])
def test_few_very_skewed_values_are_held_less_often(number, least):
    """Regrets are most of them small and now and then large: the page says how far their intervals fall short."""
    values = np.random.default_rng(0).exponential(size=(RUNS, number))
    means = values @ draws(number, RESAMPLES, 1).T / number
    outside = tail(number, 0.9)
    low, high = np.quantile(means, [outside, 1 - outside], axis=1)
    assert least < np.mean((low <= 1) & (high >= 1)) < 0.9


@pytest.mark.parametrize("correlation", [0.3, 0.8])
def test_nine_in_ten_intervals_over_models_hold_tau(correlation):
    """Of normal pairs, whose τ is known: 2/π arcsin ρ."""
    rng, models = np.random.default_rng(7), 30
    counts = draws(models, RESAMPLES, 1)
    covered = 0
    for _ in range(300):
        truth, noise = rng.normal(size=(2, models))
        scores = correlation * truth + np.sqrt(1 - correlation**2) * noise
        low, high = interval(kendall(truth, scores, counts), models, 0.9)
        covered += low <= 2 / np.pi * np.arcsin(correlation) <= high
    assert 0.85 < covered / 300 < 0.95


def test_nine_in_ten_intervals_over_models_hold_tau_w():
    """τ_w depends on the number of models: its mean over many pools of the same size stands for the truth."""
    rng, models = np.random.default_rng(8), 30
    one, counts = np.ones((1, models)), draws(models, RESAMPLES, 1)
    pools = rng.normal(size=(2000, 2, models))
    pools[:, 1] += pools[:, 0]
    true = np.mean([tau_w(*pool, one)[0] for pool in pools])
    bounds = [interval(tau_w(*pool, counts), models, 0.9) for pool in pools[:250]]
    assert 0.85 < np.mean([low <= true <= high for low, high in bounds]) < 0.95


def test_percentiles_as_they_are_would_be_too_narrow():
    """Which is why they are taken further out."""
    values = np.random.default_rng(0).normal(size=(RUNS, 8))
    means = values @ draws(8, RESAMPLES, 1).T / 8
    low, high = np.quantile(means, [0.05, 0.95], axis=1)
    assert np.mean((low <= 0) & (0 <= high)) < 0.86


def test_is_the_same_for_the_same_seed_and_wider_for_more_confidence():
    values = np.random.default_rng(0).normal(size=11)
    assert of_mean(values, 1000, 5, 0.9) == of_mean(values, 1000, 5, 0.9)
    assert of_mean(values, 1000, 5, 0.9) != of_mean(values, 1000, 6, 0.9)
    low, high = of_mean(values, 1000, 5, 0.9)
    lower, higher = of_mean(values, 1000, 5, 0.99)
    assert lower < low < values.mean() < high < higher


def test_too_few_give_none():
    assert of_mean(np.arange(FEWEST - 1.0), 1000, 0, 0.9) is None
    assert interval(np.full(100, np.nan), 10, 0.9) is None


def test_what_has_no_order_in_a_resample_is_left_out():
    resampled = np.concatenate([np.full(50, np.nan), np.linspace(0, 1, 101)])
    low, high = interval(resampled, 1000, 0.9)
    assert low == pytest.approx(0.05, abs=0.002) and high == pytest.approx(0.95, abs=0.002)
