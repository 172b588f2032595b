"""Whether a value that was read from a file is what its types say: JSON holds anything."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints


def check_types(value: Any, where: str = "") -> None:
    """Raises TypeError, with the place, where a field of a dataclass, however deep, is not of its type."""
    for name, kind in _kinds(cast(Hashable, type(value))).items():
        _check(getattr(value, name), kind, f"{where}{name}")


@cache
def _kinds(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(cast(Any, kind))}


def _check(value: Any, kind: Any, where: str) -> None:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        _check_union(value, inner, where)
    elif origin is Literal:
        _refuse_unless(value in inner, value, where)
    elif origin is tuple:
        _check_tuple(value, inner, where)
    elif origin is not None and issubclass(origin, Mapping):
        _refuse_unless(isinstance(value, Mapping), value, where)
        for key, each in value.items():
            _check(key, inner[0], f"a name in {where}")
            _check(each, inner[1], f"{where}[{key!r}]")
    elif isinstance(kind, type) and is_dataclass(kind):
        _refuse_unless(isinstance(value, kind), value, where)
        check_types(value, f"{where}.")
    else:
        _refuse_unless(_is_plain(value, kind), value, where)


def _check_union(value: Any, kinds: tuple[Any, ...], where: str) -> None:
    """Of a type or None: no value of ours may be of several other types."""
    if value is not None or NoneType not in kinds:
        _check(value, next(kind for kind in kinds if kind is not NoneType), where)


def _check_tuple(value: Any, inner: tuple[Any, ...], where: str) -> None:
    _refuse_unless(isinstance(value, tuple), value, where)
    kinds = [inner[0]] * len(value) if inner[1:] == (...,) else inner
    _refuse_unless(len(kinds) == len(value), value, where)
    for each, kind in zip(value, kinds, strict=True):
        _check(each, kind, where)


def _is_plain(value: Any, kind: Any) -> bool:
    if kind is float:
        return isinstance(value, float) or (_is_plain(value, int) and abs(value) < 2**1023)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _refuse_unless(right: bool, value: Any, where: str) -> None:
    if not right:
        raise TypeError(f"{where} is {value!r}.")
