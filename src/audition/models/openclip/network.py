"""A CLIP as open_clip builds it, and what is said when that fails."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.files import user_path
from audition.models.hf.identity import held_folder
from audition.models.hub import check_hub, out_of_reach, unfetched
from audition.models.options import OURS, Options
from audition.models.spec import ModelSpec
from audition.models.torch.checkpoint import fit_weights, read_weights

EXTRA = "openclip"
LISTING = "\"audition models 'openclip:*'\" lists them."

OPTIONS = ("tower", "pretrained")
PASSED_ON = ("force_quick_gelu", "force_custom_text", "force_context_length")
PREPROCESS = ("image_interpolation", "image_resize_mode")
"""What goes to open_clip's constructor. The others of its arguments are ours, or would let files run code."""

SETTINGS = "open_clip_config.json"
TAG_SETTINGS = ("mean", "std", "interpolation", "resize_mode")


def folder_of(spec: ModelSpec) -> Path | None:
    """The folder that a name stands for (open_clip_config.json beside the weights), or None."""
    folder = user_path(spec.name)
    return folder if folder.is_dir() else None


def settings_of(open_clip: Any, spec: ModelSpec) -> Mapping[str, Any]:
    """What open_clip knows of a name's tag: where the weights are, how they were trained; {} without a tag."""
    known: Mapping[str, Any] = open_clip.pretrained.get_pretrained_cfg(spec.name, spec.revision or "")
    return known


