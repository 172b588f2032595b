"""The towers of CLIPs: features and pixels equal to open_clip's own; what is said where something is wrong."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, MissingExtraError, ModelError
from audition.models import find_models, hub, open_model
from audition.models.base import Model
from audition.models.openclip.network import settings_of
from audition.models.registry import model_identity
from audition.models.spec import ModelSpec
from audition.ranking import rank

torch = pytest.importorskip("torch", reason="torch is not installed")
open_clip = pytest.importorskip("open_clip", reason="open_clip is not installed")

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8)
LONG = "a very long text with many more words than the twelve tokens that fit in here"
TEXTS = np.array(["a photo of a cat", "b", "", "Wow! such!!! a dog", LONG], dtype=object)
VISION = {"image_size": 32, "layers": 3, "width": 64, "patch_size": 8, "head_width": 32}
TEXT = {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2}
RESIDUAL = {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8, "head_width": 32}
TRUNK = {"timm_model_name": "test_vit", "timm_pool": "token", "timm_proj": "linear", "image_size": 160}
COCA = {
    "context_length": 12,
    "vocab_size": 49408,
    "width": 16,
    "heads": 2,
    "layers": 2,
    "attn_pooler_heads": 2,
}
CONFIGS: dict[str, dict[str, Any]] = {
    "tiny-vit": {"embed_dim": 24, "vision_cfg": VISION, "text_cfg": TEXT},
    "tiny-resnet": {"embed_dim": 24, "vision_cfg": RESIDUAL, "text_cfg": TEXT},
    "tiny-trunk": {"embed_dim": 24, "vision_cfg": TRUNK, "text_cfg": TEXT | {"no_causal_mask": True}}
    | {"custom_text": True},
    "tiny-coca": {
        "embed_dim": 24,
        "vision_cfg": VISION | {"attentional_pool": True, "attn_pooler_heads": 2, "output_tokens": True},
        "text_cfg": TEXT | {"embed_cls": True, "output_tokens": True},
        "multimodal_cfg": COCA,
        "custom_text": True,
    },
}
LAYERS = {
    "tiny-vit": tuple(f"transformer.resblocks.{depth}" for depth in range(3)),
    "tiny-resnet": ("layer1", "layer2", "layer3", "layer4"),
    "tiny-trunk": tuple(f"trunk.blocks.{depth}" for depth in range(6)),
    "tiny-coca": tuple(f"transformer.resblocks.{depth}" for depth in range(3)),
}


@pytest.fixture(scope="module", autouse=True)
def configs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Architectures of our own, small ones, that open_clip knows from now on."""
    folder = tmp_path_factory.mktemp("configs")
    for name, config in CONFIGS.items():
        (folder / f"{name}.json").write_text(json.dumps(config))
    open_clip.add_model_config(folder)
    return folder


def saved(tmp_path: Path, name: str) -> tuple[Path, Any]:
    """A network of open_clip with a file of its weights, the same every time."""
    torch.manual_seed(0)
    network = open_clip.create_model(name).eval()
    path = tmp_path / f"{name}.pt"
    torch.save(network.state_dict(), path)
    return path, network


def pictures(model: Any, size: tuple[int, int] | None = None) -> tuple[Any, Any]:
    """Pixels of the size that a model takes, and the same as open_clip normalises them."""
    height, width = size or model.preprocess.size
    pixels = np.random.default_rng(1).integers(0, 256, (2, 3, height, width), dtype=np.uint8)
    mean, std = (torch.tensor(numbers).view(1, 3, 1, 1) for numbers in (model.mean, model.std))
    return pixels, (torch.from_numpy(pixels) / 255 - mean) / std


