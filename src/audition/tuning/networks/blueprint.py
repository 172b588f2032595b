"""How a tuned network is built again without its weights: from a library's name, or files in the folder `network`.

Nothing is fetched and nothing is unpickled: what is read are configurations, tokenizers and graphs. What a
blueprint says is taken for no more than a name of a network or of a file in its own folder.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, cast

import torch

from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.models import Model, ModelSpec, open_model
from audition.models.onnx.network import OnnxModel
from audition.models.registry import SOURCES
from audition.models.torch.library import best_device, opening_on, without_pickles
from audition.models.torch.module import TorchModel
from audition.tuning.networks.blueprint_files import DRAWN, GRAPH, NETWORK, TABLE, read_table
from audition.tuning.networks.body import Beyond, Body, body_of

UNTRAINED: Mapping[str, tuple[str, str]] = {
    "timm": ("pretrained", "false"), "torchvision": ("weights", "none"), "openclip": ("pretrained", "false"),
}  # fmt: skip
"""The libraries that build a network by its name, and what leaves it without weights."""

HERE = f"./{NETWORK}"
OF_WEIGHTS = ("checkpoint", "checkpoint_path", "weights", "pretrained", "pretrained_cfg", "pretrained_text")
_NAME = re.compile(r"[\w.\-]+")
_VALUE = re.compile(r"[^/\\~]*")


@dataclass(frozen=True)
class Blueprint:
    """All that building a Body again takes, beside the files.

    spec: the network's name, without weights; "" for a module of the user's own. Files in it are named from the folder.
    layer, beyond: as `body_of` was asked. width: of the features. files: inside the folder, with / between parts.
    """

    spec: str
    layer: str
    beyond: str
    width: int
    files: tuple[str, ...]


def draw(model: Model, body: Body, folder: Path) -> Blueprint:
    """Writes what rebuilding a body takes, but its weights, into `folder/network`.

    model: what the body was made of. One that only its own code can build again gets a blueprint that asks for it.
    Raises what building it again raises: a folder that cannot be read is not written.
    """
    if (folder / NETWORK).exists():
        raise InputError(f"{str(folder / NETWORK)!r} exists already: give a new folder.")
    spec = _drawn(model, body, folder / NETWORK)
    inside = (path for path in sorted((folder / NETWORK).rglob("*")) if path.is_file())
    files = tuple(path.relative_to(folder).as_posix() for path in inside)
    blueprint = Blueprint(spec, body.chosen, body.beyond, body.width, files)
    return blueprint if _is_right(blueprint, model, body, folder) else replace(blueprint, spec="")


def _drawn(model: Model, body: Body, folder: Path) -> str:
    """The name that builds a model again, its files written; "" where none does."""
    for kind, write in DRAWN.items():
        if isinstance(model, kind):
            return write(model, folder)
    return _by_name(body.name) if isinstance(model, TorchModel) else ""


def _by_name(name: str) -> str:
    """A library's name with the options that shape a network, and without those that fill it."""
    try:
        spec = ModelSpec.parse(name)
    except InputError:  # a name of the user's own
        return ""
    if spec.source not in UNTRAINED:
        return ""
    kept = tuple((key, value) for key, value in spec.options if key not in OF_WEIGHTS)
    untrained = replace(spec, options=(*kept, UNTRAINED[spec.source]))
    try:
        _check_options(untrained)
        _check_name(untrained)
    except InputError:  # of a hub, of a file
        return ""
    return str(untrained)


def _is_right(blueprint: Blueprint, model: Model, body: Body, folder: Path) -> bool:
    """Whether the blueprint gives a body of this form; it does not for a module that only bears another's name."""
    if not blueprint.spec:
        return False
    with opening_on("cpu"), torch.random.fork_rng():
        try:
            opened = _opened(blueprint, folder)
        except UnknownNameError:
            return False
        if tuple(opened.layers) != tuple(model.layers):
            return False
        again = body_of(opened, body.chosen, beyond=body.beyond)
    return _form(again) == _form(body)


def _form(body: Body) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in body.state_dict().items()}


