"""Data at addresses: a store in memory, and a web server that workers read from."""

from __future__ import annotations

import io
import json
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from audition import rank
from audition.cli import run
from audition.data import open_dataset, tables
from audition.data.remote import below, is_address, is_remote, path_at, state_of
from audition.data.unlabelled import open_unlabelled
from audition.errors import InputError, MissingExtraError, UnknownNameError
from audition.executors import Processes
from audition.extraction.keeping import data_digest

CLASSES = ("cat", "dog")


def picture(seed: int) -> bytes:
    from PIL import Image

    pixels = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def pictures(per_class: int = 3) -> dict[str, bytes]:
    """Pictures of two classes by their paths, and what is passed over."""
    found = {
        f"{name}/{'deep/' * (place % 2)}{place}.png": picture(100 * number + place)
        for number, name in enumerate(CLASSES)
        for place in range(per_class)
    }
    return found | {"cat/.hidden.png": b"", "dog/notes.txt": b"no picture", "cat/.deep/9.png": b""}


@pytest.fixture
def store(framework: Callable[[str], ModuleType]) -> Iterator[Callable[[dict[str, bytes]], str]]:
    """Puts files into a store in memory, and tells its address."""
    framework("upath")
    memory = framework("fsspec").filesystem("memory")

    def put(files: dict[str, bytes]) -> str:
        for name, content in files.items():
            memory.pipe_file(f"/bucket/{name}", content)
        return "memory://bucket"

    yield put
    memory.rm("/bucket", recursive=True)


@dataclass
class Served:
    """A web server. root: the folder that it serves. refused: what it answers to paths. asked: what it was asked."""

    root: Path
    address: str = ""
    refused: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server(tmp_path: Path, framework: Callable[[str], ModuleType]) -> Iterator[Served]:
    framework("upath")
    framework("aiohttp")
    told = Served(tmp_path / "served")
    told.root.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            told.asked.append(self.path)
            if self.path in told.refused:
                self.send_error(told.refused[self.path])
            else:
                super().do_GET()

        def do_HEAD(self) -> None:
            told.asked.append(f"HEAD {self.path}")
            super().do_HEAD()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(told.root))) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        told.address = f"http://127.0.0.1:{served.server_port}"
        yield told
        served.shutdown()
        thread.join()


def laid_out(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def test_a_folder_of_class_folders_is_as_the_same_on_disk(
    store: Callable[[dict[str, bytes]], str], tmp_path: Path
) -> None:
    address, files = store(pictures()), laid_out(tmp_path / "bucket", pictures())
    there, here = open_dataset(address), open_dataset(files)
    assert (there.name, there.kind, len(there)) == (here.name, here.kind, len(here)) == ("bucket", "image", 6)
    for one, other in zip(there.items(), here.items(), strict=True):
        assert one.label == other.label
        assert one.name == f"memory://{Path(other.name).relative_to(tmp_path).as_posix()}"
        assert np.array_equal(np.asarray(one.decode()), np.asarray(other.decode()))


def test_splits_are_found(store: Callable[[dict[str, bytes]], str]) -> None:
    files = {
        f"{split}/{name}": content for split in ("train", "test") for name, content in pictures(2).items()
    }
    address = store(files)
    assert open_dataset(address).name == "bucket/train"
    assert len(open_dataset(address, split="all")) == 8


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("reviews.csv", "text,label\ngood film,pos\nbad film,neg\n"),
        ("reviews.jsonl", '{"text": "good film", "label": "pos"}\n{"text": "bad film", "label": "neg"}\n'),
    ],
)
def test_a_table_by_its_address_or_that_of_its_folder(
    name: str, content: str, store: Callable[[dict[str, bytes]], str]
) -> None:
    address = store({name: content.encode()})
    for given in (address, f"{address}/{name}"):
        data = open_dataset(given)
        assert data.name == "reviews"
        assert [(i.decode(), i.label) for i in data.items()] == [("good film", "pos"), ("bad film", "neg")]


