"""`audition evaluate` and `audition truth`: scores beside what fine-tuning really gave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition import listing
from audition.cli.app import as_command
from audition.cli.options import Json
from audition.cli.output import check_output, write_json
from audition.errors import InputError

EXAMPLES = """Examples:
  audition evaluate ranking.json --truth results.csv
  audition evaluate scores.csv --truth supervised_cnn
  audition evaluate aircraft=first.json cars=second.json --truth results.csv
  audition evaluate --truth published_scores_tllib --compare nce,logme
"""


Scores = Annotated[
    list[str] | None,
    Parameter(
        negative=(),
        help="A ranking (.json), or a table (.csv) with columns model, dataset and one a measure; several "
        "rankings as DATASET=FILE. Without any, the scores that the truth brings.",
    ),
]
TruthTable = Annotated[
    str | None,
    Parameter(
        name=["--truth", "-t"],
        help="A table that 'audition truth' lists, or a .csv: columns model, dataset, accuracy, or model and "
        "one a data set. By default the table of scores, where it has accuracy, too.",
    ),
]
OneDataset = Annotated[
    str | None, Parameter(name="--dataset", help="The data set to judge on, where there are several.")
]
First = Annotated[
    list[int] | None,
    Parameter(name="--k", consume_multiple=True, negative=(), help="For rel@k and regret@k; by default 1 3."),
]
Two = Annotated[
    str | None, Parameter(name="--compare", help="Two measures: by how much the first is better.")
]
Details = Annotated[
    bool, Parameter(name="--details", negative=(), show_default=False, help="Every interval, too.")
]


def evaluate(
    scores: Scores = None,
    /,
    *,
    truth: TruthTable = None,
    dataset: OneDataset = None,
    k: First = None,
    compare: Two = None,
    details: Details = False,
    confidence: Annotated[float, Parameter(name="--confidence", help="Of the intervals.")] = 0.9,
    resamples: Annotated[int, Parameter(name="--resamples", help="Drawn for the intervals.")] = 1000,
    seed: Annotated[int, Parameter(name="--seed", help="Of what is drawn.")] = 0,
    json: Json = None,
) -> int:
    """Judge scores by what fine-tuning gave: τ_w, regret and others, with intervals."""
    from audition.evaluation import evaluate as judge
    from audition.evaluation.words import print_evaluation

    check_output(json)
    given, by = _inputs(scores or [], truth)
    evaluation = judge(
        given,
        by,
        dataset=dataset,
        k=(1, 3) if k is None else tuple(k),
        confidence=confidence,
        resamples=resamples,
        seed=seed,
    )
    compared = None if compare is None else str(evaluation.compare(*_two(compare)))
    if json != "-":
        print_evaluation(evaluation, listing.console(), detailed=details)
        if compared is not None:
            listing.console().print(Text(compared, style="bold"))
    if json is not None:
        write_json(evaluation.to_json(), json)
    return 0


def truth(name: Annotated[str | None, Parameter(help="One table to show.")] = None, /) -> int:
    """List the published results of fine-tuning that the package brings, or show one."""
    console = listing.console()
    if name is None:
        _print_tables(console)
    else:
        _print_table(name, console)
    return 0


def _inputs(scores: list[str], truth: str | None) -> tuple[Any, str | None]:
    """What `evaluate` takes for the scores and for the truth."""
    if not scores and truth is None:
        raise InputError("Say what to judge: audition evaluate ranking.json --truth results.csv")
    if not scores:
        return truth, None
    if len(scores) == 1 and "=" not in scores[0]:
        return Path(scores[0]), truth
    return _rankings(scores), truth


def _rankings(scores: list[str]) -> Mapping[str, Any]:
    """dataset -> ranking of several DATASET=FILE."""
    from audition.ranking import Ranking

    rankings = {}
    for text in scores:
        name, mark, path = text.partition("=")
        if not (name and mark and path):
            raise InputError(f"Several rankings are given as DATASET=FILE; {text!r} names no data set.")
        if name in rankings:
            raise InputError(f"The data set {name!r} is given twice.")
        rankings[name] = Ranking.load(path)
    return rankings


def _two(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) != 2:
        raise InputError(
            f"--compare takes two measures with a comma between, such as nce,logme; not {text!r}."
        )
    return names[0], names[1]


def _print_tables(console: Console) -> None:
    from audition.truth import load_truth, shipped_tables
    from audition.truth.shipped import SOURCES

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    for column in ("name", "models", "data sets", "of"):
        table.add_column(column, justify="right" if column in ("models", "data sets") else "left")
    for name in shipped_tables():
        known = load_truth(name)
        cells = [name, str(len(known.models)), str(len(known)), SOURCES[name].holds]
        table.add_row(*map(Text, cells))
    console.print(table)


def _print_table(name: str, console: Console) -> None:
    from audition.truth import load_truth

    known = load_truth(name)
    console.print(Text(repr(known), style="bold"))
    console.print(Text(known.citation))
    for note in known.notes:
        console.print(Text(note, style="yellow"))
    console.print()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    for column in ("data set", "models", "best", "", "worst"):
        table.add_column(column, justify="right" if column in ("models", "worst") else "left")
    for dataset, results in known.cells().items():
        best = max(results, key=lambda model: results[model])
        cells = [dataset, str(len(results)), best, f"{results[best]:.2f}", f"{min(results.values()):.2f}"]
        table.add_row(*map(Text, cells))
    console.print(table)


command = as_command(evaluate, EXAMPLES)
