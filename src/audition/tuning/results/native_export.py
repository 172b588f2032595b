"""A tuned network as the library that it comes from opens it, without audition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from audition.arrays import Array
from audition.errors import InputError
from audition.models.spec import ModelSpec
from audition.tuning.results.onnx_export import expected_of, items_to_compare
from audition.tuning.results.whole import check_new_folder, folder_written_whole
from audition.tuning.rows.answers import Answers

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

CLOSE = 1e-4
INSTEAD = "'--format onnx' (export_onnx) writes any network of pictures or texts."


@dataclass(frozen=True, eq=False)
class Native:
    """A network of a library: what writes it to a folder, and what it says of a batch when it is read from there.

    write: (folder). logits: (folder, batch) -> [n, K], by the library's own call.
    """

    write: Callable[[Path], None]
    logits: Callable[[Path, Array], Tensor]
    why: str


def export_native(tuned: TunedModel, folder: Path, data: Any = None) -> None:
    """Writes a tuned network as its library opens it; see `TunedModel.save_pretrained`."""
    check_new_folder(folder)
    native = _native(tuned)
    batch = items_to_compare(tuned, data)
    with folder_written_whole(folder) as part:
        native.write(part)
        _check(tuned, native, part, batch)


def save_encoder(tuned: TunedModel, folder: Path) -> None:
    """Writes the encoder and the head apart; see `TunedModel.save_encoder`."""
    from audition.tuning.results.native_hf import write_encoder

    check_new_folder(folder)
    check_whole(tuned)
    if source_of(tuned) != "hf":
        raise InputError(
            f"{tuned.name} is no network of transformers, whose encoder could stand alone. {INSTEAD}"
        )
    with folder_written_whole(folder) as part:
        write_encoder(tuned, part)


def source_of(tuned: TunedModel) -> str:
    """Where the network comes from: "timm", "hf", ...; "" for the user's own."""
    try:
        return ModelSpec.parse(tuned.network.body.model.name).source
    except InputError:
        return ""


def check_whole(tuned: TunedModel) -> None:
    """Raises InputError for a network that was cut."""
    body = tuned.network.body
    if body.layer != body.model.layers[-1]:
        raise InputError(
            f"{tuned.name} was cut behind {body.layer!r}, and its library opens whole networks only. {INSTEAD}"
        )


def _native(tuned: TunedModel) -> Native:
    check_whole(tuned)
    source = source_of(tuned)
    if source == "timm":
        from audition.tuning.results.native_timm import timm_native

        return timm_native(tuned)
    if source == "hf":
        from audition.tuning.results.native_hf import hf_native

        return hf_native(tuned)
    raise InputError(f"{tuned.name} is of neither timm nor transformers, which would open it. {INSTEAD}")


def user_head(tuned: TunedModel) -> nn.Linear:
    """The head as one linear layer on the CPU, of a regression in the user's units."""
    linear = tuned.network.head.plain().cpu()
    if tuned.task == "regression":
        scale, centre = torch.tensor(tuned.answers.scale), torch.tensor(tuned.answers.centre)
        with torch.no_grad():
            linear.weight.mul_(scale[:, None])
            linear.bias.mul_(scale).add_(centre)
    return linear


def names_of(answers: Answers) -> list[str]:
    """The classes as text."""
    return [str(label) for label in answers.classes]


def _check(tuned: TunedModel, native: Native, folder: Path, batch: Array) -> None:
    """Raises InputError where the library, reading the folder, says something else than the tuned model."""
    expected = expected_of(tuned, batch)
    logits = native.logits(folder, batch).detach().cpu().float().numpy()
    given = logits if tuned.task == "regression" else tuned.answers.probabilities(logits)
    if given.shape != expected.shape or not np.abs(given - expected).max() <= CLOSE * max(
        1.0, np.abs(expected).max()
    ):
        raise InputError(native.why)
