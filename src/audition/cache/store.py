"""A folder of features that were computed before."""

from __future__ import annotations

import os
from pathlib import Path

from audition.cache import upkeep
from audition.cache.catalogue import CATALOGUE, Catalogue
from audition.cache.entry import Entry
from audition.cache.key import FeatureKey
from audition.cache.listing import CacheInfo, EntryInfo, Removed, Verified
from audition.cache.writing import Writing
from audition.errors import InputError
from audition.files import user_path

ENTRIES = "entries"
VARIABLE = "AUDITION_CACHE"
_EFFECTIVE = os.access in os.supports_effective_ids  # the rights that writing is judged by


def default_path() -> Path:
    """Where the cache is if nobody says otherwise: $AUDITION_CACHE, or where the platform keeps caches."""
    from platformdirs import user_cache_path

    named = os.environ.get(VARIABLE)
    return Path(named) if named else user_cache_path("audition", appauthor=False)


class Cache:
    """Features on disk, an entry for each model, data and precision; made when it is first written to.

    path: its folder, None for the platform's default. Where it cannot be written, one CacheWarning says
    so, what is there is still read, and runs go on. `entry` is what a run uses; the other methods are
    for looking after it. Many processes may use one cache at once.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = default_path() if path is None else user_path(path)
        self._entries = self.path / ENTRIES
        self._writing = Writing(self.path)
        self._catalogue = Catalogue(self.path / CATALOGUE, self._writing)

    def __repr__(self) -> str:
        return f"Cache({str(self.path)!r})"

    def entry(self, key: FeatureKey, *, data: str = "") -> Entry:
        """What is kept of a key, and may be added to it. data: the data's name, for lists."""
        return Entry(self._entries / key.digest, key, data, self._writing)

    def ls(self) -> tuple[EntryInfo, ...]:
        """All entries, the last used first."""
        recalled = self._catalogue.recall()
        folders = upkeep.entry_folders(self._entries)
        looked = ((folder.name, upkeep.look(folder, recalled.get(folder.name))) for folder in folders)
        seen = {digest: each for digest, each in looked if each is not None}
        changed = [each for digest, each in seen.items() if each != recalled.get(digest)]
        self._catalogue.remember(changed, set(recalled) - set(seen))
        return tuple(sorted((each.info for each in seen.values()), key=lambda info: -info.last_used))

    def info(self) -> CacheInfo:
        """The cache as a whole."""
        entries = self.ls()
        place = next(each for each in (self.path, *self.path.absolute().parents) if os.path.lexists(each))
        return CacheInfo(
            path=self.path,
            entries=len(entries),
            bytes=sum(entry.bytes for entry in entries),
            last_used=entries[0].last_used if entries else None,
            writable=place.is_dir() and os.access(place, os.W_OK | os.X_OK, effective_ids=_EFFECTIVE),
        )

    def prune(self, *, max_bytes: int | None = None, older_than: float | None = None) -> Removed:
        """Removes the entries used longest ago, until at most `max_bytes` are left.

        older_than: seconds; what was not used for so long goes in any case. What another process uses
        stays, and so does what a newer audition wrote. Always removes what killed runs left half written.
        Raises InputError for negative limits.
        """
        if (max_bytes or 0) < 0 or (older_than or 0) < 0:
            raise InputError("A cache is pruned to a size and an age of zero or more.")
        return self._pruned(max_bytes, older_than)

    def clear(self) -> Removed:
        """Removes all entries, save those in use and those of a newer audition."""
        return self._pruned(-1, None)

    def _pruned(self, max_bytes: int | None, older_than: float | None) -> Removed:
        removed = upkeep.prune(self._entries, self.ls(), max_bytes, older_than)
        self.ls()  # so that the catalogue forgets them
        return removed

    def verify(self) -> Verified:
        """Reads every byte of every entry; what is not as it was written is set aside."""
        return upkeep.verify(self._entries, self.ls())
