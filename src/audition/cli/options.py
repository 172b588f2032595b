"""The options that several commands share."""

from __future__ import annotations

import sys
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from audition.cache import Cache
from audition.cli.given import check_given, whole
from audition.cli.logs import told
from audition.cli.words import all_models
from audition.data.base import Dataset
from audition.errors import InputError
from audition.models.torch.library import AUTO

Models = Annotated[
    list[str],
    Parameter(
        name=["--models", "-m"],
        consume_multiple=True,
        negative=(),
        help="Names or patterns: 'zoo:*'; several with spaces or commas between.",
    ),
]
OneModel = Annotated[str, Parameter(name=["--model", "-m"], help="One model: zoo:resnet-mnist.")]
Data = Annotated[
    str,
    Parameter(
        name=["--data", "-d"],
        help="A folder with a folder of images (or sounds) a class, a table (.csv, .jsonl), or sklearn:digits.",
    ),
]
Metrics = Annotated[
    str | None, Parameter(name="--metrics", help="Measures by name, separated by commas: logme,transrate.")
]
Order = Annotated[
    str | None,
    Parameter(
        name="--order", help="A measure to order by, 'mean place', or 'consensus', the usual order of models."
    ),
]
Json = Annotated[
    str | None,
    Parameter(
        name="--json", allow_leading_hyphen=True, help="Write a new JSON file; '-' is standard output."
    ),
]
SkipBad = Annotated[
    bool,
    Parameter(
        name="--skip-bad",
        negative=(),
        show_default=False,
        help="Leave out items that cannot be read, and count them.",
    ),
]
Quiet = Annotated[
    bool, Parameter(name=["--quiet", "-q"], negative=(), show_default=False, help="No progress bars.")
]
CacheFolder = Annotated[
    Path | None,
    Parameter(
        name="--cache", help="Where features are kept for the next run; else the platform's own place."
    ),
]
NoCache = Annotated[
    bool,
    Parameter(name="--no-cache", negative=(), show_default=False, help="Keep nothing, read nothing kept."),
]
Verbose = Annotated[
    bool,
    Parameter(
        name=["--verbose", "-v"],
        negative=(),
        show_default=False,
        help="Say on standard error what is decided as the run goes.",
    ),
]
Device = Annotated[
    str,
    Parameter(
        name="--device",
        show_default=False,
        help="Where networks of torch run: cpu, cuda, cuda:1, mps; by default the GPU where there is one.",
    ),
]
TrustNames = Annotated[
    list[str] | None,
    Parameter(
        name="--trust",
        consume_multiple=True,
        negative=(),
        help="Models whose own Python code may run: hf:org/name. No other's does.",
    ),
]


TargetType = Annotated[
    Literal["auto", "classification", "multilabel", "regression"],
    Parameter(name=["--task", "--target-type"], help="What the labels are; by default their values say so."),
]
Resamples = Annotated[
    int,
    Parameter(
        name="--resamples",
        converter=whole(0),
        help="Draws of the rows that intervals come from; 0 for none.",
    ),
]


@Parameter(name="*")
@dataclass(frozen=True)
class RunOptions:
    """How models are run: what is left out, kept, trusted and said."""

    skip_bad: SkipBad = False
    cache: CacheFolder = None
    no_cache: NoCache = False
    trust: TrustNames = None
    device: Device = AUTO
    quiet: Quiet = False
    verbose: Verbose = False

    @property
    def progress(self) -> bool:
        """Whether bars are shown."""
        return not self.quiet and sys.stderr.isatty()

    def features(self) -> Cache | None:
        """Where features are kept: the platform's own place unless another is named, or nowhere."""
        self._check()
        return None if self.no_cache else Cache(self.cache)

    @property
    def trusted(self) -> list[str]:
        """The models whose own code may run."""
        check_given(trust=self.trust)
        return all_models(self.trust or [])

    def told(self) -> AbstractContextManager[None]:
        """While this is open, what is decided is told where that is wanted."""
        self._check()
        return told(self.verbose)

    def _check(self) -> None:
        """Raises InputError for options that contradict each other."""
        if self.no_cache and self.cache is not None:
            raise InputError("Give either --cache or --no-cache.")
        if self.quiet and self.verbose:
            raise InputError("Give either --quiet or --verbose.")


@Parameter(name="*")
@dataclass(frozen=True)
class WorkerOptions:
    """Who runs the networks, where it is not this process."""

    workers: Annotated[
        int | None,
        Parameter(converter=whole(1), help="Run the networks in so many processes of this machine."),
    ] = None
    ray: Annotated[
        list[str] | None,
        Parameter(
            consume_multiple=(0, 1),
            negative=(),
            help="Run them on a Ray cluster: --ray ADDRESS, or --ray alone for one on this machine.",
        ),
    ] = None
    dask: Annotated[
        str | None, Parameter(help="Run them on a Dask cluster: the address of its scheduler.")
    ] = None

    def check(self) -> None:
        """Raises InputError where two of them are asked for."""
        if sum(given is not None for given in (self.workers, self.ray, self.dask)) > 1:
            raise InputError("Give one of --workers, --ray and --dask.")

    @property
    def number(self) -> int | None:
        """How many run the networks; None where only a cluster knows."""
        return (self.workers or 1) if self.ray is None and self.dask is None else None

    def executor(self) -> AbstractContextManager[Executor | None]:
        """Who is asked for, at work while this is open; None for this process."""
        from audition.executors import DaskCluster, Processes, RayCluster

        self.check()
        if self.workers is not None:
            return Processes(self.workers)
        if self.ray is not None:
            return RayCluster(*self.ray)
        return nullcontext() if self.dask is None else DaskCluster(self.dask)


@Parameter(name="*")
@dataclass(frozen=True)
class DataOptions:
    """How the data are read, where they do not say so themselves."""

    text_column: Annotated[str | None, Parameter(help="The column of a table that holds the texts.")] = None
    image_column: Annotated[str | None, Parameter(help="The column with the paths of images.")] = None
    audio_column: Annotated[str | None, Parameter(help="The column with the paths of sounds.")] = None
    label_column: Annotated[
        list[str] | None,
        Parameter(consume_multiple=True, negative=(), help="The column of the labels, or several."),
    ] = None
    split: Annotated[str | None, Parameter(help="Of a folder with train and test: train, test or all.")] = (
        None
    )
    limit: Annotated[
        int | None, Parameter(converter=whole(1), help="At most so many items, of each class its share.")
    ] = None
    task: TargetType = "auto"

    def open(self, data: str) -> Dataset:
        """The data set of a path or a name."""
        from audition.data.open import open_dataset

        check_given(label_column=self.label_column)
        columns = self.label_column
        return open_dataset(
            data,
            task=self.task,
            text_column=self.text_column,
            image_column=self.image_column,
            audio_column=self.audio_column,
            label_columns=columns[0] if columns and len(columns) == 1 else columns,
            split=self.split,
            limit=self.limit,
        )
