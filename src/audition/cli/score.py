"""`audition score`: measures of features that are there already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audition import listing
from audition.cli.app import as_command
from audition.cli.options import Json, Metrics, TargetType
from audition.cli.output import check_output, write_json
from audition.errors import InputError

EXAMPLES = """Examples:
  audition score features.npz
  audition score features.npy labels.csv
  audition score features.safetensors --metrics logme,transrate --json -
"""


def score(
    features: Annotated[
        Path,
        Parameter(
            help=".npz or .safetensors with features and labels (and source_probabilities, groups); or .npy."
        ),
    ],
    labels: Annotated[
        Path | None,
        Parameter(
            help="The labels, where they are in a file of their own: an array, or a .csv of one column."
        ),
    ] = None,
    /,
    *,
    metrics: Metrics = None,
    task: TargetType = "auto",
    json: Json = None,
) -> int:
    """Score features that you have already."""
    from audition.data.feature_file import read_features
    from audition.metrics.registry import parse_metrics
    from audition.sample import as_sample
    from audition.scoring import default_metrics, score_all, with_probabilities

    check_output(json)
    given = read_features(features, labels, task=task)
    sample = with_probabilities(
        as_sample(given.features, given.labels, given.task if task == "auto" else task, given.groups),
        given.source_probabilities,
    )
    wanted = parse_metrics(metrics) if metrics is not None else default_metrics(sample)
    scored = score_all(sample, wanted)
    if all(value is None for value in scored.scores.values()):
        reasons = [*listing.alone(scored), *(note.partition(": ")[2] for note in scored.notes)]
        raise InputError(reasons[0])
    if json != "-":
        listing.print_scores(features.name, sample, scored, listing.console())
    if json is not None:
        write_json(listing.scores_as_json(scored.scores), json)
    return 0


command = as_command(score, EXAMPLES)