@pytest.mark.parametrize("name", CONFIGS)
def test_images_as_open_clip_encodes_them(name: str, tmp_path: Path) -> None:
    path, network = saved(tmp_path, name)
    model = open_model(f"openclip:{name}?checkpoint={path}")
    assert isinstance(model, Model)
    assert model.kind == "image"
    assert model.layers == (*LAYERS[name], "features")
    pixels, images = pictures(model)
    given = model.forward(pixels)
    with torch.no_grad():
        seen = network.visual(images)
    seen = seen[0] if isinstance(seen, tuple) else seen
    np.testing.assert_allclose(given.features["features"], seen, rtol=1e-5, atol=1e-5)
    assert given.source_probabilities is None
    assert {values.shape[0] for values in given.features.values()} == {2}
    assert model.parameters == sum(weight.numel() for weight in network.visual.parameters())  # type: ignore[attr-defined]


def test_blocks_are_the_mean_over_patches_without_the_class_token(tmp_path: Path) -> None:
    path, network = saved(tmp_path, "tiny-vit")
    model = open_model(f"openclip:tiny-vit?checkpoint={path}")
    pixels, images = pictures(model)
    with torch.no_grad():
        maps = network.visual.forward_intermediates(images)["image_intermediates"]
    given = model.forward(pixels)
    for layer, values in zip(model.layers, maps):
        np.testing.assert_allclose(given.features[layer], values.mean((2, 3)), rtol=1e-5, atol=1e-5)
    tokens = open_model(f"openclip:tiny-vit?checkpoint={path}&pool=cls").forward(pixels)
    assert not np.allclose(tokens.features[model.layers[0]], given.features[model.layers[0]])
    np.testing.assert_array_equal(tokens.features["features"], given.features["features"])


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("shape", [(50, 81), (70, 40), (20, 31)])
def test_pixels_are_those_of_its_own_transform(mode: str, shape: tuple[int, int]) -> None:
    images = pytest.importorskip("PIL.Image")
    picture = images.fromarray(np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8))
    model: Any = open_model(f"openclip:tiny-vit?pretrained=false&image_resize_mode={mode}")
    settings = open_clip.transform.PreprocessCfg(size=32, resize_mode=mode)
    wanted = open_clip.transform.image_transform_v2(settings, is_train=False)(picture)
    mean, std = (torch.tensor(numbers).view(3, 1, 1) for numbers in (model.mean, model.std))
    given = (torch.from_numpy(model.preprocess(picture)) / 255 - mean) / std
    np.testing.assert_allclose(given, wanted, atol=1e-5)


def test_what_the_user_says_of_pictures() -> None:
    model: Any = open_model(
        "openclip:tiny-vit?pretrained=false&size=48&mean=0.5&std=0.2&crop=0.75&image_interpolation=bilinear"
    )
    assert (model.preprocess.size, model.preprocess.resize) == ((48, 48), (64, 64))
    assert model.preprocess.interpolation == "bilinear"
    assert (model.mean, model.std) == ((0.5,), (0.2,))
    assert model.forward(np.zeros((1, 3, 48, 48), np.uint8)).features["features"].shape == (1, 24)


def test_a_checkpoint_at_another_size(tmp_path: Path) -> None:
    """open_clip resizes the positions that were learned."""
    path, _ = saved(tmp_path, "tiny-vit")
    model = open_model(f"openclip:tiny-vit?checkpoint={path}&size=64")
    network = open_clip.create_model("tiny-vit", pretrained=str(path), force_image_size=64).eval()
    pixels, images = pictures(model, (64, 64))
    with torch.no_grad():
        seen = network.encode_image(images)
    np.testing.assert_allclose(model.forward(pixels).features["features"], seen, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["tiny-vit", "tiny-trunk", "tiny-coca"])
