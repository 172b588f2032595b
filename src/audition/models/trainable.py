"""Models whose weights can be trained: which they are, what they give, and what their features depend on."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import InputError
from audition.models.base import Model, Outputs, Preprocess
from audition.models.onnx.network import OnnxModel
from audition.models.static.as_torch import table_of
from audition.models.static.model import StaticModel
from audition.models.torch.library import AUTO

STUDENTS = (
    "networks of timm:, torchvision:, openclip:, hf:, zoo: and onnx:, and a torch.nn.Module of your own"
)


@runtime_checkable
class Trainable(Protocol):
    """A Model whose weights can be trained.

    trunk: the torch.nn.Module whose weights make the features. dtype: in which it computes, a torch.dtype.
    """

    name: str
    kind: DataKind
    layers: tuple[str, ...]
    preprocess: Preprocess
    device: Any
    dtype: Any

    @property
    def trunk(self) -> Any: ...

    def forward(self, batch: NDArray[Any]) -> Outputs:
        """As of any model."""

    def tensors(self, batch: NDArray[Any], layers: Sequence[str]) -> dict[str, Any]:
        """Pooled features by layer, tensors float32 [n, D] on the model's device, their graph kept."""


def as_trainable(model: Model) -> Trainable:
    """The model itself where its weights can be trained; else, of the same layers and features, one of torch.

    ONNX networks and tables of static vectors are turned into one. Raises InputError for any other model,
    MissingExtraError without onnx or torch, ModelError for an ONNX operation that has no counterpart in torch here.
    """
    if isinstance(model, Trainable):
        return model
    if isinstance(model, OnnxModel):
        made: Trainable = importlib.import_module("audition.models.onnx.as_torch").torch_of(model)
        return made
    if isinstance(model, StaticModel):
        return table_of(model)
    instead = "; name the network under hf:, with pool=mean or cls" if model.name.startswith("st:") else ""
    raise InputError(
        f"The weights of {model.name} cannot be trained: it can be a teacher, and no student{instead}. Students "
        f"are {STUDENTS}."
    )


def check_place(model: Model, device: str) -> None:
    """Raises InputError where a model that can be trained was opened elsewhere than on the device that is asked for."""
    if device == AUTO or not isinstance(model, Trainable):
        return
    torch = importlib.import_module("torch")
    own, wanted = torch.device(model.device), torch.device(device)
    if own.type != wanted.type or wanted.index not in (None, own.index or 0):
        raise InputError(
            f"{model.name} was opened on {own}, and {wanted} is asked for: open it there, or leave the device out."
        )
