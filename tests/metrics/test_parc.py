import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import kernels
from scipy.spatial.distance import pdist
from scipy.stats import ortho_group, spearmanr
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from strategies import classification, condition, regression

from audition.errors import InputError, UnreliableScoreWarning
from audition.metrics.parc import parc, parc_spread, row_dissimilarities, spearman, spearman_of_pairs

few = settings(max_examples=25)


def score(features, labels, **options):
    """All-zero features have no order, and say so: tested below."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableScoreWarning)
        return parc(features, labels, **options)


def classes_apart(labels):
    return pdist(np.asarray(labels, dtype=float)[:, None]) > 0


def digits_by_components():
    pytest.importorskip("sklearn", minversion="1.5", reason="scikit-learn below 1.5 draws other components")
    X, y = load_digits(return_X_y=True)
    return PCA(32, svd_solver="randomized", iterated_power=1, random_state=1919).fit_transform(X), y


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (lambda: load_iris(return_X_y=True), 58.6797840353),
        (lambda: load_digits(return_X_y=True), 39.3302031822),
        (digits_by_components, 26.9900163872),
    ],
)
def test_direct_form_with_labels_that_are_the_same_or_not(load, expected):
    X, y = load()
    apart = (1 - np.corrcoef(StandardScaler().fit_transform(X)))[np.triu_indices(len(X), 1)]
    direct = 100 * spearmanr(apart.round(12), classes_apart(y)).statistic
    assert parc(X, y, n_components=None) == pytest.approx(direct, rel=1e-11)
    assert direct == pytest.approx(expected, abs=1e-7)


def test_published_numbers_rank_the_rounding_of_the_label_distances():
    """The released code takes 1 − np.corrcoef of the 0/1 columns: two equal rows are 0 apart or 2.2e-16,
    by the place of their class, and ranks see that. So do its numbers, which move with the names of
    the classes and from one machine to the next."""
    X, y = load_iris(return_X_y=True)
    i, j = np.triu_indices(len(X), 1)
    apart = (1 - np.corrcoef(StandardScaler().fit_transform(X)))[i, j]
    rounded = np.where(y[i] != y[j], 1.5, np.where(y[i] > 0, 2.2e-16, 0.0))
    assert 100 * spearmanr(apart, rounded).statistic == pytest.approx(61.2170104885, abs=1e-9)
    assert parc(X, y, n_components=None) == pytest.approx(61.2170104885, abs=2.6)
    assert parc(*load_digits(return_X_y=True), n_components=None) == pytest.approx(39.4537952129, abs=0.13)
    assert parc(*digits_by_components(), n_components=None) == pytest.approx(27.0942012446, abs=0.11)


@given(problem=classification())
def test_loops_over_pairs(problem):
    features, labels = problem
    expected = kernels.parc(features, labels)
    assert score(features, labels, n_components=None) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(
    problem=classification(defects=("none", "constant column", "all zero")),
    n_components=st.integers(1, 6),
)
def test_principal_components(problem, n_components):
    features, labels = problem
    assume(condition(features - features.mean(axis=0)) < 1e4)
    assume(n_components < min(features.shape) - 1)  # beyond, components are rounding
    expected = kernels.parc(features, labels, n_components=n_components)
    assert score(features, labels, n_components=n_components) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_32_components_are_the_default_and_fewer_where_there_are_fewer():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 40)) + np.arange(60)[:, None] % 3, np.arange(60) % 3
    assert parc(X, y) == pytest.approx(kernels.parc(X, y, n_components=32), rel=1e-9)
    assert parc(*load_iris(return_X_y=True)) == pytest.approx(
        kernels.parc(*load_iris(return_X_y=True), n_components=4), rel=1e-9
    )


def test_components_of_rounding_do_not_count():
    """The published form scales them up to the variance of the others."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)) @ rng.normal(size=(3, 20)), np.arange(50) % 2
    assert parc(X, y, n_components=10) == pytest.approx(parc(X, y, n_components=3), rel=1e-9)


@given(problem=regression(scales=st.just(1.0), targets=2))
def test_targets(problem):
    features, targets = problem
    expected = kernels.parc_of_targets(features, targets)
    assert score(features, targets, n_components=None) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_one_target():
    X, y = load_diabetes(return_X_y=True)
    apart = 1 - np.corrcoef(StandardScaler().fit_transform(X))
    direct = spearmanr(apart[np.triu_indices(len(X), 1)], pdist(y[:, None])).statistic
    assert parc(X, y, n_components=None, task="regression") == pytest.approx(100 * direct, rel=1e-9)


def test_classes_as_targets_of_0_and_1():
    """Euclidean distance and 1 − Pearson put pairs of one-hot rows in one order."""
    X, y = load_iris(return_X_y=True)
    as_targets = parc(X, np.eye(3)[y], n_components=None, task="regression")
    assert as_targets == pytest.approx(parc(X, y, n_components=None), rel=1e-12)


