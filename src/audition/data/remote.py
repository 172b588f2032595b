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
# What `Path` makes of the two slashes of an address.
_ONE_SLASH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/(?!/)")
# What may be a key in an address that a library speaks of.
_KEYS = re.compile(r"(?<=://)[^/?#\s'\"]*@|\?[^\s'\"]*")
LOCAL, WEB = ("file", "local"), ("http", "https")
NOT_KEYS = ("github",)  # github://ORG:REPO@BRANCH/...
DEEPEST = 32  # folders in one another; what goes on is a page that answers to every address
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


def is_remote_path(data: Any) -> bool:
    """Whether what a user gives is a path that means an address: of universal_pathlib, or a `Path` of its text."""
    if isinstance(data, Path):
        return _ONE_SLASH.match(data.as_posix()) is not None and not os.path.lexists(data)
    return is_remote(data) and hasattr(data, "storage_options")


def address_of(path: Any) -> str:
    """The address that such a path means.

    Raises InputError for one with settings of its own, which items could not take along to a worker.
    """
    if isinstance(path, Path):
        return _ONE_SLASH.sub(r"\g<0>/", path.as_posix(), count=1)
    if path.storage_options:
        raise InputError(
            f"A {type(path).__name__} with settings of its own cannot be used: give the address as text, and the "
            "settings to the client, by its environment variables or files."
        )
    return str(path)


def is_remote(path: Any) -> bool:
    """Whether a path is an address: then everything asked of it goes over the network."""
    return not isinstance(path, Path) and hasattr(path, "fs")


def path_at(address: str) -> Path:
    """The path that an address stands for; it has what a `pathlib.Path` has.

    What was listed of its store before is forgotten: it is looked at as it is now. Raises MissingExtraError without
    universal_pathlib, UnknownNameError for a kind of address that nothing answers to, InputError where the package
    for this kind is not installed, for one address within another, and for one that holds a password or a key.
    """
    kind, _, rest = address.partition("://")
    kind = kind.lower()
    if kind in LOCAL:
        return _local(address)
    _check_open(kind, rest)
    if "::" in address:
        raise InputError(
            f"{_KEYS.sub('', address)!r} is one address within another: give one, such as 's3://bucket/flowers'."
        )
    try:
        library, files = import_module("upath"), import_module("fsspec")
    except ImportError as error:
        raise MissingExtraError("universal_pathlib", "remote") from error
    if kind not in files.available_protocols():
        raise UnknownNameError("kind of address", kind, files.available_protocols())
    try:
        path = library.UPath(
            f"{kind}://{rest.rstrip('/')}", **({"use_listings_cache": True} if kind in WEB else {})
        )
        path.fs.invalidate_cache()  # a store is looked for when it is first asked for
        getattr(path.fs, "dircache", {}).clear()
    except ImportError as error:
        raise InputError(f"Addresses {kind}:// need one more package. {str(error).rstrip('.')}.") from error
    except ValueError as error:
        raise InputError(f"{address!r} is no address: {error}.") from error
    return cast(Path, path)


def _local(address: str) -> Path:
    """The path of a file:// address."""
    try:
        host, path = urlsplit(address)[1:3]
    except ValueError as error:
        raise InputError(f"{address!r} is no address: {error}.") from error
    if host not in ("", "localhost"):
        raise InputError(
            f"{address!r} is on the host {host!r}: of this machine it begins with three slashes."
        )
    return Path(url2pathname(path))


def _check_open(kind: str, rest: str) -> None:
    """Raises InputError for an address with a password or a key, which each item would be named by."""
    user, _, host = rest.partition("/")[0].rpartition("@")
    if user and (kind in WEB or ":" in user) and kind not in NOT_KEYS:
        raise InputError(
            f"The address on {host!r} holds a name or a password, which would be shown: leave it to the settings of "
            f"the client, such as FSSPEC_{kind.upper()}."
        )
    if kind in WEB and "?" in rest:
        raise InputError(
            f"'{kind}://{rest.partition('?')[0]}' was given with '?' and what follows it, a key perhaps, which would "
            "be shown: leave it out, or copy the file here first."
        )


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
        store: Any = path
        return BytesIO(store.fs.cat_file(store.path))
    except FileNotFoundError:
        raise OSError("there is no such file") from None
    except Exception as error:  # see read_at
        raise OSError(_why(error)) from error


def exists(path: Path) -> bool:
    """Whether there is anything; a link that leads nowhere is something."""
    # A web server's refusal is no answer for the first, and an error for the second.
    return path.exists() or path.is_dir() if is_remote(path) else os.path.lexists(path)


def called(path: Path) -> str:
    """The last part of a path as a user would write it: those of web addresses are spelled out."""
    store: Any = path
    return unquote(path.name) if is_remote(path) and store.protocol in WEB else path.name


def resolved(path: Path) -> Path:
    """A path with its links followed; an address is taken as it is."""
    return path if is_remote(path) else path.resolve()


def entries(folder: Path) -> list[tuple[Path, bool]]:
    """What lies right in a folder, sorted, and whether each is a folder: one listing, and no more is asked.

    Raises OSError where a folder of this machine cannot be listed, InputError for one at an address.
    """
    if is_remote(folder):
        return [(folder / name, folds) for name, folds in _listed(folder)]
    return [(path, path.is_dir()) for path in sorted(folder.iterdir())]


def _listed(folder: Path) -> list[tuple[str, bool]]:
    """The names right in a folder at an address, sorted, and whether each is a folder."""
    store: Any = folder
    try:
        listed = store.fs.ls(store.path, detail=True)
    except Exception as error:  # see read_at
        raise InputError(f"Cannot list the folder {str(folder)!r}: {_why(error)}.") from error
    places = {told["name"].rstrip("/"): told["type"] == "directory" for told in listed}
    places.pop(store.path.rstrip("/"), None)  # some list the folder itself, too
    names = {place.rpartition("/")[2]: folds for place, folds in places.items()}
    return [(name, folds) for name, folds in sorted(names.items()) if name not in ("", ".", "..")]


def walked(folder: Path, refused: Callable[[OSError], None]) -> Iterator[tuple[Path, list[str], list[str]]]:
    """As `os.walk`, of files and of addresses. refused: what is called where a folder of files cannot be listed.

    Raises InputError where one at an address cannot be: what is missing from the data would go unnoticed.
    """
    if not is_remote(folder):
        for place, folders, files in os.walk(folder, onerror=refused):
            yield Path(place), folders, files
        return
    waiting = [folder]
    while waiting:
        where = waiting.pop()
        if len(where.parts) - len(folder.parts) > DEEPEST:
            raise InputError(f"{str(folder)!r} goes down more than {DEEPEST} folders, as no data do.")
        found = _listed(where)
        folders = [name for name, folds in found if folds]
        yield where, folders, [name for name, folds in found if not folds]
        waiting += [where / name for name in folders]


def below(folder: Path, cell: str) -> Path | None:
    """What a table calls by a path from its own folder, or by an address that begins with that folder's.

    None for what lies elsewhere: a table does not choose which hosts are asked.
    """
    root = str(folder).rstrip("/") + "/"
    parts = cell.removeprefix(root).replace("\\", "/").split("/")
    plain = unquote(cell).replace("\\", "/").split("/")  # as a web server reads it
    if (is_address(cell) and not cell.startswith(root)) or ".." in plain or not parts[0]:
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
    """The first line of what a library says, without keys: an address that a server sends one on to may hold some."""
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    lines = re.sub(r"^\[Errno -?\d+\] ", "", str(error).strip()).splitlines()
    return _KEYS.sub("", lines[0] if lines else type(error).__name__).rstrip(".")
