"""`audition auto`: ranks, chooses, tunes and saves, within a budget of time."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from audition import listing
from audition.cli.options import Data, DataOptions, Metrics, Models, Order, RunOptions
from audition.cli.output import say_written
from audition.cli.rank import History, past_results
from audition.cli.said import in_options
from audition.cli.tune import HOW, HeldOut, HowOptions, Out, Resume, Test, tested
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
    views: Annotated[int, Parameter(help="How many ways pictures are seen; 1: as they are.")] = 4,
    no_mirror: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Mirror no pictures: for letters and digits.")
    ] = False,
    test: Test = None,
    held_out: HeldOut = 0.2,
    resume: Resume = False,
    how: HowOptions = HOW,
    running: RunOptions = RUNNING,
    reading: DataOptions = READING,
) -> int:
    """Rank models, tune the likely best, and save the winner ready to predict."""
    from audition.tuning.search.auto import auto as search
    from audition.tuning.search.words import as_text

    past = past_results(history, order)
    with running.told(), in_options():
        found = search(
            all_models(models),
            reading.open(data),
            budget=budget,
            confidence=confidence,
            teachers=teachers,
            metrics=metrics,
            order=order,
            history=past,
            settings=how.settings(),
            held_out=held_out,
            test=tested(test, data, reading),
            views=views,
            mirror=not no_mirror,
            out=out,
            resume=resume,
            skip_bad=running.skip_bad,
            cache=running.features(),
            trust=running.trusted,
            device=running.device,
            progress=running.progress,
        )
    listing.console().print(as_text(found, str(out)), markup=False, highlight=False, soft_wrap=True)
    say_written(str(out))
    return 0
