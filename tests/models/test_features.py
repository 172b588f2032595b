"""Features that are there already as candidates: files of three kinds, wildcards, layers, and what does not fit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audition import logme, rank, rank_layers
from audition.cli import run
from audition.data.features import Features
from audition.data.files import write_tensors
from audition.errors import InputError
from audition.extraction import extract
from audition.models import find_models, open_model
from audition.models.custom import CallableModel
from audition.models.features import open_features
from audition.models.spec import ModelSpec

RNG = np.random.default_rng(0)
NAMES = np.array(["ant", "bee", "cat"])[np.arange(60) % 3]
ROWS = RNG.normal(size=(60, 6)).astype(np.float32)
ROWS[:, :3] += 2 * np.eye(3, dtype=np.float32)[np.arange(60) % 3]
NOISE = RNG.normal(size=(60, 5)).astype(np.float32)
DATA = (ROWS, NAMES)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with features of two networks, and labels in a file of their own."""
    (tmp_path / "arrays").mkdir()
    np.save(tmp_path / "arrays" / "good.npy", ROWS)
    np.save(tmp_path / "arrays" / "noise.npy", NOISE)
    (tmp_path / "labels.csv").write_text("species\n" + "\n".join(NAMES) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(path: Path, **arrays: Any) -> str:
    np.savez(path, **arrays)
    return f"features:{path}"


class TestRanking:
    def test_ten_arrays_and_one_table_of_labels(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["rank", "-m", "features:arrays/*.npy", "-d", "labels.csv"]) == 0
        out = capsys.readouterr().out
        assert "2 candidates on labels, 60 items" in out
        assert "Tune features:arrays/good.npy first" in out

    def test_the_scores_are_those_of_the_arrays(self, here: Path) -> None:
        ranking = rank("features:arrays/*.npy", "labels.csv")
        assert [row.model for row in ranking] == ["features:arrays/good.npy", "features:arrays/noise.npy"]
        assert ranking.best.scores["logme"] == pytest.approx(logme(ROWS, NAMES), rel=1e-12)

    def test_beside_networks_and_nothing_is_decoded_for_them(self, here: Path) -> None:
        decoded = []
        data = CountingRows(decoded)
        assert len(rank("features:arrays/*.npy", data).placed) == 2
        assert not decoded
        same = CallableModel("same", lambda batch: batch, "rows")
        ranking = rank(["features:arrays/good.npy", same], data)
        assert ranking[0].scores == ranking[1].scores
        assert len(decoded) == 60

    def test_what_extract_wrote_is_ranked_as_the_network_is(self, here: Path, framework: Any) -> None:
        """All layers, and the probabilities of its head: the same scores, without a forward pass."""
        framework("onnxruntime")
        framework("PIL")
        name, data = "zoo:cnn-mnist", "sklearn:digits"
        extract(name, data).save("digits.safetensors")
        ranking = rank([name, "features:digits.safetensors"], data, metrics="logme,leep")
        assert ranking[0].scores == pytest.approx(ranking[1].scores, rel=1e-9)
        layers = rank_layers("features:digits.safetensors", "digits.safetensors", metrics="lfc")
        network = rank_layers(name, data, metrics="lfc")
        assert [row.layer for row in layers] == [row.layer for row in network]
        one = rank("features:digits.safetensors", data, layers=network[1].layer, metrics="lfc")
        assert one.best.scores["lfc"] == pytest.approx(network[1].scores["lfc"], rel=1e-9)

    def test_probabilities_and_groups(self, here: Path) -> None:
        head = np.full((60, 2), 0.5)
        name = saved(here / "a.npz", features=ROWS, labels=NAMES, source_probabilities=head)
        assert rank(name, name, metrics="leep").best.scores["leep"] == pytest.approx(np.log(1 / 3), rel=1e-6)
        twins, labels = np.repeat(NOISE, 4, axis=0), np.repeat(NAMES, 4)  # four rows a group, exactly alike
        grouped = saved(here / "g.npz", features=twins, labels=labels, groups=np.arange(240) // 4)
        apart = rank(grouped, grouped, metrics="knn_accuracy").best.scores["knn_accuracy"]
        together = rank(grouped, (twins, labels), metrics="knn_accuracy").best.scores["knn_accuracy"]
        assert apart < together == 1, "no row is its own twin's neighbour"

    def test_regression_and_several_labels(self, here: Path) -> None:
        target = ROWS[:, 0] * 3 + 1
        name = saved(here / "r.npz", features=ROWS, labels=target.astype(np.float64))
        assert rank(name, (ROWS, target)).task == "regression"
        several = (RNG.random((60, 3)) < 0.5).astype(int)
        np.save("several.npy", several)
        assert rank("features:arrays/*.npy", "several.npy").task == "multilabel"


class CountingRows:
    name, kind, task = "rows", "rows", "classification"

    def __init__(self, decoded: list[int]) -> None:
        self.decoded = decoded

    def __len__(self) -> int:
        return 60

    def items(self) -> Any:
        from audition.data.base import Item

        for i in range(60):
            yield Item(f"row {i}", str(NAMES[i]), lambda i=i: self.decoded.append(i) or ROWS[i])


class TestLayers:
    def test_each_array_of_two_dimensions_is_a_layer(self, here: Path) -> None:
        name = saved(
            here / "l.npz", features=ROWS, block1=NOISE, labels=NAMES, paths=NAMES, other=np.ones((3, 2))
        )
        opened = open_features(ModelSpec.parse(name))
        assert list(opened.keys) == ["block1", "features"]
        assert {row.layer for row in rank(name, "labels.csv", layers="all")} == {"block1", "features"}
        assert rank(name, "labels.csv").best.layer == "features"

    def test_safetensors_of_others(self, here: Path) -> None:
        from safetensors.numpy import save_file

        save_file({"early": NOISE, "late": ROWS}, "clip.safetensors")
        ranking = rank("features:clip.safetensors", "labels.csv", layers="all", metrics="logme")
        assert [row.layer for row in ranking] == ["late", "early"]

    def test_a_layer_that_one_file_lacks_is_said_in_its_row(self, here: Path) -> None:
        name = saved(here / "l.npz", block1=NOISE, block2=ROWS)
        ranking = rank([name, "features:arrays/good.npy"], "labels.csv", layers=["block2"])
        assert ranking.best.model == name
        assert "no layer 'block2'" in ranking["features:arrays/good.npy"].error

    def test_all_is_read_as_float32(self, here: Path) -> None:
        np.save("whole.npy", np.arange(120).reshape(60, 2) % 7)
        assert rank("features:whole.npy", "labels.csv").best.columns == 2


class TestNames:
    def test_wildcards_are_of_files(self, here: Path) -> None:
        (here / "arrays" / "note.txt").write_text("no features", encoding="utf-8")
        expected = ["features:arrays/good.npy", "features:arrays/noise.npy"]
        assert find_models("features:arrays/*") == expected
        assert find_models(f"features:{here}/*/noise.*") == [f"features:{here}/arrays/noise.npy"]
        with pytest.raises(InputError, match=r"No model matches 'features:none/\*'"):
            find_models("features:none/*")

    def test_odd_names(self, here: Path) -> None:
        for odd in ("run[1] é.npy", "a@b.npy", "c&d=e.npy"):
            np.save(odd, ROWS)
        assert rank("features:run[1] é.npy", "labels.csv").best.scores["logme"] is not None
        assert rank("features:a@b.npy", "labels.csv").best.scores["logme"] is not None
        assert len(rank("features:*.npy", "labels.csv").placed) == 3

    def test_in_a_candidates_file(self, here: Path) -> None:
        (here / "list.toml").write_text('root = "arrays"\nmodels = ["features:*.npy"]', encoding="utf-8")
        (here / "deep").mkdir()
        os.chdir(here / "deep")
        assert len(rank("@../list.toml", "../labels.csv").placed) == 2

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("features:none.npy", "There is no file 'none.npy' of features"),
            ("features:labels.csv", "Cannot read features from 'labels.csv': give .npz, .npy, .safetensors"),
            ("features:arrays/good.npy?pool=mean", "has no options: write features:arrays/good.npy"),
        ],
    )
    def test_names_that_cannot_be(self, here: Path, name: str, sentence: str) -> None:
        with pytest.raises(InputError, match=sentence):
            rank(name, "labels.csv")

    def test_nothing_can_be_run_by_it(self, here: Path) -> None:
        with pytest.raises(InputError, match="holds the features of one data set, and nothing to run"):
            open_model("features:arrays/good.npy")


