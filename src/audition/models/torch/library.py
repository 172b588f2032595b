"""The libraries built on torch, imported when they are used, and the device that there is."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import metadata
from typing import Any

from audition.errors import InputError, MissingExtraError, ModelError


def import_library(name: str, extra: str) -> Any:
    """A library; raises MissingExtraError where it is absent, ModelError where it cannot be imported."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = (error.name or name).partition(".")[0]
        raise MissingExtraError(missing, extra) from error
    except (ImportError, RuntimeError, OSError) as error:
        if "torchvision" in str(error):
            raise ModelError(_mismatch()) from error
        raise ModelError(f"{name} is installed but cannot be imported: {error}") from error


def _mismatch() -> str:
    """torchvision's operators are compiled against one build of torch, and fail with another."""
    torchvision, torch = _version("torchvision"), _version("torch")
    return f"torchvision {torchvision} does not match torch {torch}: install the pair from the same index."


def _version(name: str) -> str:
    """Of the module where that says more (the build), else of the installed package."""
    module = importlib.import_module("torch") if name == "torch" else None
    return str(getattr(module, "__version__", None) or metadata.version(name))


AUTO = "auto"

# Where networks are put that are opened now: adapters ask for it, so that none needs to hand it on.
_wanted: ContextVar[str] = ContextVar("audition_device", default=AUTO)


@contextmanager
def opening_on(device: str) -> Iterator[None]:
    """While it is open, `best_device` is this device: "auto", "cpu", "cuda", "cuda:1", "mps"."""
    token = _wanted.set(device)
    try:
        yield
    finally:
        _wanted.reset(token)


def best_device() -> Any:
    """The device that is asked for; else the GPU where there is one, else the CPU."""
    import torch

    if _wanted.get() != AUTO:
        return torch.device(_wanted.get())
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def check_device(device: Any) -> None:
    """Raises InputError for a device that torch does not know or cannot use here, with those that it can."""
    if device in (AUTO, "cpu"):
        return
    torch = import_library("torch", "torch")
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        gpus = [f"cuda:{place}" for place in range(torch.cuda.device_count())]
        mps = ["mps"] if torch.backends.mps.is_available() else []
        there = ", ".join([AUTO, "cpu", *gpus, *mps])
        raise InputError(f"There is no device {device!r} here; there are: {there}.") from error


NO_PICKLES = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"


@contextmanager
def without_pickles() -> Iterator[None]:
    """While it is open, torch.load reads weights and unpickles nothing else, whatever a library asks of it."""
    before = os.environ.get(NO_PICKLES)
    os.environ[NO_PICKLES] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[NO_PICKLES]
        else:
            os.environ[NO_PICKLES] = before
