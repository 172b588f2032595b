"""Teachers of every kind: fitted on training rows, weighed by their evidence, one forward pass a view."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import b_tuning as oracle
from oracles import one_hot
from scipy.special import softmax

import audition
from audition.cache import Cache
from audition.data.features import Features
from audition.data.memory import dataset_from_arrays
from audition.data.subset import Subset
from audition.errors import InputError, ModelError, UnknownNameError
from audition.labels import as_labels
from audition.models.base import ModelIdentity, Outputs

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

from audition.models.keras.library import import_keras
from audition.tuning.rows.views import seen_through, views_of
from audition.tuning.teachers.pooled import Pooled, ensemble, ensemble_score, mixture_of, pooled_teachers
from audition.tuning.teachers.posteriors import fit_posterior

RNG = np.random.default_rng(0)
CODES = np.arange(60) % 3
PIXELS = (RNG.integers(0, 128, (60, 12, 16, 3)) + 50 * (CODES == 1)[:, None, None, None]).astype(np.uint8)
TRAIN = np.arange(0, 60, 2)
ROWS = RNG.normal(size=(60, 5)) + RNG.normal(size=(3, 5))[CODES]


class Network:
    """A model of pictures, or rows, that counts the items it sees; its features are a fixed map of them."""

    parameters = 7

    def __init__(self, name="net", seed=0, width=6, kind="image", layers=("low", "high")):
        self.name, self.kind, self.layers, self.identity = name, kind, layers, ModelIdentity(f"{name} {seed}")
        self.preprocess = audition.CallableModel("any", lambda batch: batch, kind).preprocess
        self.seen, self._seed, self._width = 0, seed, width

    def forward(self, batch):
        self.seen += len(batch)
        items = batch.reshape(len(batch), -1).astype(np.float64) / (255 if self.kind == "image" else 1)
        rng = np.random.default_rng(self._seed)
        maps = {layer: rng.normal(size=(items.shape[1], self._width)) for layer in self.layers}
        return Outputs({layer: np.maximum(items @ maps[layer], 0) / 9 for layer in self.layers})


def data_and_labels():
    data = dataset_from_arrays(PIXELS, CODES, name="pictures")
    return data, as_labels(CODES)


def row_data():
    return dataset_from_arrays(ROWS, CODES, name="rows"), as_labels(CODES)


def features_of(model, data, layer=None):
    (matrix,) = audition.extract(model, data, layers=layer).layers.values()
    return np.asarray(matrix)


def test_what_teachers_say_is_the_definition():
    """The whole of it against loops: posteriors on the training rows, the mixture, and the sum over teachers."""
    data, labels = data_and_labels()
    models = [Network("a", 1), Network("b", 2, width=40), Network("c", 3, width=2)]
    views = [seen_through(data, view) for view in views_of("image", 3)]
    pooled = pooled_teachers(models, views, labels, TRAIN, temperature=0.3)
    whole = [features_of(model, data).astype(float) for model in models]
    fits = [oracle.posterior(each[TRAIN], one_hot(CODES)[TRAIN]) for each in whole]
    shares = oracle.mixture([score for score, _ in fits], 0.3)
    np.testing.assert_allclose(pooled.mixture, shares, rtol=1e-6)
    assert pooled.outputs.shape == (3, 60, 3) and pooled.outputs.dtype == np.float32
    for said, view in zip(pooled.outputs, views, strict=True):
        seen = [features_of(model, view).astype(float) for model in models]
        expected = oracle.pooled([weights for _, weights in fits], seen, shares)
        np.testing.assert_allclose(said, expected, rtol=1e-4, atol=1e-5)
    assert pooled.names == ("a", "b", "c") and pooled.notes == ()
    assert pooled.noise == pytest.approx(sum(pooled.mixture * [p.noise for p in pooled.posteriors]))


@settings(max_examples=60)
@given(
    scores=st.lists(st.floats(-20, 20), min_size=1, max_size=6),
    temperature=st.floats(1e-3, 1e3),
)
def test_the_mixture_is_a_softmax(scores, temperature):
    found = mixture_of(scores, temperature)
    np.testing.assert_allclose(found, softmax(np.array(scores) / temperature), rtol=1e-9, atol=1e-300)
    assert found.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        mixture_of([score + 3 for score in scores], temperature), found, rtol=1e-6, atol=1e-12
    )
    if min(np.diff(np.sort(scores)), default=1) > 1e-3:
        assert list(np.argsort(found, kind="stable")) == list(np.argsort(scores, kind="stable")) or 0 in found


@settings(max_examples=30)
@given(scores=st.lists(st.integers(-50, 50), min_size=1, max_size=5, unique=True))
def test_towards_no_temperature_the_best_speaks_alone(scores):
    found = mixture_of(scores, 1e-300)
    np.testing.assert_array_equal(found, np.array(scores) == max(scores))


@settings(max_examples=10)
@given(order=st.permutations(range(3)))
def test_the_order_of_teachers_does_not_matter(order):
    data, labels = row_data()
    models = [Network(name, seed, kind="rows") for seed, name in enumerate("abc")]
    first = pooled_teachers(models, [data], labels, TRAIN)
    second = pooled_teachers([models[place] for place in order], [data], labels, TRAIN)
    np.testing.assert_allclose(first.outputs, second.outputs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(first.mixture[list(order)], second.mixture)


def test_twins_speak_as_one():
    data, labels = row_data()
    alone = pooled_teachers([Network("a", kind="rows")], [data], labels, TRAIN)
    twins = pooled_teachers([Network("a", kind="rows"), Network("b", kind="rows")], [data], labels, TRAIN)
    np.testing.assert_allclose(alone.outputs, twins.outputs, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(twins.mixture, 0.5)


def test_one_forward_pass_a_teacher_and_view_ever(tmp_path):
    data, labels = data_and_labels()
    views = [seen_through(data, view) for view in views_of("image", 3)]
    models = [Network("a", 1), Network("b", 2)]
    first = pooled_teachers(models, views, labels, TRAIN, cache=tmp_path)
    assert [model.seen for model in models] == [180, 180]
    again = pooled_teachers(models, views, labels, TRAIN, cache=tmp_path)
    other = pooled_teachers(models, views, labels, np.arange(1, 60, 2), temperature=1, cache=tmp_path)
    assert [model.seen for model in models] == [180, 180]
    np.testing.assert_array_equal(first.outputs, again.outputs)
    assert (other.outputs != first.outputs).any()


def test_items_are_decoded_once_a_view_for_all_teachers():
    count = []

    class Watched:
        name, kind, task = "watched", "image", "classification"

        def __len__(self):
            return 60

        def items(self):
            for item in data_and_labels()[0].items():
                yield replace(item, decode=lambda item=item: count.append(1) or item.decode())

    data = Watched()
    views = [seen_through(data, view) for view in views_of("image", 2)]
    pooled_teachers([Network("a", 1), Network("b", 2), Network("c", 3)], views, as_labels(CODES), TRAIN)
    assert len(count) == 120


def test_a_layer_by_its_name():
    data, labels = row_data()
    model = Network(kind="rows")
    pooled = pooled_teachers([(model, "low"), model], [data], labels, TRAIN)
    assert [posterior.layer for posterior in pooled.posteriors] == ["low", "high"]
    low = fit_posterior(features_of(model, data, "low"), labels, TRAIN)
    np.testing.assert_allclose(pooled.posteriors[0].weights, low.weights, rtol=1e-9)
    with pytest.raises(UnknownNameError, match="There is no layer 'lo' of net. Did you mean 'low'"):
        pooled_teachers([(model, "lo")], [data], labels, TRAIN)


# ---- features that were computed before


def test_features_of_any_form_are_a_teacher(tmp_path):
    data, labels = row_data()
    matrix = np.maximum(ROWS, 0).astype(np.float32)
    np.savez(tmp_path / "mine.npz", features=matrix)
    value = Features(
        "other", "rows", "classification", tuple(CODES.tolist()), {"a": ROWS, "features": matrix}
    )
    teachers = [matrix, value, (value, "features"), f"features:{tmp_path / 'mine.npz'}"]
    found = [pooled_teachers([teacher], [data], labels, TRAIN) for teacher in teachers]
    for pooled in found:
        np.testing.assert_array_equal(pooled.outputs, found[0].outputs)
    assert [pooled.names[0] for pooled in found[:2]] == ["teacher 1", "other"]
    np.testing.assert_array_equal(pooled_teachers(matrix, [data], labels, TRAIN).outputs, found[0].outputs)


def test_features_that_were_computed_before_stand_for_all_views():
    data, labels = data_and_labels()
    views = [seen_through(data, view) for view in views_of("image", 3)]
    model = Network()
    alone = pooled_teachers([ROWS], views, labels, TRAIN)
    np.testing.assert_array_equal(alone.outputs[0], alone.outputs[2])
    assert alone.notes == (
        "teacher 1: its features were computed before, of whole pictures; they stand for all 3 views.",
    )
    both = pooled_teachers([ROWS, model], views, labels, TRAIN)
    lone = pooled_teachers([model], views, labels, TRAIN)
    expected = both.mixture[0] * alone.outputs + both.mixture[1] * lone.outputs
    np.testing.assert_allclose(both.outputs, expected, rtol=1e-4, atol=1e-6)
    assert (both.outputs[0] != both.outputs[1]).any()


def test_features_of_other_rows_are_one_sentence(tmp_path):
    data, labels = row_data()
    with pytest.raises(InputError, match="teacher 1: its features have 59 rows where the data have 60"):
        pooled_teachers([ROWS[:59]], [data], labels, TRAIN)
    swapped = [1, 0, *CODES[2:].tolist()]
    value = Features("other", "rows", "classification", tuple(swapped), {"features": ROWS})
    with pytest.raises(
        InputError, match=r"other: its features have the label 0 in row 3 \(from 0\) where the data"
    ):
        pooled_teachers([value], [data], labels, TRAIN)
    np.savez(tmp_path / "mine.npz", features=ROWS[:50])
    with pytest.raises(ModelError, match="has 50 rows but 'rows' has 60 items"):
        pooled_teachers([f"features:{tmp_path / 'mine.npz'}"], [data], labels, TRAIN)


# ---- what a ranking kept


def test_what_a_ranking_of_these_rows_kept_is_the_posterior(tmp_path, monkeypatch):
    """The same to the bit, without reading a row; and it says so."""
    data, labels = row_data()
    trained = Subset(data, frozenset(TRAIN.tolist()))
    ranked, model = Network(kind="rows", width=4), Network(kind="rows", width=4)
    fresh = pooled_teachers([model], [data], labels, TRAIN)
    ranking = audition.rank([ranked], trained, metrics="logme,h_score", resamples=0, cache=tmp_path)
    audition.extract(model, data, cache=tmp_path)
    monkeypatch.setattr(
        "audition.tuning.teachers.posteriors.SomeRows", lambda *given: pytest.fail("fitted from rows")
    )
    found = pooled_teachers([model], [data], labels, TRAIN, cache=tmp_path)
    assert found.posteriors[0].score == ranking.best.scores["logme"]
    np.testing.assert_array_equal(found.posteriors[0].weights, fresh.posteriors[0].weights)
    np.testing.assert_array_equal(found.outputs, fresh.outputs)
    assert found.notes == ("net: its posterior is of the statistics that a ranking of these rows kept.",)


@pytest.mark.parametrize("other", ["rows", "labels", "all rows"])
def test_what_was_kept_of_other_rows_or_labels_is_not_used(tmp_path, other):
    """A ranking of all rows has seen the labels of those held out."""
    data, labels = row_data()
    model = Network(kind="rows", width=4)
    ranked = {
        "rows": Subset(data, frozenset((TRAIN + 1).tolist())),
        "labels": Subset(dataset_from_arrays(ROWS, (CODES + 1) % 3, name="rows"), frozenset(TRAIN.tolist())),
        "all rows": data,
    }[other]
    audition.rank([model], ranked, metrics="logme", resamples=0, cache=tmp_path)
    found = pooled_teachers([model], [data], labels, TRAIN, cache=tmp_path)
    fresh = pooled_teachers([model], [data], labels, TRAIN)
    assert found.notes == ()
    np.testing.assert_array_equal(found.outputs, fresh.outputs)


def test_a_ranking_that_was_asked_for_all_rows_serves_a_tuning_on_all(tmp_path):
    data, labels = row_data()
    model = Network(kind="rows", width=4)
    audition.rank([model], data, metrics="logme", resamples=0, cache=tmp_path)
    assert pooled_teachers([model], [data], labels, np.arange(60), cache=tmp_path).notes != ()
    assert model.seen == 60


def test_regression_and_several_labels_from_what_was_kept(tmp_path):
    target = ROWS @ np.arange(1.0, 6.0) * 40 + 7
    several = (ROWS[:, :3] > 0).astype(int)
    for values in (target, np.column_stack([target, -target]), several):
        data = dataset_from_arrays(ROWS, values, name="rows")
        labels = as_labels([item.label for item in data.items()], task=data.task)
        trained = Subset(data, frozenset(TRAIN.tolist()))
        model = Network(kind="rows", width=4)
        fresh = pooled_teachers([model], [data], labels, TRAIN)
        cache = tmp_path / str(values.shape)
        audition.rank([model], trained, metrics="logme", resamples=0, cache=cache)
        kept = pooled_teachers([model], [data], labels, TRAIN, cache=cache)
        assert len(kept.notes) == 1 and kept.outputs.shape == (1, 60, values[0].size)
        np.testing.assert_allclose(kept.outputs, fresh.outputs, rtol=1e-6, atol=1e-6)


# ---- mistakes


def test_a_teacher_that_says_nothing_is_one_sentence():
    data, labels = row_data()
    dead = audition.CallableModel("dead", lambda batch: np.ones((len(batch), 3)), "rows")
    with pytest.raises(
        ModelError, match=r"dead: its features \(layer 'features'\) are equal in all 30 training"
    ):
        pooled_teachers([Network(kind="rows"), dead], [data], labels, TRAIN)


@pytest.mark.parametrize("temperature", [0, -1, np.inf, np.nan, "0.1"])
def test_a_temperature_that_is_none(temperature):
    data, labels = row_data()
    with pytest.raises(InputError, match="'temperature' parameter of tune must be a positive number"):
        pooled_teachers([Network(kind="rows")], [data], labels, TRAIN, temperature=temperature)


def test_a_pattern_is_several_teachers(framework):
    framework("onnxruntime")
    data, labels = digits()
    pooled = pooled_teachers(["zoo:cnn-[cm]*"], [data], labels, TRAIN)
    assert pooled.names == ("zoo:cnn-cifar10", "zoo:cnn-mnist")


def test_no_teacher_and_names_of_none():
    data, labels = row_data()
    with pytest.raises(InputError, match="No teacher was named"):
        pooled_teachers([], [data], labels, TRAIN)
    with pytest.raises(UnknownNameError, match="There is no model 'zoo:resnet-mnis'"):
        pooled_teachers("zoo:resnet-mnis", [data], labels, TRAIN)
    with pytest.raises(InputError, match="net takes images but the data set 'rows' holds rows"):
        pooled_teachers([Network()], [data], labels, TRAIN)


@pytest.mark.parametrize("wrong", [np.roll(CODES, 1), CODES * 1.5, CODES[:50]])
def test_labels_that_are_not_those_of_the_data(wrong):
    data, _ = row_data()
    with pytest.raises(InputError, match="The labels are not those of 'rows'"):
        pooled_teachers([Network(kind="rows")], [data], as_labels(wrong), TRAIN)


# ---- real networks, and the ensemble


def digits():
    data = audition.open_dataset("sklearn:digits", limit=120)
    return data, as_labels([item.label for item in data.items()], task=data.task)


def test_networks_of_two_frameworks_and_a_file_teach_together(tmp_path, framework):
    """An ONNX network of the zoo, one of torch, and features: only their outputs meet."""
    framework("onnxruntime")
    torch = framework("torch")
    data, labels = digits()
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, stride=4), torch.nn.ReLU(), torch.nn.Flatten())
    teachers = ["zoo:resnet-mnist", module, features_of("zoo:cnn-mnist", data)]
    rows = np.arange(0, 120, 2)
    pooled = pooled_teachers(teachers, [data], labels, rows, cache=tmp_path / "cache", device="cpu")
    assert pooled.outputs.shape == (1, 120, 10) and len({p.weights.shape[1] for p in pooled.posteriors}) == 3
    held = np.setdiff1d(np.arange(120), rows)
    assert ensemble_score(pooled, labels.codes, held, accuracy) > 0.7
    assert len(Cache(tmp_path / "cache").ls()) == 2


@pytest.mark.filterwarnings("ignore")  # what keras warns of in our own calls
def test_a_network_of_keras_is_a_teacher(tmp_path, framework):
    framework("keras")
    keras = import_keras()
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Input((16, 16, 3)),
        keras.layers.Conv2D(6, 3),
        keras.layers.GlobalAveragePooling2D(),
    ]
    keras.Sequential(layers).save(tmp_path / "net.keras")
    data, labels = digits()
    name = f"keras:{tmp_path / 'net.keras'}"
    pooled = pooled_teachers(name, [data], labels, np.arange(100), cache=tmp_path / "cache")
    fitted = fit_posterior(features_of(name, data), labels, np.arange(100))
    np.testing.assert_allclose(
        pooled.outputs[0], fitted.outputs(features_of(name, data)), rtol=1e-4, atol=1e-5
    )


def accuracy(outputs, targets):
    return float((outputs.argmax(axis=1) == targets).mean())


def test_the_ensemble_is_what_the_teachers_say():
    said = np.float32([[[0.9, 0.1], [0.2, 0.6], [0.4, 0.5]]])
    pooled = Pooled(said, np.ones(1), ())
    np.testing.assert_array_equal(ensemble(pooled, np.array([2, 0])), said[0, [2, 0]])
    assert ensemble_score(pooled, np.array([0, 1, 0]), np.arange(3), accuracy) == pytest.approx(2 / 3)
    assert ensemble_score(pooled, np.array([0, 1, 0]), np.array([0, 1]), accuracy) == 1


def test_answers_are_made_block_by_block():
    """What one layer's features take is never held as float64, and no teacher's beside another's."""
    rows = np.random.default_rng(0).normal(size=(12000, 500)).astype(np.float32)
    labels = as_labels(np.arange(12000) % 2)
    fitted = fit_posterior(rows, labels, np.arange(1000))
    tracemalloc.start()
    fitted.outputs(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < rows.nbytes
