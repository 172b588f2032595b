"""Files of arrays, .npz, .npy and .safetensors: what is in one is told without reading it, and nothing is unpickled."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from audition.arrays import Array
from audition.data.files import HEADER_KEY, Header, check_file, parse_header, unreadable
from audition.data.growth import check_growth
from audition.data.remote import is_remote
from audition.errors import InputError

Shape = tuple[int, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class ArrayFile:
    """A file of named arrays; the one array of a .npy file is called "features".

    shapes: name -> shape, in the file's order. header: what audition wrote beside them, or None.
    """

    path: Path
    shapes: Mapping[str, Shape]
    header: Header | None = None

    @classmethod
    def open(cls, path: Path) -> ArrayFile:
        """The names and shapes in a file; raises InputError where it is missing, damaged or of another kind."""
        if path.suffix.lower() not in SUFFIXES:
            raise InputError(f"Cannot read arrays from {str(path)!r}: give {', '.join(SUFFIXES)}.")
        if is_remote(path):
            raise InputError(f"Arrays are read from files of this machine: copy {str(path)!r} here first.")
        check_file(path)
        return _tried(path, lambda: SUFFIXES[path.suffix.lower()](path))

    def read(self, name: str) -> Array:
        """One array; raises InputError where it is damaged or holds pickled objects."""
        return _tried(self.path, lambda: _read(self.path, name))


def _tried(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except InputError:
        raise
    except Exception as error:  # see audition.data.files: a dozen kinds for one damaged file
        raise unreadable(path, error) from error


def _read(path: Path, name: str) -> Array:
    if path.suffix.lower() == ".safetensors":
        from safetensors import safe_open

        with safe_open(path, framework="numpy") as tensors:
            found: Array = tensors.get_tensor(name)
            return found
    with path.open("rb") as file:
        loaded = np.load(file, allow_pickle=False)
        return member(path, loaded, name) if isinstance(loaded, np.lib.npyio.NpzFile) else loaded


def member(path: Path, archive: Any, name: str) -> Array:
    """An array of an open .npz file; raises InputError for one that is packed to fill the memory."""
    packed = next(info for info in archive.zip.infolist() if info.filename in (name, f"{name}.npy"))
    check_growth(str(path), path.stat().st_size, packed.file_size)
    found: Array = archive[name]
    return found


def _open_npy(path: Path) -> ArrayFile:
    with path.open("rb") as file:
        return ArrayFile(path, {"features": _shape(file)})


def _open_npz(path: Path) -> ArrayFile:
    shapes: dict[str, Shape] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            with archive.open(member) as file:
                shapes[member.removesuffix(".npy")] = _shape(file)
    return ArrayFile(path, shapes)


def _shape(file: IO[bytes]) -> Shape:
    """The shape that the head of a numpy file tells."""
    heads = np.lib.format
    version = heads.read_magic(file)
    read = heads.read_array_header_1_0 if version == (1, 0) else heads.read_array_header_2_0
    shape: Shape = read(file)[0]
    return shape


def _open_safetensors(path: Path) -> ArrayFile:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as tensors:
        shapes = {name: tuple(tensors.get_slice(name).get_shape()) for name in tensors.keys()}  # noqa: SIM118
        metadata = tensors.metadata() or {}
    header = parse_header(metadata[HEADER_KEY], path) if HEADER_KEY in metadata else None
    return ArrayFile(path, shapes, header)


SUFFIXES: dict[str, Callable[[Path], ArrayFile]] = {
    ".npz": _open_npz,
    ".npy": _open_npy,
    ".safetensors": _open_safetensors,
}
"""The end of a file's name -> what opens it."""
