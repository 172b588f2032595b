"""Passes in fewer bits where a GPU is the faster for it; losses and weights stay in 32."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from audition.tuning.runs.settings import Precision

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def passes_in(precision: Precision, device: torch.device) -> AbstractContextManager[Any]:
    """While it is open, the network computes in this precision."""
    if precision not in DTYPES:
        return nullcontext()
    context: AbstractContextManager[Any] = torch.autocast(device.type, DTYPES[precision])
    return context


def scaler_of(precision: Precision, device: torch.device) -> Any:
    """Keeps gradients of fp16 from vanishing; does nothing in the others."""
    return torch.amp.GradScaler(device.type, enabled=precision == "fp16")