def test_a_parquet_table(
    store: Callable[[dict[str, bytes]], str], framework: Callable[[str], ModuleType]
) -> None:
    arrow, file = framework("pyarrow"), io.BytesIO()
    framework("pyarrow.parquet").write_table(arrow.table({"text": ["a b", "c d"], "label": ["x", "y"]}), file)
    data = open_dataset(store({"words.parquet": file.getvalue()}) + "/words.parquet")
    assert [item.decode() for item in data.items()] == ["a b", "c d"]


@pytest.mark.parametrize("name", ["words.parquet", "words.jsonl"])
def test_the_size_of_a_table_is_that_of_what_came(
    name: str,
    store: Callable[[dict[str, bytes]], str],
    framework: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not what the server tells: some tell none."""
    arrow, file, sizes = framework("pyarrow"), io.BytesIO(), []
    framework("pyarrow.parquet").write_table(arrow.table({"text": ["a b", "c d"], "label": ["x", "y"]}), file)
    lines = b'{"text": "a", "label": "x"}\n{"text": "b", "label": "y"}\n'
    content = file.getvalue() if name.endswith("parquet") else lines
    address = store({name: content})
    path: Any = path_at(address)
    monkeypatch.setattr(path.__class__, "stat", lambda *_: pytest.fail("it was asked for its size"))
    monkeypatch.setattr(tables, "check_growth", lambda name, packed, unpacked: sizes.append(packed))
    assert len(open_dataset(f"{address}/{name}")) == 2
    assert set(sizes) == {len(content)}


def test_a_token_file(store: Callable[[dict[str, bytes]], str]) -> None:
    data = open_dataset(store({"names.conll": b"Ann B-PER\nsleeps O\n\nBen B-PER\n"}) + "/names.conll")
    assert [item.decode() for item in data.items()] == [("Ann", "sleeps"), ("Ben",)]


def test_a_table_names_pictures_below_its_folder_only(store: Callable[[dict[str, bytes]], str]) -> None:
    cells = (
        "cat/0.png",
        "memory://bucket/dog/0.png",
        "../other/1.png",
        "memory://other/1.png",
        "/etc/passwd",
    )
    lines = "".join(f"{cell},{label}\n" for cell, label in zip(cells, "abaab", strict=True))
    address = store(pictures() | {"list.csv": f"image,label\n{lines}".encode()})
    items = list(open_dataset(f"{address}/list.csv").items())
    assert [item.decode().size for item in items[:2]] == [(12, 12), (12, 12)]
    for item, cell in zip(items[2:], cells[2:], strict=True):
        with pytest.raises(InputError, match="no path") as caught:
            item.decode()
        assert repr(cell) in str(caught.value)


def test_a_picture_that_has_gone(store: Callable[[dict[str, bytes]], str]) -> None:
    address = store({"list.csv": b"image,label\ngone.png,a\ngone.png,b\n"})
    with pytest.raises(InputError, match=r"'memory://bucket/gone.png': there is no such file\. --skip-bad"):
        next(iter(open_dataset(f"{address}/list.csv").items())).decode()


def test_arrays_are_read_from_files_of_this_machine(store: Callable[[dict[str, bytes]], str]) -> None:
    with pytest.raises(InputError, match="copy 'memory://bucket/labels.npz' here first"):
        open_dataset(store({"labels.npz": b"PK"}) + "/labels.npz")


def test_data_to_predict_for(store: Callable[[dict[str, bytes]], str]) -> None:
    address = store(pictures())
    whole = open_unlabelled(address, "image")
    one = open_unlabelled(f"{address}/dog/0.png", "image")
    listed = open_unlabelled([f"{address}/dog/0.png"], "image")
    assert (len(whole), len(one), len(listed)) == (6, 1, 1)
    first, second = (next(iter(data.items())).decode() for data in (one, listed))
    assert np.array_equal(np.asarray(first), np.asarray(second))


def test_a_changed_file_changes_the_digest_of_the_data(store: Callable[[dict[str, bytes]], str]) -> None:
    address = store(pictures())
    before, again = data_digest(open_dataset(address)), data_digest(open_dataset(address))
    store({"cat/0.png": picture(999)})
    assert before == again != data_digest(open_dataset(address))
    assert before is not None


def test_a_store_that_tells_no_more_than_a_size(
    store: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path: Any = path_at(store(pictures()) + "/cat/0.png")
    with monkeypatch.context() as patch:
        patch.setattr(type(path.fs), "info", lambda *_: {"size": 3})
        with pytest.raises(InputError, match="Nothing tells whether 'memory://bucket/cat/0.png' has changed"):
            state_of(path)


def test_an_item_is_on_its_way_as_its_address(store: Callable[[dict[str, bytes]], str]) -> None:
    item = next(iter(open_dataset(store(pictures())).items()))
    packed = pickle.dumps(item)
    assert len(packed) < 1000
    assert pickle.loads(packed).decode().size == (12, 12)


def test_workers_read_from_the_address(server: Served, framework: Callable[[str], ModuleType]) -> None:
    framework("onnxruntime")
    address, root = server.address, server.root
    laid_out(root / "pets", pictures(8))
    models = ["zoo:resnet-mnist", "zoo:resnet-random"]
    here = rank(models, root / "pets", metrics="logme", resamples=0)
    with Processes(2) as executor:
        there = rank(models, f"{address}/pets", metrics="logme", resamples=0, executor=executor)
    assert {row.model: row.scores for row in there.rows} == {row.model: row.scores for row in here.rows}


def test_on_the_command_line(
    server: Served,
    framework: Callable[[str], ModuleType],
    capsys: pytest.CaptureFixture[str],
) -> None:
    framework("onnxruntime")
    address, root = server.address, server.root
    laid_out(root / "pets", pictures(8))
    words = ["rank", "--models", "zoo:resnet-mnist", "--data", f"{address}/pets", "--no-cache", "--quiet"]
    assert run([*words, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["model"] == "zoo:resnet-mnist"
    assert run([*words[:-3], f"{address}/none"]) == 2
    assert f"There is no folder '{address}/none'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://nothing/here", "There is no folder 'memory://nothing/here'"),
        ("ss3://bucket/x", "Did you mean 's3'"),
        ("zip://a::memory://bucket/b.zip", "one address within another"),
        ("http://127.0.0.1:9/x", "'http://127.0.0.1:9/x' cannot be read: Cannot connect"),
    ],
)
def test_what_cannot_be_read(address: str, said: str, framework: Callable[[str], ModuleType]) -> None:
    framework("upath")
    framework("aiohttp")
    with pytest.raises(InputError, match=".") as caught:
        open_dataset(address)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_kind_that_nothing_answers_to_is_an_unknown_name(framework: Callable[[str], ModuleType]) -> None:
    framework("upath")
    with pytest.raises(UnknownNameError):
        path_at("nosuch://x")


def test_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(MissingExtraError, match=r"audition\[remote\]"):
        open_dataset("s3://bucket/x")


def test_a_kind_that_needs_one_more_package(
    framework: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    framework("upath")
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(InputError, match=r"gs:// need one more package\. .*gcsfs"):
        open_dataset("gs://bucket/x")


@pytest.mark.parametrize("name", ["a b", "100%", "a%20b", "größe"])
def test_an_address_of_this_machine_is_a_path(name: str, tmp_path: Path) -> None:
    path = path_at((tmp_path / name).as_uri())
    assert path == tmp_path / name == path_at((tmp_path / name).as_uri().replace("://", "://localhost"))
    assert not is_remote(path)


@pytest.mark.parametrize(
    ("address", "said"),
    [("file://photos/cats", "begins with three slashes"), ("file://[x/a", "is no address")],
)
def test_an_address_of_no_file_of_this_machine(address: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_dataset(address)
    with pytest.raises(InputError, match=said):
        open_unlabelled([f"{address}.png"], "image")


def test_a_table_is_called_as_its_folder_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out(tmp_path / "reviews", {"train.csv": b"text,label\na,x\nb,y\n"})
    (tmp_path / "reviews" / "here").mkdir()
    monkeypatch.chdir(tmp_path / "reviews" / "here")
    assert (
        open_dataset("../train.csv").name == open_dataset("../../reviews/train.csv").name == "reviews/train"
    )


def test_names_on_a_server_are_those_on_disk(server: Served) -> None:
    files = {
        f"{split}/{name}/{place}.png": picture(place)
        for split in ("train", "test")
        for place, name in enumerate(("red fox", "größe", "a-b", "a"))
    }
    root = laid_out(server.root / "my pets", files)
    laid_out(root, {"notes.txt": b"", "train/index.txt": b""})
    for split in ("train", "all"):
        there, here = (open_dataset(at, split=split) for at in (f"{server.address}/my%20pets/", root))
        assert there.name == here.name
        assert [item.label for item in there.items()] == [item.label for item in here.items()]
    texts = laid_out(
        server.root / "texts", {"ü b.txt": b"two", "c/a.txt": b"one", ".c/x.txt": b"", "c/.x.txt": b""}
    )
    for at in (texts, f"{server.address}/texts"):
        assert sorted(item.decode() for item in open_unlabelled(at, "text").items()) == ["one", "two"]


@pytest.mark.parametrize("root", ["", "/pets"])
def test_a_page_has_links_that_are_no_files(root: str, server: Served) -> None:
    """As Apache's: to sort it by, to itself, to what is above it; and icons beside the names."""
    served = laid_out(Path(f"{server.root}{root}"), pictures(2))
    for name in ("", "cat/", "dog/"):
        here = sorted(path.name + "/" * path.is_dir() for path in (served / name).iterdir())
        links = ["?C=N;O=D", "/", "./", "../", "../../", f"{root}/", *here, *here]
        page = "".join(f'<a href="{link}">x</a>' for link in links)
        laid_out(served / name, {"index.html": page.encode()})
    items = list(open_dataset(f"{server.address}{root}").items())
    assert [item.label for item in items] == ["cat", "cat", "dog", "dog"]


def test_a_page_that_answers_to_every_address(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of an application: it is not followed for ever."""
    laid_out(server.root, {"index.html": b'<a href="cat/">x</a><a href="dog/">x</a>'})
    monkeypatch.setattr(
        SimpleHTTPRequestHandler, "translate_path", lambda *_: str(server.root / "index.html")
    )
    with pytest.raises(InputError, match="goes down more than 32 folders"):
        open_dataset(f"{server.address}/app")
    assert len(server.asked) < 100


def test_a_folder_is_listed_once_and_an_item_asked_for_once(server: Served) -> None:
    laid_out(server.root / "pets", pictures())
    data = open_dataset(f"{server.address}/pets")
    twice = {path for path in server.asked if server.asked.count(path) > 1}
    assert twice == {"/pets", "/pets/"}  # whether it is there, and what it holds
    server.asked.clear()
    next(iter(data.items())).decode()
    assert server.asked == ["/pets/cat/0.png"]


def test_data_are_looked_at_anew(
    server: Served, store: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a store's client has kept of its lists is not taken for what is there now."""
    root = laid_out(server.root / "pets", pictures())
    assert len(open_dataset(f"{server.address}/pets")) == 6
    laid_out(root, {"cat/new.png": picture(9)})
    assert len(open_dataset(f"{server.address}/pets")) == 7
    address, forgotten = store(pictures()), []
    fs: Any = path_at(address)
    monkeypatch.setattr(type(fs.fs), "invalidate_cache", lambda *_: forgotten.append(1), raising=False)
    open_dataset(address)
    assert forgotten


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("where", ["/pets/cat/", "/pets/cat/deep/"])
def test_a_folder_that_cannot_be_listed_is_not_passed_over(where: str, status: int, server: Served) -> None:
    laid_out(server.root / "pets", pictures())
    server.refused[where] = status
    why = "it is not there" if status == 404 else str(status)
    with pytest.raises(InputError, match=f"Cannot list the folder '{server.address}{where[:-1]}': {why}"):
        open_dataset(f"{server.address}/pets")


def test_a_folder_of_a_bucket_that_one_may_not_list(
    store: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = store(pictures())
    fs: Any = path_at(address)
    listed = type(fs.fs).ls

    def ls(self: Any, path: str, **given: Any) -> Any:
        if path.endswith("deep"):
            raise PermissionError("Access Denied")
        return listed(self, path, **given)

    monkeypatch.setattr(type(fs.fs), "ls", ls)
    with pytest.raises(InputError, match="Cannot list the folder 'memory://bucket/cat/deep': Access Denied"):
        open_dataset(address)


def test_a_server_that_fails_says_so(server: Served) -> None:
    root = laid_out(server.root / "pets", pictures())
    item = next(iter(open_dataset(f"{server.address}/pets").items()))
    for path, status, said in (
        ("/pets/cat/0.png", 500, "500, message='Internal Server Error'"),
        ("/pets/cat/0.png", 404, "there is no such file"),
    ):
        server.refused[path] = status
        with pytest.raises(InputError, match=f"Cannot read the image '{item.name}': {said}"):
            item.decode()
    server.refused["/pets"] = 403
    with pytest.raises(InputError, match=r"/pets' cannot be read: 403, message='Forbidden'"):
        open_unlabelled(f"{server.address}/pets", "image")
    assert root.is_dir()


def test_a_store_that_is_silent(
    store: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors of time say nothing of themselves."""
    address = store({"reviews.csv": b"text,label\na,x\nb,y\n"})
    fs: Any = path_at(address)

    def late(*_: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(type(fs.fs), "cat_file", late)
    with pytest.raises(InputError, match=r"Cannot read 'memory://bucket/reviews.csv': TimeoutError\."):
        open_dataset(f"{address}/reviews.csv")


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https://me:SECRET@example.org/pets",
            "https://SECRET@example.org/pets",
            "s3://key:SECRET@bucket/pets",
        ),
        *("https://example.org/pets.csv?sig=SECRET", "zip://a::https://me:SECRET@example.org/b.zip"),
        "ftp://me:SECRET@example.org/a.png",
    ],
)
def test_keys_are_neither_taken_nor_shown(address: str, framework: Callable[[str], ModuleType]) -> None:
    framework("upath")
    for opening in (
        lambda: open_dataset(address),
        lambda: open_unlabelled(address, "image"),
        lambda: open_unlabelled([address], "image"),
    ):
        with pytest.raises(InputError) as caught:
            opening()
        assert "SECRET" not in str(caught.value)


def test_keys_of_where_a_server_sends_one_on_to_are_not_shown(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def redirect(self: Any) -> None:
        if self.path.startswith("/signed"):
            return self.send_error(403)
        self.send_response(302)
        self.send_header("Location", f"{server.address}/signed.csv?sig=SECRET")
        self.end_headers()

    monkeypatch.setattr(SimpleHTTPRequestHandler, "do_GET", redirect)
    with pytest.raises(InputError, match="403, message='Forbidden', url='http.*/signed.csv'") as caught:
        open_dataset(f"{server.address}/reviews.csv")
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["C:\\photos", "C://photos", "flowers/train", "sklearn:digits", "hfds:a/b", "://x", ""]
)
def test_paths_and_names_are_no_addresses(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    "cell",
    [
        *("..", "a/../../b", "a\\..\\..\\b", "/abs", "s3://elsewhere/x", "memory://bucket2/x", ""),
        *("%2e%2e/b", "a%2F..%2F..%2Fb", "memory://bucket/%2E%2E/b"),
    ],
)
def test_a_cell_leads_nowhere_else(cell: str, store: Callable[[dict[str, bytes]], str]) -> None:
    assert below(path_at(store({"x": b""})), cell) is None


@pytest.mark.skipif(sys.platform == "win32", reason="no folder there has a colon in its name")
def test_paths_that_mean_an_address(store: Callable[[dict[str, bytes]], str], tmp_path: Path) -> None:
    """Those of universal_pathlib, and what `Path` makes of the text; settings of their own would not reach workers."""
    from upath import UPath

    address = store({"t.csv": b"text,label\na,x\nb,y\n"}) + "/t.csv"
    for given in (UPath(address), Path(address)):
        assert [item.label for item in open_dataset(given).items()] == ["x", "y"]
    with pytest.raises(
        InputError, match="A MemoryPath with settings of its own cannot be used: give the address"
    ):
        open_dataset(UPath(address, token="secret"))
    here = tmp_path / "memory:" / "bucket"
    here.mkdir(parents=True)
    (here / "t.csv").write_bytes(b"text,label\nc,x\nd,y\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert [item.decode() for item in open_dataset(Path("memory:/bucket/t.csv")).items()] == ["c", "d"]
