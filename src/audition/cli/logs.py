"""--verbose: what is decided as a run goes, a line each on standard error, with the seconds since the start."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = "audition"


class _Lines(logging.Handler):
    """A line for each record, above the bars where there are any."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._began = time.perf_counter()

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        text = " ".join(record.getMessage().split())
        tqdm.write(f"[{time.perf_counter() - self._began:6.1f} s] {text}", file=sys.stderr)


@contextmanager
def told(wanted: bool) -> Iterator[None]:
    """Shows what the library's logger says while this is open, where it is wanted."""
    if not wanted:
        yield
        return
    logger, lines = logging.getLogger(LOGGER), _Lines()
    level = logger.level
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(lines)
        logger.setLevel(level)
