"""What a candidate costs, what may be spent, and which candidates give the most for what they cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from audition.errors import InputError


@dataclass(frozen=True)
class Cost:
    """What a candidate takes; None where it is not known.

    parameters: their number. flops: floating-point operations a sample. seconds: measured, a sample, on
    the machine that ranked. disk: bytes of its weights.
    """

    parameters: float | None = None
    flops: float | None = None
    seconds: float | None = None
    disk: float | None = None


@dataclass(frozen=True)
class Limit:
    """The most that a candidate may take of one thing: `parameters`, `flops`, `seconds` or `disk`."""

    what: str
    most: float

    def __str__(self) -> str:
        return f"{_SAID[self.what]} at most {amount(self.what, self.most)}"


_PREFIX = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "t": 1e12}
_TIME = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}
_DISK = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SAID = {
    "parameters": "parameters",
    "flops": "operations a sample",
    "seconds": "time a sample",
    "disk": "weights",
}
_COUNTED = {"param": "parameters", "params": "parameters", "parameters": "parameters", "flops": "flops"}
_LIMIT = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-zµ]*)\s*([a-z]*)\s*", re.IGNORECASE)
EXAMPLES = "Write it as 20M params, 100MB, 5ms or 2G flops; for the time of a whole run as 10m or 1h 30m."


def parse_limit(text: str) -> Limit:
    """The limit of a text such as "20M params", "100MB", "5ms" a sample, "2 GFLOPs"; raises InputError for others.

    >>> parse_limit("20M params"), parse_limit("5 ms")
    (Limit(what='parameters', most=20000000.0), Limit(what='seconds', most=0.005))
    """
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise InputError(f"{text!r} is no budget. {EXAMPLES}")
    number, unit, thing = float(found[1]), found[2].lower(), found[3].lower()
    if not thing and unit.endswith("flops"):
        unit, thing = unit.removesuffix("flops"), "flops"
    if not thing and unit in _COUNTED:
        unit, thing = "", unit
    if thing in _COUNTED and unit in _PREFIX:
        return Limit(_COUNTED[thing], number * _PREFIX[unit])
    if not thing and unit in _TIME:
        return Limit("seconds", number * _TIME[unit])
    if not thing and unit in _DISK:
        return Limit("disk", number * _DISK[unit])
    raise InputError(
        f"{text!r} is no budget: {(found[2] + ' ' + found[3]).strip() or 'a unit is missing'!r}. {EXAMPLES}"
    )


def limit_of(what: str, text: str) -> Limit | None:
    """The limit of a text on one thing, such as "disk"; None where it is none on that.

    >>> limit_of("disk", "2GB"), limit_of("disk", "5ms")
    (Limit(what='disk', most=2000000000.0), None)
    """
    try:
        limit = parse_limit(text)
    except InputError:
        return None
    return limit if limit.what == what else None


def beyond(cost: Cost, limits: Sequence[Limit]) -> str | None:
    """Why a cost is beyond one of the limits, in words; None where it is within all of them.

    A cost that is not known is not held against a candidate.
    """
    for limit in limits:
        value = getattr(cost, limit.what)
        if value is not None and value > limit.most:
            return f"{_SAID[limit.what]}: {amount(limit.what, value)}, more than {amount(limit.what, limit.most)}"
    return None


def amount(what: str, value: float) -> str:
    """An amount in words: 25.6M, 1.2 ms, 97.8 MB."""
    if what == "seconds":
        return f"{value:.3g} s" if value >= 1 else f"{1e3 * value:.3g} ms"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{' ' + letter + 'B' if what == 'disk' else letter}"
    return f"{value:.3g}{' B' if what == 'disk' else ''}"


def pareto_front(qualities: Sequence[float], costs: Sequence[float | None]) -> tuple[bool, ...]:
    """Which candidates no other beats in quality without costing more: the front, [M].

    Of two that are level in both, both are on it. One whose cost is not known is never on it, and keeps no
    other off it.

    >>> pareto_front([3.0, 2.0, 1.0], [10, 5, 7])
    (True, True, False)
    """
    if len(qualities) != len(costs):
        raise InputError(f"There are {len(qualities)} qualities but {len(costs)} costs.")
    known = [(q, c) for q, c in zip(qualities, costs, strict=True) if c is not None]

    def beaten(quality: float, cost: float) -> bool:
        return any(q >= quality and c <= cost and (q > quality or c < cost) for q, c in known)

    return tuple(c is not None and not beaten(q, c) for q, c in zip(qualities, costs, strict=True))


def known_kinds(costs: Sequence[Cost]) -> tuple[str, ...]:
    """The kinds of cost that every candidate has, in the order of `Cost`."""
    kinds = [field.name for field in fields(Cost)]
    return tuple(kind for kind in kinds if costs and all(getattr(cost, kind) is not None for cost in costs))
