"""Ways to spoil a file: bytes that are flipped, lost, doubled, moved; JSON with a value that should not be there."""

from __future__ import annotations

import copy
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

TOKENS = (
    b"",
    b"\0",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
    b"-1",
    b"0",
    b"1e999",
    b"nan",
    b"9" * 400,
    b"\n",
    b"\r",
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"{",
    b"}",
    b"[" * 3000,
    b'{"a":' * 3000,
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\x1b[31m",
    b"<script>",
    b"../../",
    b"null",
    b"true",
    b"True",
    b"%00",
    b"O",
    b"|O",
    b"(1000000000000,)",
)
STEPS = ("flip", "byte", "cut", "drop", "double", "move", "token", "swap")

HOSTILE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**40,
    2**63,
    10**30,
    -(10**30),
    1.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "1",
    "nan",
    "../../x",
    "/etc/passwd",
    "C:\\x",
    "a\0b",
    "\x1b[31mred\nnew line",
    "<script>alert(1)</script>",
    "\ud800",
    "é" * 300,
    "x" * 5000,
    [],
    {},
    [[]],
    [{}],
    [None],
    [1, "a"],
    ["a", ["b"]],
    {"a": 1},
    {"": None},
    [0] * 50,
)
"""Values that stand where others should."""

step = st.tuples(st.sampled_from(STEPS), st.integers(0, 2**24 - 1), st.integers(0, 2**24 - 1))


def spoilt(*seeds: bytes) -> st.SearchStrategy[bytes]:
    """One of some whole files, with one to four damages."""
    return st.builds(_spoil, st.sampled_from(seeds), st.lists(step, min_size=1, max_size=4))


def _spoil(content: bytes, steps: list[tuple[str, int, int]]) -> bytes:
    for what, where, how in steps:
        content = _damaged(content, what, where % (len(content) + 1), how)
    return content


def _damaged(content: bytes, what: str, at: int, how: int) -> bytes:
    head, tail = content[:at], content[at:]
    length = 1 + how % 64
    if what in ("flip", "byte"):
        new = (tail[0] ^ 1 << how % 8 if what == "flip" else how % 256) if tail else 0
        return head + bytes([new]) + tail[1:]
    if what == "cut":
        return head
    if what == "drop":
        return head + tail[length:]
    if what == "double":
        return head + tail[:length] * (1 + how % 5) + tail
    if what == "move":
        return tail + head
    if what == "swap":
        return tail[:length] + head + tail[length:]
    return head + TOKENS[how % len(TOKENS)] + tail[length if how % 2 else 0 :]


def other_values(plain: Any, hostile: tuple[Any, ...] = HOSTILE) -> st.SearchStrategy[Any]:
    """A value of JSON in which one or two places hold something else, or are gone."""
    change = st.tuples(st.integers(0, 2**20), st.integers(0, len(hostile)))
    return st.lists(change, min_size=1, max_size=2).map(lambda changes: _changed(plain, changes, hostile))


def _changed(plain: Any, changes: list[tuple[int, int]], hostile: tuple[Any, ...]) -> Any:
    plain = copy.deepcopy(plain)
    for where, which in changes:
        places = list(_places(plain))
        if not places:
            return hostile[which % len(hostile)]
        inside, key = places[where % len(places)]
        if which == len(hostile):
            del inside[key]
        else:
            inside[key] = copy.deepcopy(hostile[which])
    return plain


def _places(plain: Any) -> Iterator[tuple[Any, Any]]:
    """Every place inside a value: what holds it, and its key."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    for key, value in list(inner):
        yield plain, key
        yield from _places(value)


def with_header(plain: Any, content: bytes) -> bytes:
    """A safetensors file with a header of any JSON."""
    text = json.dumps(plain).encode()
    return struct.pack("<Q", len(text)) + text + content


def parts_of(safetensors: bytes) -> tuple[Any, bytes]:
    """The header of a safetensors file, and what follows it."""
    (length,) = struct.unpack("<Q", safetensors[:8])
    return json.loads(safetensors[8 : 8 + length]), safetensors[8 + length :]


def with_checksums(png: bytes, change: Callable[[bytes, bytes], bytes]) -> bytes:
    """A PNG file with the contents of its chunks changed, and checksums that are right."""
    made, place = png[:8], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        content = change(kind, content)
        made += struct.pack(">I", len(content)) + kind + content
        made += struct.pack(">I", zlib.crc32(kind + content))
        place += 12 + length
    return made
