"""By what a checkpoint knows the run that it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import nn

from audition.errors import InputError
from audition.tuning.rows.examples import Examples
from audition.tuning.runs.settings import Settings

SEEN = 64  # items of each view that are digested: the targets and the parts tell most data apart already
WORDS = {"data": "other data", "model": "another model", "penalty": "another penalty"}
Fingerprint = Mapping[str, str]


def fingerprint_of(network: nn.Module, examples: Examples, settings: Settings, penalty: Any) -> Fingerprint:
    """Digests of the network as it begins, of the data and of the penalty; the settings as JSON."""
    total = hashlib.blake2b(digest_size=16)
    for name, value in network.state_dict().items():
        total.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        total.update(_bytes(value))
    return {
        "settings": json.dumps(asdict(settings)),
        "data": _digest(_data(examples)),
        "model": total.hexdigest(),
        "penalty": _digest(penalty),
    }


def check_same(kept: Fingerprint, now: Fingerprint, where: str) -> None:
    """Raises InputError where a checkpoint belongs to a run with other settings, data, model or penalty."""
    begin = "begin anew in another folder, or remove it"
    before, after = json.loads(kept["settings"]), json.loads(now["settings"])
    for name in sorted(before.keys() | after.keys()):
        was, wanted = before.get(name), after.get(name)
        if was != wanted:
            raise InputError(
                f"The checkpoint {where!r} was made with {name}={was!r}, not {wanted!r}: resume with that, "
                f"or {begin}."
            )
    for name, words in WORDS.items():
        if kept[name] != now[name]:
            raise InputError(f"The checkpoint {where!r} belongs to {words}: {begin}.")


def _data(examples: Examples) -> list[Any]:
    rows = len(examples.targets)
    places = np.unique(np.linspace(0, rows - 1, min(SEEN, rows)).astype(np.intp))
    parts = examples.parts
    seen = [examples.items(places, view) for view in range(len(examples.views))]
    return [examples.task, examples.targets, parts.train, parts.held_out, rows, *seen]


def _digest(value: Any) -> str:
    total = hashlib.blake2b(digest_size=16)
    for piece in _pieces(value):
        total.update(piece)
    return total.hexdigest()


def _pieces(value: Any) -> Iterator[bytes]:
    """The bytes of what a value is made of: numbers, text and arrays, in whatever they are; else its type alone."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        yield f"{value.dtype} {tuple(value.shape)}".encode()
        is_object = isinstance(value, np.ndarray) and value.dtype.hasobject
        yield repr(value.tolist()).encode() if is_object else _bytes(value)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _pieces(item)
    elif isinstance(value, dict):
        yield from _pieces(sorted(value.items()))
    elif isinstance(value, (str, int, float, bool, type(None))):
        yield f"{value!r};".encode()
    else:
        yield type(value).__name__.encode()
        if not isinstance(value, nn.Module):
            yield from _pieces(getattr(value, "__dict__", {}))


def _bytes(value: Any) -> bytes:
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    return np.ascontiguousarray(value).tobytes()
