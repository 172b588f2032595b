"""Which columns of a table hold the texts, images or sounds and which the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple

from audition.data.audio import SUFFIXES
from audition.data.cells import all_indicators
from audition.data.tables import Table
from audition.errors import InputError, UnknownNameError
from audition.labels import Task as LabelTask

Kind = Literal["text", "image", "audio"]

# fmt: off
TEXTS = (
    "text", "sentence", "review", "tweet", "comment", "question", "query", "utterance", "document", "content",
    "body", "message", "passage", "abstract", "title", "description", "excerpt", "tokens", "words",
)
IMAGES = (
    "image", "image_path", "img", "img_path", "picture", "photo", "file_name", "filename", "file", "path",
)
SOUNDS = ("audio", "audio_path", "sound", "sound_path", "wav", "wav_path", "clip", "recording")
LABELS = (
    "label", "labels", "target", "targets", "class", "category", "y", "tag", "tags", "intent", "sentiment",
    "emotion", "topic", "score", "rating", "stars", "ner_tags", "pos_tags",
)
# fmt: on
SHOWN = 20


class Choice(NamedTuple):
    """kind: what the items are. content: their column. labels: the columns of their labels."""

    kind: Kind
    content: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What a user says of a data set: its columns by name, the split, how to read the labels."""

    text_column: str | None = None
    image_column: str | None = None
    label_columns: str | Sequence[str] | None = None
    split: str | None = None
    task: LabelTask = "auto"
    audio_column: str | None = None

    @property
    def contents(self) -> dict[Kind, str]:
        """The columns of items that are named, by their kind."""
        named: dict[Kind, str | None] = {
            "text": self.text_column,
            "image": self.image_column,
            "audio": self.audio_column,
        }
        return {kind: name for kind, name in named.items() if name is not None}

    @property
    def names_columns(self) -> bool:
        """Whether any column is named."""
        return bool(self.contents) or self.label_columns is not None


def refuse_columns(wanted: Wanted, what: str) -> None:
    """Raises InputError where columns are named of what has none."""
    if wanted.names_columns:
        raise InputError(
            f"{what} has no columns by name: leave the text, image and label columns (or the audio column) out."
        )


def choose_columns(table: Table, wanted: Wanted) -> Choice:
    """The columns that are asked for; those not asked for are found by usual names (text, image, label, ...).

    Without a usual name, the labels are the only other column, or all others where they hold 0 and 1 alone.
    Raises UnknownNameError for a column there is not, InputError where a choice cannot be made.
    """
    if len(wanted.contents) > 1:
        raise InputError(
            "A data set is of texts or of images or of sounds: name one column, of text, image or audio."
        )
    kind, content = _named_content(table, wanted) or _usual_content(table, wanted)
    return Choice(kind, content, _labels(table, content, wanted.label_columns))


def find_content(table: Table, kind: str, asked: str | None = None) -> str:
    """The column with items of one kind: the one asked for, one of a usual name, or the only one there is.

    Raises UnknownNameError for a column there is not, InputError where a choice cannot be made.
    """
    if asked is not None:
        _check(table, asked)
        return asked
    found = _usual(table, {"image": IMAGES, "audio": (*SOUNDS, *IMAGES)}.get(kind, TEXTS), ())
    if found is None and len(table.columns) == 1:
        found = table.columns[0]
    if found is None:
        raise InputError(
            f"No column of {table.name!r} is called {kind}: name it with --column (column=). {_columns(table)}"
        )
    return found


def _named_content(table: Table, wanted: Wanted) -> tuple[Kind, str] | None:
    for kind, name in wanted.contents.items():
        _check(table, name)
        return kind, name
    return None


def _usual_content(table: Table, wanted: Wanted) -> tuple[Kind, str]:
    taken = _names(wanted.label_columns, table) if wanted.label_columns is not None else ()
    kinds: list[tuple[Kind, Sequence[str]]] = [("text", TEXTS), ("audio", SOUNDS), ("image", IMAGES)]
    for kind, usual in kinds:
        found = _usual(table, usual, taken)
        if found is not None:
            return ("audio" if kind == "image" and _names_sounds(table.column(found)) else kind), found
    raise InputError(
        f"No column of {table.name!r} is called text or image or audio: name it with --text-column "
        f"(text_column=), --image-column (image_column=) or --audio-column (audio_column=). {_columns(table)}"
    )


def _names_sounds(cells: Sequence[Any]) -> bool:
    """Whether the first cell is the path of a sound, by its end: a column called "file" may hold either."""
    return isinstance(cells[0], str) and Path(cells[0].strip()).suffix.lower() in SUFFIXES


def _labels(table: Table, content: str, asked: str | Sequence[str] | None) -> tuple[str, ...]:
    if asked is not None:
        names = _names(asked, table)
        for name in names:
            _check(table, name)
            if name == content:
                raise InputError(f"The column {name!r} cannot be the item and its label.")
        return names
    others = [name for name in table.columns if name != content]
    usual = _usual(table, LABELS, (content,))
    if usual is not None:
        return (usual,)
    if len(others) == 1 or (others and all(all_indicators(table.column(name)) for name in others)):
        return tuple(others)
    raise InputError(
        f"No column of {table.name!r} is called label: name it with --label-column (label_columns=). "
        f"{_columns(table)}"
    )


def _names(asked: str | Sequence[str], table: Table) -> tuple[str, ...]:
    """Names in a list, or separated by commas, each once; a column may itself hold a comma in its name."""
    if isinstance(asked, str):
        asked = [asked] if asked in table.columns else [name.strip() for name in asked.split(",")]
    if not asked:
        raise InputError(f"No label column is named. {_columns(table)}")
    return tuple(dict.fromkeys(asked))


def _usual(table: Table, usual: Sequence[str], taken: Sequence[str]) -> str | None:
    """The first of the usual names that a column has, in any case of letters."""
    by_lower = {name.lower(): name for name in reversed(table.columns) if name not in taken}
    return next((by_lower[name] for name in usual if name in by_lower), None)


def _check(table: Table, name: str) -> None:
    if name not in table.columns:
        near = get_close_matches(name, table.columns)
        too_many = len(table.columns) > SHOWN
        how = _columns(table) if near or too_many else ""
        raise UnknownNameError(f"column of {table.name!r}", name, table.columns, how)


def _columns(table: Table) -> str:
    shown = ", ".join(repr(name) for name in table.columns[:SHOWN])
    more = f" and {len(table.columns) - SHOWN} more" if len(table.columns) > SHOWN else ""
    return f"Its columns are {shown}{more}."
