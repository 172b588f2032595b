"""hf:ORG/NAME[@REVISION][?pool=mean&...], hf:./FOLDER: encoders and decoders of transformers."""

from __future__ import annotations

from functools import partial
from typing import Any, cast, get_args

from audition.errors import InputError, ModelError
from audition.models.base import ModelIdentity
from audition.models.hf.audio import audio_feed, audio_half, take_seconds
from audition.models.hf.identity import identity_of
from audition.models.hf.images import images_of
from audition.models.hf.load import (
    Loaded,
    Source,
    find_source,
    load_network,
    quietly,
    read_config,
    untrained_network,
)
from audition.models.hf.network import Feed, HfModel
from audition.models.hf.options import TextOptions, check_pool, read_text_options, take_pretrained
from audition.models.hf.text import Texts, Words, longest, prepare_tokenizer
from audition.models.pooling import Pool
from audition.models.spec import ModelSpec
from audition.models.text_pooling import TEXT_POOLS, TextPool
from audition.models.torch.library import import_library

EXTRA = "hf"
KINDS = {"input_ids": "text", "pixel_values": "image", "input_values": "audio", "input_features": "audio"}


def load(spec: ModelSpec, *, trusted: bool = False) -> HfModel:
    """The network of a name, out of a folder, the cache or the hub; its own code runs only where trusted.

    pool: of texts mean, cls, max, last or tokens (a vector a word, for token data); by default the mean, or
    the last token of a decoder. Of images and sounds cls where there is one, else mean. max_length: in
    tokens, 512 by default where the network takes so many. max_seconds: of a sound, 30 by default where the
    network takes so many. modality: text or image, of a model that takes both. precision: fp32, bf16 or fp16.
    pretrained: false leaves it as it was initialised. All else goes to the network's configuration.

    Raises MissingExtraError, UnknownNameError and InputError for a name or options that cannot be, ModelError
    for files that are damaged, do not fit or cannot be fetched.
    """
    import_library("torch", EXTRA)
    transformers = import_library("transformers", EXTRA)
    seconds, options = take_seconds(read_text_options(spec), str(spec))
    pretrained, options = take_pretrained(options, str(spec))
    source = find_source(spec, trusted=trusted)
    config = read_config(transformers, spec, source, options.others)
    config = _part_of(config, spec, options)
    if pretrained:
        loaded = load_network(transformers, spec, source, config, words=options.pool == "tokens")
    else:
        loaded = untrained_network(transformers, spec, config)
    loaded = audio_half(loaded)
    kind = KINDS.get(loaded.backbone.main_input_name)
    if kind is None:
        raise ModelError(
            f"{spec} takes {loaded.backbone.main_input_name}; only texts, images and sounds can be given."
        )
    if seconds is not None and kind != "audio":
        raise InputError(f"{spec} takes {kind}s, which have no length in seconds: leave max_seconds out.")
    if kind == "audio":
        feed: Feed = audio_feed(transformers, spec, source, options, loaded, seconds=seconds)
    else:
        feed = (_text_feed if kind == "text" else _image_feed)(transformers, spec, source, options, loaded)
    return HfModel(str(spec), loaded, feed, partial(identity, spec, trusted=trusted), options.precision)


def identity(spec: ModelSpec, *, trusted: bool = False) -> ModelIdentity | None:
    """The digest of a folder's files, or the commit on the hub; None where it cannot be told."""
    # torchaudio, where it is there, makes the spectrograms of some networks of sounds
    return identity_of(spec, "transformers", "tokenizers", "torch", "torchaudio", trusted=trusted)


def _part_of(config: Any, spec: ModelSpec, options: TextOptions) -> Any:
    """The configuration of one half of a model of texts and images."""
    halves = {"text": getattr(config, "text_config", None), "image": getattr(config, "vision_config", None)}
    if None in halves.values():
        if options.modality is not None:
            raise InputError(f"{spec} takes one kind of data: leave modality={options.modality} out.")
        return config
    return halves[options.modality or "image"]


def _text_feed(
    transformers: Any, spec: ModelSpec, source: Source, options: TextOptions, loaded: Loaded
) -> Feed:
    pool = options.pool or ("last" if _is_decoder(transformers, loaded.backbone.config) else "mean")
    check_pool(pool, TEXT_POOLS)
    with quietly(transformers, spec):
        tokenizer = _tokenizer(transformers, source, words=pool == "tokens")
    prepare_tokenizer(tokenizer, str(spec))
    if getattr(loaded.module.config, "pad_token_id", None) is None:  # by which some heads find the last token
        loaded.module.config.pad_token_id = tokenizer.pad_token_id
    length = longest(tokenizer, loaded.backbone, options.max_length, str(spec))
    if pool != "tokens":
        return Texts(tokenizer, cast(TextPool, pool), length)
    if not tokenizer.is_fast:
        raise InputError(
            f"The tokenizer of {spec} does not say which token is of which word: no pool=tokens."
        )
    return Words(tokenizer, length)


def _tokenizer(transformers: Any, source: Source, *, words: bool) -> Any:
    make = transformers.AutoTokenizer.from_pretrained
    tokenizer = make(source.where, **source.arguments)
    if (
        words and getattr(tokenizer, "add_prefix_space", None) is False
    ):  # byte-level: words begin with a space
        return make(source.where, add_prefix_space=True, **source.arguments)
    return tokenizer


def _is_decoder(transformers: Any, config: Any) -> bool:
    """Whether a network reads from left to right, so that only its last token has seen the whole text."""
    known = transformers.models.auto.modeling_auto
    kind = config.model_type
    return (
        kind in known.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
        and kind not in known.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    )


def _image_feed(
    transformers: Any, spec: ModelSpec, source: Source, options: TextOptions, loaded: Loaded
) -> Feed:
    if options.pool is not None:
        check_pool(options.pool, get_args(Pool))
    if options.max_length is not None:
        raise InputError(f"{spec} takes images, which have no length in tokens: leave max_length out.")
    import_library("torchvision", "torchvision")  # which the processors work with
    with quietly(transformers, spec):
        processor = transformers.AutoImageProcessor.from_pretrained(source.where, **source.arguments)
    return images_of(processor, loaded.backbone, cast(Pool | None, options.pool))