def files_on_hub(settings: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The repository of a tag's weights, or "", and the files any of which holds them."""
    repository, _, file = settings.get("hf_hub", "").rpartition("/")
    known = (file,) if file else ("open_clip_pytorch_model.bin", "open_clip_model.safetensors")
    return repository, (*known, *(str(PurePosixPath(name).with_suffix(".safetensors")) for name in known))


def build(open_clip: Any, spec: ModelSpec, options: Options) -> Any:
    """The network with both towers, with weights that fit it."""
    folder, tag = folder_of(spec), settings_of(open_clip, spec)
    _check_name(open_clip, spec, folder, tag)
    _check_options(spec, options, folder)
    arguments = _arguments(options, tag)
    if folder is None:
        _check_text_encoder(open_clip, spec, tokenizer=options.others.get("tower") == "text")
    if not options.others.get("pretrained", True):
        return _create(open_clip, spec, {**arguments, "load_weights": False})
    if options.checkpoint is not None:
        return _from_file(open_clip, spec, options.checkpoint, arguments)
    if folder is None:
        _check_fetchable(open_clip, spec, tag, arguments)
    return _create(open_clip, spec, {**arguments, "pretrained": spec.revision, "require_pretrained": True})


def _check_name(open_clip: Any, spec: ModelSpec, folder: Path | None, tag: Mapping[str, Any]) -> None:
    if folder is not None:
        if spec.revision:
            raise InputError(f"A folder has no tags: write openclip:{spec.name}.")
        if not (folder / SETTINGS).is_file():
            raise InputError(f"The folder of {spec} holds no {SETTINGS}, which belongs beside the weights.")
        return
    if spec.name not in open_clip.list_models():
        known = [f"openclip:{name}" for name in open_clip.list_models()]
        raise UnknownNameError("model", f"openclip:{spec.name}", known, LISTING)
    if spec.revision and not tag:
        tags = open_clip.list_pretrained_tags_by_model(spec.name)
        raise UnknownNameError(f"tag of openclip:{spec.name}", spec.revision, tags, LISTING)


def _check_options(spec: ModelSpec, options: Options, folder: Path | None) -> None:
    known = (*OPTIONS, *PASSED_ON, *PREPROCESS)
    for key in options.others:
        if key not in known:
            raise UnknownNameError(f"option of openclip:{spec.name}", key, {*OURS, *known} - {"channels"})
    if folder is not None and options.checkpoint is not None:
        raise InputError(f"The folder of {spec} holds its weights: leave checkpoint out.")


def _check_fetchable(
    open_clip: Any, spec: ModelSpec, tag: Mapping[str, Any], arguments: Mapping[str, Any]
) -> None:
    """Before anything is built: are there weights, and are they here or is there a hub to ask?"""
    if not spec.revision:
        tags = open_clip.list_pretrained_tags_by_model(spec.name)
        named = f"name the tag of one of its trainings, such as {spec.name}@{tags[-1]}, or " if tags else ""
        raise InputError(f"{spec} says no weights: {named}give a file by ?checkpoint=FILE. {LISTING}")
    repository, files = files_on_hub(tag)
    if repository:
        check_hub(str(spec), repository, lambda: _count_parameters(open_clip, spec, arguments), files)


def _count_parameters(open_clip: Any, spec: ModelSpec, arguments: Mapping[str, Any]) -> int | None:
    """How many weights both towers have, counted without memory for them; None where that cannot be."""
    import torch

    try:
        with torch.device("meta"):
            clip = _create(open_clip, spec, {**arguments, "load_weights": False, "device": "meta"})
    except ModelError:
        return None
    return sum(int(weight.numel()) for weight in clip.parameters())


def _check_text_encoder(open_clip: Any, spec: ModelSpec, *, tokenizer: bool) -> None:
    """Some texts go through an encoder of transformers, whose settings lie on the hub, weights or not."""
    from huggingface_hub import constants

    texts = (open_clip.get_model_config(spec.name) or {}).get("text_cfg", {})
    names = ("hf_model_name", "hf_tokenizer_name") if tokenizer else ("hf_model_name",)
    for repository in dict.fromkeys(texts[name] for name in names if texts.get(name)):
        here = Path(repository).is_dir() or held_folder(repository, None)
        reason = None if here else out_of_reach(constants.ENDPOINT)
        if reason:
            why = f"{reason} and the settings of its text encoder are not in the cache ({repository})"
            raise ModelError(f"{spec} cannot be built: {why}. Go on where there is a network.")


def _arguments(options: Options, tag: Mapping[str, Any]) -> dict[str, Any]:
    """For open_clip's constructor: what the tag was trained with, and over that what the user says."""
    arguments = {key: value for key, value in options.others.items() if key in PASSED_ON}
    if tag.get("quick_gelu"):  # else the weights run with another activation than they were trained with
        arguments.setdefault("force_quick_gelu", True)
    if options.size is not None:
        arguments["force_image_size"] = options.size
    settings = {key: tag[key] for key in TAG_SETTINGS if key in tag}
    said = {key.removeprefix("image_"): options.others.get(key) for key in PREPROCESS}
    settings |= {key: value for key, value in said.items() if value is not None}
    return arguments | {"force_preprocess_cfg": settings}


def _from_file(open_clip: Any, spec: ModelSpec, path: Path, arguments: Mapping[str, Any]) -> Any:
    """Read by open_clip, which knows older forms and other sizes; what does not fit is named."""
    try:
        return _create(open_clip, spec, {**arguments, "pretrained": str(path)})
    except ModelError:
        weights = read_weights(path)
    clip = _create(open_clip, spec, {**arguments, "load_weights": False})
    fit_weights(clip, weights, str(spec), path)
    return clip


def _create(open_clip: Any, spec: ModelSpec, arguments: Mapping[str, Any]) -> Any:
    folder = folder_of(spec)
    name = f"local-dir:{folder}" if folder else spec.name
    with quietly(spec):
        return open_clip.create_model(name, pretrained_text=False, weights_only=True, **arguments)


@contextmanager
def quietly(spec: ModelSpec) -> Iterator[None]:
    """Without open_clip's words to a log that nobody asked for; what it raises becomes one sentence."""
    silent = logging.NullHandler()  # where there is none, open_clip's own first word would set one up
    logging.root.addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except AuditionError:
        raise
    except Exception as error:  # of open_clip, timm, transformers, the hub's client and torch
        why = " ".join(str(error).split())
        if isinstance(error, OSError) or "Failed to download" in why:
            raise unfetched(str(spec), why) from error
        raise ModelError(f"{spec} cannot be built: {why}") from error
    finally:
        logging.root.removeHandler(silent)
