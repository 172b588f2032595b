"""A guided tour: models, then sources, then layers, each beside what fine-tuning really gave."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from audition.data.open import open_dataset
from audition.evaluation import agreement
from audition.models.zoo import manifest
from audition.ranking.run import rank, rank_layers
from audition.ranking.table import print_table
from audition.ranking.value import Ranking
from audition.ranking.words import verdict
from audition.truth import Tuned, recorded_layers, recorded_truth

DATA, TARGET = "sklearn:digits", "digits"
LAYERS_OF = "zoo:cnn-mnist"
ONE_ARCHITECTURE = "resnet"


def run_demo(console: Console) -> None:
    """Prints the whole tour; raises MissingExtraError where onnxruntime or Pillow is not installed."""
    began = time.perf_counter()
    truth = recorded_truth(TARGET)
    digits = open_dataset(DATA)
    _introduce(console, len(truth), next(iter(truth.values())))

    _command(console, 1, "Which network?", f"audition rank --models 'zoo:*' --data {DATA}")
    models = rank("zoo:*", digits)
    _beside(console, models, truth)

    _command(
        console,
        2,
        "Which source? One architecture, trained on different things",
        f"audition rank --models 'zoo:{ONE_ARCHITECTURE}-*' --data {DATA}",
    )
    _beside(console, _of_one_architecture(models), truth)

    _command(console, 3, "Which layer of one network?", f"audition layers --model {LAYERS_OF} --data {DATA}")
    _beside(console, rank_layers(LAYERS_OF, digits), recorded_layers(LAYERS_OF, TARGET))

    seconds = time.perf_counter() - began
    console.print(
        Text(f"That took {seconds:.0f} seconds. Your turn, with a folder of images for each class:")
    )
    console.print(Text(f"\n  {command()} rank --models 'zoo:*' --data ./my-images\n", style="bold cyan"))


def command() -> str:
    """How to call `audition` from here: by its path where the shell would not find it by name."""
    called = Path(sys.argv[0])
    if shutil.which("audition") is not None or called.name != "audition" or not called.is_file():
        return "audition"
    path = Path(os.path.abspath(called))  # not resolved: the path that was typed
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def _introduce(console: Console, number: int, tuned: Tuned) -> None:
    console.print(Text("Which pre-trained network suits your data?\n", style="bold"))
    console.print(
        Text(
            f"The data: scikit-learn's handwritten digits, {tuned.train_rows + tuned.test_rows:,} pictures. "
            f"The candidates: {number} small networks that come with this package. We score their features in "
            "seconds, without fine-tuning any, and put beside each what fine-tuning it really gave: the share "
            f"of {tuned.test_rows:,} digits that it reads, having learned from {tuned.train_rows} others (mean "
            f"± standard deviation of {tuned.seeds} seeds, recorded when the package was made).\n"
        )
    )


def _command(console: Console, step: int, question: str, command: str) -> None:
    console.print(Text(f"{step}. {question}", style="bold"))
    console.print(Text(f"   $ {command}\n", style="cyan"))


def _of_one_architecture(ranking: Ranking) -> Ranking:
    """The part of a ranking with one architecture only, placed anew: nothing is computed again."""
    records = manifest()
    part = [
        row for row in ranking if records[row.model.removeprefix("zoo:")]["architecture"] == ONE_ARCHITECTURE
    ]
    return ranking.part(part)


def _beside(console: Console, ranking: Ranking, truth: Mapping[str, Tuned]) -> None:
    """A ranking with the truth as its last column, how well they agree, and where they do not."""
    tuned = [truth.get(row.layer, truth.get(row.model)) for row in ranking]
    cells = [f"{t.accuracy:.3f} ± {t.std:.3f}" if t else "" for t in tuned]
    print_table(ranking, console, {"fine-tuned": cells})
    taus = agreement(ranking, {name: t.accuracy for name, t in truth.items()})
    parts = ", ".join(f"{metric} {tau:.2f}" for metric, tau in taus.items())
    console.print(Text(f"Agreement with the truth (τ_w: 1 the same order, 0 chance): {parts}."))
    known = {ranking.called(row): t for row, t in zip(ranking, tuned, strict=True) if t}
    console.print(Text(_outcome(known)))
    if off := _furthest_off(known):
        console.print(Text(off))
    console.print(Text(verdict(ranking), style="bold"))
    console.print()


def _outcome(known: Mapping[str, Tuned]) -> str:
    """What taking the first place would have cost against the true best. known: in the order of places."""
    first = next(iter(known))
    best = max(known, key=lambda name: known[name].accuracy)
    if first == best:
        return f"Fine-tuned, {first} is indeed the best."
    gap = 100 * (known[best].accuracy - known[first].accuracy)
    return f"Fine-tuned, {best} is the best, {gap:.1f} points ahead of {first}."


def _furthest_off(known: Mapping[str, Tuned]) -> str:
    """The candidate whose place is most wrong, and how much of that may be chance; nothing if none is."""
    true = sorted(known, key=lambda name: -known[name].accuracy)
    places = {name: place for place, name in enumerate(known, start=1)}
    moves = {name: abs(places[name] - 1 - true.index(name)) for name in known}
    worst = max(moves, key=lambda name: moves[name])
    if moves[worst] == 0:
        return ""
    best = known[true[0]]
    level = sum(best.accuracy - tuned.accuracy <= best.std for tuned in known.values())
    return (
        f"Furthest off: {worst}, place {places[worst]} here and {true.index(worst) + 1} when fine-tuned. The measures "
        "see the features as they are, and fine-tuning changes them. Nor is the truth exact: "
        f"{level} of the {len(known)} lie within one standard deviation of the best, so their order is partly chance."
    )
