"""Which models may run code that their repository brings along: those that the user named, and no others."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from audition.errors import InputError, UnknownNameError
from audition.models.spec import ModelSpec

BRING_CODE = ("hf", "st")
"""Sources whose models may need code of their own."""

Trust = str | Collection[str]
"""Names of models that are trusted, with their options or without."""


def is_trusted(spec: ModelSpec, trust: Trust) -> bool:
    """Whether a model was named: as it is written, without its options, or without its revision, too.

    >>> is_trusted(ModelSpec.parse("hf:org/name@v2?pool=cls"), ["hf:org/name"])
    True
    """
    return spec.source in BRING_CODE and not _names_of(spec).isdisjoint(_written(trust))


def check_trust(trust: Trust, models: Iterable[Any]) -> None:
    """Raises InputError for a name to trust that is none of the models, or whose source runs no such code."""
    written = _written(trust)
    if not written:
        return
    names = [model for model in models if isinstance(model, str)]
    known = {name for text in names if ":" in text for name in _names_of(ModelSpec.parse(text))}
    for name in written:
        if name not in known:
            raise UnknownNameError("model in this run", name, known, "Only a model that is named is trusted.")
        source = name.partition(":")[0]
        if source not in BRING_CODE:
            raise InputError(f"{source}: models run no code of a repository: leave {name!r} out of --trust.")


def how_to_trust(spec: ModelSpec) -> str:
    """What to add to a command so that a model's own code is run."""
    return f"--trust {shlex.quote(str(replace(spec, options=())))} (in Python, trust=)"


def _names_of(spec: ModelSpec) -> set[str]:
    plain = replace(spec, options=())
    return {str(spec), str(plain), str(replace(plain, revision=None))}


def _written(trust: Trust) -> list[str]:
    """The names as names print; what has no source is left as it is, and found among none."""
    names = [trust] if isinstance(trust, str) else list(trust)
    return [str(ModelSpec.parse(name)) if ":" in name else name for name in names]
