"""Where a run stands, in one safetensors file that is written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from audition.errors import InputError
from audition.files import written_whole
from audition.tuning.runs.faults import disk_full
from audition.tuning.runs.fingerprint import Fingerprint, check_same

NAME = "checkpoint.safetensors"
EVERY = 20.0  # seconds between two checkpoints, at most
SHARE = 0.05  # of the time may go into checkpoints, at most
ABOUT = "audition-checkpoint"  # the JSON in the file's header
VERSION = 1
Tensors = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a run stands after a step.

    tensors: by part ("weights", "best", "average", "optimiser") and name. numbers: all else that the next
    step depends on, as JSON takes it.
    """

    step: int
    tensors: Mapping[str, Tensors]
    numbers: Mapping[str, Any]


def write(standing: Standing, path: Path, fingerprint: Fingerprint) -> None:
    """Writes a checkpoint; raises InputError where it cannot be, and then the one before is as it was."""
    flat = {
        f"{part}/{name}": _plain(value)
        for part, tensors in standing.tensors.items()
        for name, value in tensors.items()
    }
    about = {"version": VERSION, "step": standing.step, "numbers": standing.numbers, "of": fingerprint}
    with written_whole(path) as part:
        try:
            save_file(flat, part, {ABOUT: json.dumps(about)})
        except SafetensorError as error:  # its own name for what the disk says
            raise OSError(_reason(error)) from error


def _plain(value: Tensor) -> Tensor:
    """A tensor with memory of its own: the library takes no other."""
    return value.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)


def _reason(error: SafetensorError) -> str:
    """What the disk said, without the wrapping."""
    return re.sub(r"^.*I/O error: | \(os error \d+\)$", "", str(error))


def read(path: Path, fingerprint: Fingerprint) -> Standing | None:
    """The checkpoint of a run, None where there is none yet.

    Raises InputError for one of another run, and for a file that is no whole checkpoint.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {})[ABOUT])
            flat = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dict
        version, fingerprint_of, step, numbers = (about[key] for key in ("version", "of", "step", "numbers"))
        settings = json.loads(fingerprint_of["settings"])
        if not (isinstance(settings, dict) and isinstance(numbers, dict) and isinstance(step, int)):
            raise ValueError("its header is damaged")
        if fingerprint_of.keys() != fingerprint.keys():
            raise ValueError("it is of no run")
    except (
        SafetensorError,
        OSError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as error:
        raise InputError(f"{str(path)!r} is no whole checkpoint: remove it to begin anew.") from error
    if version != VERSION:
        raise InputError(
            f"{str(path)!r} was written by another version of audition: remove it to begin anew."
        )
    check_same(fingerprint_of, fingerprint, str(path))
    tensors: dict[str, dict[str, Tensor]] = {}
    for name, value in flat.items():
        part, _, rest = name.partition("/")
        tensors.setdefault(part, {})[rest] = value
    return Standing(step, tensors, numbers)


@dataclass(eq=False)
class Keeper:
    """Writes a run's checkpoints into a folder when they are due; without a folder, never.

    kept: the step of the last one, None before the first.
    """

    folder: Path | None
    fingerprint: Fingerprint
    kept: int | None = None
    _written: float = field(default_factory=time.monotonic)
    _cost: float = 0.0

    @property
    def path(self) -> Path:
        """The file; only with a folder."""
        assert self.folder is not None
        return self.folder / NAME

    def begin(self, resume: bool) -> Standing | None:
        """The checkpoint to go on from, None to begin at the beginning.

        Raises InputError where there is one but it is not to be resumed, or it is of another run.
        """
        if self.folder is None:
            if resume:
                raise InputError("Name the folder whose checkpoint is to be resumed.")
            return None
        if not resume and self.path.exists():
            raise InputError(
                f"{str(self.path)!r} is there already: resume=True (--resume) goes on from it, or name another folder."
            )
        made_usable(self.folder)
        for part in self.folder.glob(
            ".tmp??????"
        ):  # what safetensors leaves where a run is killed while it writes
            part.unlink(missing_ok=True)
        standing = read(self.path, self.fingerprint)
        self.kept = None if standing is None else standing.step
        return standing

    def due(self, after_look: bool) -> bool:
        """Whether it is time: after the first step, so that a folder that takes none is found out at once; after
        a look; and 20 s after the last, all unless writing would take more than its share of the time."""
        if self.folder is None:
            return False
        passed = time.monotonic() - self._written
        least = self._cost / SHARE
        return self.kept is None or passed >= (least if after_look else max(EVERY, least))

    def keep(self, standing: Standing) -> None:
        """Writes it, unless it is there already."""
        if self.folder is None or self.kept == standing.step:
            return
        began = time.monotonic()
        try:
            write(standing, self.path, self.fingerprint)
        except InputError as error:
            raise InputError(disk_full(error, self.kept)) from error
        self.kept, self._written = standing.step, time.monotonic()
        self._cost = self._written - began


def made_usable(folder: Path) -> None:
    """Makes a folder where there is none; raises InputError where it cannot be made, or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {str(folder)!r} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK):
        raise InputError(f"The folder {str(folder)!r} is read-only: checkpoints cannot be written to it.")
