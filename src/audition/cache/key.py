"""What features are of: the identity of a model and of data, as one digest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from audition.arrays import Array, as_array
from audition.errors import InputError

FORMAT_VERSION = 1


@dataclass(frozen=True)
class FeatureKey:
    """What decides the features of a model on data, apart from the layer.

    model: its name with all options, as it prints. weights: a digest of its weights, or the revision.
    data: a digest of the samples in order (their labels do not matter). library: the name and version of
    the library, where that changes features. precision: what the network computes in.

    Raises InputError where weights or data have no identity: then nothing can say whose features these are.
    """

    model: str
    weights: str
    data: str
    library: str = ""
    precision: str = "float32"

    def __post_init__(self) -> None:
        for field in fields(self):
            if not isinstance(getattr(self, field.name), str):
                raise InputError(f"The {field.name} of a feature key must be text.")
        if not (self.weights and self.data):
            raise InputError(f"The features of {self.model!r} have no identity, so they cannot be kept.")

    @cached_property
    def digest(self) -> str:
        """sha256 over all of it and the version of the format, 64 hexadecimal digits."""
        return text_digest(canonical(asdict(self) | {"format": FORMAT_VERSION}))


def canonical(payload: Any) -> str:
    """The one JSON text of a plain value: sorted, without spaces, ASCII whatever the names hold."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def text_digest(text: str) -> str:
    """sha256 of a text of any characters, even half a surrogate pair, as file names may hold."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def samples_digest(samples: Iterable[Any]) -> str:
    """sha256 over samples in order: bytes, text, arrays of any framework, or the contents of files (Path).

    A tuple is one sample of several: what an item is made from, and how. Each goes in with its kind and
    length, so that no two lists of samples run together into one.
    """
    total = hashlib.sha256()
    for sample in samples:
        total.update(_sample_digest(sample))
    return total.hexdigest()


def arrays_digest(arrays: Mapping[str, Any]) -> str:
    """sha256 over named arrays, such as the weights of a network, in the order of their names."""
    return samples_digest(part for name in sorted(arrays) for part in (name, arrays[name]))


def array_digest(array: Array) -> str:
    """sha256 of the bytes of a C-contiguous array, read where they lie."""
    return hashlib.sha256(array.reshape(-1).data).hexdigest()


def file_digest(path: str | Path) -> str:
    """sha256 of the contents of a file; raises InputError where it cannot be read."""
    if os.path.exists(path) and not os.path.isfile(path):  # it may never end
        raise InputError(f"{str(path)!r} is not a file.")
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror or error}.") from error


def _sample_digest(sample: Any) -> bytes:
    """32 bytes that no sample of another kind, shape or dtype has."""
    if isinstance(sample, Path):
        kind, content = "bytes", bytes.fromhex(file_digest(sample))
    elif isinstance(sample, bytes):
        kind, content = "bytes", hashlib.sha256(sample).digest()
    elif isinstance(sample, str):
        kind, content = "text", bytes.fromhex(text_digest(sample))
    elif isinstance(sample, tuple):
        kind, content = "parts", bytes.fromhex(samples_digest(sample))
    else:
        array = as_array(sample)
        if array.dtype.kind not in "biufc":
            raise InputError(f"A sample of type {type(sample).__name__} has no digest.")
        kind = f"{array.dtype.newbyteorder('<').str}{array.shape}"
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        content = bytes.fromhex(array_digest(np.ascontiguousarray(little)))
    return hashlib.sha256(kind.encode() + b"\0" + content).digest()
