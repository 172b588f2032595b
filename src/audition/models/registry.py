"""Which adapter opens which source, and what there is to open."""

from __future__ import annotations

import importlib
import logging
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from fnmatch import fnmatchcase
from textwrap import shorten
from typing import Any, Protocol, cast

from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.models.base import Model, ModelIdentity, identity_of_files
from audition.models.memory import is_out_of_memory
from audition.models.rooted import files_of, is_path, paths_like
from audition.models.spec import ModelSpec
from audition.models.torch.library import AUTO, opening_on, without_pickles
from audition.models.torch.module import TorchModel
from audition.models.trust import Trust, is_trusted

_log = logging.getLogger("audition")

SOURCES: dict[str, str] = {
    "zoo": "audition.models.zoo",
    "timm": "audition.models.timm.adapter",
    "torchvision": "audition.models.torch.torchvision",
    "hf": "audition.models.hf.adapter",
    "st": "audition.models.sentence",
    "openclip": "audition.models.openclip.adapter",
    "keras": "audition.models.keras.adapter",
    "onnx": "audition.models.onnx.adapter",
    "torchscript": "audition.models.torch.files",
    "exported": "audition.models.torch.files",
    "module": "audition.models.module",
    "features": "audition.models.features",
}
"""Source prefix -> the adapter module, imported when the source is first used."""

LIBRARIES = {
    "timm": ("timm", "torch"),
    "torchvision": ("torchvision", "torch"),
    "torchscript": ("torch",),
    "exported": ("torch",),
}
"""What runs the networks of a source, and may change their features from version to version."""

BUILT_IN = ("zoo",)  # listed unasked; the thousand networks of a library are listed by its name

RUN_YOUR_CODE = ("module",)  # which may read files as it likes

PREPROCESS_SHOWN = 200  # characters: some hold a whole file of settings
HOW_TO_LIST = "'audition models' lists all."
OWN = "Features of your own network go to 'audition score'."

FILES = {
    ".onnx": "onnx:{}",
    ".pt2": "exported:{}",
    ".pt": "torchscript:{0}, or timm:NAME?checkpoint={0} for weights",
    ".pth": "timm:NAME?checkpoint={}",
    ".safetensors": "timm:NAME?checkpoint={}",
    ".keras": "keras:{}",
    ".h5": "keras:{0}, or keras:NAME?checkpoint={0} for weights",
}
"""The ends of networks' files, and the names to give them by."""


ENDS = {
    "onnx": (".onnx",),
    "torchscript": (".pt", ".pth", ".ts", ".jit", ".torchscript"),
    "exported": (".pt2",),
}
"""What the files of a source end with that a pattern stands for; one file may be called otherwise."""


class Adapter(Protocol):
    """What an adapter module has; one that cannot list what it opens leaves `names` out."""

    def load(self, spec: ModelSpec) -> Model:
        """The model of a name; raises UnknownNameError, MissingExtraError or ModelError."""

    def names(self) -> Sequence[str]:
        """All names that `load` takes, without the source prefix."""


class CodeAdapter(Protocol):
    """An adapter of a source in BRING_CODE; trusted says whether a model's own code may run."""

    def load(self, spec: ModelSpec, *, trusted: bool = False) -> Model:
        """As for any adapter; a model that needs code and is not trusted raises ModelError."""

    def identity(self, spec: ModelSpec, *, trusted: bool = False) -> ModelIdentity | None:
        """As `model_identity`; that of a trusted model hangs on its code, too."""


def open_model(model: str | ModelSpec | Model | Any, *, trust: Trust = (), device: str = AUTO) -> Model:
    """The model that a name stands for; a Model comes back as it is, a torch.nn.Module as a TorchModel.

    trust: names of models whose own code may run, with their options or without. No other's is run.
    device: where torch networks compute: "auto" is the GPU where there is one, else the CPU; or "cpu", "cuda:1".
    Raises UnknownNameError for a source or model there is not ("Did you mean ...?"),
    MissingExtraError for a library that is not installed, ModelError for a network that is damaged,
    or needs code of its own and is not trusted.
    """
    if isinstance(model, str):
        _refuse_file(model)
        model = _parse(model)
    if isinstance(model, ModelSpec):
        with opening_on(device):
            return _loaded(model, trust)
    if is_module(model):
        with opening_on(device):
            return TorchModel(type(model).__name__, model)
    if isinstance(model, Model):
        return model
    raise InputError(f"A model is a name such as 'zoo:resnet-mnist' or a Model; got {type(model).__name__}.")


