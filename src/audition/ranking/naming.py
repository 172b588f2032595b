"""Names of models as a table can hold them: without folders, and without options where none is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from audition.errors import InputError
from audition.models.rooted import FILE_OPTIONS, FILE_SOURCES, RELATIVE, files_of
from audition.models.spec import ModelSpec

ROOM = 44  # columns: a name that is no longer than this stays as it is


def short_names(names: Iterable[str]) -> dict[str, str]:
    """What each model is called in a table: as they are where all have room, else as short as tells them apart.

    Without folders, and without options where a file of weights says more; of those that would be called the same
    with all options; and as they are where that does not help.
    """
    names = list(names)
    if all(len(name) <= ROOM for name in names):
        return {name: name for name in names}
    shown = {name: _short(name) for name in names}
    for longer in (_with_options, str):
        often = Counter(shown.values())
        shown = {name: short if often[short] == 1 else longer(name) for name, short in shown.items()}
    return shown


def _short(name: str) -> str:
    whole = _with_options(name)
    return whole.partition("?")[0] if whole != name and files_of(name) else whole


def _with_options(name: str) -> str:
    """timm:NAME (FILE)?key=value for a checkpoint, onnx:FILE for a file, hf:FOLDER for a folder."""
    try:
        spec = ModelSpec.parse(name)
    except InputError:
        return name
    files = [_stem(value, spec.name) for key, value in spec.options if key in FILE_OPTIONS]
    others = tuple(pair for pair in spec.options if pair[0] not in FILE_OPTIONS)
    head, mark, options = str(replace(spec, name=_inner(spec), options=others)).partition("?")
    return f"{head}{''.join(f' ({file})' for file in files)}{mark}{options}"


def _stem(path: str, architecture: str) -> str:
    """A file of weights without folder and ending, and without the architecture that stands before it already."""
    stem = PurePath(path).stem
    return stem.removeprefix(architecture).lstrip("_-.") or stem


def _inner(spec: ModelSpec) -> str:
    is_path = spec.source in FILE_SOURCES or spec.name.startswith((*RELATIVE, "/"))
    return PurePath(spec.name).name if is_path else spec.name