def test_texts_as_open_clip_encodes_them(name: str, tmp_path: Path) -> None:
    path, network = saved(tmp_path, name)
    model = open_model(f"openclip:{name}?checkpoint={path}&tower=text")
    assert isinstance(model, Model)
    assert model.kind == "text"
    blocks = tuple(f"transformer.resblocks.{depth}" for depth in range(2))
    assert model.layers == (*blocks, "features")
    given = model.forward(TEXTS)
    tokens = open_clip.get_tokenizer(name)(list(TEXTS))
    with torch.no_grad():
        seen = network.text(tokens) if hasattr(network, "text") else network.encode_text(tokens)
    seen = seen[0] if isinstance(seen, tuple) else seen
    np.testing.assert_allclose(given.features["features"], seen, rtol=1e-5, atol=1e-5)
    assert given.features[blocks[0]].shape == (len(TEXTS), 16)
    assert given.counted == {"texts longer than 12 tokens were cut": 1}


POOLINGS = {
    "mean": lambda tokens, length: tokens[:length].mean(0),
    "max": lambda tokens, length: tokens[:length].amax(0),
    "cls": lambda tokens, length: tokens[0],
    "last": lambda tokens, length: tokens[length - 1],
}


@pytest.mark.parametrize("pool", POOLINGS)
def test_padding_is_no_part_of_a_text(pool: str, tmp_path: Path) -> None:
    """A text ends with its last token; "!" inside a word has the number of padding, and is none."""
    path, network = saved(tmp_path, "tiny-vit")
    model = open_model(f"openclip:tiny-vit?checkpoint={path}&tower=text&pool={pool}")
    given = model.forward(TEXTS).features["transformer.resblocks.0"]
    tokenizer = open_clip.get_tokenizer("tiny-vit")
    lengths = [min(12, len(tokenizer.encode(text)) + 2) for text in TEXTS]
    assert sorted(lengths) != lengths
    with torch.no_grad():
        blocks = network.forward_intermediates(text=tokenizer(list(TEXTS)))["text_intermediates"]
    for row, (tokens, length) in enumerate(zip(blocks[0], lengths)):
        np.testing.assert_allclose(given[row], POOLINGS[pool](tokens, length), rtol=1e-5, atol=1e-5)


def test_the_usual_pooling_of_texts(tmp_path: Path) -> None:
    """From left to right only the last token has seen all; in both directions each has."""
    for name, pool in {"tiny-vit": "last", "tiny-trunk": "mean"}.items():
        path, _ = saved(tmp_path, name)
        usual, asked = (
            open_model(f"openclip:{name}?checkpoint={path}&tower=text{more}").forward(TEXTS).features
            for more in ("", f"&pool={pool}")
        )
        np.testing.assert_array_equal(usual["transformer.resblocks.1"], asked["transformer.resblocks.1"])


def test_an_encoder_of_transformers(tmp_path: Path, configs: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    words = {
        word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "cat", "dog"])
    }
    small = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    folder = tmp_path / "bert"
    transformers.BertConfig(vocab_size=7, max_position_embeddings=20, **small).save_pretrained(folder)
    transformers.BertTokenizer(vocab=words).save_pretrained(folder)
    settings = {"hf_model_name": str(folder), "hf_tokenizer_name": str(folder), "context_length": 6}
    texts = settings | {"hf_proj_type": "linear", "hf_pooler_type": "mean_pooler"}
    config = {"embed_dim": 24, "vision_cfg": VISION, "text_cfg": texts}
    (configs / "tiny-bert.json").write_text(json.dumps(config))
    open_clip.add_model_config(configs / "tiny-bert.json")
    torch.manual_seed(0)
    network = open_clip.create_model("tiny-bert", pretrained_text=False).eval()
    torch.save(network.state_dict(), tmp_path / "w.pt")
    model = open_model(f"openclip:tiny-bert?checkpoint={tmp_path / 'w.pt'}&tower=text")
    assert model.layers == ("transformer.encoder.layer.0", "transformer.encoder.layer.1", "features")
    given = model.forward(np.array(["a cat", "a a a a a dog", "dog"], dtype=object))
    tokens = open_clip.get_tokenizer("tiny-bert")(["a cat", "a a a a a dog", "dog"])
    with torch.no_grad():
        seen = network.encode_text(tokens)
        last = network.text.transformer(
            input_ids=tokens, attention_mask=(tokens != 0).long()
        ).last_hidden_state
    np.testing.assert_allclose(given.features["features"], seen, rtol=1e-5, atol=1e-5)
    block = given.features["transformer.encoder.layer.1"]
    np.testing.assert_allclose(block[0], last[0, :4].mean(0), rtol=1e-5, atol=1e-5)
    assert given.counted == {"texts longer than 6 tokens were cut": 1}


