"""The options that `audition tune` and `audition auto` share, and the terms that they make."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from audition.cli.options import DataOptions, RunOptions
from audition.data.splits import NoSplitError
from audition.errors import AuditionWarning, InputError

if TYPE_CHECKING:
    from audition.data.base import Dataset
    from audition.tuning.runs.settings import Settings
    from audition.tuning.tune import Terms

Out = Annotated[Path, Parameter(name=["--out", "-o"], help="A new folder for the tuned model.")]
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


@Parameter(name="*")
@dataclass(frozen=True)
class RowOptions:
    """How pictures are seen, and which rows are for what."""

    views: Annotated[int, Parameter(help="How many ways pictures are seen; 1: as they are.")] = 4
    no_mirror: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Mirror no pictures: for letters and digits.")
    ] = False
    test: Annotated[
        str | None,
        Parameter(
            help="Data to test on, or a share of the rows (0.2; 0: none); else the test part of the data, if any."
        ),
    ] = None
    held_out: Annotated[float, Parameter(help="The share of rows that chooses the rate and the state.")] = 0.2

    @property
    def share(self) -> float | None:
        """The share of the rows to test on, where that is what is asked for."""
        try:
            return None if self.test is None else float(self.test)
        except ValueError:
            return None

    def other(self, data: str, reading: DataOptions) -> Dataset | None:
        """Other data to test on: those that are asked for, else the data's own test part, if there is any."""
        if self.share is not None:
            return None
        if self.test is not None:
            return replace(reading, split=None, limit=None).open(self.test)
        return own_test_part(data, reading) if reading.split is None else None


HOW, ROWS = HowOptions(), RowOptions()


def terms_of(out: Path, resume: bool, how: HowOptions, rows: RowOptions, running: RunOptions) -> Terms:
    """What is asked for alike, looked at before any data are: torch is not imported for it.

    Raises InputError for values that cannot be, and a folder that is there already.
    """
    from audition.tuning.tune import checked_terms

    return checked_terms(
        how.settings(),
        held_out=rows.held_out,
        test=rows.share or 0.0,
        views=rows.views,
        mirror=not rows.no_mirror,
        out=out,
        resume=resume,
        skip_bad=running.skip_bad,
        cache=running.features(),
        trust=running.trusted,
        device=running.device,
        progress=running.progress,
    )


def own_test_part(data: str, reading: DataOptions) -> Dataset | None:
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
