import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from strategies import classification, regression

import audition
from audition import Statistics, stream_statistics, sufficient_statistics
from audition.errors import InputError

ARRAYS = ["mean", "class_counts", "class_means", "class_squares", "scatter", "gram"]
problems = given(problem=classification(scales=st.just(1.0)))


def equal(actual, expected):
    assert actual.count == expected.count
    assert actual.classes == expected.classes
    for name in ARRAYS:
        one, other = getattr(actual, name), getattr(expected, name)
        if other is None:
            assert one is None
        else:
            np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-11, err_msg=name)


def thirds(problem):
    """Statistics of three parts of a problem, cut where its classes come in blocks, so that parts lack classes."""
    features, labels = problem
    order = np.argsort(labels, kind="stable")
    return [sufficient_statistics(features[rows], labels[rows]) for rows in np.array_split(order, 3)]


@problems
def test_dense_formulas(problem):
    features, labels = problem
    statistics = sufficient_statistics(features, labels)
    centred = features - features.mean(axis=0)
    assert statistics.count == len(labels)
    assert statistics.dimension == features.shape[1]
    np.testing.assert_allclose(statistics.mean, features.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(statistics.gram, features.T @ features, rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(statistics.scatter, centred.T @ centred, rtol=1e-12, atol=1e-11)


@problems
def test_dense_formulas_of_each_class(problem):
    features, labels = problem
    statistics = sufficient_statistics(features, labels)
    assert set(statistics.classes) == set(labels.tolist())
    for i, name in enumerate(statistics.classes):
        rows = features[labels == name]
        assert statistics.class_counts[i] == len(rows)
        np.testing.assert_allclose(statistics.class_means[i], rows.mean(axis=0), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(
            statistics.class_squares[i], len(rows) * rows.var(axis=0), rtol=1e-11, atol=1e-11
        )


def test_a_part_may_hold_one_class():
    """A batch of one class is no mistake; only a score needs two."""
    statistics = sufficient_statistics(np.ones((3, 2)), ["a", "a", "a"])
    assert statistics.class_counts.tolist() == [3]
    assert statistics.class_means.tolist() == [[1.0, 1.0]]


@problems
def test_merge_is_associative(problem):
    a, b, c = thirds(problem)
    equal((a + b) + c, a + (b + c))


@problems
def test_merge_is_commutative(problem):
    a, b, _ = thirds(problem)
    equal(a + b, b + a)


@problems
def test_empty_is_the_identity(problem):
    statistics = sufficient_statistics(*problem)
    equal(statistics + Statistics.empty(), statistics)
    equal(Statistics.empty() + statistics, statistics)


def test_empty_holds_nothing():
    assert Statistics.empty().count == 0
    assert (Statistics.empty() + Statistics.empty()).count == 0


@problems
def test_parts_without_all_classes_merge_to_the_whole(problem):
    a, b, c = thirds(problem)
    equal(a + b + c, sufficient_statistics(*problem))


@settings(max_examples=30)
@given(problem=classification(scales=st.just(1.0)), size=st.integers(1, 7))
def test_streaming_is_the_whole(problem, size):
    features, labels = problem
    batches = ((features[i : i + size], labels[i : i + size]) for i in range(0, len(labels), size))
    equal(stream_statistics(batches), sufficient_statistics(features, labels))


def test_streaming_nothing_is_empty():
    assert stream_statistics([]).count == 0


def test_streaming_float_classes_takes_one_decision_for_all_batches():
    """A batch of whole numbers must not become classes between batches of fractions."""
    features = np.arange(12.0).reshape(6, 2) ** 1.5
    target = np.array([0.5, 1.5, 2.0, 3.0, 2.5, 0.25])
    batches = [(features[i : i + 2], target[i : i + 2]) for i in (0, 2, 4)]
    streamed = stream_statistics(batches, task="regression")
    score = audition.logme(streamed)
    assert score == pytest.approx(audition.logme(features, target, task="regression"), rel=1e-9)


@pytest.mark.parametrize("measure", [audition.logme, audition.lfc], ids=["logme", "lfc"])
@pytest.mark.parametrize("targets", [None, 1, 3])
def test_regression_statistics_are_enough(measure, targets):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(30, 4))
    target = features @ rng.normal(size=(4, targets or 1)) + rng.normal(size=(30, targets or 1)) + 3
    target = target if targets else target[:, 0]
    parts = [
        sufficient_statistics(features[rows], target[rows], task="regression")
        for rows in np.array_split(np.arange(30), 4)
    ]
    merged = parts[2] + parts[0] + (parts[3] + parts[1])
    assert merged.classes is None
    assert measure(merged) == pytest.approx(measure(features, target, task="regression"), rel=1e-10)


@given(problem=regression(scales=st.just(1.0)))
def test_regression_keeps_the_features_as_classification_does(problem):
    features, target = problem
    statistics = sufficient_statistics(features, target, task="regression")
    np.testing.assert_allclose(statistics.gram, features.T @ features, rtol=1e-12, atol=1e-11)


def test_classes_and_targets_do_not_merge():
    features = np.random.default_rng(0).normal(size=(6, 2))
    classes = sufficient_statistics(features, [0, 1] * 3)
    target = sufficient_statistics(features, features[:, 0], task="regression")
    with pytest.raises(InputError):
        classes + target


def test_other_dimensions_do_not_merge():
    with pytest.raises(InputError, match="2.*3|3.*2"):
        sufficient_statistics(np.ones((4, 2)), [0, 1, 0, 1]) + sufficient_statistics(
            np.ones((4, 3)), [0, 1, 0, 1]
        )


@pytest.fixture(scope="module")
def far_from_zero():
    """(far, near): the same features about a mean of 1e6, and centred. Powers of two make the shift exact."""
    rng = np.random.default_rng(0)
    labels = np.arange(600) % 3
    near = np.round((rng.normal(size=(600, 5)) + 0.5 * labels[:, None]) * 2**20) / 2**20
    return near + 2.0**20, near, labels


@pytest.mark.parametrize(
    "measure",
    [audition.h_score, audition.regularized_h_score, audition.gbc],
    ids=lambda measure: measure.__name__,
)
def test_a_mean_of_a_million_costs_no_digits(measure, far_from_zero):
    """Sums of squares of the raw values would keep four digits of the variance; deviations keep them all."""
    far, near, labels = far_from_zero
    assert measure(far, labels) == pytest.approx(measure(near, labels), rel=1e-6)


@pytest.mark.parametrize(
    "measure", [audition.h_score, audition.regularized_h_score], ids=lambda measure: measure.__name__
)
def test_a_mean_of_a_million_costs_no_digits_in_batches(measure, far_from_zero):
    far, near, labels = far_from_zero
    batches = [(far[i : i + 7], labels[i : i + 7]) for i in range(0, 600, 7)]
    assert measure(stream_statistics(batches)) == pytest.approx(measure(near, labels), rel=1e-6)


def test_sums_are_float64_for_float32_features():
    features = np.random.default_rng(0).normal(size=(2000, 3)).astype(np.float32) * np.float32([1, 1e3, 1e-3])
    statistics = sufficient_statistics(features, np.arange(2000) % 2)
    wide = features.astype(np.float64)
    np.testing.assert_allclose(statistics.gram, wide.T @ wide, rtol=1e-9, atol=1e-9)


def test_arrays_cannot_be_written():
    statistics = sufficient_statistics(np.eye(4), [0, 1, 0, 1])
    for name in set(ARRAYS) - {"gram"}:
        with pytest.raises(ValueError, match="read-only"):
            getattr(statistics, name)[...] = 0


def test_writing_into_the_gram_matrix_reaches_nobody():
    """It is made from the scatter when it is asked for."""
    statistics = sufficient_statistics(np.eye(4), [0, 1, 0, 1])
    statistics.gram.fill(0) if statistics.gram.flags.writeable else None
    np.testing.assert_allclose(statistics.gram, np.eye(4), atol=1e-15)


def test_fields_cannot_be_set():
    with pytest.raises((AttributeError, dataclasses.FrozenInstanceError)):
        sufficient_statistics(np.eye(4), [0, 1, 0, 1]).count = 5


def test_the_callers_array_is_not_kept():
    features = np.eye(4)
    statistics = sufficient_statistics(features, [0, 1, 0, 1])
    before = statistics.gram.copy()
    features[:] = 7
    np.testing.assert_array_equal(statistics.gram, before)


@pytest.mark.parametrize(
    "names", [["b", "a", "c"], [3, -1, 10**6], [True, False], [0.5, 2.25, -1.0]], ids=str
)
def test_saved_and_loaded(tmp_path, names):
    features = np.random.default_rng(0).normal(size=(12, 3))
    labels = [names[i % len(names)] for i in range(12)]
    statistics = sufficient_statistics(features, labels, task="classification")
    statistics.save(tmp_path / "a.safetensors")
    loaded = Statistics.load(tmp_path / "a.safetensors")
    assert [type(label) for label in loaded.classes] == [type(label) for label in statistics.classes]
    assert loaded.classes == statistics.classes
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(loaded, name), getattr(statistics, name))
    assert audition.regularized_h_score(loaded) == audition.regularized_h_score(statistics)


def test_regression_saved_and_loaded(tmp_path):
    rng = np.random.default_rng(0)
    statistics = sufficient_statistics(rng.normal(size=(12, 3)), rng.normal(size=(12, 2)), task="regression")
    statistics.save(tmp_path / "a.safetensors")
    loaded = Statistics.load(tmp_path / "a.safetensors")
    assert loaded.classes is None
    assert audition.logme(loaded) == audition.logme(statistics)


def test_labels_that_no_file_can_hold_are_refused(tmp_path):
    statistics = sufficient_statistics(np.eye(4), [("a", 1), ("b", 2)] * 2)
    with pytest.raises(InputError, match="saved"):
        statistics.save(tmp_path / "a.safetensors")


def test_loaded_statistics_merge_with_others(tmp_path):
    """A data set may be finished tomorrow, or on another machine."""
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(12, 3)), np.array(["x", "y", "z"] * 4)
    sufficient_statistics(features[:6], labels[:6]).save(tmp_path / "a.safetensors")
    merged = Statistics.load(tmp_path / "a.safetensors") + sufficient_statistics(features[6:], labels[6:])
    equal(merged, sufficient_statistics(features, labels))


