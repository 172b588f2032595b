"""`audition auto` on targets held back, beside the cost of tuning every candidate and the best that this gives."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from audition.data.base import Dataset
from audition.data.open import open_dataset
from audition.data.subset import Subset
from audition.tuning.results.tuned import TunedModel
from audition.tuning.runs.settings import Settings
from audition.tuning.search.auto import Search, auto
from audition.tuning.tune import tune
from benchmarks.assets import ASSETS
from benchmarks.timing import say
from benchmarks.tuning import ledger
from benchmarks.tuning.compare import machine
from benchmarks.tuning.ledger import RESULTS, Tuned
from benchmarks.tuning.networks import candidates, short
from benchmarks.tuning.targets import VIEWS

AUTO = "auto"
SETTINGS = Settings(steps=120, batch_size=20)
HELD_BACK = {"cifar10": 900, "caltech101_50": 900, "omniglot_characters": 1280}
"""How many rows each has."""

CLASSES = 50  # of caltech101_50
HELD_OUT, TEST = 0.2, 0.4


def search_all(results: Path = RESULTS) -> None:
    """All that is not in the results yet: of each target what `auto` finds, then every candidate."""
    book = ledger.search(results)
    for target in HELD_BACK:
        done = {line.candidate for line in book.read() if line.target == target}
        if AUTO not in done:
            book.append(_found(target))
        for name in candidates():
            if short(name) not in done:
                book.append(_tuned(target, name))


def data_of(target: str) -> Dataset:
    """The rows of a target, training and test files pooled, of each class as many."""
    if target != "caltech101_50":
        return open_dataset(ASSETS / "images" / target, name=target, split="all", limit=HELD_BACK[target])
    whole = open_dataset(ASSETS / "images" / "caltech101", name=target, split="all")
    labels = [item.label for item in whole.items()]
    first = set(sorted(set(labels))[:CLASSES])
    return Subset(whole, frozenset(place for place, label in enumerate(labels) if label in first))


def _found(target: str) -> Tuned:
    """What `auto` finds, with nothing kept from before."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as cache:
        search = auto(
            list(candidates()), data_of(target), settings=SETTINGS, held_out=HELD_OUT, test=TEST, views=VIEWS,
            cache=cache, device="cpu",
        )  # fmt: skip
    seconds = time.process_time() - began
    say(f"{target}: {search}\n")
    return _line(target, AUTO, search.tuned, seconds, _how(search))


def _how(search: Search) -> str:
    """Who was tried, the likeliest first, and what became of the last."""
    tried = " ".join(short(row.model) for row in search.contenders.chosen)
    rows = {run.note: run.score for run in search.rounds[-1].runs}
    last = ", ".join(f"{note} {score:.3f}" for note, score in rows.items() if score is not None)
    missed = search.contenders.missed
    chance = "" if missed is None else f"; missed with probability {missed:.3f}"
    return f"tried {tried}{chance}; held out: {last}"


def _tuned(target: str, name: str) -> Tuned:
    """A candidate, tuned plainly at the best of four rates."""
    began = time.process_time()
    tuned = tune(
        name, data_of(target), settings=SETTINGS, held_out=HELD_OUT, test=TEST, views=VIEWS, device="cpu"
    )  # fmt: skip
    seconds = time.process_time() - began
    line = _line(target, short(name), tuned, seconds, "plain")
    say(f"{target} {line.candidate}: {line.accuracy:.3f} ({seconds:.1f} s)")
    return line


def _line(target: str, candidate: str, tuned: TunedModel, seconds: float, note: str) -> Tuned:
    assert tuned.test is not None and tuned.held_out is not None
    return Tuned(
        target, candidate, short(tuned.name), tuned.test.headline.value, tuned.held_out.headline.value,
        float(tuned.settings["rate"]), seconds, tuned.test.rows, note, machine(),
    )  # fmt: skip
