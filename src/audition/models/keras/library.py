"""Keras with a backend that is there, and without its words to nobody."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from audition.errors import MissingExtraError, UnknownNameError
from audition.models.base import library_of
from audition.models.torch.library import import_library

EXTRA = "keras"
VARIABLE = "KERAS_BACKEND"
PACKAGES = {
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "jax": ("jax",),
    "torch": ("torch",),
}
"""What can compute for keras, in the order in which it is looked for, and the packages that bring it."""

STDERR = 2


def import_keras() -> Any:
    """Keras, with the backend of `chosen_backend`; raises MissingExtraError where either is absent."""
    if "keras" not in sys.modules and find_spec("keras") is not None:
        with _backend(chosen_backend()), _silent_start(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_library("keras", EXTRA)
    return import_library("keras", EXTRA)


def chosen_backend() -> str:
    """What computes: by KERAS_BACKEND, else by keras's own settings, else whatever is installed.

    Raises UnknownNameError for a backend that there is not, MissingExtraError where none is installed.
    """
    running = sys.modules.get("keras")
    if running is not None:
        return str(running.config.backend())
    asked = os.environ.get(VARIABLE)
    if asked is None:
        usual = _in_settings()
        there = [name for name in (usual, *PACKAGES) if name in PACKAGES and find_spec(name) is not None]
        if not there:
            raise MissingExtraError("keras", "tensorflow", "tensorflow, jax or torch to compute")
        return there[0]
    if asked not in PACKAGES:
        raise UnknownNameError(f"backend of keras ({VARIABLE})", asked, PACKAGES)
    if find_spec(asked) is None:
        raise MissingExtraError(f"{VARIABLE}={asked}", asked, asked)
    return asked


def libraries() -> tuple[str, ...]:
    """The packages that keras runs with, for the identity of what they compute."""
    return ("keras", *PACKAGES.get(chosen_backend(), ()))


def versions() -> str:
    """The same with their versions."""
    return library_of(*libraries())


def _in_settings() -> str | None:
    """The backend in keras.json, which is "tensorflow" unless the user has changed it."""
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    try:
        settings = json.loads((folder / "keras.json").read_text(encoding="utf-8"))
        return str(settings.get("backend"))
    except (OSError, ValueError, AttributeError):
        return None


@contextmanager
def _backend(name: str) -> Iterator[None]:
    """Keras reads the variable once, when it is imported."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = name
    try:
        yield
    finally:
        os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})


@contextmanager
def _silent_start() -> Iterator[None]:
    """TensorFlow greets on the standard error, past Python, before any of its settings count."""
    try:
        kept, nowhere = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # no standard error
        yield
        return
    os.dup2(nowhere, STDERR)
    try:
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def quietly(keras: Any) -> Iterator[None]:
    """Without bars on the standard output, and without the warnings of keras about its own parts."""
    talks = keras.config.is_interactive_logging_enabled()
    keras.config.disable_interactive_logging()
    log = logging.getLogger("tensorflow")  # which finds that so many networks must be one that changes
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
        if talks:
            keras.config.enable_interactive_logging()
