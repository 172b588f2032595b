"""How a network of transformers takes sounds: wav2vec2, HuBERT and their kind, Whisper, AST, CLAP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

from audition.errors import InputError, ModelError
from audition.models.hf.audio_clips import Limits, Spectrogram, Waveform, extractor_of, load_extractor
from audition.models.hf.audio_feeds import Spectrograms, Waves
from audition.models.hf.audio_windows import Window, window_of
from audition.models.hf.load import Loaded, Source, quietly
from audition.models.hf.options import TextOptions, check_pool
from audition.models.pooling import Pool
from audition.models.spec import ModelSpec

USUAL_SECONDS = 30.0  # where a network could take more, and a long sound would fill the memory
SHORTEST = 0.025  # seconds, where a network of waveforms does not say what it needs
OPTION = "max_seconds"

# Of these, what a clip gives does not hang on the padding behind it, if the convolutions are normalised frame by
# frame. In the others it does: by a norm over all frames, or convolutions that padding leaks into. (WavLM would be
# one of these, but torch warns of the way in which its code masks.)
MASKED = ("wav2vec2", "hubert", "unispeech", "unispeech-sat")

Chain = tuple[tuple[int, int], ...]
"""Kernel and stride of one convolution after the other."""


def take_seconds(options: TextOptions, name: str) -> tuple[float | None, TextOptions]:
    """What max_seconds says, and the options without it; raises InputError where it is no length."""
    seconds = options.others.get(OPTION)
    if seconds is None:
        return None, options
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < float("inf"):
        raise InputError(f"{OPTION} is a positive number of seconds; got {seconds!r} in {name!r}.")
    others = {key: value for key, value in options.others.items() if key != OPTION}
    return float(seconds), replace(options, others=others)


def audio_feed(
    transformers: Any,
    spec: ModelSpec,
    source: Source,
    options: TextOptions,
    loaded: Loaded,
    *,
    seconds: float | None,
) -> Waves | Spectrograms:
    """How a network takes sounds, by its own feature extractor.

    By default the vector is the mean over all frames of the sound, or the class tokens where there are any.
    Raises InputError for options that cannot be, ModelError for an extractor that is missing or of another kind.
    """
    name, backbone = str(spec), loaded.backbone
    with quietly(transformers, spec):
        extractor = load_extractor(transformers, source.where, source.arguments)
    if options.max_length is not None:
        raise InputError(
            f"{name} takes sounds, which have no length in tokens: give {OPTION}, not max_length."
        )
    window = window_of(extractor, backbone)
    limits = partial(_limits, extractor.sampling_rate, window, seconds, name)
    if window is not None:
        preprocess = Spectrogram(extractor_of(extractor, backbone.main_input_name), limits(window.first))
        return Spectrograms(preprocess, window, _pool(options, window.pools), backbone.main_input_name)
    if backbone.main_input_name == "input_values" and extractor.feature_size == 1:
        return _waves(extractor, backbone, _pool(options, ("mean", "max", "last")), limits)
    raise ModelError(f"{name} takes what a {type(extractor).__name__} makes: there is no adapter for it yet.")


def audio_half(loaded: Loaded) -> Loaded:
    """Of a network of sounds and texts (CLAP) the half that takes sounds; any other as it is."""
    half = getattr(loaded.backbone, "audio_model", None)
    return loaded if half is None else replace(loaded, module=half, backbone=half, has_head=False)


def _pool(options: TextOptions, known: Sequence[Pool]) -> Pool:
    """The pooling that is asked for, else the first; raises UnknownNameError for one that is not known."""
    check_pool(options.pool or known[0], known)
    return cast(Pool, options.pool or known[0])


def _limits(rate: int, window: Window | None, seconds: float | None, name: str, shortest: int) -> Limits:
    """How much of a sound is read; raises InputError for more, or less, than the network takes."""
    if seconds is None:
        return Limits(int(USUAL_SECONDS * rate) if window is None else window.samples, shortest)
    longest = round(seconds * rate)
    if window is not None and longest > window.samples:
        raise InputError(
            f"{name} takes at most {window.samples / rate:g} seconds: lower {OPTION}={seconds:g}."
        )
    if longest < shortest:
        raise InputError(f"{name} needs at least {shortest / rate:g} seconds: raise {OPTION}={seconds:g}.")
    return Limits(longest, shortest)


def _waves(extractor: Any, backbone: Any, pool: Pool, limits: Callable[[int], Limits]) -> Waves:
    config, gives = backbone.config, backbone.main_input_name
    chain = tuple(zip(getattr(config, "conv_kernel", ()), getattr(config, "conv_stride", ()), strict=True))
    shortest = _samples(chain) if chain else int(SHORTEST * extractor.sampling_rate)
    preprocess = Waveform(extractor_of(extractor, gives), limits(shortest))
    return Waves(preprocess, pool, partial(_frames, chain) if _masks(config) else None, gives)


def _masks(config: Any) -> bool:
    settings: Mapping[str, Any] = config.to_dict()
    by_frame = config.model_type in MASKED and settings.get("feat_extract_norm") == "layer"
    return by_frame and not settings.get("add_adapter") and not settings.get("conv_pos_batch_norm")


def _samples(chain: Chain) -> int:
    """How many samples a chain of convolutions (kernel, stride) needs to give one vector."""
    samples = 1
    for kernel, stride in reversed(chain):
        samples = (samples - 1) * stride + kernel
    return samples


def _frames(chain: Chain, samples: int) -> int:
    """How many vectors it gives for so many samples."""
    for kernel, stride in chain:
        samples = (samples - kernel) // stride + 1
    return samples
