"""`audition rank`: models in order of how well their features suit the data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from audition.cli.app import as_command
from audition.cli.given import check_given
from audition.cli.options import (
    Data,
    DataOptions,
    Json,
    Metrics,
    Models,
    Order,
    Resamples,
    RunOptions,
    WorkerOptions,
)
from audition.cli.output import check_output, say_written, show, show_forecast
from audition.cli.report import ReportFile, check_report_file, write_report
from audition.cli.words import all_models, split_layers
from audition.errors import InputError

if TYPE_CHECKING:
    from audition.ranking import Ranking
    from audition.truth import Truth

EXAMPLES = """Examples:
  audition rank --models 'zoo:*' --data ./my-images
  audition rank -m zoo:resnet-mnist,zoo:cnn-mnist -d sklearn:digits
  audition rank -m 'zoo:*' -d ./my-images --metrics logme,lfc --layers all
  audition rank -m 'timm:mobilenetv3*' -d ./my-images --limit 500
  audition rank -m @candidates.toml -d ./my-images
  audition rank -m hf:distilbert-base-uncased -d reviews.csv --label-column mood
  audition rank -m 'timm:resnet*' -d ./my-images --save-models candidates.toml
  audition rank -m 'timm:resnet*' -d ./my-images --dry-run
  audition rank -m 'timm:resnet*' -d ./my-images --report report.html
  audition rank -m 'timm:resnet*' -d ./my-images --history results.csv
  audition rank -m 'timm:resnet*' -d ./my-images --order logme
  audition rank -m 'timm:resnet*' -d ./my-images --workers 4
  audition rank -m 'timm:*' -d ./my-images --budget 10m
"""

READING, RUNNING, WORKERS = DataOptions(), RunOptions(), WorkerOptions()

DryRun = Annotated[
    bool,
    Parameter(
        name=["--dry-run", "-n"],
        negative=(),
        show_default=False,
        help="Say what would run and how long it would take, told by a few items; score nothing.",
    ),
]
History = Annotated[
    Path | None,
    Parameter(
        name="--history",
        help="Your own results of fine-tuning, to learn from: a file of model,dataset,accuracy.",
    ),
]
BudgetTexts = Annotated[
    list[str] | None,
    Parameter(
        name="--budget",
        consume_multiple=True,
        negative=(),
        help="What a model may cost: '20M params', '80MB', '5ms' a sample; or the time for all of it: 10m.",
    ),
]
Race = Annotated[
    bool | None,
    Parameter(
        name="--race",
        negative="--no-race",
        show_default=False,
        help="All models on a part of the rows, then more for those that may be first; usual from 20 models on.",
    ),
]
MaxLatency = Annotated[str | None, Parameter(name="--max-latency", help="At most so long a sample: 5ms.")]
SaveModels = Annotated[
    Path | None,
    Parameter(name="--save-models", help="Write the models that were ranked to a new candidates file."),
]


def rank(
    *,
    models: Models,
    data: Data,
    metrics: Metrics = None,
    order: Order = None,
    history: History = None,
    budget: BudgetTexts = None,
    max_latency: MaxLatency = None,
    race: Race = None,
    layers: Annotated[
        str | None,
        Parameter(name="--layers", help="'all', or layer names separated by commas; else the last."),
    ] = None,
    resamples: Resamples = 200,
    json: Json = None,
    report: ReportFile = None,
    save_models: SaveModels = None,
    dry_run: DryRun = False,
    running: RunOptions = RUNNING,
    working: WorkerOptions = WORKERS,
    reading: DataOptions = READING,
) -> int:
    """Rank models by how well their features suit your data, without fine-tuning any."""
    from audition.ranking import forecast
    from audition.ranking import rank as rank_models

    check_given(models=models)
    _check_files(json, report, save_models, dry_run)
    working.check()
    spent, past = _budget(budget, max_latency), past_results(history, order)
    wanted = None if layers is None else split_layers(layers)
    with running.told():
        opened = reading.open(data)
        asked: Callable[..., Any] = partial(
            forecast if dry_run else rank_models,
            all_models(models),
            opened,
            metrics=metrics,
            order=order,
            budget=spent,
            race=race,
            layers=wanted,
            skip_bad=running.skip_bad,
            cache=running.features(),
            trust=running.trusted,
            device=running.device,
            resamples=resamples,
            progress=running.progress,
        )
        if dry_run:
            return show_forecast(asked(workers=working.number), json)
        with working.executor() as executor:
            ranking = asked(history=past, executor=executor)
    code = show(ranking, json)
    write_report(report, ranking, opened, running)
    if save_models is not None:
        _save_models(ranking, save_models)
    return code


def _check_files(json: str | None, report: Path | None, save_models: Path | None, dry_run: bool) -> None:
    """Files that cannot be written, or would not be, are found before the work."""
    from audition.ranking.candidates_file import check_candidates_file

    check_output(json)
    check_report_file(report)
    if save_models is not None:
        check_candidates_file(save_models)
    for option, path in (("--report", report), ("--save-models", save_models)):
        if dry_run and path is not None:
            raise InputError(f"--dry-run ranks nothing that {option} could write: leave one of them out.")


def _save_models(ranking: Ranking, path: Path) -> None:
    from audition.ranking.candidates_file import save_candidates

    save_candidates(ranking, path)
    say_written(str(path))


def _budget(budget: list[str] | None, max_latency: str | None) -> list[str]:
    """What may be spent, checked before the data are opened."""
    from audition.ranking.costs import limits_of, seconds_of

    check_given(budget=budget, max_latency=None if max_latency is None else [max_latency])
    spent = [*(budget or []), *([] if max_latency is None else [f"{max_latency} a sample"])]
    limits_of(spent)
    seconds_of(spent)
    return spent


def past_results(history: Path | None, order: str | None) -> Truth | None:
    """The results to learn from; raises InputError where nothing would learn from them."""
    from audition.ranking.order import CONSENSUS
    from audition.truth import read_truth

    if history is None:
        return None
    if order not in (None, CONSENSUS):
        raise InputError(f"--history is for the order that learns from it: leave --order {order} out.")
    return read_truth(history)


command = as_command(rank, EXAMPLES)
