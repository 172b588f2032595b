"""The extras of the package, as its own metadata lists them, and how far each is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

State = Literal["installed", "missing", "broken"]

NOT_FOR_USERS = ("all", "dev", "encoder", "test")
"""Extras that add nothing of their own, or serve those who work on the package."""


@dataclass(frozen=True)
class Library:
    """A library that something needs. version: None where it is not installed. needs: ">=2.5"."""

    name: str
    version: str | None
    needs: str

    @property
    def too_old(self) -> bool:
        """Whether a version is installed that does not do."""
        wanted = Requirement(f"{self.name}{self.needs}").specifier
        return self.version is not None and not wanted.contains(self.version, prereleases=True)


@dataclass(frozen=True)
class Extra:
    """A set of libraries that is installed by one command; "" is what the package needs in any case.

    libraries: all that it brings. own: those that no smaller extra inside it brings.
    """

    name: str
    package: str
    libraries: tuple[Library, ...]
    own: tuple[Library, ...] = ()

    @property
    def state(self) -> State:
        """installed; missing where a library is; broken where one is there in a version that does not do."""
        if any(library.too_old for library in self.libraries):
            return "broken"
        return "installed" if all(library.version for library in self.libraries) else "missing"

    @property
    def command(self) -> str:
        """What to type to have it."""
        return f"pip install '{self.package}[{self.name}]'" if self.name else f"pip install {self.package}"


def extras_of(package: str = "audition") -> tuple[Extra, ...]:
    """What a package needs in any case, and each of its extras; nothing is imported.

    Raises importlib.metadata.PackageNotFoundError for a package that is not installed.
    """
    wanted = [Requirement(text) for text in metadata.requires(package) or ()]
    named = metadata.metadata(package).get_all("Provides-Extra") or []
    names = ["", *(name for name in named if name not in NOT_FOR_USERS)]
    brought = {name: tuple(dict.fromkeys(_brought(name, package, wanted))) for name in names}
    return tuple(Extra(name, package, brought[name], _own(name, brought)) for name in names)


def _brought(name: str, package: str, wanted: list[Requirement]) -> Iterator[Library]:
    """The libraries of an extra, and of the extras that it names."""
    for one in _named_by(name, wanted):
        if canonicalize_name(one.name) != canonicalize_name(package):
            yield Library(one.name, installed(one.name), str(one.specifier))
            continue
        for deeper in sorted(one.extras):
            yield from _brought(deeper, package, wanted)


def _own(name: str, brought: Mapping[str, tuple[Library, ...]]) -> tuple[Library, ...]:
    """What an extra has beyond the smaller ones that are part of it; builders of packages write them out."""
    inside = [libraries for libraries in brought.values() if set(libraries) < set(brought[name])]
    return tuple(library for library in brought[name] if not any(library in part for part in inside))


def _named_by(extra: str, wanted: list[Requirement]) -> list[Requirement]:
    """The requirements of an extra on this platform, without those of the package in any case."""
    return [one for one in wanted if _holds(one, extra) and (not extra or not _holds(one, ""))]


def _holds(one: Requirement, extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})


def installed(name: str) -> str | None:
    """The version of a library, or None; it is not imported."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
