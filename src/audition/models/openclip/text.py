"""The tower of texts of a CLIP as a model: its blocks, with padding masked, and its embedding, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, cast

from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import ModelError
from audition.models.base import ModelIdentity, Outputs, Preprocess, joined
from audition.models.hf.network import Identify
from audition.models.memory import memory_errors
from audition.models.options import Options
from audition.models.preprocess import AsObject
from audition.models.text_pooling import TextPool, pool_text
from audition.models.torch.hooks import taps
from audition.models.torch.placement import OnDevice, brought

LAST = "features"
PIECE = 64  # texts that go through the network together, each as long as the longest that it takes
POOLS: tuple[TextPool, ...] = ("mean", "cls", "max", "last")


@dataclass(frozen=True, eq=False)
class Tower:
    """module: what holds the blocks. encode: tokens [n, T] -> embeddings, or these and something else.

    padding: the token that fills texts up.
    """

    module: Any
    encode: Callable[[Any], Any]
    padding: int


def text_tower(name: str, clip: Any, tokenizer: Any, options: Options, identify: Identify) -> ClipText:
    """The tower of a CLIP's texts; that of its images is given up."""
    if hasattr(clip, "text"):
        module = clip.text
        settings = getattr(module, "config", None)
        padding = settings.pad_token_id if settings is not None else module.pad_id
        tower = Tower(module, module, int(padding or 0))
    else:
        del clip.visual
        tower = Tower(clip, clip.encode_text, 0)
    return ClipText(name, tower, tokenizer, identify, cast(TextPool | None, options.pool), options.precision)


class ClipText(OnDevice):
    """A tower of texts; its layers are its blocks, and "features", the embedding, not normalised.

    pool: how the tokens of a block become a vector; by default the last of a text where blocks read from left
    to right, else the mean. identify: tells whose features these are, when that is asked.
    """

    kind: DataKind = "text"

    def __init__(
        self,
        name: str,
        tower: Tower,
        tokenizer: Any,
        identify: Identify,
        pool: TextPool | None = None,
        precision: str = "fp32",
    ) -> None:
        import torch

        self.name = name
        self.preprocess: Preprocess = AsObject()
        dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
        self.place(tower.module.eval(), dtype)
        self.parameters: int | None = sum(weight.numel() for weight in self.module.parameters())
        self.layers: tuple[str, ...] = (*_blocks(self.module), LAST)
        self._tower, self._tokenizer, self._identify = tower, tokenizer, identify
        one_way = getattr(self.module, "attn_mask", None) is not None
        self._how: TextPool = pool or ("last" if one_way else "mean")

    @cached_property
    def identity(self) -> ModelIdentity | None:
        """The digest of its files, or its commit on the hub."""
        return self._identify()

    def __repr__(self) -> str:
        return f"ClipText({self.name!r}, layers={self.layers!r})"

    def forward(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """Features float32 [n, D] of a batch of texts, and how many were cut; `layers` says which are wanted.

        Raises MemoryError where one part of a batch is too large for the device.
        """
        return brought(self.forward_there(batch, layers))

    def forward_there(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """As `forward`, the features tensors on the model's device."""
        import torch

        wanted = self.layers if layers is None else [layer for layer in self.layers if layer in layers]
        texts = list(batch)
        with torch.inference_mode():
            return joined(
                [self._piece(texts[start : start + PIECE], wanted) for start in range(0, len(texts), PIECE)],
                torch.cat,
            )

    def _piece(self, texts: list[str], wanted: Sequence[str]) -> Outputs:
        tokens = self._tokenizer(texts)
        pool = partial(_pooled, mask=_mask(tokens, self._tower.padding).to(self.device), how=self._how)
        with memory_errors(), taps(self.module, wanted, pool) as taken:
            given = self._tower.encode(tokens.to(self.device))
        found = taken.found
        found[LAST] = (given[0] if isinstance(given, tuple) else given).float()
        missing = [layer for layer in wanted if layer not in found]
        if missing:
            raise ModelError(f"{self.name} never ran its block {missing[0]!r}.")
        features = {layer: found[layer].float() for layer in wanted}
        length = tokens.shape[1]
        return Outputs(
            features,
            counted=Counter({f"texts longer than {length} tokens were cut": self._cut(texts, tokens)}),
        )

    def _cut(self, texts: list[str], tokens: Any) -> int:
        """How many texts have more tokens than fit: those that fill their row, and would fill a longer one."""
        padding, length = self._tower.padding, tokens.shape[1]
        full = [text for text, row in zip(texts, tokens, strict=True) if row[-1] != padding]
        if not full:
            return 0
        return int((self._tokenizer(full, length + 1)[:, -1] != padding).sum())


def _blocks(module: Any) -> list[str]:
    """The blocks of a transformer: the longest list of parts in it."""
    import torch

    lists = {name: part for name, part in module.named_modules() if isinstance(part, torch.nn.ModuleList)}
    longest = max(lists, key=lambda name: len(lists[name]), default=None)
    return [] if longest is None else [f"{longest}.{place}" for place in range(len(lists[longest]))]


def _mask(tokens: Any, padding: int) -> Any:
    """1 up to the last token of each text that is no padding, and for the first token of all: [n, T]."""
    mask = (tokens != padding).long().flip(1).cummax(1).values.flip(1)
    mask[:, 0] = 1
    return mask


def _pooled(values: Any, _layer: str, *, mask: Any, how: TextPool) -> Any:
    """A class token that a tower appends is no part of the text."""
    return pool_text(values[:, : mask.shape[1]], mask, how)
