"""Texts, or sentences as lists of words, through a transformer's own tokenizer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import InputError, ModelError
from audition.models.base import Preprocess
from audition.models.hf.network import Piece
from audition.models.preprocess import AsObject
from audition.models.text_pooling import TextPool, first_subwords, pool_text

PIECE = 32  # texts of like length that go through the network together
_Tokens = tuple[Any, list[int], dict[tuple[int, int], tuple[int, int]]]
"""Rows of tokens, the sentence that each row is of, and the row and position of each word."""

USUAL_LENGTH = 512  # where a network could take more, and a long text would fill the memory


@dataclass(frozen=True, eq=False)
class Texts:
    """Batches of texts -> pieces, a row a text."""

    tokenizer: Any
    pool: TextPool
    max_length: int
    kind: DataKind = "text"
    preprocess: Preprocess = field(default_factory=AsObject)

    def total(self, batch: NDArray[Any]) -> int:
        """How many rows of features a batch gives."""
        return len(batch)

    def pieces(self, batch: NDArray[Any]) -> Iterator[Piece]:
        """Texts of like length together, so that there is little padding."""
        for places in _by_length([len(text) for text in batch]):
            texts = [batch[place] for place in places]
            encoded = _encoded(self.tokenizer, texts, self.max_length)
            mask = encoded["attention_mask"]
            cut = _number_cut(self.tokenizer, encoded, texts, self.max_length)
            counted = {f"texts longer than {self.max_length} tokens were cut": cut}
            yield Piece(places, _inputs(self.tokenizer, encoded), partial(_pooled, mask, self.pool), counted)


@dataclass(frozen=True, eq=False)
class Words:
    """Batches of sentences -> pieces, a row a word: the first of its sub-words.

    A sentence that is too long is read in pieces, so that no word is lost.
    """

    tokenizer: Any
    max_length: int
    kind: DataKind = "tokens"
    preprocess: Preprocess = field(default_factory=AsObject)

    def total(self, batch: NDArray[Any]) -> int:
        """How many words there are."""
        return sum(map(len, batch))

    def pieces(self, batch: NDArray[Any]) -> Iterator[Piece]:
        """Sentences of like length together."""
        ends = np.cumsum([len(words) for words in batch])
        for places in _by_length([sum(map(len, words)) for words in batch]):
            rows = np.concatenate([np.arange(ends[i] - len(batch[i]), ends[i]) for i in places])
            encoded, sentences, first = self._encoded([list(batch[place]) for place in places])
            at = tuple(np.array(list(first.values()), dtype=np.intp).T)
            split = sum(number > 1 for number in Counter(sentences).values())
            counted = {f"sentences longer than {self.max_length} tokens were read in pieces": split}
            yield Piece(rows.astype(np.intp), _inputs(self.tokenizer, encoded), partial(_picked, at), counted)

    def _encoded(self, sentences: list[list[str]]) -> _Tokens:
        """Tokens, and where each word begins; a word that the tokenizer drops is read as an unknown one."""
        found = self._tokens(sentences)
        places = ((i, j) for i, words in enumerate(sentences) for j in range(len(words)))
        lost = [place for place in places if place not in found[2]]
        for i, j in lost:
            sentences[i][j] = _stand_in(self.tokenizer)
        return self._tokens(sentences) if lost else found

    def _tokens(self, sentences: list[list[str]]) -> _Tokens:
        encoded = self.tokenizer(
            sentences,
            is_split_into_words=True,
            padding=True,
            truncation=True,
            max_length=self.max_length,
            return_overflowing_tokens=True,
            return_tensors="pt",
        )
        rows = range(len(encoded["input_ids"]))
        of = encoded["overflow_to_sample_mapping"].tolist()
        return encoded, of, first_subwords([encoded.word_ids(row) for row in rows], of)


def longest(tokenizer: Any, backbone: Any, asked: int | None, name: str) -> int:
    """How many tokens of a text are read: what is asked for, or what the network takes, 512 at most.

    Raises InputError where more is asked for than the network takes.
    """
    limit = int(min(tokenizer.model_max_length, _positions(backbone) or tokenizer.model_max_length))
    if asked is not None and asked > limit:
        raise InputError(f"{name} takes at most {limit} tokens: lower max_length={asked}.")
    smallest = tokenizer.num_special_tokens_to_add() + 1
    if asked is not None and asked < smallest:
        raise InputError(f"{name} needs at least {smallest} tokens: raise max_length={asked}.")
    return min(limit, USUAL_LENGTH) if asked is None else asked


def _positions(backbone: Any) -> int | None:
    """How many positions a network has numbers for; some begin to count after the padding's."""
    known = getattr(backbone.config, "max_position_embeddings", None)
    if known is None or known < 1:  # positions are told by their distance
        return None
    table = getattr(getattr(backbone, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    return int(known) if padding is None else int(known) - int(padding) - 1


def prepare_tokenizer(tokenizer: Any, name: str) -> None:
    """Pads on the right: behind a text, padding moves no position and no decoder sees it."""
    tokenizer.padding_side = "right"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    if tokenizer.pad_token is None:
        raise ModelError(f"The tokenizer of {name} has no token to pad texts with.")


def _by_length(lengths: Sequence[int]) -> Iterator[NDArray[np.intp]]:
    order = np.argsort(lengths, kind="stable")
    return (order[start : start + PIECE] for start in range(0, len(order), PIECE))


def _encoded(tokenizer: Any, texts: list[str], max_length: int) -> Any:
    """Tokens; a text in which the tokenizer finds none is read as an unknown word."""
    encoded = _tokens(tokenizer, texts, max_length)
    empty = (encoded["attention_mask"].sum(1) == 0).tolist()
    if any(empty):
        texts = [_stand_in(tokenizer) if none else text for text, none in zip(texts, empty, strict=True)]
        encoded = _tokens(tokenizer, texts, max_length)
    return encoded


def _tokens(tokenizer: Any, texts: list[str], max_length: int) -> Any:
    return tokenizer(texts, padding=True, truncation=True, max_length=max_length, return_tensors="pt")


def _stand_in(tokenizer: Any) -> str:
    return str(tokenizer.unk_token or tokenizer.eos_token or "?")


def _number_cut(tokenizer: Any, encoded: Any, texts: list[str], max_length: int) -> int:
    """How many texts were longer; a fast tokenizer keeps what it cut off."""
    if encoded.encodings is not None:
        return sum(bool(encoding.overflowing) for encoding in encoded.encodings)
    whole = tokenizer(texts, verbose=False)["input_ids"]
    return sum(len(tokens) > max_length for tokens in whole)


def _inputs(tokenizer: Any, encoded: Any) -> dict[str, Any]:
    names = {*tokenizer.model_input_names, "attention_mask"}
    return {name: tensor for name, tensor in encoded.items() if name in names}


def _pooled(mask: Any, how: TextPool, values: Any) -> Any:
    """Hidden states of texts as vectors; the logits of a text are one vector already."""
    return values if values.ndim == 2 else pool_text(values, mask.to(values.device), how)


def _picked(at: tuple[NDArray[np.intp], ...], values: Any) -> Any:
    return values[at]
