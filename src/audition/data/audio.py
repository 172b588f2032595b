"""Any sound file becomes samples of one channel and their rate."""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from audition.data.growth import check_growth
from audition.data.remote import is_remote, opened
from audition.errors import InputError, MissingExtraError

SUFFIXES = frozenset((".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".caf"))

# What a header promises and what there is, as libsndfile notes it down; it reads such files without a word.
_SHORTENED = re.compile(r"(?:data|SSND)\s*: (\d+) \(should be (\d+)\)")
UNKNOWN_SIZE = 2**32 - 1  # in the header of a file that was written to a pipe
BYTES_A_SAMPLE = 4
WHOLE = 0.98  # of the length that a header tells: some MP3 headers tell an estimate


@dataclass(frozen=True, eq=False)
class Sound:
    """Samples float32 [n] of one channel, in -1..1 by custom; rate: how many there are in a second."""

    samples: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


def require_soundfile() -> None:
    """Raises MissingExtraError where soundfile is not installed."""
    _library()


def read_sound(path: Path) -> Sound:
    """The sound in a file, the mean of its channels, at its own rate.

    Raises InputError, which names the file, for one that is damaged, cut off, empty or no sound, or holds
    samples that are not finite.
    """
    if not is_remote(path) and path.exists() and not path.is_file():  # a pipe has no end
        raise InputError(_refusal(str(path), "it is not a file"))
    try:
        with opened(path) as file:
            return sound_in(file, str(path))
    except OSError as error:
        raise InputError(_refusal(str(path), error.strerror or str(error))) from error


def sound_in(file: BinaryIO, where: str) -> Sound:
    """The same of an open file, or of bytes in memory; `where` names it in messages."""
    library = _library()
    try:
        with library.SoundFile(file) as sound:
            _check_length(file, where, sound.frames * sound.channels)
            samples = sound.read(dtype="float32", always_2d=True)
            promised, rate, log = sound.frames, sound.samplerate, sound.extra_info
    except InputError:
        raise
    except Exception as error:  # libsndfile's own, and those of its decoders
        why = "it is damaged or of another format" if file.seek(0, os.SEEK_END) else "it is empty"
        raise InputError(_refusal(where, why)) from error
    if why := _flaw(samples, promised, log):
        raise InputError(_refusal(where, why))
    return Sound(samples.mean(1, dtype=np.float32), rate)


def _check_length(file: BinaryIO, where: str, samples: int) -> None:
    """Silence packs to nothing, and a header may promise any length."""
    place = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(place)
    check_growth(where, size, samples * BYTES_A_SAMPLE)


def _library() -> Any:
    try:
        return importlib.import_module("soundfile")
    except ImportError as error:
        raise MissingExtraError("soundfile", "hf") from error
    except OSError as error:  # the package is there, the library that it wraps is not
        raise MissingExtraError("libsndfile", "hf") from error


def _flaw(samples: NDArray[np.float32], promised: int, log: str) -> str:
    """What is wrong with samples [n, channels], in words; empty where nothing is."""
    if not len(samples):
        return "it holds no sound"
    if len(samples) < promised * WHOLE or _is_shortened(log):
        return "it is cut off: its end is missing"
    return "" if np.isfinite(samples).all() else "it holds samples that are NaN or infinite"


def _is_shortened(log: str) -> bool:
    found = _SHORTENED.search(log)
    return found is not None and UNKNOWN_SIZE > int(found[1]) > int(found[2])


def _refusal(where: str, why: str) -> str:
    return f"Cannot read the sound {where!r}: {why}. --skip-bad (skip_bad=True) goes on without it."
