"""A shortlist: candidates with why each is in, as a value that writes a candidates file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audition.files import write_new_text
from audition.ranking.candidates_file import check_candidates_file
from audition.shortlisting import words
from audition.version import __version__

FORMAT = "audition-shortlist"
VERSION = 1


@dataclass(frozen=True)
class Chosen:
    """A candidate. model: the name that `rank` takes; why: in words, the weightiest reason first.

    The rest as a listing told it, None and "" where it did not: download in bytes, 0 where the weights are
    here already; downloads by others, in 30 days.
    """

    place: int
    model: str
    family: str
    architecture: str
    trained_on: str
    parameters: int | None
    download: int | None
    licence: str
    downloads: int | None
    why: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Shortlist:
    """Candidates for data, those first that may be the best; nothing of them has been downloaded.

    data: its name; kind and task: what it holds. asked: where was looked, as it was written, and where: what
    answered. listed: how many there were. left: reason -> how many were left out for it.
    """

    candidates: tuple[Chosen, ...]
    data: str
    kind: str
    task: str
    asked: tuple[str, ...]
    where: tuple[str, ...]
    listed: int
    left: dict[str, int]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.candidates)

    def __iter__(self) -> Iterator[Chosen]:
        return iter(self.candidates)

    @property
    def models(self) -> list[str]:
        """The names, as `rank` takes them."""
        return [candidate.model for candidate in self.candidates]

    @property
    def download(self) -> int:
        """Bytes of all weights of known size that are not here yet."""
        return sum(candidate.download or 0 for candidate in self.candidates)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: what `to_json` writes."""
        head = {"format": FORMAT, "format_version": VERSION, "version": __version__}
        return {**head, **asdict(self), "download": self.download}

    def to_json(self) -> str:
        """The shortlist as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def save(self, path: str | Path) -> None:
        """Writes a new candidates file (.toml), which `rank` reads as @FILE.

        Raises InputError where the file exists or cannot be written.
        """
        check_candidates_file(path)
        write_new_text(Path(path), words.as_candidates(self))

    def __repr__(self) -> str:
        return words.as_text(self)
