"""`audition tune`: a model tuned on your data, alone or with the runners-up of a ranking as its teachers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from audition import listing
from audition.cli.app import as_command
from audition.cli.options import Data, DataOptions, RunOptions
from audition.cli.output import say_written
from audition.cli.said import in_options
from audition.cli.tuning import HOW, ROWS, HowOptions, Out, Resume, RowOptions, terms_of
from audition.cli.words import all_models, check_one_model

if TYPE_CHECKING:
    from audition.tuning.teachers.roles import Roles

EXAMPLES = """Examples:
  audition tune -d ./my-images --model timm:resnet18.a1_in1k --out tuned/
  audition tune -d ./my-images --ranking ranking.json --teachers 3 --out tuned/
  audition tune -d reviews.csv --model hf:./encoder --epochs 3 --out tuned/
  audition tune -d ./my-images -m zoo:resnet-cifar10 --head-only --out tuned/
  audition predict tuned/ ./new-images --out predictions.csv
"""

READING, RUNNING = DataOptions(), RunOptions()


@Parameter(name="*")
@dataclass(frozen=True)
class RoleOptions:
    """Who is tuned, and who teaches it."""

    model: Annotated[str | None, Parameter(name=["--model", "-m"], help="The model to tune.")] = None
    ranking: Annotated[
        Path | None,
        Parameter(help="A ranking's JSON: its first model is tuned, unless --model names another."),
    ] = None
    teachers: Annotated[
        list[str] | None,
        Parameter(
            consume_multiple=True, negative=(), help="How many of the ranking teach it, or models by name."
        ),
    ] = None
    method: Annotated[
        Literal["plain", "b-tuning", "l2-sp", "distillation"] | None,
        Parameter(help="By default b-tuning with teachers, plain without."),
    ] = None
    tradeoff: Annotated[
        float | None,
        Parameter(help="How much the teachers' part of the loss counts: 100 in b-tuning, 1 in distillation."),
    ] = None
    temperature: Annotated[float, Parameter(help="Of the teachers' mixture; lower trusts the best more.")] = (
        0.1
    )
    layer: Annotated[str | None, Parameter(help="Tune the network up to here.")] = None
    beyond: Annotated[
        Literal["drop", "reset"], Parameter(help="What comes after the layer: dropped, or learned anew.")
    ] = "drop"

    def roles(self, *, head_only: bool) -> Roles:
        """The same as `tune` takes it; raises InputError for what cannot be."""
        from audition.tuning.teachers.roles import roles_of

        return roles_of(
            self.model, self.ranking, layer=self.layer, beyond=self.beyond, teachers=_teachers(self.teachers),
            method=self.method, tradeoff=self.tradeoff, temperature=self.temperature, head_only=head_only,
        )  # fmt: skip


ROLES = RoleOptions()


def tune(
    *,
    data: Data,
    out: Out,
    who: RoleOptions = ROLES,
    resume: Resume = False,
    rows: RowOptions = ROWS,
    how: HowOptions = HOW,
    running: RunOptions = RUNNING,
    reading: DataOptions = READING,
) -> int:
    """Tune a model on your data, and save it ready to predict."""
    from audition.tuning.results.words import lines
    from audition.tuning.runs.processes import leads
    from audition.tuning.tune import tuned_by

    if who.model is not None:
        check_one_model(who.model, "tune")
    with running.told(), in_options():
        terms = terms_of(out, resume, how, rows, running)
        roles = who.roles(head_only=how.head_only)
        tuned = tuned_by(terms, roles, reading.open(data), rows.other(data, reading))
    if leads():
        for line in lines(tuned, str(out)):
            listing.console().print(line, markup=False, highlight=False, soft_wrap=True)
        say_written(str(out))
    return 0


def _teachers(texts: list[str] | None) -> int | list[str]:
    """How many of a ranking, or names."""
    if texts and len(texts) == 1 and texts[0].lstrip("-").isdigit():
        return int(texts[0])
    return all_models(texts or [])


command = as_command(tune, EXAMPLES)
