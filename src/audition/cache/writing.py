"""Whether a cache takes what is written to it; a run goes on without it where it does not."""

from __future__ import annotations

import warnings
from pathlib import Path

from audition.errors import CacheWarning


class Writing:
    """One cache's state in one run: on, until a write fails; then off, and said once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.on = True
        self._said: set[str] = set()

    def stop(self, error: Exception) -> None:
        """No more writes, because of an error."""
        if self.on:
            self.on = False
            why = (getattr(error, "strerror", None) or str(error)).rstrip(".")
            self.say(f"Nothing is kept in the cache at {str(self.path)!r}: {why}.")

    def say(self, sentence: str) -> None:
        """A warning, once."""
        if sentence not in self._said:
            self._said.add(sentence)
            warnings.warn(sentence, CacheWarning, stacklevel=4)
