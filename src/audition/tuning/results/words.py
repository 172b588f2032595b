"""A tuned model in words: how it was made, how good it is, what to do with it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from audition.files import user_path
from audition.ranking.naming import short_names
from audition.tuning.results.outcome import Outcome

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

NEW_DATA = {"image": "IMAGES", "text": "texts.csv", "audio": "SOUNDS"}
CONFUSED = 2  # pairs of classes that are named


def lines(tuned: TunedModel, folder: str | None = None) -> list[str]:
    """What to tell of a model that has just been tuned, a line each. folder: where it was saved."""
    told, rows = tuned.provenance, tuned.provenance["rows"]
    made = [
        f"{called(tuned.name)} on {told['data']} by {told['method']}: {rows['train']} rows to learn from, "
        f"{rows['held_out']} held out"
    ]
    if tuned.network.body.layer != tuned.model.layers[-1]:
        made.append(f"Up to its layer {tuned.network.body.layer}")
    if teachers := told.get("teachers"):
        made.append(f"Taught by {', '.join(teachers)}")
    made += [f"  {line}" for line in told["rates"]]
    made.append(f"{told['stopped']} Kept: the state after step {told['best_step']}.")
    made += list(_scores(tuned))
    made += [f"Note: {note}" for note in told.get("notes", ())]
    if folder is not None:
        made.append(f"Predict: {_next(tuned, folder)}")
    return made


def _next(tuned: TunedModel, folder: str) -> str:
    """What predicts with a model that was saved: a command, or a call where its code has to be given again."""
    from audition.tuning.results.folder import needs_module

    if needs_module(user_path(folder)):
        return f"audition.load_tuned({folder!r}, module=...).predict(...), with the network built as it was"
    return f"audition predict {shlex.quote(folder)} {NEW_DATA.get(tuned.kind, 'DATA')}"


def _scores(tuned: TunedModel) -> Iterator[str]:
    for name, outcome in (("Test", tuned.test), ("Held out", tuned.held_out)):
        if outcome is None:
            continue
        shown = ", ".join(f"{key} {score}" for key, score in list(outcome.scores.items())[:2])
        chose = "; they chose the state, so they flatter it" * (name == "Held out" and tuned.test is None)
        yield f"{name}, {outcome.rows} rows: {shown}{_commonest(outcome)}{chose}"
        if outcome is (tuned.test or tuned.held_out):
            yield from _confused(outcome)


def called(name: str) -> str:
    """A model's name where there is little room: without folders, and the options that a file of weights settles."""
    return short_names([name])[name]


def _commonest(outcome: Outcome) -> str:
    """What the accuracy would be without looking."""
    if outcome.confusion is None or not outcome.rows:
        return ""
    return f"; always the commonest class: {outcome.confusion.sum(axis=1).max() / outcome.rows:.3g}"


def _confused(outcome: Outcome) -> Iterator[str]:
    pairs = [
        f"{true} for {predicted} ({wrong} of {all_rows})"
        for true, predicted, wrong, all_rows in outcome.confused(CONFUSED)
    ]
    if pairs:
        yield f"Most often mistaken: {', '.join(pairs)}"
