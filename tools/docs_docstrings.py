"""Sets docstrings in Markdown for the reference: a parameter an item of a list, and examples as code."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Any

import griffe

PARAMETERS = re.compile(r"(?:^|(?<=[.;] ))([a-z_]\w*(?:, [a-z_]\w*)*): ")


class Docstrings(griffe.Extension):
    """Every docstring that the reference shows, in Markdown."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value, names_in(obj))


def names_in(obj: griffe.Object) -> Collection[str]:
    """What a docstring may describe: the parameters of a function, the attributes and parameters of a class."""
    names = {parameter.name for parameter in obj.parameters} if obj.is_function or obj.is_class else set()
    return names | set(obj.members)


def as_markdown(docstring: str, names: Collection[str]) -> str:
    """A docstring in Markdown: a line `NAME: ...` of one of the names, or `fitted_: ...`, is an item of a list."""
    return "\n\n".join(_paragraph(text, names) for text in re.split(r"\n\s*\n", docstring.strip()))


def _paragraph(text: str, names: Collection[str]) -> str:
    if text.lstrip().startswith(">>>"):
        return f"```pycon\n{text}\n```"
    if text.startswith("    "):  # code that is no doctest
        return text
    lines = [line.strip() for line in text.splitlines()]
    items = [_escaped(item) for line in lines for item in _items(line, names)]
    first = next((i for i, item in enumerate(items) if item.startswith("- `")), 0)
    return "\n".join([*items[:first], *([""] if first else []), *items[first:]])


def _items(line: str, names: Collection[str]) -> list[str]:
    """A line, cut where a parameter begins."""
    found = PARAMETERS.finditer(line)
    starts = [match for match in found if all(one in names or one[-1] == "_" for one in match[1].split(", "))]
    cuts = [0, *(match.start() for match in starts if match.start()), len(line)]
    named = {match.start(): match for match in starts}
    return [_item(line[a:b].strip(), named.get(a)) for a, b in pairwise(cuts)]


def _item(text: str, named: re.Match[str] | None) -> str:
    if named is None:
        return text
    called = ", ".join(f"`{name}`" for name in named[1].split(", "))
    return f"- {called}: {text.partition(': ')[2]}"


def _escaped(line: str) -> str:
    """`<` and `*` outside code are meant as they stand."""
    parts = line.split("`")
    parts[::2] = [part.replace("<", "&lt;").replace("*", r"\*") for part in parts[::2]]
    return "`".join(parts)