class TestWhatDoesNotFit:
    def error(self, name: str, data: Any = "labels.csv", **options: Any) -> str:
        """Why a file has no place beside one that has."""
        ranking = rank([name, "features:arrays/good.npy"], data, **options)
        assert ranking.best.model == "features:arrays/good.npy"
        return str(ranking[name].error)

    def test_another_number_of_rows(self, here: Path) -> None:
        np.save("short.npy", ROWS[:59])
        assert self.error("features:short.npy") == (
            "features:short.npy has 59 rows but 'labels' has 60 items: a row an item is needed, in the data's order."
        )

    def test_other_labels(self, here: Path) -> None:
        other = NAMES.copy()
        other[[7, 9]] = "ant"
        assert (
            "o.npz has other labels than 'labels': row 7 (from 0) is 'ant' there and 'bee' in the data."
            in self.error(saved(here / "o.npz", features=ROWS, labels=other))
        )

    def test_codes_for_classes_are_the_same_labels(self, here: Path) -> None:
        name = saved(here / "codes.npz", features=ROWS, labels=np.arange(60) % 3)
        assert len(rank([name, "features:arrays/good.npy"], "labels.csv").placed) == 2

    @pytest.mark.parametrize(
        ("arrays", "sentence"),
        [
            ({"features": np.where(np.arange(6) == 2, np.nan, ROWS)}, "holds NaN or infinite values"),
            ({"features": ROWS[:, 0]}, r"holds no features [N, D]; it holds 'features' [60]"),
            ({"features": NAMES[:, None]}, "where numbers [60, D] are needed"),
            (
                {"features": ROWS, "source_probabilities": ROWS},
                "source probabilities must be rows that sum to 1",
            ),
            ({"features": np.array([[object()]] * 60)}, "pickled Python objects"),
        ],
    )
    def test_what_is_no_feature(self, here: Path, arrays: dict[str, NDArray[Any]], sentence: str) -> None:
        assert sentence in self.error(saved(here / "bad.npz", **arrays))

    @pytest.mark.parametrize("end", ["npz", "npy", "safetensors"])
    def test_damaged(self, here: Path, end: str) -> None:
        whole = Features("m", "d", "classification", tuple(NAMES.tolist()), {"one": ROWS})
        whole.save("whole.safetensors")
        np.savez("whole.npz", features=ROWS)
        np.save("whole.npy", ROWS)
        content = Path(f"whole.{end}").read_bytes()
        for length in (0, 3, 40, len(content) // 2):
            Path(f"cut.{end}").write_bytes(content[:length])
            assert f"'cut.{end}'" in self.error(f"features:cut.{end}")

    def test_a_header_without_labels(self, here: Path) -> None:
        write_tensors(Path("h.safetensors"), {"layer.0": ROWS}, {"layers": ["one"], "task": "classification"})
        assert "header of 'h.safetensors' is damaged" in self.error("features:h.safetensors")

    def test_networks_do_not_take_labels_alone(self, here: Path) -> None:
        rows = CallableModel("mine", lambda batch: batch, "rows")
        ranking = rank([rows, "features:arrays/good.npy"], "labels.csv")
        assert "takes rows but the data set 'labels' holds labels alone" in ranking["mine"].error
        with pytest.raises(InputError, match="holds labels alone"):
            rank(rows, "labels.csv")

    def test_a_layer_that_there_is_not(self, here: Path) -> None:
        (row,) = rank_layers("features:arrays/good.npy", "labels.csv", layers="none").failed
        assert "There is no layer 'none' of features:arrays/good.npy" in str(row.error)