def test_a_folder(tmp_path: Path) -> None:
    """What open_clip and its users save: a configuration with the pictures' settings, and weights."""
    from safetensors.torch import save_file

    _, network = saved(tmp_path, "tiny-vit")
    folder = tmp_path / "clip"
    folder.mkdir()
    settings = {"mean": [0.1, 0.2, 0.3], "std": [0.5, 0.5, 0.5], "resize_mode": "squash"}
    config = {"model_cfg": CONFIGS["tiny-vit"], "preprocess_cfg": settings}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="cannot be built: Required pretrained weights"):
        open_model(f"openclip:{folder}")
    save_file(network.state_dict(), folder / "open_clip_model.safetensors")
    model: Any = open_model(f"openclip:{folder}")
    assert (model.mean, model.preprocess.fit) == ((0.1, 0.2, 0.3), "squash")
    pixels, images = pictures(model)
    with torch.no_grad():
        seen = network.encode_image(images)
    np.testing.assert_allclose(model.forward(pixels).features["features"], seen, rtol=1e-5, atol=1e-5)
    assert open_model(f"openclip:{folder}?tower=text").forward(TEXTS).features["features"].shape == (5, 24)
    with pytest.raises(InputError, match="holds its weights: leave checkpoint out"):
        open_model(f"openclip:{folder}?checkpoint={folder / 'open_clip_model.safetensors'}")
    before = model_identity(f"openclip:{folder}")
    save_file(
        {key: value + 1 for key, value in network.state_dict().items()},
        folder / "open_clip_model.safetensors",
    )
    assert before is not None
    assert model_identity(f"openclip:{folder}") != before


def test_a_tag_says_how_the_weights_in_a_file_were_trained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tag = {"mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25), "resize_mode": "squash", "quick_gelu": True}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-vit", {"mine": tag})
    path, _ = saved(tmp_path, "tiny-vit")
    model: Any = open_model(f"openclip:tiny-vit@mine?checkpoint={path}")
    assert (model.mean, model.std, model.preprocess.fit) == ((0.5,) * 3, (0.25,) * 3, "squash")
    network = open_clip.create_model("tiny-vit", pretrained=str(path), force_quick_gelu=True).eval()
    pixels, images = pictures(model)
    with torch.no_grad():
        seen = network.encode_image(images)
    np.testing.assert_allclose(model.forward(pixels).features["features"], seen, rtol=1e-5, atol=1e-5)
    plain = open_model(f"openclip:tiny-vit@mine?checkpoint={path}&force_quick_gelu=false").forward(pixels)
    assert not np.allclose(plain.features["features"], seen, atol=1e-5)


def test_identity_is_that_of_the_weights(tmp_path: Path) -> None:
    path, network = saved(tmp_path, "tiny-vit")
    name = f"openclip:tiny-vit?checkpoint={path}"
    before = model_identity(name)
    assert before is not None
    assert f"open-clip-torch {open_clip.__version__}" in before.library
    text: Any = open_model(f"{name}&tower=text")
    assert text.identity == before
    torch.save({key: value + 1 for key, value in network.state_dict().items()}, path)
    assert model_identity(name) != before
    assert model_identity("openclip:tiny-vit?pretrained=false") is None


def test_wildcards() -> None:
    found = find_models("openclip:ViT-B-32@laion*")
    assert "openclip:ViT-B-32@laion2b_s34b_b79k" in found
    assert all(settings_of(open_clip, ModelSpec.parse(name)) for name in found)


