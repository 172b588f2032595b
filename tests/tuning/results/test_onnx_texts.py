"""Tuned models of texts as ONNX files, run elsewhere: by onnxruntime and tokenizers, from the files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import AuditionWarning, InputError

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")
pytest.importorskip("tokenizers", reason="tokenizers is not installed")

import onnxruntime
from tokenizers import Tokenizer
from tuning.tuned_models import TEXTS, WORDS, bert, tuned_of

from audition.tuning.results import graph, onnx_export, tokens
from audition.tuning.results.graph import graph_of

REAL = ["a fine film", "it is long , very long , and I slept through most of it", "dull zzqx", "a joy ☂"]
LONG = "a word " * 400


def elsewhere(model: Path, texts: list[str]) -> tuple[Any, dict[str, str]]:
    """Probabilities of texts and what the file says of itself, as the documentation has it."""
    tokenizer = Tokenizer.from_file(str(model.with_suffix(".tokenizer.json")))
    session = onnxruntime.InferenceSession(model)
    encoded = tokenizer.encode_batch(texts)
    tokens = {
        "input_ids": np.array([text.ids for text in encoded]),
        "attention_mask": np.array([text.attention_mask for text in encoded]),
    }
    return session.run(["probabilities"], tokens)[0], session.get_modelmeta().custom_metadata_map


@pytest.mark.parametrize("name", ["hf:paraphrase-MiniLM-L3-v2_vocab5k", "st:glove-6B-50d_20k"])
def test_a_real_encoder_runs_elsewhere(name: str, assets: Path, framework: Any, tmp_path: Path) -> None:
    framework("transformers")
    source, _, folder = name.partition(":")
    tuned = tuned_of(f"{source}:{assets / 'text' / 'models' / folder}")
    model = tmp_path / "model.onnx"
    assert tuned.export_onnx(model, data=REAL[:1]) == (model, tmp_path / "model.tokenizer.json")
    found, told = elsewhere(model, [*REAL, LONG])
    np.testing.assert_allclose(found, tuned.predict_proba([*REAL, LONG]), atol=1e-5)
    assert json.loads(told["classes"]) == ["ant", "bee", "wasp"]
    assert told["tokenizer"] == "model.tokenizer.json"


@pytest.mark.parametrize(
    "name", ["wordllama-l2-supercat_64d", "tokenlearn-static-multilingual_64d?max_length=5"]
)
def test_static_vectors_as_a_graph(name: str, assets: Path) -> None:
    """Marks that do not count, unknown pieces, texts that are cut, and vectors of length 1."""
    import torch

    tuned = tuned_of(f"st:{assets / 'text' / 'models' / name}")
    texts = np.array([*REAL, LONG, "ok"], dtype=object)
    for batch in (texts, texts[-1:]):  # the second is of one piece
        made = graph_of(tuned, batch)
        with torch.no_grad():
            found = made.module(*made.tensors(batch))[1]
        np.testing.assert_allclose(found, tuned.predict_proba(batch.tolist()), atol=1e-6)


def test_a_text_of_one_token(framework: Any, tmp_path: Path) -> None:
    """Of a decoder, whose tokenizer adds no marks: one token alone is not taken for the number of all texts."""
    transformers, tokenizers = framework("transformers"), framework("tokenizers")
    made = Tokenizer(tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]", model_max_length=20
    ).save_pretrained(tmp_path)
    config = transformers.OpenAIGPTConfig(
        vocab_size=len(WORDS), n_positions=20, n_embd=16, n_layer=1, n_head=2
    )
    transformers.OpenAIGPTModel(config).save_pretrained(tmp_path)
    tuned, model = tuned_of(f"hf:{tmp_path}"), tmp_path / "model.onnx"
    tuned.export_onnx(model, data=["dog"])
    for texts in (["dog"], ["mat", "the cat sat on a mat"]):
        np.testing.assert_allclose(elsewhere(model, texts)[0], tuned.predict_proba(texts), atol=1e-5)


@pytest.mark.parametrize("words", [1, 10_000])
def test_the_text_that_is_too_long_is_no_longer_than_it_must_be(
    words: int, framework: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    framework("transformers")
    tuned, lengths = tuned_of(bert(tmp_path)), []
    batch = np.array(["dog " * words] * 2, dtype=object)

    def recorded(tokenizer: str, texts: list[str]) -> Any:
        lengths.extend(map(len, texts))
        return tokens.tokens_of(tokenizer, texts)

    monkeypatch.setattr(onnx_export, "tokens_of", recorded)
    assert onnx_export._with_own_tokenizer(graph_of(tuned, batch), tuned, batch).tokenizer is not None
    assert 2**16 <= max(lengths) < 2**16 + 10 * sum(map(len, batch))


def test_a_tokenizer_that_is_there_is_kept(framework: Any, tmp_path: Path) -> None:
    framework("transformers")
    (tmp_path / "m.tokenizer.json").write_text("mine")
    with pytest.raises(InputError, match="m.tokenizer.json' exists already"):
        tuned_of(bert(tmp_path / "bert")).export_onnx(tmp_path / "m.onnx")
    assert (tmp_path / "m.tokenizer.json").read_text() == "mine" and not (tmp_path / "m.onnx").exists()


@pytest.mark.parametrize("other", [None, "of another length"])
def test_a_tokenizer_without_a_file_that_says_the_same(
    other: str | None, framework: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the graph stands alone, and the user hears of it."""
    framework("transformers")
    of_texts, tuned = tokens.of_texts, tuned_of(bert(tmp_path / "bert"))

    def shorter(feed: Any) -> str:
        made = Tokenizer.from_str(of_texts(feed) or "")
        made.enable_truncation(feed.max_length - 1)
        return str(made.to_str())

    monkeypatch.setattr(graph, "of_texts", shorter if other else lambda feed: None)
    batch = np.array(TEXTS, dtype=object)
    with pytest.warns(AuditionWarning, match="make tokens by transformers"):
        made = onnx_export._with_own_tokenizer(graph_of(tuned, batch), tuned, batch)
    assert made.tokenizer is None
    assert "tokenizer" not in onnx_export._metadata(tuned, made, "m.tokenizer.json")
