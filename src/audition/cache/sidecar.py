"""What an entry is of, in a small JSON file beside its shards, written whole and sealed by a digest."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from audition.cache.key import FORMAT_VERSION, FeatureKey, canonical, text_digest
from audition.errors import InputError
from audition.files import written_whole

SIDECAR = "entry.json"
_FORMAT = "audition-cache-entry"
_KINDS: dict[str, Any] = {"data": str, "created": int | float, "rows": int | None, "notes": dict}
_FAR = 10**15  # seconds: no time that anything was made; and rows that nobody has


class NewerVersionError(Exception):
    """An entry that a newer audition wrote."""


@dataclass(frozen=True)
class Sidecar:
    """What an entry is of.

    data: the data's name, for lists. rows: how many there are in all, once that is known.
    notes: plain values that belong to the features, such as the layers in order or the parameters.
    """

    key: FeatureKey
    data: str = ""
    created: float = field(default_factory=time.time)
    rows: int | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Writes it whole; raises InputError where that is not possible or a note is no plain value."""
        try:
            inner = canonical({"format": _FORMAT} | asdict(self))
        except (TypeError, ValueError) as error:
            raise InputError(f"These notes cannot be kept: {error}.") from error
        with written_whole(folder / SIDECAR) as part:
            sealed = {"version": FORMAT_VERSION, "entry": inner, "sha256": text_digest(inner)}
            part.write_text(canonical(sealed), encoding="ascii")


def read_sidecar(folder: Path) -> Sidecar | None:
    """The sidecar of a folder; None where there is none, or it is not as it was written.

    Raises NewerVersionError for one of a newer version.
    """
    path = folder / SIDECAR
    try:
        if path.is_symlink():
            return None
        outer = json.loads(path.read_bytes())
        if outer["version"] > FORMAT_VERSION:  # outermost in every version, whatever else changes
            raise NewerVersionError(str(folder))
        entry = json.loads(outer["entry"])
        if text_digest(outer["entry"]) != outer["sha256"] or entry["format"] != _FORMAT:
            return None
        found = Sidecar(FeatureKey(**entry.pop("key")), *(entry[name] for name in _KINDS))
        right = all(isinstance(entry[name], kinds) for name, kinds in _KINDS.items())
        return found if right and abs(found.created) < _FAR and abs(found.rows or 0) < _FAR else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
