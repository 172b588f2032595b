"""How many weights an ONNX file holds, and in which files beside it, read from its bytes: onnxruntime does not say."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path, PurePath

Bytes = memoryview

# Field numbers of ONNX's protocol buffers, and of their wire format.
GRAPH, INITIALIZER, DIMENSIONS, DATA_TYPE, EXTERNAL = 7, 5, 1, 2, 13
KEY, VALUE = 1, 2
FLOATS = {1, 10, 11, 16}  # float32, float16, float64, bfloat16
VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5
LONGEST = 63  # bits


def count_weights(path: Path) -> int | None:
    """The number of floating-point weights (those of the norms' statistics too), or None where there are none.

    Weights that are written into the nodes, as constants, are not counted.
    """
    return sum(_sizes(memoryview(path.read_bytes()))) or None


def files_beside(path: Path) -> tuple[Path, ...]:
    """The files that hold weights of an ONNX file outside of it, as exporters write them; each once.

    Raises ValueError for a file that is damaged, or names one outside its folder.
    """
    try:
        tensors = [
            tensor for tensor in _tensors(memoryview(path.read_bytes())) if not isinstance(tensor, int)
        ]
        names = tuple(dict.fromkeys(filter(None, map(_location, tensors))))
        if any(PurePath(name).is_absolute() or ".." in PurePath(name).parts for name in names):
            raise ValueError(f"{str(path)!r} names weights outside its folder")
        return tuple(path.parent / name for name in names)
    except (IndexError, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"{str(path)!r} is no ONNX file") from error


def _location(tensor: Bytes) -> str | None:
    """The file that a tensor's values lie in; None where they are in the tensor itself."""
    for field, pair in _fields(tensor):
        if field == EXTERNAL and not isinstance(pair, int):
            told = {number: bytes(text) for number, text in _fields(pair) if not isinstance(text, int)}
            if told.get(KEY) == b"location":
                return told.get(VALUE, b"").decode()
    return None


def _sizes(model: Bytes) -> Iterator[int]:
    return map(_size, _tensors(model))


def _tensors(model: Bytes) -> Iterator[Bytes | int]:
    for field, graph in _fields(model):
        if field == GRAPH and not isinstance(graph, int):
            yield from (tensor for number, tensor in _fields(graph) if number == INITIALIZER)


def _size(tensor: Bytes | int) -> int:
    """The number of values of one tensor of floats; 0 for another."""
    dimensions: list[int] = []
    kind = 0
    if isinstance(tensor, int):
        return 0
    for field, value in _fields(tensor):
        if field == DIMENSIONS:
            dimensions += [value] if isinstance(value, int) else _packed(value)
        elif field == DATA_TYPE and isinstance(value, int):
            kind = value
    return prod(dimensions) if kind in FLOATS else 0


def _packed(values: Bytes) -> Iterator[int]:
    place = 0
    while place < len(values):
        value, place = _varint(values, place)
        yield value


def _fields(message: Bytes) -> Iterator[tuple[int, Bytes | int]]:
    """The numbered fields of a message, each a number or the bytes of what is nested."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        wire = key & 7
        if wire == VARINT:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        if wire == LENGTH:
            length, place = _varint(message, place)
        else:
            length = {FIXED_64: 8, FIXED_32: 4}[wire]
        yield key >> 3, message[place : place + length]
        place += length


def _varint(message: Bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and the place behind it."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        if shift > LONGEST:
            raise IndexError("a number of too many bytes")
