"""From data and places to a candidates file: what a user calls, and what the command prints."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from rich.console import Console
from shortlisting.hub_server import hub

from audition.errors import InputError
from audition.models.listed import listed_candidates
from audition.shortlisting import Shortlist, shortlist
from audition.shortlisting.timm_list import known_timm, list_timm
from audition.shortlisting.words import print_shortlist
from audition.truth import read_truth

PICTURES = np.zeros((4, 8, 8), np.uint8), ["a", "b", "a", "b"]
TEXTS = ["one", "two", "three", "four"], ["a", "b", "a", "b"]


@pytest.fixture
def without_timm(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where timm is not installed: the list that the package brings."""
    monkeypatch.setattr("audition.shortlisting.timm_list.find_spec", lambda name: None)


@pytest.fixture
def found(without_timm: None) -> Shortlist:
    return shortlist(PICTURES, "timm:*", max_params="70M", licences="permissive", per_family=2, most=10)


def test_candidates_within_the_limits(found: Shortlist) -> None:
    table = known_timm()
    assert len(found) == 10 and found.listed == len(table)
    for one in found:
        assert one.parameters is not None and one.parameters <= 70e6
        assert one.parameters == table[one.model.removeprefix("timm:")].parameters
        assert one.licence in ("apache-2.0", "mit", "bsd-3-clause", "cc-by-4.0")
    families = [one.family for one in found]
    assert max(map(families.count, families)) <= 2
    assert sum(found.left.values()) + len(found) == found.listed


def test_each_says_why(found: Shortlist) -> None:
    tested, _ = shortlist(PICTURES, ["timm:resnet50.tv_in1k", "timm:resnet18.tv_in1k"])
    assert "1st of 2 by 26 published results" in tested.why[0] and "trained on ImageNet-1k" in tested.why
    assert all(one.why and f"of the family {one.family}" in " ".join(one.why) for one in found)


def test_the_file_is_read_by_rank(found: Shortlist, tmp_path: Path) -> None:
    path = tmp_path / "candidates.toml"
    found.save(path)
    listed = listed_candidates(path)
    assert [each.name for each in listed] == found.models
    first = found.candidates[0]
    assert (listed[0].source, listed[0].architecture) == (first.trained_on, first.architecture)
    assert f"# the first of the family {first.family}" in path.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        found.save(path)