def test_half_precision(tmp_path: Path) -> None:
    path, _ = saved(tmp_path, "tiny-vit")
    for tower, batch in {"image": PIXELS, "text": TEXTS}.items():
        whole, half = (
            open_model(f"openclip:tiny-vit?checkpoint={path}&tower={tower}&precision={kind}").forward(batch)
            for kind in ("fp32", "bf16")
        )
        assert half.features["features"].dtype == np.float32
        difference = np.abs(whole.features["features"] - half.features["features"]).max()
        assert 0 < difference < 0.1 * np.abs(whole.features["features"]).max()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "tiny-vitt@x",
            r"There is no model 'openclip:tiny-vitt'\. Did you mean 'openclip:tiny-vit'\? \"audition mod",
        ),
        (
            "ViT-B-32@laion2b_s34b",
            r"There is no tag 'laion2b_s34b' of openclip:ViT-B-32\. Did you mean 'laion2b_s",
        ),
        (
            "ViT-B-32",
            r"says no weights: name the tag of one of its trainings, such as ViT-B-32@\S+, or give a file by",
        ),
        ("tiny-vit", r"openclip:tiny-vit says no weights: give a file by \?checkpoint=FILE"),
        ("tiny-vit?tower=texts", r"There is no tower 'texts'\. Did you mean 'text'\?"),
        ("tiny-vit?towr=text", r"There is no option 'towr' of openclip:tiny-vit\. Did you mean 'tower'\?"),
        ("tiny-vit?tower=text&size=32", r"There is no option 'size' of openclip:tiny-vit\. There are: check"),
        (
            "tiny-vit?tower=text&pretrained=false&pool=none",
            r"There is no pooling 'none'\. There are: cls, las",
        ),
        ("tiny-vit?weights_only=false", r"There is no option 'weights_only' of openclip:tiny-vit"),
        (
            "tiny-vit?pretrained=false&image_resize_mode=long",
            r"There is no resize mode 'long'\. Did you mean 'lon",
        ),
        ("tiny-vit?checkpoint=gone.pt", r"There is no file 'gone\.pt': checkpoint=gone\.pt in"),
    ],
)
def test_names_and_options_that_are_not(name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        open_model(f"openclip:{name}")


def test_weights_that_do_not_fit_or_cannot_be_read(tmp_path: Path) -> None:
    path, network = saved(tmp_path, "tiny-vit")
    with pytest.raises(
        ModelError,
        match=r"do not fit openclip:tiny-resnet.*: visual\.conv1\.weight is \[64, 3, 8, 8\] where \[4, 3, 3",
    ):
        open_model(f"openclip:tiny-resnet?checkpoint={path}")
    torch.save({key: value for key, value in network.state_dict().items() if "visual" not in key}, path)
    first = ("class_embedding", "positional_embedding", "proj")
    with pytest.raises(
        ModelError, match="; ".join(rf"visual\.{key} is missing" for key in first) + r" and \d+ more\. Name"
    ):
        open_model(f"openclip:tiny-vit?checkpoint={path}")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="The file of weights .* is damaged"):
        open_model(f"openclip:tiny-vit?checkpoint={path}")
    torch.save({"w": Path("code")}, path)
    with pytest.raises(ModelError, match="holds more than weights, which would have to be executed"):
        open_model(f"openclip:tiny-vit?checkpoint={path}")


def test_a_trainers_wrapping_is_taken_off(tmp_path: Path) -> None:
    path, network = saved(tmp_path, "tiny-vit")
    wrapped = {"model": {f"module.{key}": value for key, value in network.state_dict().items()}, "epoch": 3}
    torch.save(wrapped, tmp_path / "wrapped.pt")
    plain, other = (
        open_model(f"openclip:tiny-vit?checkpoint={file}") for file in (path, tmp_path / "wrapped.pt")
    )
    np.testing.assert_array_equal(
        plain.forward(PIXELS).features["features"], other.forward(PIXELS).features["features"]
    )


