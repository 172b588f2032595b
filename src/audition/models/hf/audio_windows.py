"""The networks that see a spectrogram of one length, and where in their output the sound ends: Whisper, AST, CLAP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audition.models.hf.images import prefix_tokens
from audition.models.pooling import Pool


@dataclass(frozen=True)
class Window:
    """The stretch of sound that a network always sees, and how its output follows it.

    samples: how long it is. first: how many the first moment of the output needs. step: how many lie between a
    moment and the next; 0 where all of the output is sound. bands: how many positions stand for one moment,
    each for a part of the frequencies; they come band by band. prefix: tokens in front that stand for no part
    of the sound. pools: the poolings that mean something; the first is the default. extras: other inputs, the
    same for every sound.
    """

    samples: int
    first: int
    step: int
    bands: int
    prefix: int
    pools: tuple[Pool, ...]
    extras: Mapping[str, bool] = field(default_factory=dict)


def window_of(extractor: Any, backbone: Any) -> Window | None:
    """The window of a network; None where it is none of these."""
    family, make = FAMILIES.get(backbone.config.model_type, (None, None))
    return make(extractor, backbone) if make and type(extractor).__name__ == family else None


def _whisper(extractor: Any, backbone: Any) -> Window:
    step = extractor.n_samples // backbone.config.max_source_positions
    return Window(extractor.n_samples, 1, step, 1, 0, ("mean", "max", "last", "none"))


def _patches(extractor: Any, backbone: Any) -> Window:
    """Frames of 25 ms, each 10 ms behind the last; patches of some frames and some frequencies."""
    config, hop, first = backbone.config, extractor.sampling_rate // 100, extractor.sampling_rate // 40
    return Window(
        samples=(extractor.max_length - 1) * hop + first,
        first=first,
        step=config.time_stride * hop,
        bands=(config.num_mel_bins - config.patch_size) // config.frequency_stride + 1,
        prefix=prefix_tokens(backbone),
        pools=("cls", "mean", "max", "none"),
    )


def _clap(extractor: Any, backbone: Any) -> Window:
    """A sound is repeated until it fills the window. Only what is longer is said to be so, except in the networks
    that fuse views of long sounds: their extractor says it of one sound in each call."""
    extras = {"is_longer": extractor.truncation == "fusion"}
    return Window(extractor.nb_max_samples, 1, 0, 1, 0, ("mean", "max", "none"), extras)


FAMILIES: dict[str, tuple[str, Callable[[Any, Any], Window]]] = {
    "whisper": ("WhisperFeatureExtractor", _whisper),
    "audio-spectrogram-transformer": ("ASTFeatureExtractor", _patches),
    "clap_audio_model": ("ClapFeatureExtractor", _clap),
}
"""The kind of a network -> its feature extractor's class, and what tells its window."""
