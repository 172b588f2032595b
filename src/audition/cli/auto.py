"""`audition auto`: ranks, chooses, tunes and saves, within a budget of time."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from audition import listing
from audition.cli.app import as_command
from audition.cli.options import Data, DataOptions, Metrics, Models, Order, RunOptions
from audition.cli.output import say_written
from audition.cli.rank import History, past_results
from audition.cli.said import in_options
from audition.cli.tuning import HOW, ROWS, HowOptions, Out, Resume, RowOptions, terms_of
from audition.cli.words import all_models

EXAMPLES = """Examples:
  audition auto -m 'zoo:*' -d ./my-images --out tuned/
  audition auto -m @candidates.toml -d ./my-images --budget 30m --out tuned/
  audition auto -m hf:./encoder -d reviews.csv --budget 1h --out tuned/
"""

READING, RUNNING = DataOptions(), RunOptions()


def auto(
    *,
    models: Models,
    data: Data,
    out: Out,
    budget: Annotated[str | None, Parameter(help="How long it may take: 30m, 1h 30m.")] = None,
    confidence: Annotated[
        float, Parameter(help="As many candidates are tried as hold the best one with this probability.")
    ] = 0.9,
    teachers: Annotated[
        int | None,
        Parameter(
            help="How many of the next best teach the winner in one more run, kept if it helps; by default 3 with "
            "a budget, else none."
        ),
    ] = None,
    metrics: Metrics = None,
    order: Order = None,
    history: History = None,
    resume: Resume = False,
    rows: RowOptions = ROWS,
    how: HowOptions = HOW,
    running: RunOptions = RUNNING,
    reading: DataOptions = READING,
) -> int:
    """Rank models, tune the likely best, and save the winner ready to predict."""
    from audition.tuning.search.auto import asked_of, search_by
    from audition.tuning.search.words import as_text

    with running.told(), in_options():
        terms = terms_of(out, resume, how, rows, running)
        asked = asked_of(
            all_models(models), metrics=metrics, order=order, history=past_results(history, order), budget=budget,
            confidence=confidence, teachers=teachers, terms=terms,
        )  # fmt: skip
        found = search_by(terms, asked, reading.open(data), rows.other(data, reading))
    listing.console().print(as_text(found, str(out)), markup=False, highlight=False, soft_wrap=True)
    say_written(str(out))
    return 0


command = as_command(auto, EXAMPLES)
