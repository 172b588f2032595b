"""The files that the names of models hold: made to start from a folder, or listed."""

from __future__ import annotations

import glob
import os
from dataclasses import replace
from pathlib import Path

from audition.files import user_path
from audition.models.spec import ModelSpec

FILE_SOURCES = ("onnx", "torchscript", "exported", "features")
"""Sources whose names are paths."""

RELATIVE = ("./", "../")
"""What the name of a folder or file starts with where it could be that of a hub, too: hf:./folder."""

KERAS_FILES = (".keras", ".h5", ".hdf5")
FILE_OPTIONS = ("checkpoint",)


def rooted(name: str, folder: Path) -> str:
    """A model's name with its relative paths taken from a folder; others come back as they are.

    >>> rooted("timm:resnet18?checkpoint=weights/a.pth", Path("/nets"))
    'timm:resnet18?checkpoint=/nets/weights/a.pth'
    >>> rooted("hf:./encoder", Path("nets")), rooted("hf:org/encoder", Path("nets"))
    ('hf:./nets/encoder', 'hf:org/encoder')
    """
    spec = ModelSpec.parse(name)
    on_disk = is_path(spec.source, spec.name)
    options = tuple(
        (key, _from(folder, value) if key in FILE_OPTIONS else value) for key, value in spec.options
    )
    return str(replace(spec, name=_from(folder, spec.name) if on_disk else spec.name, options=options))


def is_path(source: str, name: str) -> bool:
    """Whether a name is a file's or folder's: of a source of files, or because it looks like one."""
    is_file = source in FILE_SOURCES or (source == "keras" and name.endswith(KERAS_FILES))
    return is_file or name.startswith((*RELATIVE, "/", "~"))


def paths_like(source: str, pattern: str) -> list[str]:
    """The names of the files and folders that a pattern stands for, sorted."""
    found = sorted(glob.glob(os.path.expanduser(pattern), recursive=True))
    return [str(ModelSpec(source, path)) for path in found]


def _from(folder: Path, path: str) -> str:
    """A path that starts from a folder, in the shortest form that is the same place; "./" stays in front."""
    if path.startswith("~"):
        return path
    whole = str(folder / path)
    short = os.path.normpath(whole)
    found = short if os.path.realpath(short) == os.path.realpath(whole) else whole
    return f"./{found}" if path.startswith(RELATIVE) and not found.startswith(("/", *RELATIVE)) else found


def files_of(name: str) -> tuple[Path, ...]:
    """The files that a model's name says it is made of: what its identity hangs on beside the name.

    >>> [path.name for path in files_of("timm:resnet18?checkpoint=weights/a.pth&pool=max")]
    ['a.pth']
    """
    spec = ModelSpec.parse(name)
    named = [spec.name] if spec.source in FILE_SOURCES else []
    named += [value for key, value in spec.options if key in FILE_OPTIONS]
    return tuple(user_path(path) for path in named)