def test_nothing_is_fetched(found: Shortlist, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with every connection refused."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    again = shortlist(PICTURES, "timm:*", max_params="70M", licences="permissive", per_family=2, most=10)
    assert again == found


def test_the_same_in_any_order(without_timm: None) -> None:
    one = shortlist(PICTURES, ["timm:resnet*", "timm:vit_*"], max_params="60M")
    other = shortlist(PICTURES, ["timm:vit_*", "timm:resnet*"], max_params="60M")
    assert one.models == other.models


def test_own_results_count(without_timm: None, tmp_path: Path) -> None:
    """A small network comes in that did well in the user's own hands, and says so."""
    name = next(name for name, known in known_timm().items() if "edgenext_small" in name and known.parameters)
    rows = [f"timm:{name},d{i},{90 + i}\ntimm:resnet18.tv_in1k,d{i},{50 + i}" for i in range(8)]
    (tmp_path / "own.csv").write_text("model,dataset,accuracy\n" + "\n".join(rows) + "\n", encoding="utf-8")
    found = shortlist(PICTURES, "timm:*", most=40, history=read_truth(tmp_path / "own.csv"), max_params="60M")
    (own,) = [one for one in found if one.model == f"timm:{name}"]
    assert "by 8 results of yours" in own.why[0]


def test_hub_and_library_together(local_hub: list[str], without_timm: None) -> None:
    found = shortlist(PICTURES, ["hf:task=image-classification", "torchvision:resnet18"], most=20)
    assert "hf:google/vit-base-patch16-224" in found.models and "torchvision:resnet18" in found.models
    assert found.left["behind terms that each user has to accept first"] == 1
    assert any("2.9M downloads a month" in why for one in found for why in one.why)


def test_offline_it_says_so(no_hub: None) -> None:
    found = shortlist(TEXTS, "hf:task=fill-mask", most=3)
    assert len(found) == 3 and "The hub was not asked" in str(found)
    assert str(found).endswith("ranking them downloads 3 of unknown size.")


def test_networks_of_the_package_are_here() -> None:
    found = shortlist(PICTURES, ["zoo:*", "torchvision:resnet18"], most=2, per_family=1)
    zoo = [one for one in found if one.model.startswith("zoo:")]
    assert zoo and all(one.download == 0 and "part of audition" in one.why for one in zoo)
    assert "out of the list of zoo and the list of torchvision\n" in str(found)
    here = shortlist(PICTURES, "zoo:*", most=2)
    assert str(here).endswith("Nothing has been downloaded, nor has to be: all of them are here.")


def test_torchvision_says_its_data_as_others_do(framework: Callable[[str], ModuleType]) -> None:
    framework("torchvision")
    (one,) = shortlist(PICTURES, "torchvision:resnet18")
    assert one.trained_on == "ImageNet-1k"


def test_thousands_have_commas_and_lines_no_blanks_at_their_ends(found: Shortlist) -> None:
    assert found.listed > 999
    console = Console(file=StringIO(), width=80, color_system=None)
    print_shortlist(replace(found, left={"behind": 1543}), console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"10 of {found.listed:,} networks" in shown and "Left out: 1,543 behind." in shown
    assert all(line == line.rstrip() for line in shown.split("\n"))


def test_what_does_not_print_is_shown_as_its_escape(found: Shortlist) -> None:
    shown = str(replace(found, data="x\x1b[31m", notes=("the hub says \x9b31m",)))
    assert "networks for x\\x1b[31m (image" in shown and "the hub says \\x9b31m" in shown


def test_nothing_is_left(without_timm: None) -> None:
    found = shortlist(PICTURES, "timm:resnet18.*", max_params=1000)
    assert found.models == [] and "No network is within the limits" in str(found)


@pytest.mark.parametrize(
    ("data", "place", "sentence"),
    [
        (PICTURES, "timm:nosuch*", r"Nothing matches timm:nosuch\*"),
        (PICTURES, [], "Say where to look"),
        (TEXTS, "timm:*", "holds networks of images"),
        (
            PICTURES,
            "hf:nothing/*",
            r"Nothing matches hf:nothing/\* in the published tables. The hub was not asked",
        ),
    ],
)
def test_places_that_hold_nothing(
    without_timm: None, no_hub: None, data: object, place: list[str], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        shortlist(data, place)


def test_timm_itself_lists_what_the_table_knows(framework: Callable[[str], ModuleType]) -> None:
    framework("timm")
    listing = list_timm("resnet18.*")
    assert listing.where == "timm's own list"
    assert {entry.model for entry in listing.entries} >= {"timm:resnet18.a1_in1k", "timm:resnet18.tv_in1k"}
    (one,) = [entry for entry in listing.entries if entry.model == "timm:resnet18.tv_in1k"]
    assert (one.parameters, one.download, one.licence) == (11_689_512, 46_758_048, "bsd-3-clause")


def test_command(framework: Callable[[str], ModuleType], tmp_path: Path) -> None:
    """The whole command in a process of its own, with HF_ENDPOINT."""
    framework("huggingface_hub")
    out, told = tmp_path / "candidates.toml", tmp_path / "told.json"
    words = ["-d", "sklearn:digits", "--from", "hf:task=image-classification", "--license", "permissive"]
    words += ["--max-download", "500MB", "--out", str(out), "--json", str(told)]
    with hub() as (address, _):
        environment = {**os.environ, "HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0"}
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, "shortlist", *words],
            env=environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Nothing has been downloaded" in done.stdout and "licence" in done.stdout
    names = [each["name"] for each in tomllib.loads(out.read_text(encoding="utf-8"))["model"]]
    values = json.loads(told.read_text(encoding="utf-8"))
    assert names == [each["model"] for each in values["candidates"]] and "timm:resnet50.a1_in1k" in names
    assert values["format"] == "audition-shortlist" and values["download"] <= 500e6


COMMAND = (
    "import sys; from cyclopts import App; from audition.cli.shortlist import shortlist; "
    "app = App(result_action='return_value'); app.command(shortlist); sys.exit(app(sys.argv[1:]))"
)
