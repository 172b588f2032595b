"""The rates that were tried already, beside the checkpoint: a run that is broken off does not try them again."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path
from typing import Any

from audition.errors import InputError
from audition.files import written_whole
from audition.tuning.runs.checkpoint import made_usable
from audition.tuning.runs.fingerprint import Fingerprint, check_same
from audition.tuning.runs.rate import Tried

NAME = "rates.json"
VERSION = 1


@dataclass(eq=False)
class RatesKept:
    """The rates that were tried, in a file of their own that is whole at any time; without a folder, nowhere.

    fingerprint: of the run, without a rate. tried: so far.
    """

    folder: Path | None
    fingerprint: Fingerprint
    tried: tuple[Tried, ...] = ()

    @property
    def path(self) -> Path:
        """The file; only with a folder."""
        assert self.folder is not None
        return self.folder / NAME

    def begin(self, resume: bool) -> tuple[Tried, ...]:
        """What was tried already; the file is there from now on, so that a folder that takes none is found out.

        Raises InputError where the file is there but is not to be resumed, is of another run, or is damaged.
        """
        if self.folder is None:
            return ()
        made_usable(self.folder)
        if self.path.exists():
            if not resume:
                raise InputError(
                    f"{str(self.path)!r} is there already: resume=True (--resume) goes on from it, or name another "
                    "folder."
                )
            self.tried = _read(self.path, self.fingerprint)
        else:
            self._write()
        return self.tried

    def keep(self, one: Tried) -> None:
        """Writes down one more."""
        self.tried = (*self.tried, one)
        if self.folder is not None:
            self._write()

    def forget(self) -> None:
        """Takes the file away, and a folder that holds nothing else: of a search that would fail again."""
        if self.folder is not None:
            self.path.unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()

    def _write(self) -> None:
        rows = [[one.rate, *map(_plain, (one.held_out, one.held_out_loss))] for one in self.tried]
        about = {"version": VERSION, "of": self.fingerprint, "tried": rows}
        with written_whole(self.path) as part:
            part.write_text(json.dumps(about) + "\n", encoding="utf-8")


def interrupted(kept: int) -> str:
    """What to say where the user stops a search; kept: how many rates were tried and written down."""
    rates = "1 is" if kept == 1 else f"{kept} are"
    return f"Stopped while rates were tried, of which {rates} kept: resume=True (--resume) tries the others."


def _plain(number: float) -> float | None:
    return number if isfinite(number) else None


def _read(path: Path, fingerprint: Fingerprint) -> tuple[Tried, ...]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        if about["version"] != VERSION or about["of"].keys() != fingerprint.keys():
            raise ValueError("it is of no run")
        tried = tuple(_tried(*row) for row in about["tried"])
        json.loads(about["of"]["settings"]).keys()
    except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{str(path)!r} is no whole list of rates: remove it to begin anew.") from error
    check_same(about["of"], fingerprint, str(path))
    return tried


def _tried(rate: Any, score: Any, loss: Any) -> Tried:
    """One row of the file."""
    held_out, held_out_loss = (nan if number is None else float(number) for number in (score, loss))
    return Tried(float(rate), held_out, held_out_loss)
