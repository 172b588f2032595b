"""Networks out of transformers: a folder, the cache or the hub; with or without a head; weights that fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from audition.data.reach import reachable
from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.files import user_path
from audition.models.hf.identity import held_folder
from audition.models.hf.options import TAKES
from audition.models.hub import check_hub
from audition.models.spec import ModelSpec
from audition.models.trust import how_to_trust

SHOWN = 3
HEADS = {
    "ForSequenceClassification": "AutoModelForSequenceClassification",
    "ForImageClassification": "AutoModelForImageClassification",
    "ForAudioClassification": "AutoModelForAudioClassification",
    "ForTokenClassification": "AutoModelForTokenClassification",
}
"""The end of an architecture's name -> what loads it with its head."""

FOLDER = "name a local folder"
WEIGHTS = (".safetensors", ".bin")
WORDS_HEAD = "ForTokenClassification"
SOUNDS_HEAD = "ForAudioClassification"
OF_TRAINING = "masked_spec_embed"  # what a hidden part of a sound is replaced by; no feature is made of it


@dataclass(frozen=True)
class Source:
    """Where a model's files are: a folder or a repository, and what to tell transformers beside that."""

    where: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Loaded:
    """A network, the part of it whose hidden states are the features, and whether its head was trained.

    config: what the whole was built by.
    """

    module: Any
    backbone: Any
    has_head: bool
    config: Any = None


def find_source(spec: ModelSpec, *, trusted: bool = False) -> Source:
    """Where the files of a name are; raises ModelError, at once, where they cannot be had.

    A folder is one that is there, or a name that starts as paths do. trusted: whether Python code that a
    repository brings along may run.
    """
    from huggingface_hub import constants

    code = {"trust_remote_code": trusted}
    folder = user_path(spec.name)
    if folder.is_dir():
        if spec.revision:
            raise InputError(f"A folder has no revisions: write {spec.source}:{spec.name}.")
        return Source(str(folder), {"local_files_only": True} | code)
    if spec.name[0] in ".~/\\" or spec.name.count("/") > 1:
        raise InputError(f"There is no folder {spec.name!r} for {str(spec)!r}.")
    offline = constants.HF_HUB_OFFLINE or not reachable(constants.ENDPOINT)
    if offline and held_folder(spec.name, spec.revision) is None:
        why = "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else "the hub cannot be reached"
        raise ModelError(
            f"{spec} is not in the cache and {why}: {constants.ENDPOINT}/{spec.name} would be downloaded, and "
            f"how large it is only the hub knows. Go on where there is a network, or {FOLDER}."
        )
    return Source(spec.name, {"local_files_only": offline, "revision": spec.revision} | code)


def read_config(transformers: Any, spec: ModelSpec, source: Source, others: Mapping[str, Any]) -> Any:
    """The configuration with the options that belong to it; raises UnknownNameError for one that it lacks."""
    with quietly(transformers, spec):
        config, unused = transformers.AutoConfig.from_pretrained(
            source.where, return_unused_kwargs=True, **source.arguments, **others
        )
    for key in others:
        if key in unused:
            raise UnknownNameError(f"option of {spec}", key, {*TAKES, "max_seconds", *config.to_dict()})
    if not source.arguments["trust_remote_code"]:
        _check_kernels(spec, config)
    return config


def _check_kernels(spec: ModelSpec, config: Any) -> None:
    """Raises ModelError where a configuration names a repository whose code would compute the attention."""
    parts = (config, *(getattr(config, name, None) for name in getattr(config, "sub_configs", ())))
    asked = (str(getattr(part, "_attn_implementation", None)) for part in parts)
    if kernel := next((name for name in asked if "/" in name), None):
        raise ModelError(
            f"{spec} names {kernel} to compute its attention: that is code of its own, which is not run unless "
            f"you trust it: read it, then add {how_to_trust(spec)}"
        )


def load_network(transformers: Any, spec: ModelSpec, source: Source, config: Any, *, words: bool) -> Loaded:
    """The network in float32 and eval mode, with its head where that was trained.

    words: whether features of single words are wanted, and so the head that labels words.
    """
    kind = _head_of(config, words=words)
    check_weights(transformers, spec, source)
    with quietly(transformers, spec):
        module, report = getattr(transformers, _loader(transformers, config, kind)).from_pretrained(
            source.where,
            config=config,
            dtype="float32",
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are named below; transformers only logs them
            **source.arguments,
        )
    backbone = _backbone_of(module, config)
    _check_shapes(spec, report["mismatched_keys"])
    missing = {key for key in report["missing_keys"] if not key.endswith(OF_TRAINING)}
    pooler = {key for key in missing if "pooler." in key}
    if pooler and hasattr(backbone, "pooler"):
        backbone.pooler = None  # fresh weights, of which no feature is made
    _check_missing(spec, missing - pooler - _outside(module, backbone))
    trained = bool(kind) and not missing
    return Loaded((module if trained else backbone).eval(), backbone, trained, config)