def rebuild(blueprint: Blueprint, folder: Path, *, module: Any = None) -> tuple[Model, Body]:
    """The model and the body of a blueprint, with weights that mean nothing: those of the folder go into them.

    module: a model or torch.nn.Module of the user's own, built as the one that was tuned; it is not changed.

    Raises InputError for a blueprint that names anything outside the folder, that is damaged, or that needs a
    `module`; MissingExtraError for a library that is not installed; ModelError where it builds another network today.
    """
    if blueprint.beyond not in ("drop", "reset"):
        raise InputError(f"A blueprint is damaged: beyond is {blueprint.beyond!r}.")
    beyond: Beyond = "drop" if blueprint.beyond == "drop" else "reset"
    for name in blueprint.files:
        _inside(folder, name)
    with torch.random.fork_rng():
        here = str(best_device())
        model = _opened(blueprint, folder) if module is None else open_model(module, device=here)
        body = body_of(model, blueprint.layer, beyond=beyond)
    if body.width != blueprint.width:
        raise ModelError(
            f"{model.name} gives {body.width} features at {blueprint.layer!r} where {blueprint.width} were tuned."
        )
    return model, body


def _inside(folder: Path, name: str) -> Path:
    """A file of the folder; raises InputError for a name that leads out of it."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
    if outside or not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise InputError(
            f"A blueprint names the file {name!r}, which lies outside its folder: it is not opened."
        )
    if not (folder / path).is_file():
        raise InputError(f"{str(folder)!r} holds no {name}, which its network is built by.")
    return folder / path


def _opened(blueprint: Blueprint, folder: Path) -> Model:
    """The model that a blueprint's name stands for."""
    if not blueprint.spec:
        raise InputError(
            "This network was a module of your own, which no file describes: build it again and say "
            "audition.load_tuned(folder, module=...)."
        )
    spec = ModelSpec.parse(blueprint.spec)
    _check_options(spec)
    if spec.source in UNTRAINED:
        return _of_library(spec)
    if spec.source == "zoo":
        return replace(cast(OnnxModel, _load(spec)), file=_inside(folder, GRAPH))
    if spec.source == "onnx" and spec.name == f"./{GRAPH}":
        return _load(replace(spec, name=str(_inside(folder, GRAPH))))
    if spec.source == "st" and spec.name == HERE:
        return read_table(blueprint.spec, _inside(folder, TABLE))
    if spec.source == "hf" and spec.name == HERE and ("pretrained", "false") in spec.options:
        return _load(replace(spec, name=str((folder / NETWORK).absolute())))
    raise InputError(
        f"A blueprint names the network {blueprint.spec!r}, which cannot be built without weights."
    )


def _check_options(spec: ModelSpec) -> None:
    """Options shape a network; those that are files, or would fetch one, are refused."""
    allowed = {UNTRAINED.get(spec.source), ("pretrained", "false")}
    for key, value in spec.options:
        refused = key in OF_WEIGHTS and (key, value) not in allowed
        if refused or not _VALUE.fullmatch(value) or ".." in value:
            raise InputError(f"A blueprint sets {key}={value!r} for its network: that is not opened.")


def _of_library(spec: ModelSpec) -> Model:
    """A network that a library builds by its name alone."""
    _check_name(spec)
    return _load(spec)


def _check_name(spec: ModelSpec) -> None:
    """Raises InputError for a name by which a library would look for more than a network's form."""
    if not _NAME.fullmatch(spec.name) or UNTRAINED[spec.source] not in spec.options:
        raise InputError(f"A blueprint names the network {str(spec)!r}, which is not opened.")
    if spec.source == "openclip" and _needs_hub(spec.name):
        raise InputError(
            f"{spec} has an encoder of texts whose settings lie on a hub: it is not built again."
        )


def _needs_hub(name: str) -> bool:
    """Whether building a CLIP reads the settings of a text encoder, or a folder of this name."""
    open_clip = importlib.import_module("open_clip")
    texts = (open_clip.get_model_config(name) or {}).get("text_cfg", {})
    return bool(texts.get("hf_model_name")) or Path(name).is_dir()


def _load(spec: ModelSpec) -> Model:
    """What an adapter opens, on the device that is asked for."""
    if spec.source not in SOURCES:
        raise InputError(f"A blueprint names the source {spec.source!r}, which there is not.")
    with _one_sentence(spec), without_pickles():
        opened: Model = importlib.import_module(SOURCES[spec.source]).load(spec)
        return opened


@contextmanager
def _one_sentence(spec: ModelSpec) -> Iterator[None]:
    try:
        yield
    except AuditionError:
        raise
    except Exception as error:  # of each library, for files that are damaged
        raise ModelError(f"{spec} cannot be built: {type(error).__name__}: {error}") from error
