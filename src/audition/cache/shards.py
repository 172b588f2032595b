"""One immutable file of rows: safetensors, named by its rows and by the digest of its own header.

The header holds a sha256 of every tensor, and the name a digest of the header: no bit of a shard can
change unnoticed, and each layer is checked without reading the others.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.cache.key import FORMAT_VERSION, array_digest, canonical, text_digest
from audition.errors import InputError
from audition.files import written_whole

Float32 = NDArray[np.float32]
Stamp = tuple[int, int, int]

HEAD = "head"  # the source probabilities; a layer has a prefix, so that no name of one can be this
LONGEST_HEADER = 2**24
DTYPE = np.dtype("<f4")
_METADATA = "audition"
_NAME = re.compile(r"(\d{12})-(\d{12})-([0-9a-f]{16})\.safetensors", re.ASCII)


class DamagedError(Exception):
    """A shard is not what was written."""


def layer_output(layer: str) -> str:
    """The name under which a shard keeps a layer."""
    return f"layer:{layer}"


@dataclass(frozen=True)
class StoredRows:
    """Rows of one output in one file: read when they are asked for, never before."""

    path: str
    offset: int
    rows: int
    width: int
    sha256: str

    def mapped(self) -> Float32:
        """All rows [n, D] as a memory map; raises OSError or ValueError where the file is not there."""
        shape = (self.rows, self.width)
        mapped: Float32 = np.memmap(self.path, dtype=DTYPE, mode="r", offset=self.offset, shape=shape)
        return mapped

    def __getitem__(self, rows: Any) -> Float32:
        try:
            taken: Float32 = self.mapped()[rows]
            return taken
        except (OSError, ValueError) as error:
            raise InputError(
                f"The cached features in {self.path!r} were removed while they were being read: run again."
            ) from error

    def is_sound(self) -> bool:
        """Whether the bytes are those that were written; reads them all."""
        try:
            return array_digest(self.mapped()) == self.sha256
        except (OSError, ValueError):
            return False


@dataclass(frozen=True)
class Shard:
    """Rows start to end of some outputs, as its header says; only the header has been read."""

    name: str
    start: int
    end: int
    outputs: Mapping[str, StoredRows]


def span_of(name: str) -> tuple[int, int, str] | None:
    """First row, end and digest of a file name; None where it is no shard."""
    match = _NAME.fullmatch(name)
    return (int(match[1]), int(match[2]), match[3]) if match else None


def write_shard(folder: Path, entry: str, start: int, outputs: Mapping[str, Float32]) -> str:
    """Writes float32 arrays [n, D] of rows from `start` on, whole or not at all; gives the file's name.

    The same rows give the same name and the same bytes. Raises InputError where it cannot be written.
    """
    from safetensors.numpy import save

    end = start + len(next(iter(outputs.values())))
    described = [_described(name, array) for name, array in sorted(outputs.items())]
    header = {
        "format": "audition-shard",
        "version": FORMAT_VERSION,
        "entry": entry,
        "start": start,
        "end": end,
        "outputs": described,
    }
    text = canonical(header)
    tensors = {f"output.{i}": outputs[each["name"]] for i, each in enumerate(described)}
    name = f"{start:012d}-{end:012d}-{text_digest(text)[:16]}.safetensors"
    with written_whole(folder / name) as part:
        part.write_bytes(save(tensors, metadata={_METADATA: text}))
    return name


def _described(name: str, array: Float32) -> dict[str, Any]:
    return {"name": name, "width": array.shape[1], "sha256": array_digest(array)}


def read_shard(path: Path, entry: str) -> Shard | None:
    """What a shard holds, from its name, header and length; None where its version is another.

    Cheap: no tensor is read. Raises DamagedError where the three do not fit each other and the entry,
    OSError where there is no such file.
    """
    span = span_of(path.name)
    if span is None:
        raise DamagedError("not named as a shard")
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(8), "little")
            if length > min(size, LONGEST_HEADER):
                raise DamagedError("its header is longer than the file")
            table = json.loads(file.read(length))
        text = table.pop("__metadata__")[_METADATA]
        header = json.loads(text)
        if text_digest(text)[:16] != span[2]:
            raise DamagedError("its header is not the one that was written")
        if header["version"] != FORMAT_VERSION:
            return None
        if (header["entry"], header["start"], header["end"]) != (entry, *span[:2]):
            raise DamagedError("it belongs elsewhere")
        outputs = _outputs(path, header, table, 8 + length)
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise DamagedError(str(error)) from error
    if any(not 8 <= rows.offset <= size for rows in outputs.values()):
        raise DamagedError("its tensors lie outside it")
    if size != max(rows.offset + rows.rows * rows.width * DTYPE.itemsize for rows in outputs.values()):
        raise DamagedError("its length is not the one that was written")
    return Shard(path.name, span[0], span[1], outputs)


def _outputs(path: Path, header: Any, table: Any, base: int) -> dict[str, StoredRows]:
    """Where each output lies in the file."""
    number = header["end"] - header["start"]
    found = {}
    for i, each in enumerate(header["outputs"]):
        place, width = table[f"output.{i}"], each["width"]
        if place["dtype"] != "F32" or place["shape"] != [number, width]:
            raise DamagedError("its tensors are not those that were written")
        offset = base + int(place["data_offsets"][0])
        found[each["name"]] = StoredRows(str(path), offset, number, width, each["sha256"])
    return found
