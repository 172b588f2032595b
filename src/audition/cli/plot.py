"""`audition plot`: one figure of a report, for a paper or a talk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from audition.cli.app import as_command
from audition.cli.options import CacheFolder, DataOptions, NoCache, RunOptions
from audition.cli.output import say_written
from audition.cli.report import GivenData, GivenFeatures, GivenTruth, OneDataset, RankingFile

EXAMPLES = """Examples:
  audition plot ranking ranking.json -o ranking.svg
  audition plot bump ranking.json --of logme,logme+ped -o bump.pdf
  audition plot layers layers.json --of zoo:vit-mnist -o layers.png
  audition plot truth ranking.json --truth results.csv --of logme -o truth.pdf
  audition plot motion ranking.json -d ./my-images -o motion.png
"""

READING = DataOptions()
Kind = Literal["ranking", "cost", "agreement", "bump", "layers", "motion", "energy", "classes", "truth"]


def plot(
    kind: Annotated[Kind, Parameter(help="Which figure of a report.")],
    ranking: RankingFile,
    /,
    *,
    output: Annotated[
        Path, Parameter(name=["--output", "--out", "-o"], help="A new .svg, .png or .pdf file.")
    ],
    of: Annotated[
        str | None,
        Parameter(help="Where there are several: a model, a measure, parameters or seconds, two measures."),
    ] = None,
    width: Annotated[float | None, Parameter(help="Of the figure, in px.")] = None,
    data: GivenData = None,
    features: GivenFeatures = None,
    truth: GivenTruth = None,
    dataset: OneDataset = None,
    cache: CacheFolder = None,
    no_cache: NoCache = False,
    reading: DataOptions = READING,
) -> int:
    """Write one figure of a ranking's report as SVG, PNG or PDF."""
    from audition.charts import save
    from audition.charts.export import check_figure
    from audition.reporting import plot as draw
    from audition.reporting import report as gather

    check_figure(output)
    found = gather(
        ranking,
        data=None if data is None else reading.open(data),
        features=features,
        cache=RunOptions(cache=cache, no_cache=no_cache).features(),
        truth=truth,
        dataset=dataset,
        tsne=kind == "motion",
    )
    save(draw(found, kind, of=of, width=width), output)
    say_written(str(output))
    return 0


command = as_command(plot, EXAMPLES)
