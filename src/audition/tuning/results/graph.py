"""A tuned network as one module from tensors to tensors: what can be written as a graph."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from audition.arrays import Array
from audition.errors import InputError
from audition.models.hf.images import Images
from audition.models.hf.text import Texts
from audition.models.pooling import pooled
from audition.models.static.as_torch import StaticTable
from audition.models.torch.module import TorchModel
from audition.tuning.networks.cutting import Dropped
from audition.tuning.results.graph_texts import OfPieces, OfTokens, states_of
from audition.tuning.results.tokens import IDS, LEAST, MASK, of_table, of_texts, tokens_of
from audition.tuning.rows.answers import Answers

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

PIXELS = "pixels"
TAKEN = (
    "Networks of pictures (timm:, torchvision:, zoo:, onnx:, hf:) and of texts (hf:, static vectors under st:) can be "
    "written as ONNX"
)
TOKENS = "input_ids and attention_mask of the tokenizer, padded on the right"
TEXT_AXES = {0: "batch", 1: "tokens"}


class Whole(nn.Module):  # type: ignore[misc]
    """Inputs -> what is said of them, preprocessing constants included.

    forward: the inputs in the order of `inputs` -> the outputs in the order of `outputs`: logits and probabilities
    float32 [n, K] of classes and labels, or values [n, K] in the user's units.
    """

    def __init__(self, features: nn.Module, head: nn.Linear, answers: Answers) -> None:
        super().__init__()
        self.features, self.head, self.answers = features, head, answers
        self.register_buffer("centre", torch.tensor(answers.centre, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(answers.scale, dtype=torch.float32))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Their names."""
        return ("values",) if self.answers.task == "regression" else ("logits", "probabilities")

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """What is said of a batch."""
        logits = self.head(self.features(*inputs))
        if self.answers.task == "regression":
            return (logits * self.scale + self.centre,)
        one_class = self.answers.task == "classification"
        return logits, logits.softmax(1) if one_class else logits.sigmoid()


class OfPixels(nn.Module):  # type: ignore[misc]
    """Pixels [n, C, H, W] -> features. scaled: whether they are bytes, and mean and spread are taken here."""

    def __init__(self, model: Any, layer: str, mean: Any, std: Any, *, scaled: bool) -> None:
        super().__init__()
        self.model, self.layer, self.trunk, self.scaled = model, layer, model.trunk, scaled
        self.register_buffer("mean", torch.tensor(tuple(mean), dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(tuple(std), dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        """Features [n, D]."""
        values = (pixels.float() / 255 - self.mean) / self.std if self.scaled else pixels
        return _of_values(self.model, values, self.layer)


def _of_values(model: Any, values: Tensor, layer: str) -> Tensor:
    if isinstance(model, TorchModel):
        found: Tensor = model.tensors_of(values, (layer,), whole=True)[layer]
        return found
    states = states_of(model, {"pixel_values": values}, layer)
    return pooled(states, model.feed.pool, prefix=model.feed.prefix).float()


def _to_the_end(model: Any) -> Any:
    """A copy whose passes need not stop at the layer: what was dropped beyond gives what it is given."""
    own = copy.deepcopy(model)
    for part in own.trunk.modules():
        if isinstance(part, Dropped) or _is_empty(part):
            part.forward = _first
    return own


def _first(given: Any, *_others: Any, **_named: Any) -> Any:
    return given


def _is_empty(part: nn.Module) -> bool:
    """Whether a part has lost its weights, because the features do not depend on them."""
    return isinstance(part, (nn.Linear, nn.modules.conv._ConvNd)) and part.weight is None


@dataclass(frozen=True, eq=False)
class Graph:
    """A module, the names of what it takes, which axes are free, and how a batch of items becomes inputs.

    tokenizer: of texts, what makes inputs of them, as `tokenizers` reads it; None where there is no such file.
    """

    module: Whole
    inputs: tuple[str, ...]
    axes: Mapping[int, str]
    says: str
    of_batch: Any
    tokenizer: str | None = None

    def tensors(self, batch: Array) -> tuple[Tensor, ...]:
        """What the module takes of a batch of preprocessed items."""
        made: tuple[Tensor, ...] = self.of_batch(batch)
        return made


def graph_of(tuned: TunedModel, batch: NDArray[Any]) -> Graph:
    """A tuned network as a graph; batch: preprocessed items, which tell how pixels come.

    Raises InputError for a network of another kind.
    """
    body = tuned.network.body
    model = _to_the_end(body.model)
    feed: Any = getattr(model, "feed", None)
    head = tuned.network.head.plain()
    if isinstance(feed, Texts):
        features = OfTokens(model, body.layer, feed.pool)
        return _of_tokens(_whole(features, head, tuned), partial(_tokens, feed), of_texts(feed))
    if isinstance(model, StaticTable):
        tokenizer = of_table(model)
        return _of_tokens(_whole(OfPieces(model), head, tuned), partial(_pieces, tokenizer), tokenizer)
    if model.kind != "image" or not (isinstance(model, TorchModel) or isinstance(feed, Images)):
        raise InputError(f"{tuned.name} takes {model.kind} in a form that is not written as ONNX. {TAKEN}.")
    scaled = batch.dtype == np.uint8
    mean, std = (model.mean, model.std) if isinstance(model, TorchModel) else (feed.mean, feed.std)
    features = OfPixels(model, body.layer, mean, std, scaled=scaled)
    what = "bytes 0 to 255, RGB; mean and spread are taken in the graph" if scaled else "as preprocessed"
    return Graph(
        _whole(features, head, tuned), (PIXELS,), {0: "batch"}, f"pixels [n, C, H, W], {what}", _pixels
    )


def _of_tokens(module: Whole, of_batch: Any, tokenizer: str | None) -> Graph:
    return Graph(module, (IDS, MASK), TEXT_AXES, TOKENS, of_batch, tokenizer)


def _whole(features: nn.Module, head: nn.Linear, tuned: TunedModel) -> Whole:
    whole = Whole(features, head, tuned.answers)
    whole.eval()
    return whole


def _pixels(batch: Array) -> tuple[Tensor, ...]:
    return (torch.from_numpy(np.ascontiguousarray(batch)),)


def _tokens(feed: Texts, batch: Array) -> tuple[Tensor, ...]:
    encoded = feed.tokenizer(
        [str(text) for text in batch],
        padding=True,
        truncation=True,
        max_length=feed.max_length,
        return_tensors="pt",
    )
    short = (0, max(0, LEAST - encoded[IDS].shape[1]))
    return F.pad(encoded[IDS], short, value=feed.tokenizer.pad_token_id), F.pad(encoded[MASK], short)


def _pieces(tokenizer: str, batch: Array) -> tuple[Tensor, ...]:
    return tuple(map(torch.from_numpy, tokens_of(tokenizer, list(map(str, batch)))))
