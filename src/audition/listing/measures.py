"""What `audition metrics` prints: all measures with their properties, or one explained."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from audition.metrics.measure import PED, Measure
from audition.metrics.registry import MEASURES, parse_metric
from audition.ranking.table import print_lines
from audition.sources.measure import SourceMeasure

NEEDS = {"statistics": "one pass", "source probabilities": "head"}
LETTERS = {"classification": "c", "multilabel": "m", "regression": "r"}
TASKS = {
    "classification": "classes",
    "multilabel": "several labels a row",
    "regression": "regression targets",
}
KEY = """\
labels     c: classes, m: several labels a row, r: regression targets
needs      one pass: statistics, which can be merged; head: the network's own
trains     a model is fitted to the target's labels
optimises  iterates to an optimum
no head    works for self-supervised networks
layers     tells the layers of a network apart
few rows   fewer rows than columns are enough"""


PED_IN_WORDS = """\
ped: a motion of the classes that comes before a measure (logme+ped, sfda+ped)

Classes are balls: a centre, and a radius R, the root of their summed variance.
Two that overlap by o = max(0.6 (R_i + R_j) - distance, 0) push each other apart
by 0.005 o a step, at most 6 steps. Every row moves with its class, and then the
measure looks.

For self-supervised networks above all, and for classes only. Here the unit of
the columns is the features' own; from Python audition.ped takes the network's
features of what it was trained on as reference.

Li et al., ICCV 2023. Python: audition.ped, audition.ped_trajectory"""


def print_metrics(console: Console) -> None:
    """A table of all measures with their properties, then what each is; it fits 80 columns."""
    table = _table(
        "measure", "labels", "needs", "tra-\nins", "opti-\nmises", "no\nhead", "lay-\ners", "few\nrows"
    )
    for measure in MEASURES.values():
        letters = " ".join(letter for task, letter in LETTERS.items() if task in measure.all_tasks)
        needs = NEEDS.get(measure.needs, measure.needs)
        marks = [_mark(value) for value in (asks_for(measure) | works_for(measure)).values()]
        table.add_row(Text(measure.name, style="bold"), letters, needs, *marks)
    print_lines(table, console)
    console.print(Text(KEY, style="dim"))
    console.print()
    for measure in MEASURES.values():
        console.print(Text(measure.name, style="bold"))
        console.print(Padding(Text(measure.title), (0, 0, 0, 2)))
        forms = f"variants {', '.join(measure.variants)}; " if measure.variants else ""
        console.print(Padding(Text(f"{forms}{measure.paper}", style="dim"), (0, 0, 0, 2)))
    console.print(Text("\nHigher is better in all of them. Explain one: audition metrics logme"))
    console.print(Text("After PED has moved the classes: logme+ped, sfda+ped, ... (audition metrics ped)"))
    _print_source_measures(console)


def _print_source_measures(console: Console) -> None:
    """The same of the measures between tasks, which say what to transfer from."""
    from audition.sources.registry import SOURCE_MEASURES

    console.print(Text("\nBetween tasks: which source to transfer from (audition sources, and in Python).\n"))
    table = _table(
        "measure", "needs", "source\ndata", "source\nlabels", "trains", "opti-\nmises", "lay-\ners"
    )
    for measure in SOURCE_MEASURES.values():
        asked = (
            measure.needs_source_data,
            measure.needs_source_labels,
            measure.trains_on_target,
            measure.optimises,
            measure.layers,
        )
        table.add_row(Text(measure.name, style="bold"), measure.needs, *map(_mark, asked))
    print_lines(table, console)
    for measure in SOURCE_MEASURES.values():
        console.print(Text(measure.name, style="bold"))
        console.print(Padding(Text(measure.title), (0, 0, 0, 2)))
        console.print(Padding(Text(measure.paper, style="dim"), (0, 0, 0, 2)))


def asks_for(measure: Measure) -> dict[str, bool]:
    """What it needs beyond a formula."""
    return {"training on the target": measure.trains_on_target, "optimisation": measure.optimises}


def works_for(measure: Measure) -> dict[str, bool]:
    """What it can be used for, and many cannot."""
    return {
        "self-supervised networks": not measure.needs_head,
        "layers": measure.layers,
        "fewer rows than columns": measure.few_samples,
    }


def _mark(value: bool) -> str:
    return "yes" if value else "-"


def print_metric(name: str, console: Console) -> None:
    """One measure: what it is, its formula, when to trust it, where it comes from."""
    from audition.sources.registry import SOURCE_MEASURES

    if name == PED:
        console.print(Text(PED_IN_WORDS))
    elif name in SOURCE_MEASURES:
        measure = SOURCE_MEASURES[name]
        _print_record(name, measure, _facts_between_tasks(measure), console)
    else:
        metric = parse_metric(name)
        _print_record(str(metric), metric.measure, _facts(metric.measure), console)
        if metric.moved:
            console.print(Text(f"\n{PED_IN_WORDS}"))


def _print_record(
    name: str, measure: Measure | SourceMeasure, facts: dict[str, str], console: Console
) -> None:
    console.print(Text(f"{name}: {measure.title}", style="bold"))
    for text in (measure.formula, measure.trust, measure.differs):
        if text:
            console.print()
            console.print(Text(text))
    console.print()
    table = Table(box=None, pad_edge=False, show_header=False)
    for fact, value in facts.items():
        if value:
            table.add_row(Text(fact, style="dim"), Text(value))
    print_lines(table, console)


def _facts(measure: Measure) -> dict[str, str]:
    return {
        "for": ", ".join(TASKS[task] for task in measure.all_tasks),
        "needs": measure.needs,
        "range": f"{measure.bounds}, higher is better",
        "cost": measure.cost,
        "works for": ", ".join(name for name, value in works_for(measure).items() if value),
        "asks for": ", ".join(name for name, value in asks_for(measure).items() if value) or "a formula only",
        "variants": _variants(measure),
        "reproduces": measure.reproduces,
        "paper": f"{measure.paper}  {measure.reference}",
        "Python": f"audition.{measure.function.__name__}",
    }


def _facts_between_tasks(measure: SourceMeasure) -> dict[str, str]:
    asked = {
        "rows of the source": measure.needs_source_data,
        "its labels": measure.needs_source_labels,
        "training on the target": measure.trains_on_target,
        "optimisation": measure.optimises,
    }
    return {
        "needs": measure.needs,
        "gives": measure.gives,
        "range": measure.bounds,
        "cost": measure.cost,
        "asks for": ", ".join(name for name, value in asked.items() if value) or "a formula only",
        "variants": ", ".join(measure.variants),
        "reproduces": measure.reproduces,
        "paper": f"{measure.paper}  {measure.reference}",
        "Python": f"audition.{measure.function.__name__}",
    }


def _variants(measure: Measure) -> str:
    """The names of all variants, the default marked."""
    names = [f"{measure.name}:{variant}" for variant in measure.variants]
    return ", ".join([f"{names[0]} (the default)", *names[1:]]) if names else ""


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
