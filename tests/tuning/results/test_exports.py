"""Tuned models as ONNX files, and as timm and transformers open them: the same answers to 1e-4."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from audition.cli import run
from audition.errors import InputError, ModelError

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

import onnx
import onnxruntime
import torch
from PIL import Image
from tuning.tuned_models import TEXTS, bert, pictures, tuned_of, vit

from audition.tuning.results import onnx_export
from audition.tuning.results.graph import graph_of

CLASSES = ("ant", "bee", "wasp")


def answers_of(tuned: Any, batch: Any) -> Any:
    return onnx_export.expected_of(tuned, batch)


def prepared(tuned: Any, number: int) -> Any:
    return np.stack([tuned.model.preprocess(Image.fromarray(pixels)) for pixels in pictures(number, 7)])


def session(path: Path) -> Any:
    return onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])


class TestGraph:
    """The module that is written: from tensors to answers, without a pass that is broken off."""

    @pytest.mark.parametrize(
        ("name", "layer"),
        [
            ("zoo:vit-mnist", None),
            ("zoo:resnet-mnist", "block1"),
            ("timm:test_efficientnet?pretrained=false", "blocks.1"),
            ("torchvision:squeezenet1_1?weights=none", None),
            ("torchvision:squeezenet1_1?weights=none", "features.4"),
        ],
    )
    def test_says_what_the_network_says(self, name, layer, framework):
        framework(name.partition(":")[0].replace("zoo", "onnx"))
        tuned = tuned_of(name, layer=layer, task="multilabel")
        batch = prepared(tuned, 3)
        graph = graph_of(tuned, batch)
        for _ in range(2):  # the second pass is the one that other code would stop early
            with torch.no_grad():
                chances = graph.module(*graph.tensors(batch))[1]
            np.testing.assert_allclose(chances, answers_of(tuned, batch), atol=1e-4)

    def test_the_tuned_model_stays_as_it_was(self):
        tuned = tuned_of("zoo:cnn-mnist")
        before = tuned.predict_proba(pictures(2))
        graph_of(tuned, prepared(tuned, 2))
        assert np.array_equal(tuned.predict_proba(pictures(2)), before)

    def test_other_kinds_of_data(self):
        rows = SimpleNamespace(
            name="mine",
            network=SimpleNamespace(
                body=SimpleNamespace(
                    model=SimpleNamespace(kind="rows", trunk=torch.nn.Linear(1, 1), feed=None), layer="x"
                ),
                head=SimpleNamespace(plain=lambda: None),
            ),
        )
        with pytest.raises(InputError, match="takes rows in a form that is not written as ONNX"):
            graph_of(rows, np.zeros((1, 3)))


class TestOnnx:
    """One file that any ONNX runtime reads."""

    def test_pictures_go_in_as_bytes(self, tmp_path):
        """Of another batch size than it was written with, and with mean and spread in the graph."""
        tuned = tuned_of()
        tuned.export_onnx(tmp_path / "m.onnx")
        batch = prepared(tuned, 5)
        logits, chances = session(tmp_path / "m.onnx").run(None, {"pixels": batch})
        np.testing.assert_allclose(chances, answers_of(tuned, batch), atol=1e-5)
        np.testing.assert_allclose(torch.from_numpy(logits).softmax(1), chances, atol=1e-5)
        told = {entry.key: entry.value for entry in onnx.load(tmp_path / "m.onnx").metadata_props}
        assert json.loads(told["classes"]) == list(CLASSES)
        assert "bytes 0 to 255" in told["input"] and told["task"] == "classification"
        with pytest.raises(InputError, match="exists already"):
            tuned.export_onnx(tmp_path / "m.onnx")

    def test_texts_go_in_as_tokens_of_any_number(self, framework, tmp_path):
        transformers = framework("transformers")
        tuned = tuned_of(bert(tmp_path / "bert"), layer="layer1", task="regression", classes=("stars",))
        tuned.export_onnx(tmp_path / "m.onnx")
        tokens = transformers.AutoTokenizer.from_pretrained(tmp_path / "bert")(TEXTS, padding=True)
        given = {name: np.array(tokens[name]) for name in ("input_ids", "attention_mask")}
        found = session(tmp_path / "m.onnx").run(["values"], given)[0][:, 0]
        np.testing.assert_allclose(found, tuned.predict(TEXTS), rtol=1e-4)

    def test_a_place_as_a_user_writes_it(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        assert tuned_of().export_onnx("~/m.onnx") == (tmp_path / "m.onnx",)
        tuned_of().save(tmp_path / "tuned")
        words = ["export", str(tmp_path / "tuned"), "--format", "onnx", "--out"]
        assert run([*words, "~/n.onnx"]) == 0 and (tmp_path / "n.onnx").is_file()

    def test_a_file_that_says_something_else_is_not_put_in_its_place(self, tmp_path, monkeypatch):
        tuned = tuned_of()
        monkeypatch.setattr(onnx_export, "_write", lambda *given: given[3].write_bytes(b"x"))
        monkeypatch.setattr(onnx_export, "run_onnx", lambda *given: [np.ones((len(given[-1]), 3)) / 3])
        with pytest.raises(ModelError, match="gives other answers, .* nothing was written"):
            tuned.export_onnx(tmp_path / "m.onnx")
        assert list(tmp_path.iterdir()) == []

    def test_what_the_exporter_cannot_do_is_one_sentence(self, tmp_path, monkeypatch):
        def fails(*_given: Any, **_named: Any) -> Any:
            raise RuntimeError("step 1 of 3") from ValueError("no such operator")

        monkeypatch.setattr(torch.onnx, "export", fails)
        with pytest.raises(ModelError, match="cannot be written as ONNX: ValueError: no such operator"):
            tuned_of().export_onnx(tmp_path / "m.onnx")
        assert list(tmp_path.iterdir()) == []


class TestTimm:
    """A folder that timm opens."""

    @pytest.mark.parametrize("name", ["test_vit", "test_resnet"])
    def test_timm_says_the_same(self, name, framework, tmp_path):
        timm = framework("timm")
        tuned = tuned_of(f"timm:{name}?pretrained=false")
        tuned.save_pretrained(tmp_path / "native")
        network = timm.create_model(f"local-dir:{tmp_path / 'native'}", pretrained=True).eval()
        transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network))
        images = [Image.fromarray(pixels).convert("RGB") for pixels in pictures(3)]
        with torch.no_grad():
            found = network(torch.stack([transform(image) for image in images])).softmax(1)
        np.testing.assert_allclose(found, tuned.predict_proba(images), atol=1e-4)
        assert network.pretrained_cfg["num_classes"] == 3
        assert json.loads((tmp_path / "native" / "config.json").read_text())["label_names"] == list(CLASSES)

    def test_a_network_that_was_cut_or_pooled_otherwise(self, framework, tmp_path):
        framework("timm")
        cut = tuned_of("timm:test_vit?pretrained=false", layer="blocks.1")
        with pytest.raises(InputError, match=r"was cut behind 'blocks\.1'"):
            cut.save_pretrained(tmp_path / "native")
        other = tuned_of("timm:test_vit?pretrained=false&pool=max")
        with pytest.raises(InputError, match="timm's own head .* is not a linear layer of the features"):
            other.save_pretrained(tmp_path / "native")
        assert list(tmp_path.iterdir()) == []


class TestTransformers:
    """A folder that transformers opens."""

    def test_transformers_says_the_same(self, framework, tmp_path):
        transformers = framework("transformers")
        tuned = tuned_of(vit(tmp_path / "vit"))
        tuned.save_pretrained(tmp_path / "native")
        network = transformers.AutoModelForImageClassification.from_pretrained(tmp_path / "native").eval()
        processor = transformers.AutoImageProcessor.from_pretrained(tmp_path / "native")
        images = [Image.fromarray(pixels).convert("RGB") for pixels in pictures(3)]
        with torch.no_grad():
            found = network(**processor(images, return_tensors="pt")).logits.softmax(1)
        np.testing.assert_allclose(found, tuned.predict_proba(images), atol=1e-4)
        assert network.config.id2label == dict(enumerate(CLASSES))
        assert network.config.label2id == {"ant": 0, "bee": 1, "wasp": 2}

    def test_a_head_of_another_form_is_refused_and_the_encoder_stands_alone(self, framework, tmp_path):
        transformers = framework("transformers")
        from safetensors.torch import load_file

        tuned = tuned_of(bert(tmp_path / "bert"))
        with pytest.raises(InputError, match="more than a linear layer on mean-pooled .*--format encoder"):
            tuned.save_pretrained(tmp_path / "native")
        tuned.save_encoder(tmp_path / "encoder")
        encoder = transformers.AutoModel.from_pretrained(tmp_path / "encoder", add_pooling_layer=False).eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "encoder")
        head = load_file(tmp_path / "encoder" / "head.safetensors")
        with torch.no_grad():
            hidden = encoder(**tokenizer(TEXTS[0], return_tensors="pt")).last_hidden_state.mean(1)
            found = torch.nn.functional.linear(hidden, head["weight"], head["bias"]).softmax(1)
        np.testing.assert_allclose(found[0], tuned.predict_proba(TEXTS[:1])[0], atol=1e-4)
        assert json.loads((tmp_path / "encoder" / "classes.json").read_text()) == list(CLASSES)
        assert '"mean"' in (tmp_path / "encoder" / "README.md").read_text()


def test_a_network_of_another_source(tmp_path: Path) -> None:
    tuned = tuned_of()
    with pytest.raises(InputError, match="of neither timm nor transformers.*--format onnx"):
        tuned.save_pretrained(tmp_path / "native")
    with pytest.raises(InputError, match="no network of transformers"):
        tuned.save_encoder(tmp_path / "encoder")
    assert list(tmp_path.iterdir()) == []
