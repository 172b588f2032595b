"""What the Hugging Face hub lists, the most downloaded first; without it, what is known of its models here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from importlib.util import find_spec
from itertools import islice
from textwrap import shorten
from typing import Any, cast

from audition.data.base import DataKind
from audition.models.hub import out_of_reach
from audition.shortlisting.asked import Asked, tasks_of
from audition.shortlisting.entry import Entry, Listing, is_plain
from audition.shortlisting.hub_entry import entry_of
from audition.shortlisting.known_hub import known_hub

LISTED = 300  # models of a task: the most downloaded of thousands, most of which are copies
FIELDS = ["config", "downloads", "gated", "library_name", "safetensors", "tags"]
REASON = 120  # characters of what a client says
NOT_ASKED = "The hub was not asked ({}): its models here are those of the published tables, without sizes and licences."
NOTHING = "The hub was not asked ({}), and of others nothing is known here."


def list_hub(asked: Asked, kind: DataKind) -> Listing:
    """What the hub lists for a question; where it cannot be asked, published tables' models of that kind.

    Never raises: why it could not be asked is a note.
    """
    reason = _unasked()
    if reason is None:
        try:
            entries = _entries(asked, kind)
            return Listing(_once(entries), f"the {LISTED} most downloaded of each task on the hub")
        except Exception as error:  # the hub's client has many; the answer is the same for all
            reason = shorten(f"{type(error).__name__}: {error}", REASON, placeholder=" ...")
    known = [entry for entry in known_hub(kind) if _matches(asked, entry.model)]
    return Listing(known, "the published tables", ((NOT_ASKED if known else NOTHING).format(reason),))


def _unasked() -> str | None:
    """Why the hub cannot be asked now, or None."""
    if find_spec("huggingface_hub") is None:
        return "huggingface_hub is not installed: pip install 'audition[hf]'"
    from huggingface_hub import constants

    return out_of_reach(constants.ENDPOINT)


def _entries(asked: Asked, kind: DataKind) -> list[Entry]:
    return [
        entry
        for task in tasks_of(asked, kind)
        for info in _infos(asked, task)
        if (entry := entry_of(info)) is not None and _matches(asked, entry.model)
    ]


def _infos(asked: Asked, task: str) -> Iterator[Any]:
    """The models of a task; the hub sorts them, and sends a thousand a page."""
    from huggingface_hub import HfApi

    found = HfApi().list_models(
        pipeline_tag=task,
        author=asked.query.get("author") or _owner(asked.pattern),
        search=asked.query.get("search"),
        filter=asked.query.get("library"),
        sort="downloads",
        limit=LISTED,
        expand=cast(Any, FIELDS),
    )
    return islice(found, LISTED)


def _owner(pattern: str) -> str | None:
    """The owner that a pattern such as "facebook/*" names, so that the hub need send no other's."""
    owner, slash, _ = pattern.partition("/")
    return owner if slash and is_plain(owner) else None


def _matches(asked: Asked, model: str) -> bool:
    """Whether a model is what was asked for, as far as its name tells."""
    name = model.partition(":")[2]
    author, search = asked.query.get("author"), asked.query.get("search", "")
    whose = author is None or model.startswith("timm:") or name.startswith(f"{author}/")
    return whose and search.lower() in name.lower() and fnmatchcase(name, asked.pattern)


def _once(entries: Sequence[Entry]) -> list[Entry]:
    """Each model once, with the downloads that were told first."""
    return list({entry.model: entry for entry in reversed(entries)}.values())[::-1]


def with_held(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, those whose weights the hub's cache holds already without a download."""
    held = held_repositories()
    return [replace(entry, download=0) if _repository(entry.model) in held else entry for entry in entries]


def _repository(model: str) -> str:
    """The repository on the hub that a model's weights come from."""
    source, _, name = model.partition(":")
    return f"timm/{name}" if source == "timm" else name


def held_repositories() -> frozenset[str]:
    """The models of which the hub's cache holds weights; none where there is no cache."""
    if find_spec("huggingface_hub") is None:
        return frozenset()
    from huggingface_hub import CacheNotFound, scan_cache_dir

    try:
        repositories = scan_cache_dir().repos
    except (CacheNotFound, OSError, ValueError):
        return frozenset()
    return frozenset(
        each.repo_id for each in repositories if each.repo_type == "model" and _has_weights(each)
    )


def _has_weights(repository: Any) -> bool:
    names = (file.file_name for revision in repository.revisions for file in revision.files)
    return any(name.endswith((".safetensors", ".bin")) for name in names)
