"""Features as tensors: the same as `forward` gives, with gradients, and nothing computed beyond them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, ModelError, UnknownNameError
from audition.models import CallableModel, TorchModel, open_model
from audition.models.torch import module as torch_module
from audition.models.trainable import Trainable, as_trainable

torch = pytest.importorskip("torch", reason="torch is not installed")
nn: Any = torch.nn

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), dtype=np.uint8)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat", "on", "a", "mat", "dog", "ran", "far"]
SENTENCES = ["the cat sat", "a dog ran far on the mat", "cats", "the dog sat on the cat"]
TEXTS = np.array(SENTENCES * 10, dtype=object)  # more than go through together
Framework = Callable[[str], ModuleType]


class Twice(nn.Module):  # type: ignore[misc, name-defined]
    """One block that is run twice, another behind it, and a head behind a dropout."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.again = nn.Conv2d(4, 4, 3, padding=1)
        self.after = nn.Conv2d(4, 6, 3)
        self.fc = nn.Sequential(nn.Dropout(0.5), nn.Linear(6, 7))

    def forward(self, images: Any) -> Any:
        maps = self.again(self.again(self.stem(images)).relu()).relu()
        return self.fc(self.after(maps).mean((2, 3)))


def count_calls(module: Any) -> list[int]:
    calls: list[int] = []
    module.register_forward_hook(lambda *_: calls.append(1))
    return calls


def same_as_forward(model: Any, batch: Any) -> None:
    """Alone and together, the first time (which runs the network whole) and the second."""
    expected = model.forward(batch).features
    with torch.no_grad():
        for layers in (*((layer,) for layer in model.layers), model.layers):
            for _ in range(2):
                given = as_trainable(model).tensors(batch, layers)
                assert list(given) == list(layers)
                for layer in layers:
                    assert given[layer].dtype == torch.float32 and not given[layer].requires_grad
                    np.testing.assert_allclose(given[layer], expected[layer], rtol=1e-6, atol=1e-6)


def check_gradient(model: Any, batch: Any, weight: Any, place: tuple[int, ...], layer: str) -> None:
    """The gradient of a sum of features, by a step to either side of one weight."""

    def total() -> Any:
        return as_trainable(model).tensors(batch, [layer])[layer].double().square().sum()

    for one in model.trunk.parameters():
        one.requires_grad_(True)
    total().backward()
    step, sums = 1e-2, []
    for way in (step, -2 * step):
        with torch.no_grad():
            weight[place] += way
            sums.append(float(total()))
    assert float(weight.grad[place]) == pytest.approx((sums[0] - sums[1]) / (2 * step), rel=0.02)


def test_a_torch_module() -> None:
    model = TorchModel("mine", Twice())
    assert as_trainable(model) is model and isinstance(model, Trainable)
    same_as_forward(model, PIXELS)
    for layer in ("again", "features"):
        network = Twice()
        check_gradient(TorchModel("mine", network), PIXELS, network.stem.weight, (0, 0, 1, 1), layer)


def test_a_large_batch_goes_through_in_pieces_where_no_graph_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_module, "CPU_VALUES", 2 * PIXELS[0].size)
    network = Twice()
    model, calls = TorchModel("mine", network), count_calls(network.stem)
    with torch.no_grad():
        pieces = model.tensors(PIXELS, model.layers)
    assert len(calls) == 3
    whole = model.tensors(PIXELS, model.layers)
    assert len(calls) == 4 and whole["features"].requires_grad
    for layer in model.layers:
        np.testing.assert_allclose(pieces[layer], whole[layer].detach(), rtol=1e-5, atol=1e-6)


def test_what_lies_beyond_is_not_run() -> None:
    network = Twice()
    model = TorchModel("mine", network)
    again, after, head = (count_calls(part) for part in (network.again, network.after, network.fc))
    for _ in range(3):
        model.tensors(PIXELS, ["again"])
        model.tensors(PIXELS, ["features"])
    assert (len(again), len(after), len(head)) == (12, 4, 1)  # the first pass tells where to stop
    assert not any(part._forward_pre_hooks for part in network.modules())


def test_a_layer_that_there_is_not() -> None:
    with pytest.raises(UnknownNameError, match=r"There is no layer 'agian' of mine\. Did you mean 'again'"):
        TorchModel("mine", Twice()).tensors(PIXELS, ["agian"])


def test_memory_that_runs_out() -> None:
    def run(images: Any) -> Any:
        raise RuntimeError("CUDA out of memory. Tried to allocate")

    with pytest.raises(MemoryError, match="allocate"):
        TorchModel("mine", Twice(), run=run).tensors(PIXELS, ["features"])


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=3, num_attention_heads=2,
        intermediate_size=24, max_position_embeddings=20, initializer_range=0.5, num_labels=5,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("hf") / "bert"
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    vocabulary = {word: place for place, word in enumerate(WORDS)}
    transformers.BertTokenizer(vocab=vocabulary, model_max_length=20).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("pool", ["mean", "cls", "max"])
