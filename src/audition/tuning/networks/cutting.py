"""What of a network a layer depends on; the rest is taken away, or drawn anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audition.errors import ModelError
from audition.models.trainable import Trainable

CLOSE = 1e-4


class Dropped(nn.Module):  # type: ignore[misc]
    """Stands where a block was that the features do not depend on."""

    def forward(self, *_given: Any, **_named: Any) -> Any:
        """Raises ModelError: whoever comes here wants more than is there."""
        raise ModelError("This network ends before here: the blocks beyond were dropped when it was tuned.")


def needed_by(model: Trainable, batch: NDArray[Any], layer: str) -> frozenset[str]:
    """The names of the weights that a layer's features of a batch depend on; raises ModelError for none."""
    features = model.tensors(batch, (layer,))[layer]
    leaves = {id(leaf) for leaf in _leaves(features)}
    found = frozenset(name for name, weight in _weights(model.trunk) if id(weight) in leaves)
    if not found:
        raise ModelError(
            f"The features {layer!r} of {model.name} depend on no weight: there is nothing to tune."
        )
    return found


def _leaves(tensor: Tensor) -> Iterator[Tensor]:
    """The tensors that a graph begins with."""
    ways, seen = [tensor.grad_fn], set()
    while ways:
        step = ways.pop()
        if step is None or step in seen:
            continue
        seen.add(step)
        if hasattr(step, "variable"):
            yield step.variable
        ways += [before for before, _ in step.next_functions]


def _weights(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """All weights by all of their names: one that two parts share has two."""
    return module.named_parameters(remove_duplicate=False)  # type: ignore[no-any-return]


def cut(model: Trainable, batch: NDArray[Any], layer: str, needed: Collection[str]) -> int:
    """Takes away the parts that the features of a layer do not depend on, and tells the features' width.

    Raises ModelError where the features change by it.
    """
    with _used(model.trunk) as used:
        before = model.tensors(batch, (layer,))[layer].detach()
    _keep(model.trunk, "", needed, used)
    try:
        after = model.tensors(batch, (layer,))[layer].detach()
    except Exception as error:  # a network's own code, which wants what was taken away
        raise ModelError(
            f"{model.name} cannot be cut behind {layer!r}: {error}. Name another layer."
        ) from error
    if not torch.allclose(before, after, rtol=CLOSE, atol=CLOSE):
        raise ModelError(f"{model.name} cannot be cut behind {layer!r}: its features change.")
    return int(after.shape[1])


@contextmanager
def _used(module: nn.Module) -> Iterator[set[str]]:
    """The names of the parts that run while it is open."""
    used: set[str] = set()

    def note(path: str) -> Any:
        return lambda _part, _inputs: used.add(path)

    hooks = [part.register_forward_pre_hook(note(path)) for path, part in module.named_modules()]
    try:
        yield used
    finally:
        for hook in hooks:
            hook.remove()


def _keep(module: nn.Module, prefix: str, needed: Collection[str], used: Collection[str]) -> None:
    """Leaves of a module the weights that are needed, and the parts that run or hold such weights.

    A part without any weights stays: another may look at it and not run it, as attention does at its dropout.
    """
    for name in list(module._parameters):
        if f"{prefix}{name}" not in needed:
            module._parameters[name] = None
    for name, part in list(module._modules.items()):
        if part is None or not part.state_dict():
            continue
        path = f"{prefix}{name}"
        if any(f"{other}.".startswith(f"{path}.") for other in (*needed, *used)):
            _keep(part, f"{path}.", needed, used)
        else:
            module._modules[name] = Dropped()


def drawn_anew(module: nn.Module, names: Collection[str], seed: int) -> frozenset[str]:
    """Draws weights anew, and tells the parts that hold them.

    A part that can do it does it itself, where all of its weights are meant. Of others, matrices and kernels
    are drawn with the spread that they had, biases become 0, and all else its own mean.
    """
    parts = {name.rpartition(".")[0] for name in names}
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        for path in sorted(parts):
            part = module.get_submodule(path)
            own = {name: weight for name, weight in part._parameters.items() if weight is not None}
            meant = {name for name in own if f"{path}.{name}".removeprefix(".") in names}
            if meant == set(own) and hasattr(part, "reset_parameters"):
                part.reset_parameters()
            else:
                _draw({name: own[name] for name in sorted(meant)})
    return frozenset(parts)


def _draw(weights: dict[str, Tensor]) -> None:
    for name, weight in weights.items():
        if weight.ndim > 1:
            weight.normal_(0.0, float(weight.std()))
        elif name.endswith("bias"):
            weight.zero_()
        else:
            weight.fill_(float(weight.mean()))


def stored_normally(module: nn.Module) -> None:
    """Replaces what a pass under inference_mode left in a module: no gradient goes through such tensors."""
    for part in module.modules():
        for held in (part._buffers, vars(part)):
            for name, value in list(held.items()):
                if isinstance(value, Tensor) and value.is_inference():
                    held[name] = value.clone()
