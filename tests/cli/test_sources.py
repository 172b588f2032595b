"""`audition sources`: networks by source, data sets in a reference network, networks beside one of the target."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audition.cli import run


@pytest.fixture
def zoo(framework: Any) -> None:
    framework("onnxruntime")
    framework("PIL")


DIGITS = ["sources", "-d", "sklearn:digits", "--limit", "200"]


def test_networks_by_source(zoo: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DIGITS, "-m", "zoo:cnn-*", "zoo:vit-mnist", "--metrics", "logme"]) == 0
    out = capsys.readouterr().out
    assert "4 candidates of 2 architectures from 3 sources on sklearn:digits (200 of 1797)" in out
    assert "architectures with one candidate" in out and "vit from mnist" in out
    assert "Of all: Take vit from mnist: first by logme. Second is cnn from mnist" in out


def test_their_json_is_clean(zoo: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DIGITS, "-m", "zoo:cnn-*", "--metrics", "logme", "--json", "-"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["groups"]["cnn"][0]["source"] == "mnist"
    assert written["ranking"]["metrics"] == ["logme"]


def test_a_network_that_fails_is_told_by_the_exit_code(
    zoo: None, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    np.save(tmp_path / "a.npy", np.ones((3, 2)))
    assert run([*DIGITS, "-m", "zoo:cnn-mnist", f"features:{tmp_path / 'a.npy'}", "--metrics", "logme"]) == 1
    assert "has 3 rows but" in " ".join(capsys.readouterr().out.split())


def test_data_sets(zoo: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DIGITS, "-s", "sklearn:digits", "--metrics", "domain_similarity"]) == 0
    out = capsys.readouterr().out
    assert "sklearn:digits" in out and "domain_similarity" in out.replace("\n", "")


def test_networks_beside_one_of_the_target(zoo: None, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["-m", "zoo:cnn-*", "--target-model", "zoo:resnet-mnist", "--json", "-"]
    assert run([*DIGITS, *words]) == 0
    ranking = json.loads(capsys.readouterr().out)
    assert ranking["metrics"] == ["rsa", "dds"] and ranking["rows"][0]["model"] == "zoo:cnn-mnist"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "either data sets as --sources, or networks as --models"),
        (["-s", "x", "-m", "zoo:*"], "either data sets as --sources, or networks as --models"),
        (["-s", "x", "--target-model", "zoo:cnn-mnist"], "--target-model goes with networks as --models"),
        (["-m", "zoo:*", "--reference", "zoo:cnn-mnist"], "--reference goes with data sets as --sources"),
        (["-m", "zoo:cnn-*", "--metrics", "rsa"], "rsa"),
        (["-m", "@none.toml"], "There is no candidates file 'none.toml'"),
        (["-s", "sklearn:digits", "--metrics", "rsa"], "rsa does not rank these sources"),
        (["-s", "sklearn:digits", "--metrics", "oce"], "Did you mean 'otce'"),
        (["-s", "sklearn:digits", "--trust", "hf:org/name"], "Only a model that is named is trusted"),
        (
            ["-m", "zoo:*", "--target-model", "zoo:cnn-mnist", "--trust", "hf:a/b"],
            "Only a model that is named",
        ),
        (["-s", "sklearn:digits", "--cache", "x", "--no-cache"], "either --cache or --no-cache"),
    ],
)
def test_mistakes(zoo: None, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    assert run([*DIGITS, *words]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "words",
    [
        ["-s", "sklearn:digits", "--metrics", "domain_similarity"],
        ["-m", "zoo:cnn-*", "--target-model", "zoo:resnet-mnist"],
    ],
    ids=["data sets", "networks"],
)
def test_features_are_kept_where_the_cache_is_named(zoo: None, tmp_path: Any, words: list[str]) -> None:
    from audition.cache import Cache

    assert run([*DIGITS, *words, "--cache", str(tmp_path)]) == 0
    assert Cache(tmp_path).ls()
