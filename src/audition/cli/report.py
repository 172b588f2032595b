"""`audition report`: everything that a ranking says, in one file."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from audition.cli.app import as_command
from audition.cli.options import CacheFolder, DataOptions, NoCache, RunOptions
from audition.cli.output import say_written

if TYPE_CHECKING:
    from audition.ranking import Ranking

EXAMPLES = """Examples:
  audition rank -m 'zoo:*' -d ./my-images --report report.html
  audition report ranking.json
  audition report ranking.json -o report.md
  audition report ranking.json -d ./my-images --truth results.csv
  audition report ranking.json --features features.safetensors
"""

READING = DataOptions()

ReportFile = Annotated[
    Path | None,
    Parameter(name="--report", help="Write a report, too: .html with every figure, or .md, .txt, .json."),
]
RankingFile = Annotated[Path, Parameter(help="What --json of rank or layers wrote, or Ranking.save.")]
GivenData = Annotated[
    str | None,
    Parameter(
        name=["--data", "-d"], help="What was ranked on: adds the data, and PED's motion from the cache."
    ),
]
GivenFeatures = Annotated[
    Path | None,
    Parameter(
        name="--features", help="Features with labels, whose classes PED moves; else what the cache keeps."
    ),
]
GivenTruth = Annotated[
    str | None,
    Parameter(
        name=["--truth", "-t"], help="What fine-tuning gave: a table that 'audition truth' lists, or a .csv."
    ),
]
OneDataset = Annotated[
    str | None, Parameter(name="--dataset", help="The data set of the truth, where it holds several.")
]


def report(
    ranking: RankingFile,
    /,
    *,
    output: Annotated[
        Path | None,
        Parameter(
            name=["--output", "-o"],
            help="A new .html, .md, .txt or .json file; else an .html beside the ranking.",
        ),
    ] = None,
    data: GivenData = None,
    features: GivenFeatures = None,
    truth: GivenTruth = None,
    dataset: OneDataset = None,
    tsne: Annotated[
        bool, Parameter(name="--tsne", negative="--no-tsne", help="Draw PED's motion by t-SNE beside PCA.")
    ] = True,
    cache: CacheFolder = None,
    no_cache: NoCache = False,
    reading: DataOptions = READING,
) -> int:
    """Write everything that a ranking says as one file: answer, figures, tables."""
    from audition.reporting import report as gather
    from audition.reporting.value import check_report

    where = output or ranking.with_suffix(".html")
    check_report(where)
    gather(
        ranking,
        data=None if data is None else reading.open(data),
        features=features,
        cache=RunOptions(cache=cache, no_cache=no_cache).features(),
        truth=truth,
        dataset=dataset,
        tsne=tsne,
    ).save(where)
    say_written(str(where))
    return 0


def check_report_file(path: Path | None) -> None:
    """A report that cannot be written is found before the work, not after it."""
    if path is not None:
        from audition.reporting.value import check_report

        check_report(path)


def write_report(path: Path | None, ranking: Ranking, data: Any, running: RunOptions) -> None:
    """Writes the report of a run that has just ended, where one is asked for."""
    if path is None:
        return
    from audition.reporting import report as gather

    found = gather(
        ranking, data=data, cache=running.features(), trust=running.trusted, command=command_line()
    )
    found.save(path)
    say_written(str(path))


def command_line() -> str:
    """The command as it was typed; nothing where audition was not started by one."""
    program = Path(sys.argv[0]).name
    started = program.startswith("audition") or program == "__main__.py"
    return shlex.join(["audition", *sys.argv[1:]]) if started else ""


command = as_command(report, EXAMPLES)