def test_foreign_file_is_refused(tmp_path):
    save_file({"weight": np.eye(2)}, tmp_path / "network.safetensors")
    with pytest.raises(InputError):
        Statistics.load(tmp_path / "network.safetensors")


@pytest.mark.parametrize(
    "content", [b"", b"not a safetensors file at all", b"\xff" * 64], ids=["empty", "text", "bytes"]
)
def test_corrupt_file_is_refused(tmp_path, content):
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(InputError):
        Statistics.load(tmp_path / "a.safetensors")


def test_truncated_file_is_refused(saved):
    saved.write_bytes(saved.read_bytes()[:-16])
    with pytest.raises(InputError):
        Statistics.load(saved)


def test_file_without_one_of_its_arrays_is_refused(saved):
    arrays, metadata = load_file(saved), metadata_of(saved)
    arrays.pop(sorted(arrays)[0])
    save_file(arrays, saved, metadata)
    with pytest.raises(InputError):
        Statistics.load(saved)


def test_unknown_version_is_refused(saved):
    metadata = metadata_of(saved)
    assert "version" in metadata
    save_file(load_file(saved), saved, metadata | {"version": "999"})
    with pytest.raises(InputError, match="999"):
        Statistics.load(saved)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        Statistics.load(tmp_path / "nowhere.safetensors")


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "a.safetensors"
    sufficient_statistics(np.eye(4), [0, 1, 0, 1]).save(path)
    return path


