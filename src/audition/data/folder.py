"""A folder of class folders of images, or of sounds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from audition.data import audio, images
from audition.data.base import DataKind, Item, Task
from audition.data.remote import called, entries, exists, resolved, walked
from audition.data.splits import parts_of, split_of
from audition.errors import InputError


@dataclass(frozen=True)
class FileKind:
    """A kind of file that a folder may hold: what to call such files, their endings, and what reads one.

    require: raises MissingExtraError where the library that reads them is not installed.
    """

    kind: DataKind
    noun: str
    suffixes: frozenset[str]
    read: Callable[[Path], Any]
    require: Callable[[], None]

    def holds(self, name: str) -> bool:
        """Whether a file's name is that of such a file; hidden ones are not."""
        return not name.startswith(".") and os.path.splitext(name)[1].lower() in self.suffixes


KINDS = (
    FileKind("image", "images", images.SUFFIXES, images.read_image, images.require_pillow),
    FileKind("audio", "sounds", audio.SUFFIXES, audio.read_sound, audio.require_soundfile),
)


@dataclass(frozen=True)
class ClassFolders:
    """The files of one kind under ROOT/CLASS/, sorted by class and path; the label is the class folder's name."""

    name: str
    files: tuple[tuple[Path, str], ...]
    held: FileKind
    task: Task = "classification"

    @property
    def kind(self) -> DataKind:
        """That of its files."""
        return self.held.kind

    def __len__(self) -> int:
        return len(self.files)

    def items(self) -> Iterator[Item]:
        """Each file by its path; decoding gives a PIL image "L" or "RGB", or a Sound."""
        for path, label in self.files:
            yield Item(str(path), label, partial(self.held.read, path), source=path)


def open_folder(root: Path, name: str | None = None) -> ClassFolders:
    """The folder of images or of sounds at a path. Hidden files and files of other kinds are passed over.

    Links to class folders and to files are followed; links to folders further down are not, as
    they may run in circles. Raises InputError for a path that is missing or no folder, for no
    images and no sounds, for both, for an empty class folder, and fewer than two classes.
    """
    _check_folder(root)
    found = {folder: files_below(folder) for folder in class_folders(root)}
    held = _kind_held(root, [path for paths in found.values() for path in paths])
    _check_classes(root, found, held)
    held.require()
    files = tuple((path, called(folder)) for folder, paths in found.items() for path in paths)
    return ClassFolders(name or _default_name(root), files, held)


def _default_name(root: Path) -> str:
    """The folder's name; with its parent's where it is a split: "flowers/train"."""
    whole = resolved(root)
    name = called(whole)
    return f"{called(whole.parent)}/{name}" if split_of(name) else name or str(whole)


def _check_folder(root: Path) -> None:
    if not exists(root):
        raise InputError(
            f"There is no folder {str(root)!r}: give one with a folder of images, or of sounds, a class."
        )
    if root.is_dir():
        return
    hint = ""
    if root.suffix.lower() in (".npz", ".npy", ".safetensors"):
        hint = " Feature files are for 'audition score'."
    raise InputError(
        f"{str(root)!r} is not a folder: give one with a folder of images or sounds a class, or a table "
        f"(.csv, .tsv, .jsonl, .parquet).{hint}"
    )


def class_folders(root: Path) -> list[Path]:
    """The folders right under a folder, hidden ones left out, sorted; raises InputError if it cannot be listed."""
    try:
        found = entries(root)
    except OSError as error:
        _refuse(error)
    # macOS leaves __MACOSX beside what it packs into a zip archive.
    return [path for path, folds in found if folds and path.name[0] != "." and path.name != "__MACOSX"]


def _is_held(name: str) -> bool:
    return any(kind.holds(name) for kind in KINDS)


def files_below(folder: Path, holds: Callable[[str], bool] = _is_held) -> list[Path]:
    """All images and sounds, or files of other names, at any depth below a folder, hidden ones left out, sorted."""
    found: list[Path] = []
    for where, folders, files in walked(folder, _refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [where / name for name in files if holds(name)]
    return sorted(found)


def _kind_held(root: Path, files: Sequence[Path]) -> FileKind:
    """Of which kind all files are; raises InputError where there are none, or images beside sounds."""
    held = {kind: [path for path in files if kind.holds(path.name)] for kind in KINDS}
    some = [kind for kind in KINDS if held[kind]]
    if len(some) == 1:
        return some[0]
    if some:
        counts = " and ".join(_count(len(held[kind]), kind.noun) for kind in some)
        shown = " and ".join(repr(str(held[kind][0].relative_to(root))) for kind in some)
        raise InputError(
            f"{str(root)!r} holds {counts}, such as {shown}: one kind of data is needed, so move one away."
        )
    names = [path.name for path, folds in entries(root) if not folds]
    loose = next((kind.noun for kind in KINDS if any(map(kind.holds, names))), None)
    taken = "; as ".join(
        f"{kind.noun}: {', '.join(sorted(kind.suffixes)).replace('.', '')}" for kind in KINDS
    )
    why = f"The {loose} lie outside class folders." if loose else f"Files taken as {taken}."
    raise InputError(
        f"There are no {loose or 'images'} in class folders under {str(root)!r}: make one folder a class. {why}"
    )


def _refuse(error: OSError) -> NoReturn:
    raise InputError(f"Cannot list the folder {error.filename!r}: {error.strerror}.") from error


def splits_of_folder(root: Path) -> dict[str, Path]:
    """The parts of a folder that holds train, test and the like, with class folders in them; else none."""
    nested = [folder for folder in class_folders(root) if split_of(folder.name) and class_folders(folder)]
    return parts_of(nested, root) if nested and len(nested) == len(class_folders(root)) else {}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number > 1 else noun.removesuffix('s')}"


def _check_classes(root: Path, found: dict[Path, list[Path]], held: FileKind) -> None:
    for folder, paths in found.items():
        if not paths:
            raise InputError(f"The class folder {str(folder)!r} holds no {held.noun}: add some or remove it.")
    if len(found) < 2:
        only = next(iter(found)).name
        raise InputError(f"{str(root)!r} holds one class only, {only!r}: at least two are needed.")
