"""The text targets, and the encoders that are fine-tuned on them: transformers cut at each depth, and word vectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.assets import ASSETS
from benchmarks.finetuned.splits import Sizes
from benchmarks.finetuned.tasks import Labels

TEXT = ASSETS / "text"
LONGEST = 40  # tokens of a text that are read
NONE = -1  # in place of a token, behind the last


@dataclass(frozen=True)
class TextTarget:
    sizes: Sizes
    steps: int = 100


TEXT_TARGETS = {
    "trec6": TextTarget(Sizes(400, 100, 800)),
    "tweet_emotion": TextTarget(Sizes(400, 100, 800)),
    "goemotions_ekman": TextTarget(Sizes(600, 200, 800)),
    "clear_readability": TextTarget(Sizes(400, 100, 600)),
    "banking77": TextTarget(Sizes(616, 154, 770), steps=200),
    "ag_news": TextTarget(Sizes(300, 100, 600)),
}


@cache
def _table(target: str) -> tuple[list[str], Labels]:
    import pandas as pd

    home = TEXT / "data" / target
    parts = (pd.read_csv(home / f"{part}.csv", keep_default_na=False) for part in ("train", "test"))
    table = pd.concat(list(parts), ignore_index=True)
    texts, rest = table["text"].tolist(), table.drop(columns="text")
    if list(rest) == ["label"]:
        return texts, np.unique(rest["label"], return_inverse=True)[1].astype(np.int64)
    numbers = rest.to_numpy(dtype=np.float32)
    return texts, numbers[:, 0] if numbers.shape[1] == 1 else numbers


def text_labels(target: str) -> Labels:
    return _table(target)[1]


@dataclass(frozen=True)
class Encoder:
    """folder: of the model, whose tokens it takes. open: a fresh body of tokens [B, T]; ladder: its rates."""

    name: str
    folder: str
    open: Callable[[], nn.Module]
    ladder: tuple[float, ...]


@cache
def tokens(target: str, folder: str) -> Tensor:
    """The numbers of each text's tokens, [N, T]; `NONE` behind its end."""
    from tokenizers import Tokenizer

    home = TEXT / "models" / folder
    tokeniser, static = Tokenizer.from_file(str(home / "tokenizer.json")), home / "static_config.json"
    config = json.loads(static.read_text()) if static.exists() else {}
    unknown = config.get("unk_id") if config.get("drop_unk") else None
    tokeniser.no_padding()
    tokeniser.enable_truncation(LONGEST)
    coded = tokeniser.encode_batch(
        _table(target)[0], add_special_tokens=config.get("add_special_tokens", True)
    )
    rows = [[token for token in text.ids if token != unknown] for text in coded]
    padded = torch.full((len(rows), max(map(len, rows))), NONE)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = torch.tensor(row, dtype=torch.int64)
    return padded


class MeanOfTokens(nn.Module):
    """tokens [B, T] -> the mean of what the inner module makes of the true ones, [B, D]."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, rows: Tensor) -> Tensor:
        true = rows != NONE
        longest = max(1, int(true.sum(dim=1).max()))
        rows, true = rows[:, :longest].clamp(min=0), true[:, :longest]
        states = self.inner(rows, true) * true.unsqueeze(2)
        return states.sum(dim=1) / true.sum(dim=1, keepdim=True).clamp(min=1)


class Vectors(nn.Module):
    """A vector a token, whatever stands beside it."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(weights, freeze=False)

    def forward(self, rows: Tensor, true: Tensor) -> Tensor:
        return self.embedding(rows)


class Transformer(nn.Module):
    """The last hidden states of a transformer."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, rows: Tensor, true: Tensor) -> Tensor:
        return self.model(input_ids=rows, attention_mask=true.long()).last_hidden_state


def _transformer(folder: str, depth: int, trained: bool = True) -> Callable[[], nn.Module]:
    def made() -> nn.Module:
        from transformers import AutoConfig, AutoModel, logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        home = str(TEXT / "models" / folder)
        if trained:
            model = AutoModel.from_pretrained(
                home, num_hidden_layers=depth, add_pooling_layer=False, dtype="float32", local_files_only=True
            )
        else:
            torch.manual_seed(0)
            config = AutoConfig.from_pretrained(home, num_hidden_layers=depth, dtype="float32")
            model = AutoModel.from_config(config, add_pooling_layer=False)
        return MeanOfTokens(Transformer(model))

    return made


def _vectors(folder: str) -> Callable[[], nn.Module]:
    def made() -> nn.Module:
        from safetensors.torch import load_file

        weights = load_file(TEXT / "models" / folder / "model.safetensors")["embedding.weight"]
        return MeanOfTokens(Vectors(weights.float()))

    return made


MINILM, PARAPHRASE = "all-MiniLM-L6-v2_vocab7k", "paraphrase-MiniLM-L3-v2_vocab5k"
SMALL_STEPS = (3e-5, 1e-4, 3e-4, 1e-3)
LARGE_STEPS = (1e-3, 3e-3, 1e-2, 3e-2)
ENCODERS = {
    encoder.name: encoder
    for encoder in (
        *(Encoder(f"minilm_{n}", MINILM, _transformer(MINILM, n), SMALL_STEPS) for n in (1, 2, 3, 4, 6)),
        *(
            Encoder(f"paraphrase_{n}", PARAPHRASE, _transformer(PARAPHRASE, n), SMALL_STEPS)
            for n in (1, 2, 3)
        ),
        Encoder("minilm_random_2", MINILM, _transformer(MINILM, 2, trained=False), SMALL_STEPS),
        *(
            Encoder(name.partition("-")[0], name, _vectors(name), LARGE_STEPS)
            for name in (
                "wordllama-l2-supercat_64d",
                "tokenlearn-static-multilingual_64d",
                "glove-6B-50d_20k",
            )
        ),
    )
}