def metadata_of(path):
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        return file.metadata()


def test_sum_adds_statistics():
    features, labels = np.random.default_rng(0).normal(size=(12, 3)), np.arange(12) % 2
    whole = audition.sufficient_statistics(features, labels)
    parts = [audition.sufficient_statistics(features[i::3], labels[i::3]) for i in range(3)]
    np.testing.assert_allclose(sum(parts).scatter, whole.scatter, rtol=1e-12)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies_are_read_only_too(again):
    statistics = audition.sufficient_statistics(np.eye(4), [0, 1, 0, 1])
    audition.logme(statistics)  # what is computed from it need not travel
    other = again(statistics)
    assert not other.mean.flags.writeable
    assert "gram_spectrum" not in vars(other)
    assert audition.logme(other) == audition.logme(statistics)


def test_arrays_that_do_not_fit_together_are_refused(tmp_path):
    path = tmp_path / "s.safetensors"
    audition.sufficient_statistics(np.eye(4), [0, 1, 0, 1]).save(path)
    with safe_open(path, framework="numpy") as file:
        metadata, tensors = file.metadata(), {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    for name in ("class_means", "scatter", "count", "class_counts"):
        save_file(tensors | {name: tensors[name][:0]}, path, metadata)
        with pytest.raises(InputError, match="damaged"):
            audition.Statistics.load(path)


def test_a_stream_of_something_else():
    for batches in (3, [1, 2], [np.eye(3)]):
        with pytest.raises(InputError, match="pairs"):
            audition.stream_statistics(batches)


def test_statistics_know_their_task():
    statistics = audition.sufficient_statistics(np.eye(4), [0, 1, 0, 1])
    assert audition.logme(statistics, task="classification") == audition.logme(statistics)
    with pytest.raises(InputError, match="The statistics are for classification"):
        audition.logme(statistics, task="regression")
    with pytest.raises(InputError, match="Did you mean 'regression'"):
        audition.logme(statistics, task="regresion")


def test_class_sums_are_the_moments_added_one_by_one_to_the_last_bit():
    from audition.labels import ClassLabels
    from audition.statistics.block import class_moments
    from audition.statistics.groups import ClassSums

    rng = np.random.default_rng(0)
    sums, whole = ClassSums(6), None
    for size in (3, 40, 1, 300, 25):
        codes = rng.integers(120, size=size)
        part = class_moments(
            rng.standard_normal((size, 6)), rng.standard_normal(6), ClassLabels(codes, tuple(range(120)))
        )
        sums.add(part)
        whole = part if whole is None else whole + part
    found = sums.result()
    assert found.classes == whole.classes
    for name in ("counts", "means", "squares"):
        assert np.array_equal(getattr(found, name), getattr(whole, name))
    assert ClassSums(6).result() is None
