"""The numbers behind the figures, as rows of text for tables."""

from __future__ import annotations

from collections.abc import Sequence

from audition.ranking.table import MISSING, number
from audition.ranking.value import Ranking
from audition.recommendation.cost import amount
from audition.reporting.agreement import Agreement
from audition.reporting.costs import Trade, competing, figure_name
from audition.reporting.motion import Motion

SHOWN = 60


def trade_rows(trade: Trade) -> list[tuple[str, ...]]:
    """Those on the front, the cheapest first."""
    return [(each.name, amount(trade.what, each.cost), number(each.quality)) for each in trade.front]


def tau_rows(found: Agreement) -> list[tuple[str, ...]]:
    """τ_w of each measure with every other."""
    return [(name, *map(decimals, taus)) for name, taus in zip(found.measures, found.taus, strict=True)]


def place_rows(ranking: Ranking, measures: Sequence[str]) -> list[tuple[str, ...]]:
    """The place of each candidate by each measure."""
    return [
        (figure_name(ranking, row), *(_place(row.places.get(metric)) for metric in measures))
        for row in competing(ranking)[:SHOWN]
    ]


def energy_rows(motion: Motion) -> list[tuple[str, ...]]:
    """Energy and summed moves by step."""
    moves = ["", *(f"{move:.4g}" for move in motion.moves)]
    return [(str(i), f"{energy:.4g}", moves[i]) for i, energy in enumerate(motion.energy)]


def decimals(value: float | None) -> str:
    """A number with two decimals and a minus sign."""
    return MISSING if value is None else f"{value:.2f}".replace("-", "−")


def _place(place: float | None) -> str:
    return MISSING if place is None else f"{place:g}"
