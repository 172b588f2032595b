"""A tuned model's folder: all comes back, nothing is run, and whatever is wrong is one sentence."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import AuditionError, InputError

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

import torch
from tuning.tuned_models import TEXTS, bert, pictures, tuned_of, vit

from audition.tuning.results.folder import needs_module
from audition.tuning.results.outcome import judge
from audition.tuning.results.tuned import TunedModel, load_tuned
from audition.tuning.runs.curve import Curve, Look

NAN = float("nan")
CURVE = Curve(
    (Look(1, 0.5, 0.1, 1.0, 0.0, 0.9, 0.4, 0.1), Look(2, 1.0, 0.0, 0.8, 0.0, NAN, NAN, 0.2)), "accuracy"
)
PROVENANCE = {"data": "insects", "seed": 3, "ranking": [{"place": 1, "model": "a", "probability": None}]}


@pytest.fixture(scope="module")
def tuned() -> Any:
    made = tuned_of(classes=("<b>ant</b>", "bee", "wasp"), settings={"rate": 0.1}, provenance=PROVENANCE)
    outcome = judge(made.answers, np.eye(3)[np.arange(12) % 3] * 2, np.arange(12) % 2)
    return replace(made, held_out=outcome, curve=CURVE)


@pytest.fixture(scope="module")
def saved(tuned: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuned") / "tuned"
    tuned.save(folder)
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def changed(folder: Path, **parts: Any) -> Path:
    """The folder with other values in its config; those in "blueprint" go into that."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["blueprint"] |= parts.pop("blueprint", {})
    (folder / "config.json").write_text(json.dumps(config | parts), encoding="utf-8")
    return folder


