"""Where to look for candidates: "timm:*", "hf:facebook/*", "hf:task=image-classification&search=vit"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from audition.data.base import DataKind
from audition.errors import InputError, UnknownNameError
from audition.models.registry import SOURCES

KEYS = ("task", "author", "search", "library")
TASKS: dict[DataKind, tuple[str, ...]] = {
    "image": ("image-classification", "image-feature-extraction", "zero-shot-image-classification"),
    "text": ("fill-mask", "feature-extraction", "sentence-similarity", "text-classification"),
    "tokens": ("fill-mask", "token-classification", "feature-extraction"),
    "audio": ("audio-classification", "automatic-speech-recognition"),
}
"""Kind of data -> the hub's words for networks that take it."""

OF_IMAGES = ("zoo", "timm", "torchvision", "keras")
PLACES = ("hf", "timm", "torchvision", "keras", "openclip", "zoo")
"""What lists the networks that it has."""


@dataclass(frozen=True)
class Asked:
    """A place and what of it. pattern: of names; query: the hub's own words, in place of one."""

    source: str
    pattern: str = "*"
    query: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.source}:{'&'.join(f'{k}={v}' for k, v in self.query.items()) or self.pattern}"


def parse_asked(text: str) -> Asked:
    """The parts of "SOURCE:PATTERN" or "hf:KEY=VALUE&KEY=VALUE"; raises InputError for other texts.

    >>> parse_asked("hf:task=fill-mask&author=google")
    Asked(source='hf', pattern='*', query={'task': 'fill-mask', 'author': 'google'})
    """
    source, colon, rest = text.partition(":")
    if not colon or not rest:
        raise InputError(
            f"--from takes a place such as 'timm:*' or hf:task=image-classification; got {text!r}."
        )
    if source not in SOURCES:
        raise UnknownNameError("source of models", source, PLACES)
    if source not in PLACES:
        raise InputError(
            f"{source}: has no list to choose from: --from takes {', '.join(f'{place}:' for place in PLACES)}; "
            "its models go to 'audition rank' by name."
        )
    if source != "hf" or "=" not in rest:
        return Asked(source, rest)
    pairs = [piece.partition("=") for piece in rest.split("&")]
    for key, _, value in pairs:
        if key not in KEYS:
            raise UnknownNameError("key of hf:KEY=VALUE", key, KEYS)
        if not value:
            raise InputError(f"{text!r} gives no {key}: write hf:{key}=VALUE.")
    return Asked(source, query={key: value for key, _, value in pairs})


def check_kind(asked: Asked, kind: DataKind) -> None:
    """Raises InputError where what is asked for takes other data than those of that kind."""
    if kind not in TASKS:
        raise InputError(
            f"A shortlist is of networks, which read images, texts or sounds; these data are {kind}."
        )
    if asked.source in OF_IMAGES and kind != "image":
        raise InputError(
            f"{asked.source}: holds networks of images; these data are of kind {kind}: "
            f"write hf:task={TASKS[kind][0]}."
        )
    task = asked.query.get("task")
    if task is not None and task not in TASKS[kind]:
        raise UnknownNameError(f"task of {kind} data", task, TASKS[kind])


def tasks_of(asked: Asked, kind: DataKind) -> tuple[str, ...]:
    """The tasks to list: the one that was named, else those that fit the data."""
    named = asked.query.get("task")
    return (named,) if named else TASKS[kind]