def test_a_network_of_texts(bert: Path, pool: str) -> None:
    same_as_forward(open_model(f"hf:{bert}?pool={pool}"), TEXTS)


def test_gradients_of_a_network_of_texts_reach_its_embeddings(bert: Path) -> None:
    model: Any = open_model(f"hf:{bert}")
    weight = model.trunk.embeddings.word_embeddings.weight
    check_gradient(model, TEXTS[:4], weight, (WORDS.index("cat"), 3), "layer2")


def test_later_layers_and_the_head_of_a_network_of_texts_are_not_run(bert: Path) -> None:
    model: Any = open_model(f"hf:{bert}")
    blocks = model.trunk.encoder.layer
    calls = [count_calls(part) for part in (*blocks, model.trunk.pooler, model.module.classifier)]
    for _ in range(3):
        model.tensors(TEXTS[:4], ["layer1"])
    assert [len(each) for each in calls] == [3, 1, 1, 1, 0]


@pytest.mark.parametrize("layer", ["embeddings", "layer1", "layer3"])
def test_dropout_is_that_of_the_whole_network(bert: Path, layer: str) -> None:
    """Where a hidden state is caught, all of the dropout before it has been done, and none behind it."""
    model: Any = open_model(f"hf:{bert}")
    with torch.no_grad():
        model.tensors(TEXTS[:4], [layer])  # by which it knows where to stop
        model.module.train()
        torch.manual_seed(1)
        inputs = next(iter(model.feed.pieces(TEXTS[:4])))
        states = model.trunk(**inputs.inputs, output_hidden_states=True).hidden_states
        whole = inputs.pool(states[model.layers.index(layer)])[np.argsort(inputs.rows)]
        torch.manual_seed(1)
        np.testing.assert_array_equal(model.tensors(TEXTS[:4], [layer])[layer], whole)


def test_a_network_of_tokens(bert: Path) -> None:
    words = np.empty(3, dtype=object)
    words[:] = [("the", "cat"), ("a", "dog", "ran", "far"), ("mats",)]
    same_as_forward(open_model(f"hf:{bert}?pool=tokens"), words)


def test_without_weights(bert: Path) -> None:
    """pretrained=false: the network of the configuration, and nothing of its head."""
    trained, drawn = (open_model(f"hf:{bert}{end}") for end in ("", "?pretrained=false"))
    assert drawn.layers == trained.layers
    given = drawn.forward(TEXTS[:4])
    assert given.source_probabilities is None
    assert not np.allclose(given.features["layer1"], trained.forward(TEXTS[:4]).features["layer1"])
    with pytest.raises(InputError, match="pretrained is true or false; got 'no'"):
        open_model(f"hf:{bert}?pretrained=no")


def test_code_that_would_compute_the_attention_is_not_fetched(bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kernels"
    folder.mkdir()
    for file in bert.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = (folder / "config.json").read_text(encoding="utf-8")
    asked = config.replace("{", '{"_attn_implementation": "someone/attention",', 1)
    (folder / "config.json").write_text(asked, encoding="utf-8")
    with pytest.raises(ModelError, match="names someone/attention to compute its attention: that is code"):
        open_model(f"hf:{folder}")


def test_a_table_of_static_vectors(assets: Path) -> None:
    pytest.importorskip("tokenizers", reason="transformers is not installed")
    texts = np.array(["a fine film", "dull zzqx", "☂", "long, very long"], dtype=object)
    for folder in ("glove-6B-50d_20k", "wordllama-l2-supercat_64d"):
        model = open_model(f"st:{assets / 'text' / 'models' / folder}?max_length=3")
        same_as_forward(model, texts)
        table: Any = as_trainable(model)
        table.tensors(texts, ["features"])["features"].sum().backward()
        assert np.count_nonzero(table.trunk.weight.grad.abs().sum(1)) <= 3 * len(texts)


def test_networks_of_the_assets(assets: Path, framework: Framework) -> None:
    framework("timm"), framework("torchvision")
    weights = assets / "weights"
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3, 96, 96), dtype=np.uint8)
    for name in (
        f"timm:mobilenetv2_100?checkpoint={weights / 'mobilenetv2_100_tf_q.safetensors'}&pad_type=same",
        f"torchvision:squeezenet1_1?checkpoint={weights / 'squeezenet1_1.safetensors'}",
    ):
        model: Any = open_model(name)
        expected = model.forward(pixels).features
        for layer in (model.layers[1], model.layers[-1]):
            model.tensors(pixels, [layer])
            with torch.no_grad():
                assert np.array_equal(model.tensors(pixels, [layer])[layer], expected[layer])


def test_others_can_be_teachers() -> None:
    model = CallableModel("keys", lambda batch: batch.mean(axis=(2, 3)), "image")
    with pytest.raises(
        InputError, match="weights of keys cannot be trained: it can be a teacher, and no student"
    ):
        as_trainable(model)