class TestRoundTrip:
    """What is saved is what is loaded."""

    def test_predictions_are_the_same_to_the_last_bit(self, tuned: Any, saved: Path) -> None:
        again = TunedModel.load(saved, device="cpu")
        assert np.array_equal(again.predict_proba(pictures(5)), tuned.predict_proba(pictures(5)))
        assert again.predict(pictures(5)).tolist() == tuned.predict(pictures(5)).tolist()

    def test_everything_else_comes_back(self, tuned: Any, saved: Path) -> None:
        again = TunedModel.load(saved)
        assert (again.name, again.task, again.classes) == (tuned.name, tuned.task, tuned.classes)
        assert again.metrics == tuned.metrics
        assert again.settings == {"rate": 0.1}
        assert again.provenance == {"model": tuned.name} | PROVENANCE
        assert [look.step for look in again.curve] == [1, 2]
        assert np.isnan(again.curve.rows[1].held_out_loss)

    def test_saved_again_it_is_the_same(self, saved: Path, tmp_path: Path) -> None:
        TunedModel.load(saved).save(tmp_path / "again")
        names = sorted(path.relative_to(saved).as_posix() for path in saved.rglob("*"))
        assert (
            sorted(
                path.relative_to(tmp_path / "again").as_posix() for path in (tmp_path / "again").rglob("*")
            )
            == names
        )
        for name in ("model.safetensors", "metrics.json", "confusion.csv", "README.md", "curve.csv"):
            assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes(), name

    def test_the_files_that_are_there(self, saved: Path) -> None:
        names = {path.name for path in saved.iterdir() if path.is_file()}
        assert names == {
            "config.json", "model.safetensors", "metrics.json", "confusion.csv", "curve.csv", "curve.svg", "README.md",
        }  # fmt: skip
        assert "&lt;b&gt;ant" in (saved / "README.md").read_text(encoding="utf-8")
        lines = (saved / "confusion.csv").read_text(encoding="utf-8").splitlines()
        assert lines[:2] == ["true \\ predicted,<b>ant</b>,bee,wasp", "<b>ant</b>,2,2,2"]

    @pytest.mark.parametrize(("make", "layer"), [(bert, "layer1"), (vit, None)])
    def test_transformers(self, make: Any, layer: Any, framework: Any, tmp_path: Path) -> None:
        framework("transformers")
        made = tuned_of(make(tmp_path / "source"), task="multilabel", layer=layer)
        made.save(tmp_path / "tuned")
        shutil.rmtree(tmp_path / "source")
        data = TEXTS if make is bert else pictures(3)
        again = TunedModel.load(tmp_path / "tuned")
        assert np.array_equal(again.predict_proba(data), made.predict_proba(data))

    def test_timm_and_a_loaded_one_is_exported(self, framework: Any, tmp_path: Path) -> None:
        framework("timm")
        made = tuned_of("timm:test_vit?pretrained=false", task="regression", classes=("age",))
        made.save(tmp_path / "tuned")
        again = TunedModel.load(tmp_path / "tuned")
        assert np.array_equal(again.predict(pictures(3)), made.predict(pictures(3)))
        again.save_pretrained(tmp_path / "native")
        assert (tmp_path / "native" / "model.safetensors").is_file()

    def test_a_module_of_ones_own_is_given_again(self, tmp_path: Path, monkeypatch: Any) -> None:
        def network() -> Any:
            torch.manual_seed(0)
            return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())

        from audition.models import TorchModel

        made = tuned_of(TorchModel("mine", network(), head=None))
        made.save(tmp_path / "tuned")
        with pytest.raises(InputError, match="module of your own"):
            TunedModel.load(tmp_path / "tuned")
        again = TunedModel.load(tmp_path / "tuned", module=TorchModel("mine", network(), head=None))
        assert np.array_equal(again.predict_proba(pictures(2)), made.predict_proba(pictures(2)))
        again = load_tuned(tmp_path / "tuned", device="cpu", module=TorchModel("mine", network(), head=None))
        assert np.array_equal(again.predict_proba(pictures(2)), made.predict_proba(pictures(2)))
        with monkeypatch.context() as patched:
            patched.setattr(torch.cuda, "is_available", lambda: True)
            load_tuned(tmp_path / "tuned", device="cpu", module=network())
        given = TorchModel("mine", network(), head=None)
        given.device = torch.device("meta")
        with pytest.raises(InputError, match="mine was opened on meta, and cpu is asked for"):
            load_tuned(tmp_path / "tuned", device="cpu", module=given)
        assert needs_module(tmp_path / "tuned")
        card = (tmp_path / "tuned" / "README.md").read_text(encoding="utf-8")
        assert 'load_tuned("path/to/this/folder", module=network)' in card
        assert "audition predict" not in card  # which could not load it

    def test_further_files(self, tuned: Any, saved: Path, tmp_path: Path) -> None:
        tuned.save(tmp_path / "new", extra={"ranking.json": "{}\n", "notes": "ä\r\n"})
        assert (tmp_path / "new" / "ranking.json").read_text() == "{}\n"
        assert (tmp_path / "new" / "notes").read_bytes() == "ä\r\n".encode()
        again = TunedModel.load(tmp_path / "new")
        assert np.array_equal(again.predict_proba(pictures(2)), tuned.predict_proba(pictures(2)))
        assert not needs_module(saved)


