"""Small tuned models for tests: a body of a real network, and a head of random weights that tells items apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ZOO = "zoo:cnn-mnist"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat", "on", "a", "mat", "dog", "ran", "far"]
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
TEXTS = ["the cat sat", "a dog ran far on the mat", "dog", "the cat sat on a mat", "ran ran ran"]


@pytest.fixture(scope="module", name="tuned")
def one_tuned() -> Any:
    """A tuned model for all tests of a file, which import this."""
    return tuned_of()


def tuned_of(
    name: Any = ZOO,
    classes: Sequence[Any] = ("ant", "bee", "wasp"),
    task: str = "classification",
    *,
    layer: str | None = None,
    **told: Any,
) -> Any:
    """A tuned model whose head was drawn; told: what else a TunedModel holds."""
    import torch

    from audition.models import open_model
    from audition.tuning.networks.body import body_of
    from audition.tuning.networks.network import Head, Network
    from audition.tuning.results.tuned import TunedModel
    from audition.tuning.rows.answers import Answers

    torch.manual_seed(0)
    model = open_model(name)
    body = body_of(model, layer)
    with torch.no_grad():
        features = body(_items(model)).numpy()
    head = Head.of(features, len(classes), seed=0)
    with torch.no_grad():
        head.linear.weight.normal_(0, 1, generator=torch.Generator().manual_seed(1))
    units = (
        {"centre": (40.0,) * len(classes), "scale": (10.0,) * len(classes)} if task == "regression" else {}
    )
    answers = Answers(task, tuple(classes), **units)  # type: ignore[arg-type]
    told = {"provenance": {"model": model.name, "data": "insects"}} | told
    return TunedModel(Network(body, head), model, answers, **told)


def _items(model: Any) -> np.ndarray[Any, Any]:
    """Preprocessed items of a model's kind."""
    from PIL import Image

    items = TEXTS if model.kind == "text" else map(Image.fromarray, pictures(20))
    return np.stack([model.preprocess(item) for item in items])


def pictures(number: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """Pictures uint8 [n, 20, 24] of sixteen random patches each."""
    patches = np.random.default_rng(seed).integers(0, 256, (number, 4, 4), dtype=np.uint8)
    return np.kron(patches, np.ones((1, 5, 6), dtype=np.uint8))


def folder_of(root: Path, number: int = 6) -> Path:
    """Pictures in files, flat and nested, without classes."""
    from PIL import Image

    for place, pixels in enumerate(pictures(number)):
        path = root / ("deep/er" if place % 2 else ".") / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return root


def bert(folder: Path) -> str:
    """The name of a small text encoder with random weights."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), max_position_embeddings=20, initializer_range=0.5, **SMALL
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    vocabulary = {word: place for place, word in enumerate(WORDS)}
    transformers.BertTokenizer(vocab=vocabulary, model_max_length=20).save_pretrained(folder)
    return f"hf:{folder}"


def vit(folder: Path) -> str:
    """The name of a small transformer of pictures with random weights."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.ViTConfig(image_size=32, patch_size=8, initializer_range=0.5, **SMALL)
    transformers.ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return f"hf:{folder}"
