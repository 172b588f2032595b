"""Data at addresses, s3://, gs://, hf://, https:// and their kin: paths of universal_pathlib, used as those of files.

What is read is read whole, and in the process that needs it: an item is on its way as its address.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from audition.errors import AuditionError, InputError, MissingExtraError, UnknownNameError

# Two letters at least, so that a Windows drive stays a path.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://.*", re.DOTALL)
LOCAL = ("file", "local")
# What stores say of a file besides its size; each of them changes with what is in it.
# fmt: off
TOLD_BY = (
    "ETag", "etag", "LastModified", "Last-Modified", "last_modified", "mtime", "updated", "created", "generation",
    "crc32c", "md5Hash", "Content-MD5", "Digest", "content_md5", "blob_id", "lfs", "sha",
)
# fmt: on


def is_address(text: str) -> bool:
    """Whether a text is an address, and no path or name.

    >>> is_address("s3://bucket/flowers"), is_address("flowers/train"), is_address("sklearn:digits")
    (True, False, False)
    """
    return _ADDRESS.fullmatch(text) is not None


def is_remote(path: Any) -> bool:
    """Whether a path is an address: then everything asked of it goes over the network."""
    return not isinstance(path, Path) and hasattr(path, "fs")


def path_at(address: str) -> Path:
    """The path that an address stands for; it has what a `pathlib.Path` has.

    Raises MissingExtraError without universal_pathlib, UnknownNameError for a kind of address that nothing answers
    to, InputError where the package for this kind is not installed, and for one address within another.
    """
    kind = address.partition("://")[0].lower()
    if kind in LOCAL:
        return Path(url2pathname(unquote(urlsplit(address).path)))
    if "::" in address:
        raise InputError(
            f"{address!r} is one address within another: give one, such as 's3://bucket/flowers'."
        )
    try:
        library, files = import_module("upath"), import_module("fsspec")
    except ImportError as error:
        raise MissingExtraError("universal_pathlib", "remote") from error
    if kind not in files.available_protocols():
        raise UnknownNameError("kind of address", kind, files.available_protocols())
    try:
        path = library.UPath(address)
        path.fs  # noqa: B018  # it is looked for when it is first asked for
    except ImportError as error:
        raise InputError(f"Addresses {kind}:// need one more package. {str(error).rstrip('.')}.") from error
    except ValueError as error:
        raise InputError(f"{address!r} is no address: {error}.") from error
    return cast(Path, path)


@contextmanager
def read_at(address: str) -> Iterator[None]:
    """One sentence in place of what the libraries of a store raise, each its own kinds."""
    try:
        yield
    except AuditionError:
        raise
    except Exception as error:
        raise InputError(f"{address!r} cannot be read: {_why(error)}.") from error


def opened(path: Path) -> BinaryIO:
    """A file, open; of an address, all of what is there. Raises OSError where it cannot be read."""
    if not is_remote(path):
        return path.open("rb")
    try:
        return BytesIO(path.read_bytes())
    except FileNotFoundError:
        raise OSError("there is no such file") from None
    except OSError:
        raise
    except Exception as error:  # see read_at
        raise OSError(_why(error)) from error


def exists(path: Path) -> bool:
    """Whether there is anything; a link that leads nowhere is something."""
    return path.exists() if is_remote(path) else os.path.lexists(path)


def walked(folder: Path, refused: Callable[[OSError], None]) -> Iterator[tuple[Path, list[str], list[str]]]:
    """As `os.walk`, of files and of addresses. refused: what is called where a folder cannot be listed."""
    if not is_remote(folder):
        for where, folders, files in os.walk(folder, onerror=refused):
            yield Path(where), folders, files
        return
    store: Any = folder
    for place, folders, files in store.fs.walk(store.path):
        found = type(store)(place, protocol=store.protocol, **store.storage_options)
        yield cast(Path, found), folders, files


def below(folder: Path, cell: str) -> Path | None:
    """What a table calls by a path from its own folder, or by an address that begins with that folder's.

    None for what lies elsewhere: a table does not choose which hosts are asked.
    """
    root = str(folder).rstrip("/") + "/"
    parts = cell.removeprefix(root).replace("\\", "/").split("/")
    if (is_address(cell) and not cell.startswith(root)) or ".." in parts or not parts[0]:
        return None
    return folder.joinpath(*parts)


def state_of(path: Path) -> str:
    """What tells an address, as it is now, from what was there before, without reading it.

    Raises InputError where the store says no more than a size.
    """
    store: Any = path
    with read_at(str(path)):
        said = store.fs.info(store.path)
    told = [f"{name}={said[name]}" for name in TOLD_BY if said.get(name)]
    if not told:
        raise InputError(f"Nothing tells whether {str(path)!r} has changed.")
    return " ".join((str(path), f"size={said.get('size')}", *told))


def _why(error: Exception) -> str:
    """The first line of what a library says."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
