"""Rows to train on, rows to judge by while training, and rows that are kept for the end."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.errors import InputError

Rows = NDArray[np.intp]
BINS = 10  # of a regression's targets, by their quantiles


@dataclass(frozen=True, eq=False)
class Parts:
    """Places of rows, int [n] each and ascending, without one in common; together they are all rows.

    notes: what there is to know of the division, a sentence each.
    """

    train: Rows
    held_out: Rows
    test: Rows
    notes: tuple[str, ...] = ()


def divide(
    labels: NDArray[Any],
    task: str,
    groups: Sequence[Hashable] | NDArray[Any] | None = None,
    *,
    held_out: float = 0.2,
    test: float = 0.0,
    seed: int = 0,
) -> Parts:
    """The rows in parts: of each class its share, and whole groups on one side.

    labels: codes int [N], 0 and 1 [N, K] for several labels, or targets [N] or [N, K] for a regression.
    task: "classification", "multilabel" or "regression". held_out, test: shares of all rows. A class of two
    rows or more is on both sides where no groups are given; a single row of a class is trained on. Several
    labels are divided by each row's rarest, targets by their quantiles. Always the same parts for one seed.

    Raises InputError for shares that leave nothing to train on, a test share that leaves nothing to hold out, and
    where all rows are one group.

    >>> parts = divide(np.repeat([0, 1], 10), "classification", held_out=0.2)
    >>> len(parts.train), len(parts.held_out), len(parts.test)
    (16, 4, 0)
    """
    check_shares(held_out, test)
    strata = _strata(np.asarray(labels), task)
    together = None if groups is None else _whole(groups, len(strata))
    notes = _notes(strata) if task == "classification" else ()
    rest, tested = _apart(np.arange(len(strata)), strata, together, test, seed)
    train, held = _apart(rest, strata, together, held_out / (1 - test), seed)
    if not len(train):
        raise InputError(f"{len(strata)} rows are too few to hold some out: give more.")
    if held_out and test and not len(held) and np.bincount(strata).max() > 1:
        raise InputError(
            f"A test share of {test:g} leaves no row of {len(strata)} to hold out, so that none could choose the "
            "state: give more rows, or test on none of them."
        )
    return Parts(train, held, tested, notes)


def check_shares(held_out: Any, test: Any) -> None:
    """Raises InputError for shares of rows that cannot be, or that leave nothing to train on."""
    for name, share in (("held_out", held_out), ("test", test)):
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share < 1:
            raise InputError(f"The {name!r} parameter must be from 0 to below 1. Got {share!r} instead.")
    if held_out + test >= 1:
        raise InputError(f"Shares of {held_out:g} and {test:g} leave nothing to train on.")


def _strata(labels: NDArray[Any], task: str) -> Rows:
    """What each row counts as when parts get their share of each kind, int [N]."""
    if task == "multilabel":
        return _rarest(labels)
    if task == "regression":
        first = labels.reshape(len(labels), -1)[:, 0]
        edges = np.unique(np.quantile(first, np.linspace(0, 1, min(BINS, max(2, len(first) // 5)) + 1)[1:-1]))
        labels = np.searchsorted(edges, first, side="right")
    return np.unique(labels, return_inverse=True)[1].astype(np.intp)


def _rarest(labels: NDArray[Any]) -> Rows:
    """The label of each row that fewest rows have; K where it has none."""
    ranks = np.argsort(np.argsort(labels.sum(axis=0), kind="stable"), kind="stable")
    rarity = np.where(labels > 0, ranks[None, :], labels.shape[1])
    lowest = rarity.argmin(axis=1)
    found: Rows = np.where((labels > 0).any(axis=1), lowest, labels.shape[1]).astype(np.intp)
    return found


def codes_of(groups: Sequence[Hashable] | NDArray[Any]) -> Rows:
    """Groups as whole numbers from 0, in the order in which they come.

    >>> codes_of(["b", "a", "b"]).tolist()
    [0, 1, 0]
    """
    known: dict[Hashable, int] = {}
    values = groups.tolist() if isinstance(groups, np.ndarray) else groups
    return np.array([known.setdefault(group, len(known)) for group in values], dtype=np.intp)


def _whole(groups: Sequence[Hashable] | NDArray[Any], rows: int) -> Rows:
    if len(groups) != rows:
        raise InputError(f"There are {rows} rows, but {len(groups)} groups: give one a row.")
    return codes_of(groups)


def _notes(strata: Rows) -> tuple[str, ...]:
    single = int((np.bincount(strata) == 1).sum())
    if not single:
        return ()
    has = "1 class has" if single == 1 else f"{single} classes have"
    return (f"{has} one row only: it is trained on, and no held-out row can say whether it is learned.",)


def _apart(rows: Rows, strata: Rows, groups: Rows | None, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows in two parts, the second of about this share; both ascending."""
    if share == 0 or len(rows) < 2:
        return rows, rows[:0]
    if groups is None:
        return _by_rows(rows, strata[rows], share, seed)
    return _by_groups(rows, strata[rows], groups[rows], share, seed)


def _by_rows(rows: Rows, strata: Rows, share: float, seed: int) -> tuple[Rows, Rows]:
    """One of every stratum first, then of each its share; the last of a stratum is never taken."""
    order = np.random.default_rng(seed).permutation(len(rows))
    mixed, sizes = strata[order], np.bincount(strata)
    by_stratum = np.argsort(mixed, kind="stable")
    turn = np.empty(len(rows), dtype=np.intp)  # the how-manieth of its stratum each is
    turn[by_stratum] = np.arange(len(rows)) - (np.cumsum(sizes) - sizes)[mixed[by_stratum]]
    last = turn == sizes[mixed] - 1
    keys = np.where(last, 1.0, turn / sizes[mixed])
    wanted = max(round(share * len(rows)), int((sizes > 1).sum()))
    first = np.argsort(keys, kind="stable")[: min(wanted, int((~last).sum()))]
    chosen = np.sort(rows[order[first]])
    return np.setdiff1d(rows, chosen), chosen


def _by_groups(rows: Rows, strata: Rows, groups: Rows, share: float, seed: int) -> tuple[Rows, Rows]:
    from sklearn.model_selection import StratifiedGroupKFold

    number = len(np.unique(groups))
    if number < 2:
        raise InputError("All rows belong to one group, so that none can be held out: give held_out=0.")
    # More folds than there are rows of any class are refused; then all rows count as one class.
    folds = min(max(2, round(1 / share)), number)
    kinds = strata if folds <= np.bincount(strata).max() else np.zeros_like(strata)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes with fewer rows than folds
        found = [second for _, second in splitter.split(rows, kinds, groups)]
    full = [second for second in found if 0 < len(second) < len(rows)]
    second = min(full, key=lambda places: abs(len(places) - share * len(rows)))
    chosen = np.sort(rows[second])
    return np.setdiff1d(rows, chosen), chosen
