"""Networks of texts as modules from tokens to features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from audition.models.static.as_torch import StaticTable
from audition.models.text_pooling import pool_text
from audition.tuning.results.tokens import IDS, MASK


class OfTokens(nn.Module):  # type: ignore[misc]
    """Tokens and which of them are text, int64 [n, T] -> features of a transformer."""

    def __init__(self, model: Any, layer: str, pool: Any) -> None:
        super().__init__()
        self.model, self.layer, self.trunk, self.pool = model, layer, model.trunk, pool

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Features [n, D]."""
        states = states_of(self.model, {IDS: input_ids, MASK: attention_mask}, self.layer)
        return pool_text(states, attention_mask, self.pool)


class OfPieces(nn.Module):  # type: ignore[misc]
    """Tokens and which of them are text, int64 [n, T] -> the mean of the vectors of those that count."""

    def __init__(self, table: StaticTable) -> None:
        super().__init__()
        self.trunk, self.longest = table.trunk, table.longest
        self.unknown, self.normalize = table.files.unknown, table.files.normalize

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Features [n, D]; zeros for a text of which no piece is known."""
        counts = attention_mask
        if self.unknown is not None:
            counts = counts * (input_ids != self.unknown)
        if self.longest is not None:
            counts = counts * (counts.cumsum(1) <= self.longest)
        vectors = F.embedding(input_ids, self.trunk.weight)
        weights = counts.unsqueeze(-1).to(vectors.dtype)
        means = (vectors * weights).sum(1) / weights.sum(1).clamp(min=1)
        return F.normalize(means) if self.normalize else means


def states_of(model: Any, inputs: Mapping[str, Tensor], layer: str) -> Tensor:
    """The hidden states of a layer, of a pass to the end: a tracer loses its way where one is broken off."""
    given = model.trunk(**inputs, output_hidden_states=True)
    if layer == model.layers[-1]:
        found: Tensor = given.last_hidden_state
        return found
    states: Tensor = given.hidden_states[model.layers.index(layer)]
    return states