class TestWholeOrNot:
    """A folder is written whole or not at all, over nothing."""

    def test_what_is_there_stays(self, tuned: Any, tmp_path: Path) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "file").write_text("mine")
        with pytest.raises(InputError, match="exists already"):
            tuned.save(tmp_path / "mine")
        assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]

    def test_a_failure_leaves_nothing(self, tuned: Any, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"config\.json cannot be written"):
            replace(tuned, settings={"x": object()}).save(tmp_path / "new")
        with pytest.raises(InputError, match="cannot be saved: only text"):
            tuned_of(classes=((1, 2), "a")).save(tmp_path / "new")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "name",
        ["", ".", "..", "a/b", "/a", "..\\a", ".hidden", "a\0", "a\n", "config.json", "README.MD", "network"],
    )
    def test_names_of_further_files_are_plain_and_new(self, tuned: Any, name: str, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be the name of a further file|has a .* of its own"):
            tuned.save(tmp_path / "new", extra={name: ""})
        assert list(tmp_path.iterdir()) == []


class TestDamage:
    """Each thing that can be wrong with a folder, in one sentence."""

    @pytest.mark.parametrize("cut", [0, 100, -1])
    def test_weights_that_are_cut_off(self, copy: Path, cut: int) -> None:
        weights = (copy / "model.safetensors").read_bytes()
        (copy / "model.safetensors").write_bytes(weights[:cut])
        with pytest.raises(InputError, match=r"model\.safetensors' is damaged"):
            TunedModel.load(copy)

    def test_weights_with_another_bit_or_none_at_all(self, copy: Path) -> None:
        weights = bytearray((copy / "model.safetensors").read_bytes())
        weights[-3] ^= 1
        (copy / "model.safetensors").write_bytes(weights)
        with pytest.raises(InputError, match="its digest differs"):
            TunedModel.load(copy)
        (copy / "model.safetensors").unlink()
        with pytest.raises(InputError, match="the weights are missing"):
            TunedModel.load(copy)

    def test_weights_of_another_network(self, copy: Path) -> None:
        two = {"task": "classification", "classes": [1, 2], "centre": [], "scale": []}
        with pytest.raises(InputError, match=r"do not fit the network in config\.json: head\.linear\.bias"):
            TunedModel.load(changed(copy, answers=two))

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("{", "is damaged"),
            ("[]", "holds no named values"),
            ("{}", "not of a tuned model"),
            ('{"schema": "audition-tuned"}', "its version is None"),
            ('{"schema": "audition-tuned", "version": 99, "audition": "9.9"}', "newer audition, 9.9"),
            ('{"schema": "audition-tuned", "version": 1}', "it has no 'answers'"),
            ("[" * 100_000, "is damaged"),
        ],
    )
    def test_a_config_of_something_else(self, copy: Path, text: str, sentence: str) -> None:
        (copy / "config.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=sentence):
            TunedModel.load(copy)

    def test_no_folder_and_no_config(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="There is no folder"):
            TunedModel.load(tmp_path / "none")
        with pytest.raises(InputError, match=r"holds no config\.json"):
            TunedModel.load(tmp_path)

    @pytest.mark.parametrize(
        "blueprint",
        [
            {"files": ["../outside"]},
            {"files": ["/etc/passwd"]},
            {"files": ["network\\..\\..\\x"]},
            {"files": "network"},
            {"files": [3]},
            {"spec": "module:evil.py:Network"},
            {"spec": "torchscript:/tmp/evil.pt"},
            {"spec": "timm:test_vit?checkpoint=/etc/passwd"},
            {"spec": "hf:../../elsewhere?pretrained=false"},
            {"spec": "hf:someone/model"},
            {"spec": 3},
            {"layer": "no such layer"},
            {"beyond": "space"},
            {"width": 7},
            {"width": "wide"},
            {"more": 1},
        ],
    )
    def test_a_blueprint_that_was_tampered_with(self, copy: Path, blueprint: dict[str, Any]) -> None:
        with pytest.raises(AuditionError) as caught:
            TunedModel.load(changed(copy, blueprint=blueprint))
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "answers",
        [
            {"task": "guessing", "classes": ["a"], "centre": [], "scale": []},
            {"task": "classification", "classes": [], "centre": [], "scale": []},
            {"task": "classification", "classes": [["a"]], "centre": [], "scale": []},
            {"task": "classification", "classes": "abc", "centre": [], "scale": []},
            {"task": "regression", "classes": ["a"], "centre": ["x"], "scale": [1]},
            ["a"],
            None,
        ],
    )
    def test_answers_that_were_tampered_with(self, copy: Path, answers: Any) -> None:
        with pytest.raises(InputError, match=r"config\.json' is damaged"):
            TunedModel.load(changed(copy, answers=answers))

    @pytest.mark.parametrize("text", ["{", "[]", '{"held_out": {}}', '{"held_out": 3}', '{"curve": 1}'])
    def test_metrics_that_are_damaged(self, copy: Path, text: str) -> None:
        (copy / "metrics.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"metrics\.json' is damaged"):
            TunedModel.load(copy)

    def test_a_device_that_there_is_not(self, saved: Path) -> None:
        with pytest.raises(InputError, match="There is no device 'gpu'"):
            TunedModel.load(saved, device="gpu")
