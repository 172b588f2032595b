"""Sources of one architecture beside each other: groups, places, words, and who says where a model comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition import rank
from audition.errors import InputError
from audition.models.custom import CallableModel
from audition.models.origins import Origin
from audition.ranking.grouped import SourceRanking, SourceStanding, rank_by_source

RNG = np.random.default_rng(0)
CODES = np.arange(60) % 3
ROWS = RNG.normal(size=(60, 6)).astype(np.float32)


def array(folder: Path, name: str, signal: float) -> str:
    """Features that tell the classes apart the better, the stronger the signal."""
    rows = ROWS.copy()
    rows[:, :3] += signal * np.eye(3, dtype=np.float32)[CODES]
    np.save(folder / f"{name}.npy", rows)
    return f'[[model]]\nname = "features:{name}.npy"\n'


@pytest.fixture
def candidates(tmp_path: Path) -> str:
    """Two architectures; small nets of birds and insects, large ones of birds, insects and again insects."""
    text = ""
    for name, architecture, source, signal in (
        ("a", "small", "birds", 1),
        ("b", "small", "insects", 2),
        ("c", "large", "birds", 6),
        ("d", "large", "insects", 5),
        ("e", "large", "insects", 3),
        ("f", "other", "birds", 0),
    ):
        text += array(tmp_path, name, signal) + f'architecture = "{architecture}"\nsource = "{source}"\n'
    (tmp_path / "list.toml").write_text(text, encoding="utf-8")
    return f"@{tmp_path / 'list.toml'}"


@pytest.fixture
def grouped(candidates: str) -> SourceRanking:
    return rank_by_source(candidates, (ROWS, CODES))


def sources(grouped: SourceRanking, architecture: str) -> list[str]:
    return [grouped.called[row.model] for row in grouped.groups[architecture]]


def test_sources_are_ranked_within_each_architecture(grouped: SourceRanking) -> None:
    assert list(grouped.groups) == ["large", "small", "other"]
    assert sources(grouped, "large") == ["birds", "insects (d)", "insects (e)"]
    assert sources(grouped, "small") == ["insects", "birds"]
    assert [row.place for row in grouped.groups["small"]] == [1, 2]
    assert [row.mean_place for row in grouped.groups["small"]] == [1, 2]


def test_and_over_all(grouped: SourceRanking, candidates: str) -> None:
    plain = rank(candidates, (ROWS, CODES))
    assert [(row.model, row.scores) for row in grouped.ranking] == [(row.model, row.scores) for row in plain]
    assert grouped.sources == (
        SourceStanding("insects", 3, 3.0, 2),
        SourceStanding("birds", 3, 4.0, 1),
    )
    assert grouped.verdict.startswith("Take large from birds: first by 2 of 2 measures")
    assert "Second is large from insects (d), 1 place behind" in grouped.verdict


def test_as_text(grouped: SourceRanking) -> None:
    text = repr(grouped)
    first = text.splitlines()[0]
    assert first.startswith("6 candidates of 3 architectures from 2 sources on arrays, 60 items")
    assert text.index("\nlarge\n") < text.index("\nsmall\n") < text.index("architectures with one candidate")
    assert "other from birds" in text
    assert "Take insects: first by 2 of 2 measures" in text
    assert "source over all candidates mean place best place insects 3 3.0 2 birds 3 4.0 1" in " ".join(
        text.split()
    )
    assert "\nOf all: Take large from birds" in text


def test_saved_and_read_again(grouped: SourceRanking, tmp_path: Path) -> None:
    grouped.save(tmp_path / "out.json")
    values = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [row["source"] for row in values["groups"]["large"]] == ["birds", "insects", "insects"]
    assert values["sources"][0] == {"source": "insects", "candidates": 3, "mean_place": 3.0, "best_place": 2}
    assert SourceRanking.from_dict(values) == grouped
    with pytest.raises(InputError, match="its format is 'audition-ranking'"):
        SourceRanking.from_dict(values["ranking"])


def test_a_candidate_that_fails_keeps_its_place_in_its_group(candidates: str, tmp_path: Path) -> None:
    np.save(tmp_path / "b.npy", ROWS[:50])
    grouped = rank_by_source(candidates, (ROWS, CODES))
    assert sources(grouped, "small") == ["birds", "insects"]
    assert "has 50 rows" in str(grouped.groups["small"][1].error)
    assert grouped.sources[0].candidates == 2
    assert "small from insects failed: " in repr(grouped)


def test_none_that_can_be_ranked(candidates: str) -> None:
    grouped = rank_by_source(candidates, (ROWS[:50], CODES[:50]))
    assert grouped.sources == ()
    assert "None of the candidates could be ranked" in grouped.verdict
    assert repr(grouped)


def test_models_of_your_own(tmp_path: Path) -> None:
    half = CallableModel("half", lambda batch: batch[:, :2], "rows")
    grouped = rank_by_source([CallableModel("mine", lambda batch: batch, "rows"), half], (ROWS, CODES))
    assert grouped.origins == {"mine": Origin("mine", "mine"), "half": Origin("half", "half")}


def test_what_a_file_leaves_out_is_told_by_the_name(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "model,source\nzoo:cnn-mnist,my digits\nzoo:vit-*,\n", encoding="utf-8"
    )
    from audition.ranking.grouped import origins_of

    assert origins_of(f"@{tmp_path / 'list.csv'}").by_name == {
        "zoo:cnn-mnist": Origin("cnn", "my digits"),
        "zoo:vit-cifar10": Origin("vit", "cifar10"),
        "zoo:vit-mnist": Origin("vit", "mnist"),
        "zoo:vit-omniglot": Origin("vit", "omniglot"),
    }


def test_the_zoo_on_digits(framework: Any) -> None:
    """Each architecture of the zoo has learnt most of use for digits from MNIST."""
    framework("onnxruntime")
    framework("PIL")
    from audition.data.open import open_dataset

    data = open_dataset("sklearn:digits", limit=300)
    grouped = rank_by_source(["zoo:cnn-*", "zoo:vit-*"], data, metrics="logme")
    assert [grouped.called[group.best.model] for group in grouped.groups.values()] == ["mnist", "mnist"]
    assert grouped.sources[0] == SourceStanding("mnist", 2, 1.5, 1)