def untrained_network(transformers: Any, spec: ModelSpec, config: Any) -> Loaded:
    """The network of a configuration as the library initialises it, without a head; nothing is fetched."""
    config.use_pretrained_backbone = False
    with quietly(transformers, spec):
        module = transformers.AutoModel.from_config(config)
    backbone = _backbone_of(module, config)
    return Loaded(backbone.float().eval(), backbone, False, config)


def _backbone_of(module: Any, config: Any) -> Any:
    return module.get_encoder() if config.is_encoder_decoder else module.base_model


def check_weights(transformers: Any, spec: ModelSpec, source: Source) -> None:
    """Raises ModelError, at once, where the cache holds no weights of a repository and none can be fetched."""
    folder = held_folder(spec.name, spec.revision) if "revision" in source.arguments else None
    if folder is None:
        return
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.suffix in WEIGHTS)
    number = partial(_count_parameters, transformers, source)
    held = tuple(map(str, files))
    check_hub(str(spec), spec.name, number, held, revision=spec.revision, instead=FOLDER)


def _count_parameters(transformers: Any, source: Source) -> int | None:
    """How many weights a network has, by its settings alone; None where they do not say."""
    import torch

    try:
        config = transformers.AutoConfig.from_pretrained(source.where, **source.arguments)
        with torch.device("meta"):
            made = transformers.AutoModel.from_config(config)
    except Exception:  # it is only for a message
        return None
    return int(sum(weight.numel() for weight in made.parameters()))


def _head_of(config: Any, *, words: bool) -> str:
    """Which head the checkpoint was saved with, where its classes are any; else an empty text."""
    architecture = (config.architectures or [""])[0]
    kind = next((end for end in HEADS if architecture.endswith(end)), "")
    one_class = getattr(config, "problem_type", None) in (None, "single_label_classification")
    classes = one_class and getattr(config, "num_labels", 0) > 1
    fits = (kind == WORDS_HEAD) == words
    decodes = config.is_encoder_decoder and kind != SOUNDS_HEAD
    return kind if classes and fits and not decodes else ""


def _loader(transformers: Any, config: Any, kind: str) -> str:
    """What loads a network with its head; one for sequences is for sounds in networks that take sounds."""
    of_sounds = transformers.models.auto.modeling_auto.MODEL_FOR_AUDIO_CLASSIFICATION_MAPPING_NAMES
    if kind == "ForSequenceClassification" and config.model_type in of_sounds:
        kind = SOUNDS_HEAD
    return HEADS.get(kind, "AutoModel")


def _outside(module: Any, backbone: Any) -> set[str]:
    """The names of weights that belong to the head alone."""
    inside = {id(weight) for weight in backbone.parameters()}
    return {name for name, weight in module.named_parameters() if id(weight) not in inside}


def _check_shapes(spec: ModelSpec, wrong: Collection[tuple[str, Any, Any]]) -> None:
    _check_fit(spec, [f"{name} is {list(found)} where {list(own)} is needed" for name, found, own in wrong])


def _check_missing(spec: ModelSpec, missing: set[str]) -> None:
    _check_fit(spec, [f"{name} is missing" for name in missing])


def _check_fit(spec: ModelSpec, wrong: list[str]) -> None:
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise ModelError(
            f"The weights of {spec} do not fit its configuration: {'; '.join(sorted(wrong)[:SHOWN])}{more}."
        )


@contextmanager
def quietly(transformers: Any, spec: ModelSpec) -> Iterator[None]:
    """Without transformers' own reports and bars; what it raises becomes one sentence."""
    logs = transformers.utils.logging
    level, bars = logs.get_verbosity(), logs.is_progress_bar_enabled()
    logs.set_verbosity_error()
    logs.disable_progress_bar()
    try:
        yield
    except AuditionError:
        raise
    except Exception as error:  # OSError, ValueError, RuntimeError, SafetensorError, ... of many libraries
        raise _failure(spec, " ".join(str(error).split())) from error
    finally:
        logs.set_verbosity(level)
        if bars:
            logs.enable_progress_bar()


def _failure(spec: ModelSpec, why: str) -> ModelError:
    if "trust_remote_code" in why:
        why = f"it brings code of its own, which is not run unless you trust it: read it, then add {how_to_trust(spec)}"
    return ModelError(f"{spec} cannot be loaded: {why}")
