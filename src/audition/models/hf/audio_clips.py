"""A Sound becomes what a network of transformers takes: through the network's own feature extractor."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.audio import Sound
from audition.models.preprocess import AsObject

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Extractor:
    """A feature extractor by its class and its settings as JSON; equal settings are equal.

    gives: the name of what it makes. rate: the samples a second that it takes.
    """

    kind: str
    settings: str
    gives: str
    rate: int

    def __call__(self, samples: Float32) -> Float32:
        made = extractor_made(self)(samples, sampling_rate=self.rate, return_tensors="np")
        values: Float32 = np.asarray(made[self.gives], dtype=np.float32)[0]
        return values


def extractor_made(extractor: Extractor) -> Any:
    """The library's own extractor."""
    return _extractor(extractor.kind, extractor.settings)


@cache
def _extractor(kind: str, settings: str) -> Any:
    import transformers

    return getattr(transformers, kind).from_dict(json.loads(settings))


def load_extractor(transformers: Any, where: str, arguments: Mapping[str, Any]) -> Any:
    """The feature extractor that lies beside a network."""
    with _undisturbed():
        return transformers.AutoFeatureExtractor.from_pretrained(where, **arguments)


def extractor_of(extractor: Any, gives: str) -> Extractor:
    """The library's own extractor as a value. What its settings say of other parts does not count."""
    settings = json.loads(extractor.to_json_string())
    for name in ("processor_class", "return_attention_mask"):
        settings.pop(name, None)
    kind, text = type(extractor).__name__, json.dumps(settings, sort_keys=True)
    with _undisturbed():
        _extractor(kind, text)  # made here, and not in one of the threads that decode
    return Extractor(kind, text, gives, int(extractor.sampling_rate))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without what transformers says of filters that are empty: those of the well-known AST networks are."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "At least one mel filter has all zero values")
        yield


@dataclass(frozen=True)
class Limits:
    """How much of a sound is read. longest, shortest: in samples at the network's rate.

    What is longer is cut, what is shorter is filled up with silence.
    """

    longest: int
    shortest: int


@dataclass(frozen=True, eq=False)
class Clip:
    """values: what the network takes. samples: how many of them are sound and no silence behind it."""

    values: Float32
    samples: int
    cut: bool
    filled: bool


@dataclass(frozen=True)
class Waveform:
    """A Sound -> a Clip of values float32 [n], in an array of objects of no dimension: each has its own n."""

    extractor: Extractor
    limits: Limits

    def __call__(self, item: Sound) -> NDArray[np.object_]:
        return AsObject()(_clip(item, self.extractor, self.limits))


@dataclass(frozen=True)
class Spectrogram:
    """A Sound -> the fields of a Clip as one record, its values of one shape for all sounds."""

    extractor: Extractor
    limits: Limits

    def __call__(self, item: Sound) -> NDArray[np.void]:
        clip = _clip(item, self.extractor, self.limits)
        fields = [
            ("values", np.float32, clip.values.shape),
            ("samples", np.int64),
            ("cut", "?"),
            ("filled", "?"),
        ]
        record = np.zeros((), dtype=fields)
        for name in record.dtype.names or ():
            record[name] = getattr(clip, name)
        return record


def _clip(sound: Sound, extractor: Extractor, limits: Limits) -> Clip:
    most = limits.longest * sound.rate // extractor.rate
    samples = resampled(sound.samples[:most], sound.rate, extractor.rate)[: limits.longest]
    missing = max(0, limits.shortest - len(samples))
    values = extractor(np.pad(samples, (0, missing)) if missing else samples)
    return Clip(values, max(1, len(samples)), len(sound.samples) > most, missing > 0)


def resampled(samples: Float32, rate: int, wanted: int) -> Float32:
    """The samples at another rate, through scipy's polyphase filter (Kaiser window, 5.0)."""
    if rate == wanted or not len(samples):
        return samples
    from scipy.signal import resample_poly

    shared = math.gcd(rate, wanted)
    return np.asarray(resample_poly(samples, wanted // shared, rate // shared), dtype=np.float32)
