"""A tuned model predicts in scikit-learn's manner, for every form of data and without labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data import open_dataset
from audition.errors import InputError, ModelError

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

import torch
from PIL import Image
from tuning.tuned_models import TEXTS, bert, folder_of, one_tuned, pictures, tuned_of  # noqa: F401  # a fixture

from audition.tuning.results import predict


@pytest.fixture(scope="module")
def outputs(tuned: Any) -> Any:
    """What the network says of six pictures, by its own call."""
    batch = np.stack([tuned.model.preprocess(Image.fromarray(pixels)) for pixels in pictures(6)])
    with torch.no_grad():
        return tuned.network.eval()(batch)[1].numpy()


def test_classes_and_probabilities(tuned: Any, outputs: Any) -> None:
    found = tuned.predict_proba(pictures(6))
    assert found.shape == (6, 3)
    np.testing.assert_allclose(found, torch.from_numpy(outputs).softmax(1), rtol=1e-5)
    assert tuned.classes_.tolist() == ["ant", "bee", "wasp"]
    labels = tuned.predict(pictures(6))
    assert labels.tolist() == tuned.classes_[outputs.argmax(1)].tolist()
    assert len(set(labels.tolist())) > 1


def test_every_form_of_data_gives_the_same(tuned: Any, outputs: Any, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "new")
    paths = sorted(folder.rglob("*.png"), key=lambda path: path.stem)
    expected = tuned.answers.probabilities(outputs)
    (tmp_path / "t.csv").write_text("image\n" + "\n".join(map(str, paths)) + "\n")
    images = [Image.open(path) for path in paths]
    forms = [paths, [str(path) for path in paths], images, list(pictures(6)), tmp_path / "t.csv"]
    forms += [(pictures(6), list("ababab")), open_dataset((pictures(6), list("ababab")))]
    for data in forms:
        np.testing.assert_allclose(tuned.predict_proba(data), expected, atol=1e-5)
    order = [int(Path(name).stem) for name in tuned.predictions(folder).names]
    np.testing.assert_allclose(tuned.predict_proba(folder), expected[order], atol=1e-5)


@pytest.mark.parametrize("size", [1, 4, 100])
def test_batches_change_nothing(tuned: Any, size: int) -> None:
    whole = tuned.predict_proba(pictures(6))
    # logits of about 20 in float32: convolutions add in another order
    np.testing.assert_allclose(tuned.predict_proba(pictures(6), batch_size=size), whole, atol=1e-5)


def test_the_mode_that_it_was_left_in_changes_nothing(tuned: Any) -> None:
    before = tuned.predict_proba(pictures(3))
    tuned.network.train()
    assert np.array_equal(tuned.predict_proba(pictures(3)), before)


def test_where_memory_runs_out_the_halves_go_through(tuned: Any, monkeypatch: Any) -> None:
    expected = tuned.predict_proba(pictures(5))
    forward = type(tuned.network).forward

    def small(network: Any, batch: Any) -> Any:
        if len(batch) > 2:
            raise MemoryError
        return forward(network, batch)

    monkeypatch.setattr(type(tuned.network), "forward", small)
    np.testing.assert_allclose(tuned.predict_proba(pictures(5)), expected, atol=1e-5)
    monkeypatch.setattr(predict, "is_out_of_memory", lambda error: True)
    monkeypatch.setattr(type(tuned.network), "forward", lambda network, batch: 1 / 0)
    with pytest.raises(ModelError, match="not even with one item"):
        tuned.predict(pictures(2))


def test_an_item_that_cannot_be_read_is_named_or_left_out(tuned: Any, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "new", 3)
    (folder / "bad.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"Cannot read the image .*bad\.png"):
        tuned.predict(folder)
    found = tuned.predictions(folder, skip_bad=True)
    assert [Path(name).name for name in found.skipped] == ["bad.png"]
    assert len(found) == len(found.labels) == 3
    with pytest.raises(InputError, match="No item of 'files' could be read"):
        tuned.predictions([folder / "bad.png"], skip_bad=True)


def test_other_data_and_batches_of_nothing(tuned: Any) -> None:
    with pytest.raises(InputError, match="holds rows, but images are needed"):
        tuned.predict("sklearn:iris")
    with pytest.raises(InputError, match="batch_size"):
        tuned.predict(pictures(2), batch_size=0)


def test_numbers_and_several_labels() -> None:
    ages = tuned_of(classes=("age",), task="regression")
    found = ages.predict(pictures(4))
    assert found.shape == (4,)
    assert np.all(np.abs(found - 40) < 200) and len(set(found.tolist())) == 4
    with pytest.raises(InputError, match="use predict"):
        ages.predict_proba("there is no such folder")
    labels = tuned_of(classes=("sea", "sky"), task="multilabel")
    chances = labels.predict_proba(pictures(4))
    assert np.array_equal(labels.predict(pictures(4)), (chances >= 0.5).astype(int))


def test_classes_that_are_numbers_stay_numbers() -> None:
    found = tuned_of(classes=(3, 5, 8)).predict(pictures(4))
    assert found.dtype.kind == "i" and set(found.tolist()) <= {3, 5, 8}


def test_texts(framework: Any, tmp_path: Path) -> None:
    framework("transformers")
    tuned = tuned_of(bert(tmp_path / "bert"))
    found = tuned.predict_proba(TEXTS)
    (tmp_path / "new.csv").write_text("remark,id\n" + "\n".join(f"{text},1" for text in TEXTS) + "\n")
    np.testing.assert_allclose(
        tuned.predictions(tmp_path / "new.csv", column="remark").probabilities, found, atol=1e-6
    )
    for text, row in zip(TEXTS, found):
        np.testing.assert_allclose(tuned.predict_proba([text])[0], row, atol=1e-5)
