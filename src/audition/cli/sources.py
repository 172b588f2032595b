"""`audition sources`: which source to transfer from, asked of networks, of data sets, or of networks beside yours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from cyclopts import Parameter

from audition import listing
from audition.cli.app import as_command
from audition.cli.codes import SOME_FAILED
from audition.cli.options import Data, DataOptions, Json, Order, RunOptions
from audition.cli.output import check_output, show, write_json
from audition.cli.words import all_models
from audition.errors import InputError

REFERENCE = "zoo:resnet-cifar10"

EXAMPLES = """Examples:
  audition sources -d ./my-images -m 'zoo:resnet-*' 'timm:resnet18.*'
  audition sources -d ./my-images -m @candidates.toml
  audition sources -d ./my-images --sources ./photos ./drawings ./scans
  audition sources -d ./my-images -m 'zoo:*' --target-model onnx:mine.onnx
"""

READING, RUNNING = DataOptions(), RunOptions()

SourceModels = Annotated[
    list[str] | None,
    Parameter(
        name=["--models", "-m"],
        consume_multiple=True,
        negative=(),
        help="Networks, grouped by architecture: which source is best for each, and over all.",
    ),
]
SourceData = Annotated[
    list[str] | None,
    Parameter(
        name=["--sources", "-s"],
        consume_multiple=True,
        negative=(),
        help="Or data sets to compare with yours: folders, or names such as sklearn:digits.",
    ),
]
Reference = Annotated[
    str | None,
    Parameter(
        name="--reference",
        help=f"The network in whose features data sets are compared; by default {REFERENCE}.",
    ),
]
TargetModel = Annotated[
    str | None,
    Parameter(
        name="--target-model",
        help="A network trained on your data: --models go by how alike they see it.",
    ),
]
SourceMetrics = Annotated[
    str | None,
    Parameter(
        name="--metrics",
        help="As in rank; of data sets domain_similarity,otce; with --target-model rsa,dds,task_h_score.",
    ),
]


def sources(
    *,
    data: Data,
    models: SourceModels = None,
    sources: SourceData = None,
    reference: Reference = None,
    target_model: TargetModel = None,
    metrics: SourceMetrics = None,
    order: Order = None,
    json: Json = None,
    running: RunOptions = RUNNING,
    reading: DataOptions = READING,
) -> int:
    """Rank what to transfer from: the sources of networks, or source data sets, by how well they suit your data."""
    _check(models, sources, reference, target_model)
    check_output(json)
    from audition.ranking import Ranking
    from audition.ranking.grouped import rank_by_source
    from audition.ranking.sources import rank_source_networks, rank_sources

    rank_them: Callable[..., Any]
    if sources is not None:
        rank_them = partial(rank_sources, sources=sources, reference=reference or REFERENCE)
    elif target_model is not None:
        rank_them = partial(rank_source_networks, all_models(models or []), target_model=target_model)
    else:
        rank_them = partial(rank_by_source, all_models(models or []))
    with running.told():
        ranking = rank_them(
            data=reading.open(data),
            metrics=metrics,
            order=order,
            skip_bad=running.skip_bad,
            cache=running.features(),
            trust=running.trusted,
            device=running.device,
            progress=running.progress,
        )
    return show(ranking, json) if isinstance(ranking, Ranking) else _show_grouped(ranking, json)


def _check(
    models: list[str] | None, sources: list[str] | None, reference: str | None, target_model: str | None
) -> None:
    """Raises InputError for options of two different questions."""
    if (sources is None) == (models is None):
        raise InputError("Give the sources: either data sets as --sources, or networks as --models.")
    if sources is not None and target_model is not None:
        raise InputError("--target-model goes with networks as --models; data sets have a --reference.")
    if sources is None and reference is not None:
        raise InputError("--reference goes with data sets as --sources; networks have a --target-model.")


def _show_grouped(ranking: Any, json: str | None) -> int:
    """Prints the groups, or their JSON alone where standard output is asked for; 1 if a model failed."""
    from audition.ranking.grouped_words import print_sources

    if json != "-":
        print_sources(ranking, listing.console())
    if json is not None:
        write_json(ranking.to_json(), json)
    return SOME_FAILED if ranking.ranking.failed else 0


command = as_command(sources, EXAMPLES)
