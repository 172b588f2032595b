"""Batches of sounds for a network of transformers: waveforms of any length, or spectrograms of one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.models.hf.audio_clips import Clip, Spectrogram, Waveform
from audition.models.hf.audio_windows import Window
from audition.models.hf.network import Piece
from audition.models.pooling import Pool, pooled
from audition.models.text_pooling import TextPool, pool_text

PIECE = 32  # sounds that go through the network together,
VALUES = 2**20  # where they hold no more numbers: all hidden states are kept for so long
LIKE = 0.8  # the share of the longest that is no padding, where there is any


@dataclass(frozen=True, eq=False)
class Waves:
    """Batches of clips -> pieces, a row a sound.

    frames: how many vectors the network makes of so many samples, where it reads clips of different lengths
    together, padded and masked, and gives each what it gives to it alone; None where it does not: then only clips
    of one length go together.
    """

    preprocess: Waveform
    pool: Pool
    frames: Callable[[int], int] | None
    name: str
    kind: DataKind = "audio"

    def total(self, batch: NDArray[Any]) -> int:
        """How many sounds there are."""
        return len(batch)

    def pieces(self, batch: NDArray[Any]) -> Iterator[Piece]:
        """Clips of like length together, so that there is little padding."""
        for places in _together([len(clip.values) for clip in batch], padded=self.frames is not None):
            clips = [batch[place] for place in places]
            lengths = [len(clip.values) for clip in clips]
            cut, filled = sum(clip.cut for clip in clips), sum(clip.filled for clip in clips)
            pool = partial(_masked, self._frames(lengths), self.pool)
            yield Piece(places, self._inputs(clips, lengths), pool, counted(self.preprocess, cut, filled))

    def _inputs(self, clips: Sequence[Clip], lengths: Sequence[int]) -> dict[str, Any]:
        import torch

        values = np.zeros((len(clips), max(lengths)), dtype=np.float32)
        for row, clip in zip(values, clips, strict=True):
            row[: len(clip.values)] = clip.values
        inputs = {self.name: torch.from_numpy(values)}
        if self.frames is not None:
            inputs["attention_mask"] = _mask(lengths, values.shape[1])
        return inputs

    def _frames(self, lengths: Sequence[int]) -> list[int] | None:
        return None if self.frames is None else [self.frames(length) for length in lengths]


@dataclass(frozen=True, eq=False)
class Spectrograms:
    """Batches of records of one shape -> pieces, a row a sound.

    window: how the network's output follows the sound. pool: "cls" is the mean of the tokens in front, as the
    network's own head takes them.
    """

    preprocess: Spectrogram
    window: Window
    pool: Pool
    name: str
    kind: DataKind = "audio"

    def total(self, batch: NDArray[Any]) -> int:
        """How many sounds there are."""
        return len(batch)

    def pieces(self, batch: NDArray[Any]) -> Iterator[Piece]:
        """A few sounds at a time."""
        import torch

        size = _size(batch["values"][0].size)
        for start in range(0, len(batch), size):
            part = batch[start : start + size]
            rows = np.arange(start, start + len(part))
            inputs = {self.name: torch.from_numpy(part["values"].copy())}
            inputs |= {name: torch.full((len(part), 1), value) for name, value in self.window.extras.items()}
            found = counted(self.preprocess, int(part["cut"].sum()), int(part["filled"].sum()))
            yield Piece(rows, inputs, partial(self._pooled, part["samples"]), found)

    def _pooled(self, samples: NDArray[np.int64], values: Any) -> Any:
        """Tokens [n, prefix + bands * T, D] -> vectors [n, D], of the positions where there is sound."""
        window = self.window
        if self.pool == "cls" and values.ndim == 3:
            return values[:, : window.prefix].float().mean(1)
        if values.ndim != 3 or not window.step or self.pool == "none":
            return pooled(values, self.pool)
        tokens = values[:, window.prefix :]
        moments = tokens.shape[1] // window.bands
        sounding = np.clip(1 + (samples - window.first) // window.step, 1, moments)
        mask = _mask(sounding.tolist(), moments).repeat(1, window.bands)
        return pool_text(tokens, mask.to(values.device), cast(TextPool, self.pool))


def counted(preprocess: Waveform | Spectrogram, cut: int, filled: int) -> dict[str, int]:
    """What was done to how many sounds, in words."""
    rate, limits = preprocess.extractor.rate, preprocess.limits
    return {
        f"sounds longer than {limits.longest / rate:g} seconds were cut": cut,
        f"sounds shorter than {limits.shortest / rate:g} seconds were filled up with silence": filled,
    }


def _together(lengths: Sequence[int], *, padded: bool) -> Iterator[NDArray[np.intp]]:
    """The places of clips that go through the network together, the long ones first."""
    sizes = np.asarray(lengths)
    order = np.argsort(-sizes, kind="stable")
    while len(order):
        longest = sizes[order[0]]
        run = order[: _size(int(longest))]
        run = run[sizes[run] >= (LIKE if padded else 1) * longest]
        yield run
        order = order[len(run) :]


def _size(values: int) -> int:
    """How many sounds of so many numbers go through the network together."""
    return max(1, min(PIECE, VALUES // max(values, 1)))


def _mask(lengths: Sequence[int], longest: int) -> Any:
    """A tensor of int64 [n, longest]: of each row as many ones as its length, then zeros."""
    import torch

    return (torch.arange(longest) < torch.tensor(lengths)[:, None]).long()


def _masked(frames: Sequence[int] | None, how: Pool, values: Any) -> Any:
    """Vectors of each clip's own frames; the logits of a clip are one vector already."""
    if values.ndim == 2:
        return values
    total = values.shape[1]
    mask = _mask(frames or [total] * len(values), total).to(values.device)
    return pool_text(values, mask, cast(TextPool, how))
