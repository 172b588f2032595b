"""A tuned network of timm as a folder that `timm.create_model("local-dir:...")` opens."""

from __future__ import annotations

import copy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from audition.arrays import Array
from audition.errors import InputError
from audition.models.pixels import FitImage
from audition.models.torch.library import import_library
from audition.models.torch.module import TorchModel
from audition.tuning.results.native_export import INSTEAD, Native, names_of, user_head

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel


def timm_native(tuned: TunedModel) -> Native:
    """How timm writes and reads it; raises InputError for a network whose head is not one linear layer."""
    why = (
        f"timm's own head of {tuned.name} is not a linear layer of the features that were tuned (they were pooled "
        f"otherwise), so timm cannot open it. {INSTEAD}"
    )
    module = copy.deepcopy(_model(tuned).trunk).cpu()
    head = user_head(tuned)
    module.reset_classifier(head.out_features)
    own = module.get_classifier()
    if not isinstance(own, nn.Linear) or own.weight.shape != head.weight.shape or own.bias is None:
        raise InputError(why)
    own.load_state_dict(head.state_dict())
    return Native(partial(_write, tuned, module), partial(_logits, tuned), why)


def _model(tuned: TunedModel) -> TorchModel:
    return cast(TorchModel, tuned.network.body.model)


def _write(tuned: TunedModel, module: Any, folder: Path) -> None:
    names = names_of(tuned.answers)
    config = {"num_classes": len(names), "label_names": names, "pretrained_cfg": _data(tuned)}
    hub = import_library("timm.models._hub", "timm")
    module = module.to(memory_format=torch.contiguous_format)
    hub.save_for_hf(module, folder, model_config=config, safe_serialization=True)


def _data(tuned: TunedModel) -> dict[str, Any]:
    """How pictures are prepared, as timm's configuration names it."""
    model, fit = _model(tuned), tuned.model.preprocess
    told: dict[str, Any] = {"mean": model.mean, "std": model.std, "num_classes": len(tuned.classes)}
    if isinstance(fit, FitImage):
        channels = 1 if fit.mode == "L" else 3
        modes = {"squash": "squash", "border": "border"}
        told |= {
            "input_size": (channels, *fit.size),
            "interpolation": fit.interpolation,
            "crop_pct": fit.size[0] / fit.resize[0],
            "crop_mode": modes.get(fit.fit, "center"),
        }
    return told


def _logits(tuned: TunedModel, folder: Path, batch: Array) -> Tensor:
    timm = import_library("timm", "timm")
    module = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    with torch.inference_mode():
        found: Tensor = module(_model(tuned).placed(batch).cpu())
    return found