@few
@given(problem=classification())
def test_order_of_rows_names_precision_and_layout(problem):
    """Pairs are a set; labels are the same or not; and float32 values are float64 values too."""
    features, labels = problem
    expected = pytest.approx(score(features, labels, n_components=None), rel=1e-9, abs=1e-9)
    order = np.random.default_rng(0).permutation(len(labels))
    assert score(features[order], labels[order], n_components=None) == expected
    assert score(np.asfortranarray(features), labels, n_components=None) == expected
    assert score(features, [f"class {label}" for label in labels], n_components=None) == expected
    single = features.astype(np.float32)
    assert score(single, labels) == score(single.astype(np.float64), labels)


@few
@given(
    problem=classification(scales=st.just(1.0), defects=("none",)), scale=st.sampled_from([1e-6, 3.0, 1e6])
)
def test_scale_and_shift(problem, scale):
    """Columns are standardised."""
    features, labels = problem
    expected = pytest.approx(score(features, labels, n_components=None), rel=1e-9, abs=1e-9)
    assert score(features * scale, labels, n_components=None) == expected
    assert score(features + 3.0, labels, n_components=None) == expected


@pytest.mark.parametrize("n_components", [None, 4])
def test_rotation_changes_it(n_components):
    """Rows correlate over their columns; of components the signs, which go by the columns, may turn."""
    X, y = load_iris(return_X_y=True)
    rotated = parc(X @ ortho_group.rvs(4, random_state=1), y, n_components=n_components)
    assert abs(rotated - parc(X, y, n_components=n_components)) > 1


def test_signs_of_components_are_those_of_scikit_learn():
    X, y = load_iris(return_X_y=True)
    Z = PCA(3, svd_solver="full").fit_transform(X)
    assert parc(X, y, n_components=3) == pytest.approx(parc(Z, y, n_components=None), rel=1e-9)


def test_draw_knows_neither_the_order_of_rows_nor_the_names_of_classes():
    X, y = load_digits(return_X_y=True)
    drawn = parc(X, y, max_samples=200, seed=3)
    order = np.random.default_rng(1).permutation(len(y))
    assert parc(X[order], y[order], max_samples=200, seed=3) == pytest.approx(drawn, rel=1e-9)
    assert parc(X, [str(9 - label) for label in y], max_samples=200, seed=3) == pytest.approx(drawn, rel=1e-9)
    assert parc(X.astype(np.float32), y, max_samples=200, seed=3) == pytest.approx(drawn, rel=1e-9)
    assert parc(X, y, max_samples=200, seed=4) != drawn


def test_spread():
    X, y = load_digits(return_X_y=True)
    mean, deviation = parc_spread(X, y, probes=4, max_samples=300)
    scores = [parc(X, y, max_samples=300, seed=seed) for seed in range(4)]
    assert (mean, deviation) == pytest.approx((np.mean(scores), np.std(scores, ddof=1)), rel=1e-12)
    assert abs(mean - parc(X, y)) < 5 * deviation
    with pytest.raises(InputError, match="max_samples"):
        parc_spread(X, y, max_samples=5000)
    with pytest.raises(InputError, match="probes"):
        parc_spread(X, y, probes=1)


def test_dissimilarities_in_the_order_of_pdist():
    rows = np.random.default_rng(0).normal(size=(70, 9))
    np.testing.assert_allclose(row_dissimilarities(rows), pdist(rows, "correlation"), atol=1e-12)


def test_a_constant_row_correlates_with_none():
    rows = np.array([[0.1] * 3, [1.0, 2, 4], [1.0, 2, 4.5]])
    assert row_dissimilarities(rows)[:2].tolist() == [1, 1]


@given(seed=st.integers(0, 1000), values=st.integers(2, 50), share=st.floats(0.05, 0.95))
def test_closed_form_of_ties(seed, values, share):
    rng = np.random.default_rng(seed)
    apart, same = rng.integers(0, values, 60) / 7, rng.random(60) < share
    assume(0 < same.sum() < 60 and np.ptp(apart) > 0)
    expected = spearmanr(apart, ~same).statistic
    assert spearman_of_pairs(apart, same) == pytest.approx(expected, abs=1e-12)
    assert spearman(apart, (~same).astype(float)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("features", [np.zeros((6, 4)), np.arange(6.0)[:, None]])
def test_no_order_of_pairs(features):
    """Of one column each row is constant."""
    with pytest.warns(UnreliableScoreWarning, match="equally far"):
        assert parc(features, [0, 1, 2] * 2) == 0


def test_input_is_left_alone():
    X, y = load_iris(return_X_y=True)
    before = X.copy()
    X.flags.writeable = False
    for n_components in (None, 2):
        parc(X, y, n_components=n_components)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("options", [{"max_samples": 2}, {"max_samples": 2.5}, {"n_components": 0}])
def test_bad_options(options):
    with pytest.raises(InputError, match=next(iter(options))):
        parc(*load_iris(return_X_y=True), **options)


def test_one_class_only():
    with pytest.raises(InputError, match="only one class"):
        parc(np.eye(3), [1, 1, 1])
