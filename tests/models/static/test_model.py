"""Static sub-word vectors: the mean of the pieces as their makers compute it, and folders that do not fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audition import rank
from audition.data.open import open_dataset
from audition.errors import InputError, ModelError, UnknownNameError
from audition.extraction import extract
from audition.models import open_model

tokenizers = pytest.importorskip("tokenizers", reason="transformers is not installed")

FOLDERS = ("glove-6B-50d_20k", "wordllama-l2-supercat_64d", "tokenlearn-static-multilingual_64d")
TEXTS = ["a fine film", "it is long , very long , and I slept through most of it", "dull zzqx", "a joy ☂"]
LABELS = ["good", "bad", "bad", "good"]


def stated(folder: Path, texts: list[str]) -> NDArray[Any]:
    """The formula of the assets: the mean of the rows of the pieces, without unk_id where drop_unk is set."""
    from safetensors.numpy import load_file

    vectors = load_file(folder / "model.safetensors")["embedding.weight"].astype("float32")
    settings = json.loads((folder / "static_config.json").read_text(encoding="utf-8"))
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    means = []
    for text in texts:
        pieces = tokenizer.encode(text, add_special_tokens=False).ids
        if settings.get("drop_unk"):
            pieces = [piece for piece in pieces if piece != settings["unk_id"]]
        means.append(vectors[pieces].mean(0))
    return np.array(means)


@pytest.mark.parametrize("name", FOLDERS)
def test_features_are_the_mean_of_the_pieces(name: str, assets: Path) -> None:
    folder = assets / "text" / "models" / name
    expected = stated(folder, TEXTS)
    features = extract(f"st:{folder}?normalize=false", open_dataset((TEXTS, LABELS)))
    np.testing.assert_allclose(features.layers["features"], expected, rtol=1e-5, atol=1e-6)
    assert features.parameters == json.loads((folder / "static_config.json").read_text())["vocab_size"] * len(
        expected[0]
    )


def test_vectors_have_length_1_where_the_folder_says_so(assets: Path) -> None:
    folder = assets / "text" / "models" / "tokenlearn-static-multilingual_64d"
    expected = stated(folder, TEXTS)
    found = extract(f"st:{folder}", open_dataset((TEXTS, LABELS))).layers["features"]
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)


def test_what_is_not_known_does_not_count(assets: Path) -> None:
    folder = assets / "text" / "models" / "glove-6B-50d_20k"
    features = extract(f"st:{folder}", open_dataset((["film zzqx", "film", "zzqx", "dull"], LABELS)))
    both, alone, nothing, _ = features.layers["features"]
    np.testing.assert_array_equal(both, alone)
    assert not nothing.any()
    assert features.notes == ("1 of 4 texts have no piece that is known: their vectors are zeros.",)
    cut = extract(f"st:{folder}?max_length=3", open_dataset((TEXTS, LABELS)))
    assert "1 of 4 texts longer than 3 pieces were cut." in cut.notes


def test_they_are_ranked_on_real_texts(assets: Path) -> None:
    data = open_dataset(assets / "text" / "data" / "trec6" / "train.csv", limit=200)
    ranking = rank([f"st:{assets / 'text' / 'models' / name}" for name in FOLDERS], data)
    assert len(ranking.placed) == 3


@pytest.fixture
def model2vec(tmp_path: Path) -> Path:
    """A folder as Model2Vec writes it: few rows that pieces share, a weight a piece, an unknown piece."""
    from safetensors.numpy import save_file

    vocabulary = {"[UNK]": 0, "a": 1, "fine": 2, "film": 3, "dull": 4}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    rng = np.random.default_rng(0)
    tensors = {
        "embeddings": rng.normal(size=(3, 4)).astype(np.float32),
        "mapping": np.array([0, 1, 2, 1, 2]),
        "weights": np.array([1, 0.5, 2, 3, 1], dtype=np.float64),
    }
    save_file(tensors, tmp_path / "model.safetensors")
    settings = {"model_type": "model2vec", "normalize": False}
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    return tmp_path


def test_model2vec_is_what_sentence_transformers_makes_of_it(model2vec: Path, framework: Any) -> None:
    framework("sentence_transformers")
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    texts = ["a fine film", "dull", "a film a film", "fine"]
    embedding = StaticEmbedding.load(str(model2vec))
    own = embedding(embedding.preprocess(texts))["sentence_embedding"].detach().numpy()
    found = extract(f"st:{model2vec}", open_dataset((texts, LABELS))).layers["features"]
    np.testing.assert_allclose(found, own, rtol=1e-5, atol=1e-6)


def test_a_folder_with_modules_belongs_to_the_library(model2vec: Path, framework: Any) -> None:
    from audition.models.static.files import static_config

    assert static_config(model2vec) is not None
    (model2vec / "modules.json").write_text("[]", encoding="utf-8")
    assert static_config(model2vec) is None


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ("normalise=true", UnknownNameError, "no option 'normalise' of st:.*Did you mean 'normalize'"),
        ("normalize=maybe", InputError, "normalize is true or false; got 'maybe'"),
        ("max_length=0", InputError, "max_length is a positive whole number"),
        ("pool=mean", UnknownNameError, "no option 'pool'"),
    ],
)
def test_options_that_cannot_be(model2vec: Path, options: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        open_model(f"st:{model2vec}?{options}")


def test_files_that_are_damaged_or_do_not_fit(
    model2vec: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from safetensors.numpy import save_file

    for file, content in (("model.safetensors", b"12"), ("tokenizer.json", b"{")):
        folder = tmp_path_factory.mktemp("damaged") / "model"
        shutil.copytree(model2vec, folder)
        (folder / file).write_bytes(content)
        with pytest.raises(ModelError, match="model cannot be loaded"):
            open_model(f"st:{folder}")
    save_file({"x": np.ones((5, 2))}, model2vec / "model.safetensors")
    with pytest.raises(ModelError, match="it has no 'embedding.weight' or 'embeddings', only 'x'"):
        open_model(f"st:{model2vec}")
    save_file({"embedding.weight": np.ones((4, 2))}, model2vec / "model.safetensors")
    with pytest.raises(ModelError, match=r"are \[4, 2\], and its tokenizer has 5 pieces"):
        open_model(f"st:{model2vec}")