def test_what_would_have_been_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    tag = {"hf_hub": "someone/tiny/"}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-vit", {"mine": tag})
    with pytest.raises(
        ModelError,
        match=r"^The weights of openclip:tiny-vit@mine could not be fetched: HF_HUB_OFFLINE is set and they are not in "
        r"the cache \(someone/tiny, about 4 MB in float32\)\. Go on where there is a network, or name a local file",
    ):
        open_model("openclip:tiny-vit@mine")
    with pytest.raises(
        ModelError, match=r"settings of its text encoder are not in the cache \(xlm-roberta-base\)"
    ):
        open_model("openclip:xlm-roberta-base-ViT-B-32?pretrained=false")


def test_a_hub_that_breaks_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ConnectionError("connection reset")

    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "out_of_reach", lambda _: None)
    monkeypatch.setattr(open_clip.pretrained, "hf_hub_download", broken)
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-vit", {"mine": {"hf_hub": "someone/tiny/"}})
    with pytest.raises(ModelError, match="openclip:tiny-vit@mine could not be fetched: .*connection reset"):
        open_model("openclip:tiny-vit@mine")


def test_weights_in_the_cache_of_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A tag as its users have it: no network is asked, and the commit is the identity."""
    path, network = saved(tmp_path, "tiny-vit")
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-vit", {"mine": {"hf_hub": "someone/tiny/"}})
    commit = "0123456789" * 4
    snapshot = tmp_path / "models--someone--tiny" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    path.rename(snapshot / "open_clip_pytorch_model.bin")
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text(commit)
    model = open_model("openclip:tiny-vit@mine")
    pixels, images = pictures(model)
    with torch.no_grad():
        seen = network.encode_image(images)
    np.testing.assert_allclose(model.forward(pixels).features["features"], seen, rtol=1e-5, atol=1e-5)
    identity = model_identity("openclip:tiny-vit@mine")
    assert identity is not None
    assert identity.weights == f"someone/tiny@{commit}"


def test_texts_that_are_too_many_for_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("CUDA out of memory")

    model: Any = open_model("openclip:tiny-coca?pretrained=false&tower=text")
    monkeypatch.setattr(type(model.module), "forward", fail)
    with pytest.raises(MemoryError, match="out of memory"):
        model.forward(TEXTS)


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(
        MissingExtraError, match=r"open_clip is not installed: pip install 'audition\[openclip\]'"
    ):
        open_model("openclip:ViT-B-32@openai")


def test_nothing_is_logged_and_the_log_stays_as_it_was(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    open_model("openclip:tiny-vit?pretrained=false")
    assert logging.root.handlers == []
    assert capsys.readouterr() == ("", "")


def test_from_folders_of_images_to_the_ranking(tmp_path: Path) -> None:
    images = pytest.importorskip("PIL.Image")
    generator = np.random.default_rng(3)
    for label, level in {"dark": 40, "light": 180}.items():
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(8):
            pixels = generator.integers(level, level + 60, (40, 30, 3)).astype(np.uint8)
            images.fromarray(pixels).save(tmp_path / "data" / label / f"{number}.png")
    path, _ = saved(tmp_path, "tiny-vit")
    names = [f"openclip:tiny-vit?checkpoint={path}", f"openclip:tiny-vit?checkpoint={path}&tower=text"]
    ranking = rank(names, tmp_path / "data", metrics="logme")
    by_name = {row.model: row for row in ranking.rows}
    assert by_name[names[0]].error is None
    assert "takes texts but the data set 'data' holds images" in str(by_name[names[1]].error)


def test_a_folder_without_settings(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no open_clip_config.json, which belongs beside the weights"):
        open_model(f"openclip:{tmp_path}")
