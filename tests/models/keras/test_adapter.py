"""Networks of keras: features, head and scaling equal to its own calls; what is said where something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, MissingExtraError, ModelError, UnknownNameError
from audition.models import find_models, open_model
from audition.models.base import Model
from audition.models.keras import library as keras_library
from audition.models.keras.graph import steady_names, steps_to
from audition.models.keras.library import chosen_backend, import_keras
from audition.models.keras.pixels import Layout, Prepare, as_they_are, layout_of
from audition.models.registry import model_identity
from audition.ranking import rank

if find_spec("keras") is None:  # not imported here: the adapter chooses what computes
    pytest.skip("keras is not installed", allow_module_level=True)

ROOT = Path(__file__).parents[3]
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8)
PICTURES = np.ascontiguousarray(PIXELS.transpose(0, 2, 3, 1)).astype(np.float32)
MOBILE = "alpha=0.35&classes=7&size=32"
BLOCKS = tuple(
    f"block_{number}_{'project_BN' if number in (1, 3, 6, 10, 13) else 'add'}" for number in range(1, 16)
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What keras warns of in our own calls; the adapter's calls are checked in a process of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def keras() -> Any:
    return import_keras()


@pytest.fixture(scope="module")
def mobile(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A small network of keras.applications, and a folder with all of it."""
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2(alpha=0.35, input_shape=(32, 32, 3), weights=None, classes=7)
    folder = tmp_path_factory.mktemp("keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.save(folder / "mobile.keras")
    return folder, network


@pytest.fixture(scope="module")
def plain(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the weights of a smaller one, and with the whole of it."""
    network = keras.applications.MobileNet(alpha=0.25, input_shape=(32, 32, 3), weights=None, classes=7)
    folder = tmp_path_factory.mktemp("keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.save_weights(folder / "plain.weights.h5")
        network.save(folder / "plain.keras")
    return folder


def inside(keras: Any, network: Any, layers: list[str], pictures: Any) -> list[Any]:
    """What keras itself gives for some layers, their maps as they are."""
    outputs = [network.get_layer(layer).output for layer in layers]
    given = keras.Model(network.inputs, outputs).predict_on_batch(pictures)
    return [np.asarray(array) for array in (given if isinstance(given, list) else [given])]


def test_an_application_as_keras_runs_it(keras: Any, mobile: tuple[Path, Any]) -> None:
    folder, network = mobile
    model = open_model(f"keras:MobileNetV2?{MOBILE}&checkpoint={folder / 'mobile.keras'}")
    assert isinstance(model, Model)
    assert model.layers == (*BLOCKS, "features")
    assert model.parameters == network.count_params()  # type: ignore[attr-defined]
    scaled = keras.applications.mobilenet_v2.preprocess_input(PICTURES.copy())
    *seen, said = inside(keras, network, [*BLOCKS, *(layer.name for layer in network.layers[-2:])], scaled)
    given = model.forward(PIXELS)
    for layer, values in zip(model.layers, seen):
        wanted = values.mean((1, 2)) if values.ndim == 4 else values
        np.testing.assert_allclose(given.features[layer], wanted, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(given.source_probabilities, said, rtol=1e-5, atol=1e-6)


def test_a_row_does_not_hang_on_the_others_of_its_batch_nor_a_layer_on_the_others(
    keras: Any, tmp_path: Path
) -> None:
    sequential(keras, scales=True).save(tmp_path / "net.keras")
    model = open_model(f"keras:{tmp_path / 'net.keras'}")
    whole, alone = model.forward(PIXELS), model.forward(PIXELS[1:2])
    np.testing.assert_allclose(alone.features["features"], whole.features["features"][1:2], rtol=1e-5)
    assert whole.features["features"].shape == (3, 8)
    some = model.forward(PIXELS, layers=["second"])  # type: ignore[call-arg]
    assert list(some.features) == ["second"]
    np.testing.assert_allclose(some.features["second"], whole.features["second"], rtol=1e-5, atol=1e-6)


LAYERS = {
    "ResNet50?size=32": ("pool1_pool", "conv2_block1_out", 18),
    "MobileNetV3Small": ("expanded_conv_1_project_bn", "expanded_conv_2_add", 11),
    "ConvNeXtTiny?size=32": ("convnext_tiny_stem", "add", 23),
}


@pytest.mark.parametrize("name", LAYERS)
def test_blocks_are_those_of_the_architecture(name: str) -> None:
    first, second, number = LAYERS[name]
    model = open_model(f"keras:{name}{'&' if '?' in name else '?'}weights=none")
    assert (*model.layers[:2], len(model.layers)) == (first, second, number)
    assert model.layers[-1] == "features"


def test_names_are_the_same_however_many_networks_came_before(keras: Any) -> None:
    """Keras numbers layers without a name on and on."""

    def network() -> Any:
        inputs = keras.Input((8, 8, 3))
        first = keras.layers.Conv2D(3, 1)(inputs)
        second = keras.layers.Conv2D(3, 1)(first + inputs)
        return keras.Model(inputs, keras.layers.Add(name="mine_2")([second, first]))

    networks = [network() for _ in range(3)]
    for one in networks:
        names = [steady_names(one).get(step.name, step.name) for step in steps_to(one.outputs[0])]
        assert sorted(names) == ["add", "conv2d", "conv2d_1", "input_layer", "mine_2"]


def test_untrained_networks_have_no_probabilities(keras: Any) -> None:
    model = open_model("keras:MobileNet?weights=none&alpha=0.25&size=32")
    given = model.forward(PIXELS)
    assert given.source_probabilities is None
    assert given.features["features"].shape == (3, 256), "what the head sees"
    assert model_identity("keras:MobileNet?weights=none") is None
    assert model_identity("keras:MobileNet") is not None


def test_logits_are_made_probabilities(keras: Any, tmp_path: Path) -> None:
    network = keras.applications.MobileNet(
        alpha=0.25, input_shape=(32, 32, 3), weights=None, classes=4, classifier_activation=None
    )
    network.save_weights(tmp_path / "w.weights.h5")
    options = (
        f"alpha=0.25&size=32&classes=4&classifier_activation=none&checkpoint={tmp_path / 'w.weights.h5'}"
    )
    given = open_model(f"keras:MobileNet?{options}").forward(PIXELS)
    logits = network.predict_on_batch(keras.applications.mobilenet.preprocess_input(PICTURES.copy()))
    wanted = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(given.source_probabilities, wanted, rtol=1e-5, atol=1e-6)


def sequential(keras: Any, *, scales: bool, last: str | None = "softmax", lam: bool = False) -> Any:
    layers = keras.layers
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            *([layers.Rescaling(1 / 255)] if scales else []),
            *([layers.Lambda(lambda values: values * 2)] if lam else []),
            layers.Conv2D(4, 3, name="first"),
            layers.BatchNormalization(name="first_norm"),
            layers.ReLU(name="first_relu"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(8, 3, activation="relu", name="second"),
            layers.GlobalMaxPooling2D(name="top"),
            layers.Dropout(0.5),
            layers.Dense(5, name="answer"),
            layers.Activation(last, name="end"),
        ]
    )


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("scales", [True, False])
def test_a_network_of_ones_own(keras: Any, tmp_path: Path, suffix: str, scales: bool) -> None:
    """It has no branches: a layer is the last at each size of maps. Pixels are 0..255 where it scales them."""
    network = sequential(keras, scales=scales)
    network.save(tmp_path / f"net{suffix}")
    model = open_model(f"keras:{tmp_path / f'net{suffix}'}")
    assert model.layers == ("first_relu", "second", "features")
    pictures = PICTURES if scales else PICTURES / 255
    first, second, seen, said = inside(keras, network, ["first_relu", "second", "top", "end"], pictures)
    given = model.forward(PIXELS)
    np.testing.assert_allclose(given.features["first_relu"], first.mean((1, 2)), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(given.features["second"], second.mean((1, 2)), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(given.features["features"], seen, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(given.source_probabilities, said, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pool", ["max", "none"])
def test_a_pooling_that_was_asked_for(keras: Any, tmp_path: Path, pool: str) -> None:
    network = sequential(keras, scales=True)
    network.save(tmp_path / "net.keras")
    given = open_model(f"keras:{tmp_path / 'net.keras'}?pool={pool}").forward(PIXELS).features["second"]
    (maps,) = inside(keras, network, ["second"], PICTURES)
    wanted = maps.max((1, 2)) if pool == "max" else maps.reshape(len(maps), -1)
    np.testing.assert_allclose(given, wanted, rtol=1e-5, atol=1e-5)
    with pytest.raises(ModelError, match="first_relu is a map and has no tokens, so pool=cls means nothing"):
        open_model(f"keras:{tmp_path / 'net.keras'}?pool=cls")


def test_a_head_that_gives_no_probabilities(keras: Any, tmp_path: Path) -> None:
    """What ends in plain numbers may be an embedding: its output is the last layer."""
    network = sequential(keras, scales=True, last="linear")
    network.save(tmp_path / "net.keras")
    given = open_model(f"keras:{tmp_path / 'net.keras'}").forward(PIXELS)
    assert given.source_probabilities is None
    np.testing.assert_allclose(
        given.features["features"], network.predict_on_batch(PICTURES), rtol=1e-5, atol=1e-5
    )


def test_a_network_around_another(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    stem = [keras.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1), layers.Conv2D(4, 3)]
    base = keras.Sequential(stem, name="base")
    inputs = keras.Input((32, 32, 3))
    pooled = keras.layers.GlobalAveragePooling2D(name="mean")(base(inputs, training=False))
    network = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(pooled))
    network.save(tmp_path / "net.keras")
    model = open_model(f"keras:{tmp_path / 'net.keras'}")
    assert model.layers == ("base", "features")
    given = model.forward(PIXELS)
    np.testing.assert_allclose(
        given.source_probabilities, network.predict_on_batch(PICTURES), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(given.features["base"], given.features["features"], rtol=1e-5, atol=1e-6)


def test_what_the_user_says_of_pictures(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    inputs = keras.Input((None, None, 1))
    network = keras.Model(inputs, layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="only")(inputs)))
    network.save(tmp_path / "net.keras")
    name = f"keras:{tmp_path / 'net.keras'}"
    with pytest.raises(InputError, match=r"takes pictures of any size: say which by \?size=\.\.\."):
        open_model(name)
    with pytest.raises(InputError, match="takes channels=1 and no other: leave channels out"):
        open_model(f"{name}?size=16&channels=3")
    model: Any = open_model(f"{name}?size=16,20&mean=0.5&std=0.25&crop=0.5")
    assert (model.preprocess.size, model.preprocess.resize) == ((16, 20), (32, 40))
    assert model.preprocess.mode == "L"
    grey = PIXELS[:, :1, :16, :20]
    wanted = network.predict_on_batch((grey.transpose(0, 2, 3, 1) / 255 - 0.5) / 0.25)
    np.testing.assert_allclose(model.forward(grey).features["features"], wanted, rtol=1e-5, atol=1e-5)


def test_identity_is_that_of_the_weights(keras: Any, plain: Path, tmp_path: Path) -> None:
    file = tmp_path / "net.keras"
    sequential(keras, scales=True).save(file)
    before = model_identity(f"keras:{file}")
    assert before is not None
    assert f"keras {keras.__version__}" in before.library
    assert keras.config.backend() in before.library
    assert open_model(f"keras:{file}").identity == before  # type: ignore[attr-defined]
    sequential(keras, scales=False).save(file)
    assert model_identity(f"keras:{file}") != before
    weights = plain / "plain.weights.h5"
    assert model_identity(f"keras:MobileNet?checkpoint={weights}") not in (None, before)


def test_wildcards() -> None:
    assert find_models("keras:MobileNetV3*?size=96") == [
        "keras:MobileNetV3Large?size=96",
        "keras:MobileNetV3Small?size=96",
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "MobilNetV2",
            r"There is no model 'keras:MobilNetV2'\. Did you mean 'keras:MobileNetV2'\? \"audition mod",
        ),
        ("MobileNetV2?alpa=0.5", r"There is no option 'alpa' of keras:MobileNetV2\. Did you mean 'alpha'\?"),
        ("MobileNetV2?input_tensor=1", r"There is no option 'input_tensor' of keras:MobileNetV2"),
        ("MobileNetV2?precision=bf16", r"There is no option 'precision' of keras:MobileNetV2"),
        ("MobileNetV2?weights=imagenet21k", r"There is no weights name .* Did you mean 'imagenet'\?"),
        ("MobileNetV2?weights=none&include_top=false", r"takes pictures of any size: say which by \?size="),
        ("MobileNetV2@main", r"Networks of keras have no revisions: write keras:MobileNetV2"),
        ("gone.keras", r"There is no file 'gone\.keras' for keras:gone\.keras"),
        (
            "gone.keras?checkpoint=x",
            r"There is no option 'checkpoint' of keras:gone\.keras\. There are: channels",
        ),
    ],
)
def test_names_and_options_that_are_not(name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        open_model(f"keras:{name}")


def test_a_file_without_its_source() -> None:
    with pytest.raises(InputError, match=r"'net\.keras' is a file, .*: write keras:net\.keras\."):
        open_model("net.keras")


def test_a_value_that_a_network_cannot_take() -> None:
    with pytest.raises(ModelError, match="keras:MobileNetV2.* cannot be built: "):
        open_model("keras:MobileNetV2?weights=none&classes=many")


def test_weights_that_do_not_fit(plain: Path, tmp_path: Path) -> None:
    weights = plain / "plain.weights.h5"
    for file in (weights, plain / "plain.keras"):
        with pytest.raises(
            ModelError, match=r"do not fit keras:MobileNet\?.*: conv_preds\. Name the architecture"
        ):
            open_model(f"keras:MobileNet?alpha=0.25&classes=8&size=32&checkpoint={file}")
    with pytest.raises(ModelError, match=r"do not fit .*: conv1, conv1_bn, conv_dw_1 and \d+ more\. Name"):
        open_model(f"keras:MobileNet?alpha=0.5&classes=7&size=32&checkpoint={weights}")
    with pytest.raises(ModelError, match=r"the file holds 137 arrays where 135 have a place"):
        open_model(f"keras:MobileNet?alpha=0.25&include_top=false&size=32&checkpoint={weights}")
    (tmp_path / "w.pt").touch()
    with pytest.raises(ModelError, match=r"Keras reads weights from \.weights\.h5, .*, not from 'w\.pt'"):
        open_model(f"keras:MobileNetV2?checkpoint={tmp_path / 'w.pt'}")


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_damaged_files(plain: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    path.write_bytes((plain / "plain.keras").read_bytes()[:5000])
    with pytest.raises(ModelError, match=f"Cannot load keras:.*cut{suffix}: "):
        open_model(f"keras:{path}")
    with pytest.raises(ModelError, match="The file of weights .* is damaged: "):
        open_model(f"keras:MobileNet?checkpoint={path}")


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_code_in_a_file_is_not_run(keras: Any, tmp_path: Path, suffix: str) -> None:
    sequential(keras, scales=False, lam=True).save(tmp_path / f"net{suffix}")
    with pytest.raises(
        ModelError, match=r"holds a function of its own \(a Lambda layer\), and code from a file is"
    ):
        open_model(f"keras:{tmp_path / f'net{suffix}'}")


def test_files_that_are_no_networks_of_pictures(keras: Any, plain: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds weights and no network: write keras:NAME\?checkpoint="):
        open_model(f"keras:{plain / 'plain.weights.h5'}")
    with pytest.raises(InputError, match=r"is a folder: save the network as one file, by model\.save"):
        open_model(f"keras:{tmp_path}")
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(tmp_path / "rows.keras")
    with pytest.raises(ModelError, match=r"takes \(None, 4\), where one batch of pictures is needed"):
        open_model(f"keras:{tmp_path / 'rows.keras'}")
    keras.Sequential([keras.Input((8, 8, 7)), keras.layers.Flatten()]).save(tmp_path / "wide.keras")
    with pytest.raises(ModelError, match=r"pictures of shape \(8, 8, 7\): no side is 1 or 3 channels"):
        open_model(f"keras:{tmp_path / 'wide.keras'}")


@pytest.mark.parametrize(
    ("said", "kind"),
    [("RESOURCE_EXHAUSTED: Out of memory", MemoryError), ("Graph execution error", ModelError)],
)
def test_what_fails_while_it_runs(
    keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, kind: type[Exception]
) -> None:
    def fail(*_: Any) -> Any:
        raise ValueError(said)

    sequential(keras, scales=True).save(tmp_path / "net.keras")
    model = open_model(f"keras:{tmp_path / 'net.keras'}")
    monkeypatch.setattr(keras.Model, "predict_on_batch", fail)
    with pytest.raises(kind, match=said):
        model.forward(PIXELS)


def test_channels_first(keras: Any) -> None:
    """Layouts alone: TensorFlow itself convolves with the channels last on a processor."""
    network = keras.Sequential([keras.Input((3, 20, 30)), keras.layers.Flatten()])
    assert layout_of(keras, network) == Layout(False, 3, (20, 30))
    both = keras.Sequential([keras.Input((3, 20, 3)), keras.layers.Flatten()])
    assert layout_of(keras, both) == Layout(True, 3, (3, 20))
    prepare = Prepare(False, as_they_are, (0.0,), (1.0,))
    np.testing.assert_array_equal(prepare(PIXELS), PIXELS.astype(np.float32))


class TestDownloads:
    """No test reaches a network: what it would say is put in its place."""

    def test_offline(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        monkeypatch.setattr("audition.models.keras.network.out_of_reach", lambda _: "HF_HUB_OFFLINE is set")
        with pytest.raises(
            ModelError,
            match=r"^The weights of keras:MobileNet could not be fetched: HF_HUB_OFFLINE is set and they are not in "
            r"the cache \(https://storage\.googleapis\.com/\S+, about 17 MB in float32\)\. Go on where there is a",
        ):
            open_model("keras:MobileNet")

    def test_a_download_that_breaks_off(self, monkeypatch: pytest.MonkeyPatch, keras: Any) -> None:
        def broken(**_: Any) -> Any:
            raise Exception("URL fetch failure on https://storage/net.h5: None -- connection reset")

        monkeypatch.setattr("audition.models.keras.network.out_of_reach", lambda _: None)
        monkeypatch.setattr(keras.applications, "VGG16", broken)
        monkeypatch.setattr("audition.models.keras.network._arguments", lambda *_: {})
        with pytest.raises(
            ModelError, match="keras:VGG16 could not be fetched: URL fetch failure on .*: None -- conn"
        ):
            open_model("keras:VGG16")

    def test_weights_at_another_size(
        self, monkeypatch: pytest.MonkeyPatch, keras: Any, plain: Path, tmp_path: Path
    ) -> None:
        """Keras gives its weights at one size only; the same are put into a network of the size asked for."""
        usual: Callable[..., Any] = keras.applications.MobileNet

        def with_weights(weights: str | None = "imagenet", **arguments: Any) -> Any:
            network = usual(weights=None, alpha=0.25, classes=7, **arguments)
            if weights is not None:
                assert not arguments
                network.load_weights(plain / "plain.weights.h5")
            return network

        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        (tmp_path / "models").mkdir()
        (tmp_path / "models" / "mobilenet_1_0_224_tf.h5").touch()
        prepare = keras.applications.mobilenet.preprocess_input
        monkeypatch.setattr(keras.applications, "MobileNet", with_weights)
        monkeypatch.setattr("audition.models.keras.adapter.prepare_of", lambda *_: prepare)
        given, wanted = (
            open_model(f"keras:{name}").forward(PIXELS).source_probabilities
            for name in ("MobileNet?size=32", f"{plain / 'plain.keras'}?mean=0.5&std=0.5")
        )
        np.testing.assert_allclose(given, wanted, rtol=1e-4, atol=1e-6)


class TestBackend:
    """What computes, as told before keras is imported."""

    @pytest.fixture(autouse=True)
    def _fresh(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delitem(sys.modules, "keras", raising=False)
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def installed(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        monkeypatch.setattr(keras_library, "find_spec", lambda name: name if name in names else None)

    def test_as_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.installed(monkeypatch, "tensorflow", "torch")
        monkeypatch.setenv("KERAS_BACKEND", "torch")
        assert chosen_backend() == "torch"
        monkeypatch.setenv("KERAS_BACKEND", "jax")
        with pytest.raises(
            MissingExtraError, match=r"^KERAS_BACKEND=jax needs jax: pip install 'audition\[jax\]'$"
        ):
            chosen_backend()
        monkeypatch.setenv("KERAS_BACKEND", "jaxx")
        with pytest.raises(UnknownNameError, match=r"There is no backend 'jaxx' of keras .*mean 'jax'"):
            chosen_backend()

    def test_as_keras_is_set(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.installed(monkeypatch, "tensorflow", "jax")
        assert chosen_backend() == "tensorflow"
        (tmp_path / "keras.json").write_text('{"backend": "jax"}')
        assert chosen_backend() == "jax"
        (tmp_path / "keras.json").write_text("[]")
        assert chosen_backend() == "tensorflow"

    def test_whatever_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.installed(monkeypatch, "torch")
        assert chosen_backend() == "torch"
        self.installed(monkeypatch)
        with pytest.raises(
            MissingExtraError,
            match=r"^keras needs tensorflow, jax or torch to compute: pip install 'audition\[tensorflow\]'$",
        ):
            chosen_backend()

    def test_the_library_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "keras", None)
        with pytest.raises(
            MissingExtraError, match=r"keras is not installed: pip install 'audition\[keras\]'"
        ):
            open_model("keras:MobileNetV2")


OWN_PROCESS = """
import sys
import numpy as np
from audition.models import open_model
model = open_model(sys.argv[1])
pixels = np.random.default_rng(0).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8)
given = model.forward(pixels)
import keras
np.savez(sys.argv[2], probabilities=given.source_probabilities, **given.features)
print(keras.config.backend(), model.identity.library)
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_backends_agree(backend: str, framework: Callable[[str], Any], keras: Any, tmp_path: Path) -> None:
    """Each in a process of its own, where any warning is an error and nothing else is said."""
    framework(backend)
    sequential(keras, scales=True).save(tmp_path / "net.keras")
    name = f"keras:{tmp_path / 'net.keras'}"
    command = [sys.executable, "-W", "error", "-c", OWN_PROCESS, name, str(tmp_path / "given.npz")]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{backend} keras ")
    assert done.stderr == ""
    wanted = open_model(name).forward(PIXELS)
    with np.load(tmp_path / "given.npz") as given:
        np.testing.assert_allclose(given["probabilities"], wanted.source_probabilities, rtol=1e-4, atol=1e-6)
        for layer, values in wanted.features.items():
            np.testing.assert_allclose(given[layer], values, rtol=1e-4, atol=1e-5)


def test_from_folders_of_images_to_the_ranking(keras: Any, tmp_path: Path) -> None:
    images = pytest.importorskip("PIL.Image")
    generator = np.random.default_rng(3)
    for label, level in {"dark": 40, "light": 180}.items():
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(8):
            pixels = generator.integers(level, level + 60, (40, 30, 3)).astype(np.uint8)
            images.fromarray(pixels).save(tmp_path / "data" / label / f"{number}.png")
    sequential(keras, scales=True).save(tmp_path / "net.keras")
    names = [f"keras:{tmp_path / 'net.keras'}", f"keras:{tmp_path / 'net.keras'}?pool=max"]
    ranking = rank(names, tmp_path / "data", metrics=["logme", "leep"])
    assert [row.error for row in ranking.rows] == [None, None]
    assert sorted(row.model for row in ranking.rows) == sorted(names)
    with pytest.raises(InputError, match="takes images but the data set"):
        rank(names[:1], (["a text", "another"] * 4, list("abababab")), metrics="logme")
