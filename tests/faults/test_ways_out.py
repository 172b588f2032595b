"""Links and names that lead out of a folder, and what is no file: refused, and never waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import seeds
from faults.judge import in_memory, in_time, judged

from audition.cache import Cache, FeatureKey
from audition.data import open_dataset, read_features
from audition.errors import InputError
from audition.models import open_model
from audition.models.listed import listed_models
from audition.models.registry import find_models, model_identity
from audition.ranking import Ranking
from audition.truth import read_truth

NOWHERE = (
    "",
    " ",
    "../" * 40 + "etc/none",
    "/nowhere/at/all",
    "~nobody-here/x",
    "C:\\windows\\x",
    "\\\\server\\share",
    "a\0b",
    "x" * 300,
    "x/" * 3000,
    "\ud800",
    "\udc80\udcff",
    "con",
    "-",
    "--models",
    "a\nb",
    "\x1b[2J",
    "<b>",
    "%2e%2e/x",
    "..",
    "é" * 255,
)
"""Texts that name no file of ours."""

DOORS: dict[str, Callable[[str], Any]] = {
    "data": open_dataset,
    "data of features": lambda name: open_dataset(f"features:{name}"),
    "table": lambda name: open_dataset(f"{name}.csv"),
    "features": read_features,
    "feature file": lambda name: read_features(f"{name}.npz", f"{name}.csv"),
    "candidates": lambda name: listed_models(Path(name)),
    "truth": read_truth,
    "ranking": Ranking.load,
    "cache": lambda name: Cache(name or "x").ls(),
    "model": open_model,
    "pattern": find_models,
    "features as a model": lambda name: find_models(f"features:{name}*"),
    "network": lambda name: open_model(f"onnx:{name}?size=8"),
    "script": lambda name: open_model(f"torchscript:{name}"),
    "weights": lambda name: open_model(f"timm:resnet18?checkpoint={name}"),
    "identity": model_identity,
}


@pytest.mark.parametrize("door", DOORS)
def test_names_of_nothing(door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, framework: Any) -> None:
    """A sentence at every door; no error of the system's, nothing made on the way."""
    for name in {"script": ("torch",), "weights": ("torch", "timm"), "network": ("onnxruntime",)}.get(
        door, ()
    ):
        framework(name)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in NOWHERE:
        judged(lambda name=name: DOORS[door](name))
    assert os.listdir(tmp_path) == ["here"] and os.listdir(tmp_path / "here") == []


def test_a_tuned_folder_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, framework: Any) -> None:
    framework("torch")
    from audition import load_tuned

    monkeypatch.chdir(tmp_path)
    for name in NOWHERE:
        assert judged(lambda name=name: load_tuned(name)) == "refused"


def test_cells_of_a_table(tmp_path: Path, framework: Any) -> None:
    """A cell names any file, as its author could; what is no picture is not shown, not even its first byte."""
    framework("PIL")
    (tmp_path / "secret").write_text("a secret")
    names = [
        *(name for name in NOWHERE if name.strip() and "\0" not in name),
        "../secret",
        str(tmp_path / "secret"),
        "/dev/zero",
    ]
    names = [name for name in names if name.isprintable() and "," not in name]
    (tmp_path / "inner").mkdir()
    table = tmp_path / "inner" / "t.csv"
    table.write_text(
        "image,label\n" + "".join(f'"{name}",{i % 2}\n' for i, name in enumerate(names)), encoding="utf-8"
    )
    for item in open_dataset(table).items():
        with (
            pytest.raises(InputError, match="no path|There is no image|Cannot read the image") as told,
            in_time(5, waiting=True),
        ):
            item.decode()
        assert "a secret" not in str(told.value)


@pytest.fixture
def pictures(tmp_path: Path, framework: Any) -> Path:
    framework("PIL")
    for name in ("cat/a.png", "dog/b.png"):
        (tmp_path / "data" / name).parent.mkdir(parents=True)
        (tmp_path / "data" / name).write_bytes(seeds.image("PNG"))
    return tmp_path / "data"


def test_links_in_a_folder_of_pictures(pictures: Path) -> None:
    """A circle ends; a link to nothing, to a folder, to a device or a pipe is one item that cannot be read."""
    (pictures / "cat" / "circle").symlink_to(pictures)
    (pictures / "cat" / "gone.png").symlink_to("nowhere.png")
    (pictures / "cat" / "zero.png").symlink_to("/dev/zero")
    if hasattr(os, "mkfifo"):
        os.mkfifo(pictures / "dog" / "pipe.png")
    found = {Path(item.name).name: item for item in open_dataset(pictures).items()}
    assert {"a.png", "b.png", "gone.png", "zero.png"} <= set(found)
    for name, item in found.items():
        with in_time(5, waiting=True):
            assert judged(item.decode) == ("read" if name in ("a.png", "b.png") else "refused")


def test_a_pipe_among_pictures_costs_a_run_that_item_alone(pictures: Path) -> None:
    """Its contents are not waited for by the cache either, which digests every file."""
    from audition.ranking import rank

    if not hasattr(os, "mkfifo"):
        pytest.skip("assets absent: this system has no pipes by name")
    for place in range(6):
        (pictures / ("cat" if place % 2 else "dog") / f"{place}.png").write_bytes(seeds.image("PNG"))
    os.mkfifo(pictures / "dog" / "pipe.png")
    with in_time(60, waiting=True):
        found = rank("zoo:cnn-mnist", pictures, metrics="logme", skip_bad=True)
    assert [Path(name).name for name in found.skipped] == ["pipe.png"]


@pytest.mark.parametrize("location", ["../w.bin", "/etc/passwd", "/dev/zero", "a/../../w.bin", "\\..\\w.bin"])
def test_weights_of_a_network_that_lie_outside_its_folder(
    tmp_path: Path, framework: Any, location: str
) -> None:
    """ONNX files may name others; those of another folder are neither read nor digested."""
    framework("onnx"), framework("onnxruntime")
    (tmp_path / "w.bin").write_bytes(np.zeros(6, np.float32).tobytes())
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / "net.onnx"
    path.write_bytes(seeds.onnx(location))
    with in_time(20, waiting=True), in_memory():
        assert model_identity(f"onnx:{path}") is None
        assert judged(lambda: open_model(f"onnx:{path}?size=8")) == "refused"


def test_links_in_a_cache(tmp_path: Path) -> None:
    """An entry that is a link to another folder is neither read, written, nor cleared."""
    key = FeatureKey("m", "1", "2")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "000000000000-000000000004-0123456789abcdef.safetensors").write_bytes(b"mine")
    cache = Cache(tmp_path / "cache")
    (cache.path / "entries").mkdir(parents=True)
    (cache.path / "entries" / key.digest).symlink_to(outside)
    with pytest.warns(match="reached by a link"):
        assert not cache.entry(key).append(0, {"last": np.ones((2, 2))})
    assert cache.ls() == () and cache.clear().entries == () and cache.verify().files == 0
    assert len(list(outside.iterdir())) == 1
