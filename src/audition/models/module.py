"""module:PACKAGE:FUNCTION[?key=value]: your own code makes the model; naming it is what lets it run."""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.models.base import Model
from audition.models.options import construction_error, read_options
from audition.models.pixels import frame
from audition.models.spec import ModelSpec
from audition.models.torch.module import TorchModel

TAKES = ("pool", "size", "mean", "std", "channels", "crop", "precision")
SIZE = (224, 224)

_log = logging.getLogger("audition")


def load(spec: ModelSpec) -> Model:
    """What a function of an importable module (the current folder included) gives: a Model, or a
    torch.nn.Module, for which our options say what pictures it takes. All other options are its arguments.

    Raises InputError for a module or function that is not there, ModelError where they fail.
    """
    options = read_options(spec, TAKES, passes_on=True)
    with _current_folder_first():
        function = _find(spec)
        _log.info("%s runs %s of %s", spec, function.__qualname__, _file_of(function))
        made = _call(function, spec, dict(options.others))
    if isinstance(made, Model):
        return made
    if not hasattr(made, "named_modules"):
        kind = type(made).__name__
        raise ModelError(f"{spec} gave a {kind}, where a Model or a torch.nn.Module is needed.")
    return TorchModel(
        str(spec),
        made,
        preprocess=frame(options.size or SIZE, options.crop, channels=options.channels or 3),
        mean=options.mean or (0.0,),
        std=options.std or (1.0,),
        pool=options.pool,
        precision=options.precision,
    )


def _find(spec: ModelSpec) -> Any:
    package, colon, name = spec.name.rpartition(":")
    if not colon:
        raise InputError(f"Write module:PACKAGE:FUNCTION; {str(spec)!r} names no function.")
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name and package.startswith(error.name):
            raise InputError(f"There is no module {package!r} to import for {spec}.") from error
        raise ModelError(f"{spec} cannot be imported: {error}.") from error
    except Exception as error:  # the user's own code
        raise ModelError(f"{spec} failed while {package} was imported: {error}") from error
    function = getattr(module, name, None)
    if not callable(function):
        known = [other for other, thing in vars(module).items() if callable(thing) and other[0] != "_"]
        raise UnknownNameError(f"function of {package}", name, known)
    return function


def _call(function: Any, spec: ModelSpec, arguments: dict[str, Any]) -> Any:
    try:
        return function(**arguments)
    except AuditionError:
        raise
    except Exception as error:  # the user's own code
        if arguments and isinstance(error, TypeError):
            raise construction_error(str(spec), error, inspect.signature(function).parameters) from error
        where = f"{function.__qualname__} of {_file_of(function)}"
        raise ModelError(f"{spec} failed in {where}: {type(error).__name__}: {error}") from error


def _file_of(function: Any) -> str:
    try:
        return inspect.getsourcefile(function) or "a compiled module"
    except TypeError:
        return "a compiled module"


@contextmanager
def _current_folder_first() -> Iterator[None]:
    """As `python -m` has it; a console script looks only where packages are installed."""
    folder = os.getcwd()
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
