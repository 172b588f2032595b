"""Everything that is looked at, in one value."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audition.cache import Cache
from audition.doctor.extras import Extra, extras_of, installed
from audition.doctor.machine import blas_threads, cores, cpu_name, memory, torch_sees
from audition.version import __version__


@dataclass(frozen=True)
class Device:
    """What networks can be run on. kind: cpu, cuda:0, mps. memory: bytes, None where nothing says."""

    kind: str
    name: str
    memory: int | None


@dataclass(frozen=True)
class Place:
    """A folder where things are kept; made when it is first written to. used, free: bytes, None if unknown."""

    name: str
    path: Path
    writable: bool
    used: int | None
    free: int | None


@dataclass(frozen=True)
class Report:
    """What is installed, what computes, where things are kept; `problems` are what is broken, a sentence each.

    device: where networks of torch are run. blas: the threads of each library of linear algebra.
    offline: whether HF_HUB_OFFLINE forbids downloads. notes: what might be better, though nothing is broken.
    """

    audition: str
    python: str
    system: str
    extras: tuple[Extra, ...]
    devices: tuple[Device, ...]
    device: str
    cores: int
    blas: tuple[str, ...]
    places: tuple[Place, ...]
    offline: bool
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as for JSON."""
        extras = [
            {"name": extra.name, "state": extra.state, "command": extra.command, **_libraries(extra)}
            for extra in self.extras
        ]
        return asdict(self) | {
            "extras": extras,
            "places": [asdict(place) | {"path": str(place.path)} for place in self.places],
        }


def examine() -> Report:
    """What there is here: takes as long as torch needs to be imported, and no time where it is not installed.

    Raises nothing for what is missing or broken: that is what the report is about.
    """
    extras = extras_of()
    torch = torch_sees() if installed("torch") else {}
    places = tuple(_places(torch.get("torch_home")))
    processor = Device("cpu", cpu_name(), memory())
    return Report(
        audition=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        extras=extras,
        devices=(*(Device(**found) for found in torch.get("devices", ())), processor),
        device=torch.get("used", "cpu"),
        cores=cores(),
        blas=blas_threads(),
        places=places,
        offline=_offline(),
        problems=(*_problems(extras, places), *torch.get("problems", ())),
        notes=tuple(_notes(torch)),
    )


def _libraries(extra: Extra) -> dict[str, Any]:
    return {"libraries": [asdict(library) for library in extra.libraries]}


def _problems(extras: Iterable[Extra], places: Iterable[Place]) -> Iterator[str]:
    said = set()
    for extra in extras:
        for library in extra.own:  # an extra that only builds on another would be too much to install
            if (library.too_old or not (extra.name or library.version)) and library.name not in said:
                said.add(library.name)
                yield (
                    f"{library.name} {library.version or 'is missing,'} where {library.needs or 'it'} is needed: "
                    f"{extra.command}"
                )
    for place in places:
        if not place.writable:
            yield f"The folder {str(place.path)!r} ({place.name}) cannot be written to."


def _notes(torch: dict[str, Any]) -> Iterator[str]:
    if torch.get("used") == "cpu" and shutil.which("nvidia-smi"):
        yield f"There is an NVIDIA driver, but torch {installed('torch')} does not use it: install a build with CUDA."


def _places(torch_home: str | None) -> Iterator[Place]:
    """The folders that a run writes to."""
    about = Cache().info()
    yield Place("features", about.path, about.writable, about.bytes, _free(about.path))
    if installed("huggingface_hub"):
        from huggingface_hub import constants

        yield _place("Hugging Face", Path(constants.HF_HUB_CACHE))
    if torch_home is not None:
        yield _place("torch", Path(torch_home))


def _place(name: str, path: Path) -> Place:
    return Place(name, path, os.access(_there(path), os.W_OK | os.X_OK), None, _free(path))


def _there(path: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (path, *path.absolute().parents) if os.path.lexists(each))


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(_there(path)).free
    except OSError:
        return None


def _offline() -> bool:
    from audition.models.hub import is_offline

    return is_offline()
