"""Rankings to report on, made without running anything."""

import random

from audition.ranking.order import in_order
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.uncertainty import Standing

EVIL = "<script>alert(1)</script>"


def ranking(
    models=4, measures=("logme", "logme+ped", "transrate"), layers=1, *, sure=True, seed=0, evil=False
):
    """So many networks with random scores, the first the best, and one that failed."""
    rng = random.Random(seed)
    rows = []
    for i in range(models):
        name = EVIL if evil and i == 0 else f"zoo:net-{i}"
        for layer in range(layers):
            rows.append(
                _row(name, f"block{layer}", [models - i + rng.gauss(0, 1.5) for _ in measures], measures, rng)
            )
    rows.append(Row("zoo:broken", "", error=f"it has no {EVIL if evil else 'head'}"))
    placed = in_order(rows, measures, "mean place")
    if sure:
        placed = tuple(_stood(row) for row in placed)
    return Ranking(
        placed, tuple(measures), "mean place", "flowers & weeds", "classification", 500, more_rows=1234
    )


def _row(name, layer, scores, measures, rng):
    by_name = dict(zip(measures, scores))
    return Row(
        name, layer, scores=by_name, columns=8, parameters=rng.randrange(10**5, 10**8),
        feature_seconds=rng.uniform(0.1, 5), scoring_seconds=0.1, notes=("logme: two classes are alike",),
        intervals={name: (score - 0.3, score + 0.4) for name, score in by_name.items()},
    )  # fmt: skip


def _stood(row):
    from dataclasses import replace

    if row.place is None:
        return row
    chance = 0.7 if row.place == 1 else 0.3 if row.place == 2 else 0.0
    first, last = max(1, row.place - 1), row.place + 1
    return replace(row, standing=Standing(float(row.place), first, last, chance, row.place <= 2))