def _loaded(spec: ModelSpec, trust: Trust) -> Model:
    began = time.perf_counter()
    adapter = _adapter(spec.source)
    try:
        if is_trusted(spec, trust):
            _log.info("%s is trusted: code of its own may run", spec)
            model = cast(CodeAdapter, adapter).load(spec, trusted=True)
        else:
            with nullcontext() if spec.source in RUN_YOUR_CODE else without_pickles():
                model = adapter.load(spec)
    except AuditionError:
        raise
    except Exception as error:  # what no adapter foresaw costs this model its place, not the others theirs
        why = "it does not fit into memory" if is_out_of_memory(error) else f"{type(error).__name__}: {error}"
        raise ModelError(f"{spec} cannot be opened: {why}") from error
    _log.info("%s opened in %.1f s: %s", spec, time.perf_counter() - began, described(model))
    return model


def described(model: Model) -> str:
    """What was decided of a model, for the log: what it takes, its layers, where it runs, its preprocess."""
    device = getattr(model, "device", None)
    where = [] if device is None else [f"on {device}"]
    layers = f"{len(model.layers)} layer{'s' * (len(model.layers) != 1)}"
    seen = shorten(str(model.preprocess), PREPROCESS_SHOWN, placeholder="...")
    return ", ".join([f"takes {model.kind}", layers, *where, f"preprocess {seen}"])


def is_module(thing: Any) -> bool:
    """Whether something is a torch.nn.Module; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(thing, torch.nn.Module)


def model_identity(model: str | Model, *, trust: Trust = ()) -> ModelIdentity | None:
    """Which weights a model has, told without opening it; None where nothing says so.

    trust: as in `open_model`: the code of a model that is trusted belongs to what decides its features.
    Raises nothing: a name that cannot be opened is found when it is.
    """
    if not isinstance(model, str):
        known = getattr(model, "identity", None)
        return known if isinstance(known, ModelIdentity) else None
    try:
        spec = ModelSpec.parse(model)
        adapter = _adapter(spec.source)
        if hasattr(adapter, "identity"):
            known_by = adapter.identity
            found = known_by(spec, trusted=True) if is_trusted(spec, trust) else known_by(spec)
            return found if isinstance(found, ModelIdentity) else None
        files = files_of(model)
    except AuditionError:
        return None
    return identity_of_files(files, *LIBRARIES.get(spec.source, ())) if files else None


def find_models(pattern: str) -> list[str]:
    """The full names that a pattern stands for: "zoo:*" and "zoo:resnet-[cm]*" match what a source lists.

    Without a source, a pattern is for what is built in. Names that are files or folders ("onnx:nets/*",
    "hf:./models/*") are looked for on disk; of onnx: only files that end in .onnx are taken. A name without
    * or [ stands for itself. What follows a "?" are options and goes to every match.
    Raises InputError where nothing matches or the source cannot list its models.
    """
    head, mark, options = pattern.partition("?")
    if not any(character in head for character in "*["):
        return [pattern]
    source, colon, rest = head.partition(":")
    if colon and hasattr(adapter := _adapter(source), "matching"):  # files
        found = adapter.matching(rest)
    elif colon and is_path(source, rest):
        ends = ENDS.get(source, "")
        found = [name for name in paths_like(source, rest) if name.lower().endswith(ends)]
    else:
        names = source_names(source) if colon else catalogue()
        found = [name for name in names if fnmatchcase(name, head)]
    if not found:
        on_disk = bool(colon) and is_path(source, rest)
        ends = f" that ends in {' or '.join(ENDS[source])}" if source in ENDS else ""
        where = f"There is no such file or folder{ends}." if on_disk else HOW_TO_LIST
        raise InputError(f"No model matches {pattern!r}. {where}")
    return [f"{name}{mark}{options}" for name in found]


def catalogue() -> list[str]:
    """The full names of the models that come inside the package; find_models("timm:*") lists a library's."""
    return [name for source in BUILT_IN for name in source_names(source)]


def _refuse_file(text: str) -> None:
    """A network's own file is no name: say which name it would have."""
    head = text.partition("?")[0]
    kind = next((suffix for suffix in FILES if head.lower().endswith(suffix)), None)
    if kind and head.partition(":")[0] not in SOURCES:
        raise InputError(
            f"{text!r} is a file, and models are named by their source: write {FILES[kind].format(text)}. {OWN}"
        )


def _parse(text: str) -> ModelSpec:
    if ":" not in text:
        raise UnknownNameError("model", text, catalogue(), f"Names start with a source. {HOW_TO_LIST}")
    return ModelSpec.parse(text)


def _adapter(source: str) -> Adapter:
    if source not in SOURCES:
        raise UnknownNameError("model source", source, SOURCES, f"{HOW_TO_LIST} {OWN}")
    return cast(Adapter, importlib.import_module(SOURCES[source]))


def lists(source: str) -> bool:
    """Whether a source can list what it opens."""
    return hasattr(_adapter(source), "names")


def source_names(source: str) -> list[str]:
    """The full names of all models of a source; raises InputError for one that cannot list them."""
    if not lists(source):
        raise InputError(f"The source {source!r} cannot list its models: name one without wildcards.")
    return [f"{source}:{name}" for name in _adapter(source).names()]
