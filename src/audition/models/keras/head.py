"""The head of a keras network: what it sees, and the probabilities that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audition.models.keras.graph import call_of

HEADS = ("predictions", "logits", "classifier", "head", "fc", "top")  # as the last layer is called
KINDS = ("Dense", "Conv2D", "EinsumDense")
VECTORS = 2


@dataclass(frozen=True, eq=False)
class Head:
    """seen: the tensor that the head sees, or the output of a network without one.

    logits, probabilities: what it gives, as tensors [n, S]; one of them, or neither.
    """

    seen: Any
    logits: Any = None
    probabilities: Any = None


def head_of(output: Any, *, classifies: bool = False) -> Head:
    """The head behind an output: a layer with weights and a softmax, or one that is called as heads are.

    classifies: whether it is known to be a head, whatever it is called.
    """
    tensor, softened, shaped = output, False, False
    while True:
        operation, sources = call_of(tensor)
        activation = _activation_of(operation)
        softened = softened or activation == "softmax"
        shaped = shaped or activation not in ("softmax", "linear", None)
        if getattr(operation, "weights", ()) or len(sources) != 1:
            break
        tensor = sources[0]
    known = softened or classifies or operation.name.lower() in HEADS
    whole = len(output.shape) == VECTORS and type(operation).__name__ in KINDS and len(sources) == 1
    if not (known and whole) or shaped or output.shape[-1] < VECTORS:
        return Head(output)
    return Head(sources[0], **{"probabilities" if softened else "logits": output})


def _activation_of(operation: Any) -> str | None:
    """The name of a layer's activation, None where it has none."""
    if type(operation).__name__ == "Softmax":
        return "softmax"
    return getattr(getattr(operation, "activation", None), "__name__", None)
