"""A tuned network of transformers as a folder that its Auto classes open; or its encoder and the head apart."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from audition.arrays import Array
from audition.errors import InputError
from audition.models.hf.images import Images, Processed
from audition.models.hf.load import quietly
from audition.models.hf.network import HfModel
from audition.models.hf.text import Texts
from audition.models.spec import ModelSpec
from audition.models.torch.library import import_library
from audition.tuning.results.native_export import INSTEAD, Native, names_of, user_head

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

AUTO = {"text": "AutoModelForSequenceClassification", "image": "AutoModelForImageClassification"}
PROBLEMS = {
    "classification": "single_label_classification",
    "multilabel": "multi_label_classification",
    "regression": "regression",
}
HEAD = "head.safetensors"
ENCODER = """\
# The encoder of {name}, tuned, and its head

`AutoModel.from_pretrained(folder)` opens the encoder, `head.safetensors` holds `weight` [K, D] and `bias` [K] of
a linear layer on its features: the last hidden state, pooled by "{pool}". The K outputs are in the order of
`classes.json`: {meaning}.
"""
MEANING = {
    "classification": "logits, of which a softmax gives the probabilities of the classes",
    "multilabel": "logits, of which a sigmoid gives the probability of each label",
    "regression": "the numbers that are predicted",
}


def hf_native(tuned: TunedModel) -> Native:
    """How transformers writes and reads it; raises InputError where it has no head for such data."""
    model = _model(tuned)
    auto = AUTO.get(model.kind)
    if auto is None or not isinstance(model.feed, (Texts, Images)):
        raise InputError(f"transformers has no classifier of {model.kind} that audition knows. {INSTEAD}")
    why = (
        f"The {auto} of transformers puts more than a linear layer on {model.feed.pool}-pooled features of "
        f"{type(model.trunk).__name__}, so it cannot say what {tuned.name} says: '--format encoder' (save_encoder) "
        "writes the encoder for AutoModel, and the head beside it."
    )
    return Native(partial(_write, tuned, auto, why), partial(_logits, tuned, auto), why)


def write_encoder(tuned: TunedModel, folder: Path) -> None:
    """Writes the encoder as AutoModel opens it, the tokenizer or processor, the head and how they go together."""
    from safetensors.torch import save_file

    model = _model(tuned)
    with _quietly(tuned):
        copy.deepcopy(model.trunk).cpu().save_pretrained(folder)
        _save_feed(model.feed, folder)
    head = {name: tensor.detach().contiguous() for name, tensor in user_head(tuned).state_dict().items()}
    save_file(head, folder / HEAD, metadata={"format": "pt"})
    (folder / "classes.json").write_text(json.dumps(list(tuned.classes), ensure_ascii=False) + "\n", "utf-8")
    said = ENCODER.format(
        name=tuned.name, pool=getattr(model.feed, "pool", "mean"), meaning=MEANING[tuned.task]
    )
    (folder / "README.md").write_text(said, "utf-8")


def _model(tuned: TunedModel) -> HfModel:
    return cast(HfModel, tuned.network.body.model)


def _write(tuned: TunedModel, auto: str, why: str, folder: Path) -> None:
    transformers = import_library("transformers", "hf")
    model = _model(tuned)
    with _quietly(tuned):
        module = _with_head(getattr(transformers, auto), tuned, why)
        module.base_model.load_state_dict(model.trunk.state_dict(), strict=False)
        _fill_head(module, user_head(tuned), why)
        module.save_pretrained(folder)
        _save_feed(model.feed, folder)


def _with_head(auto: Any, tuned: TunedModel, why: str) -> Any:
    names = names_of(tuned.answers)
    config = copy.deepcopy(_model(tuned).trunk.config)
    config.num_labels = len(names)
    config.id2label = dict(enumerate(names))
    config.label2id = {name: place for place, name in enumerate(names)}
    config.problem_type = PROBLEMS[tuned.task]
    try:
        return auto.from_config(config).eval()
    except ValueError as error:  # no head for this kind of network
        raise InputError(why) from error


def _fill_head(module: Any, head: nn.Linear, why: str) -> None:
    """Puts our head into the place of the library's own."""
    fitting = [part for part in _outside(module) if part.weight.shape == head.weight.shape]
    if not fitting or fitting[-1].bias is None:
        raise InputError(why)
    fitting[-1].load_state_dict(head.state_dict())


def _outside(module: Any) -> Iterator[nn.Linear]:
    """The linear layers of the head."""
    inside = {id(part) for part in module.base_model.modules()}
    return (part for part in module.modules() if isinstance(part, nn.Linear) and id(part) not in inside)


def _save_feed(feed: Any, folder: Path) -> None:
    if isinstance(feed, Texts):
        feed.tokenizer.save_pretrained(folder)
    elif isinstance(feed, Images) and isinstance(feed.preprocess, Processed):
        kind = getattr(import_library("transformers", "hf"), feed.preprocess.kind)
        kind.from_dict(json.loads(feed.preprocess.settings)).save_pretrained(folder)


def _logits(tuned: TunedModel, auto: str, folder: Path, batch: Array) -> Tensor:
    transformers = import_library("transformers", "hf")
    found: dict[int, Tensor] = {}
    with _quietly(tuned):
        module = (
            getattr(transformers, auto).from_pretrained(folder, dtype="float32", local_files_only=True).eval()
        )
        with torch.inference_mode():
            for piece in _model(tuned).feed.pieces(batch):
                logits = module(**piece.inputs).logits
                found |= dict(zip(piece.rows.tolist(), logits, strict=True))
    return torch.stack([found[row] for row in range(len(batch))])


def _quietly(tuned: TunedModel) -> Any:
    spec = ModelSpec.parse(_model(tuned).name)
    return quietly(import_library("transformers", "hf"), spec)
