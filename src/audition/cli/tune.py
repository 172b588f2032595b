"""`audition tune`: a model tuned on your data, alone or with the runners-up of a ranking as its teachers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from audition import listing
from audition.cli.options import Data, DataOptions, RunOptions
from audition.cli.output import say_written
from audition.cli.said import in_options
from audition.cli.words import all_models, check_one_model
from audition.data.splits import NoSplitError
from audition.errors import AuditionWarning, InputError

if TYPE_CHECKING:
    from audition.data.base import Dataset
    from audition.tuning.runs.settings import Settings

EXAMPLES = """Examples:
  audition tune -d ./my-images --model timm:resnet18.a1_in1k --out tuned/
  audition tune -d ./my-images --ranking ranking.json --teachers 3 --out tuned/
  audition tune -d reviews.csv --model hf:./encoder --epochs 3 --out tuned/
  audition tune -d ./my-images -m zoo:resnet-cifar10 --head-only --out tuned/
  audition predict tuned/ ./new-images --out predictions.csv
"""

READING, RUNNING = DataOptions(), RunOptions()

Out = Annotated[Path, Parameter(name=["--out", "-o"], help="A new folder for the tuned model.")]
Test = Annotated[
    str | None,
    Parameter(
        name="--test",
        help="Data to test on, or a share of the rows (0.2; 0: none); else the test part of the data, if any.",
    ),
]
HeldOut = Annotated[
    float, Parameter(name="--held-out", help="The share of rows that chooses the rate and the state.")
]
Resume = Annotated[
    bool,
    Parameter(name="--resume", negative=(), show_default=False, help="Go on with a run that was broken off."),
]


@Parameter(name="*")
@dataclass(frozen=True)
class HowOptions:
    """How a network is tuned, for those who know; what is left open suits the data."""

    lr: Annotated[
        float | None, Parameter(name=["--lr"], help="The highest rate of the body; else the best of four.")
    ] = None
    epochs: Annotated[int | None, Parameter(help="How often every training row is seen.")] = None
    batch_size: Annotated[int | None, Parameter(help="Rows that go through the network at once.")] = None
    accumulate: Annotated[int, Parameter(help="Batches an update is made of.")] = 1
    seed: Annotated[int, Parameter(help="Of the division, the head, the views and the batches.")] = 0
    optimiser: Annotated[
        Literal["sgd", "adamw"] | None, Parameter(help="sgd (the usual one for images) or adamw.")
    ] = None
    weight_decay: Annotated[float | None, Parameter(help="Of the weights, without biases and norms.")] = None
    label_smoothing: Annotated[float, Parameter(help="From 0 to below 1.")] = 0.0
    class_weights: Annotated[
        Literal["none", "balanced"], Parameter(help="balanced: rare classes count as much as common ones.")
    ] = "none"
    average: Annotated[
        float | None, Parameter(help="Decay of an average over the weights, such as 0.99; that is kept.")
    ] = None
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"], Parameter(help="Of the passes; auto is bf16 on a GPU.")
    ] = "auto"
    head_only: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Leave the network as it is, train a head.")
    ] = False

    def settings(self) -> Settings:
        """The same as `tune` takes it; raises InputError for values that cannot be."""
        from audition.tuning.runs.settings import Settings

        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return Settings(rate=given.pop("lr"), **given)


HOW = HowOptions()


def tune(
    *,
    data: Data,
    out: Out,
    model: Annotated[str | None, Parameter(name=["--model", "-m"], help="The model to tune.")] = None,
    ranking: Annotated[
        Path | None,
        Parameter(help="A ranking's JSON: its first model is tuned, unless --model names another."),
    ] = None,
    teachers: Annotated[
        list[str] | None,
        Parameter(
            consume_multiple=True, negative=(), help="How many of the ranking teach it, or models by name."
        ),
    ] = None,
    method: Annotated[
        Literal["plain", "b-tuning", "l2-sp", "distillation"] | None,
        Parameter(help="By default b-tuning with teachers, plain without."),
    ] = None,
    tradeoff: Annotated[
        float | None,
        Parameter(help="How much the teachers' part of the loss counts: 100 in b-tuning, 1 in distillation."),
    ] = None,
    temperature: Annotated[
        float, Parameter(help="Of the teachers' mixture; lower trusts the best more.")
    ] = 0.1,
    layer: Annotated[str | None, Parameter(help="Tune the network up to here.")] = None,
    beyond: Annotated[
        Literal["drop", "reset"], Parameter(help="What comes after the layer: dropped, or learned anew.")
    ] = "drop",
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
    """Tune a model on your data, and save it ready to predict."""
    from audition.tuning.results.words import lines
    from audition.tuning.runs.processes import leads
    from audition.tuning.tune import tune as tune_model

    if model is not None:
        check_one_model(model, "tune")
    with running.told(), in_options():
        tuned = tune_model(
            model,
            reading.open(data),
            teachers=_teachers(teachers),
            method=method,
            tradeoff=tradeoff,
            temperature=temperature,
            ranking=ranking,
            layer=layer,
            beyond=beyond,
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


def tested(test: str | None, data: str, reading: DataOptions) -> float | Dataset:
    """What a model is tested on: the data or share that is asked for, else the data's own test part."""
    if test is not None:
        share = _share(test)
        return replace(reading, split=None, limit=None).open(test) if share is None else share
    if reading.split is not None:
        return 0.0
    return own_test_part(data, reading) or 0.0


def own_test_part(data: str, reading: DataOptions) -> Any:
    """The test part of data that have one beside a part to train on; None where they have none.

    Warns of one that cannot be used, such as one without labels.
    """
    try:
        for split in ("train", "test"):  # without the first the test part is what is learned from
            part = replace(reading, split=split, limit=None).open(data)
    except NoSplitError:
        return None
    except InputError as error:
        warnings.warn(f"The test part is not used: {error}", AuditionWarning, stacklevel=2)
        return None
    return part


def _share(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
