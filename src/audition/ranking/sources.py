"""Ranks sources for a target: data sets in one reference network, or networks beside one trained on the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from audition.data.base import Dataset
from audition.data.features import Features
from audition.data.open import open_dataset
from audition.errors import AuditionError, InputError
from audition.extraction import (
    CacheLike,
    Decoded,
    Layers,
    check_batch_size,
    check_kind,
    choose_layers,
    decode,
    extract,
    keeping,
    run_model,
    watching,
)
from audition.models.base import Model
from audition.models.registry import open_model
from audition.models.torch.library import AUTO, check_device
from audition.models.trust import Trust, check_trust
from audition.ranking.candidates import Candidate, Opening, names_of, open_candidate, that_fit
from audition.ranking.compare import DATA_MEASURES, NETWORK_MEASURES, Compare, chosen, last_layer, scored
from audition.ranking.order import check_order, in_order
from audition.ranking.plan import Metrics
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.sample import Sample, as_sample
from audition.version import __version__


def rank_sources(
    data: Any,
    sources: Sequence[Any] | Mapping[str, Any],
    *,
    reference: str | Model,
    metrics: Metrics = None,
    order: str | None = None,
    layer: str | None = None,
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    progress: bool = False,
) -> Ranking:
    """A ranking of source data sets by how near they are to a target one, best first.

    data: the target, and sources: the candidates, each all that open_dataset takes: folders, names such
    as "sklearn:digits", pairs (images or rows, labels); as a mapping they go by its keys.
    reference: the network, a name or a Model, in whose features (of `layer`, by default the last) all are
    compared. metrics: of DATA_MEASURES, a list or separated by commas; by default all.
    order, batch_size, skip_bad, cache, trust, device, progress: as in `rank`. The column of models holds the sources.

    A source that fails keeps a row with its reason. Raises InputError for a target, names or options
    that cannot be used, ModelError where the reference network cannot be run.
    """
    check_batch_size(batch_size)
    measures = chosen(metrics, DATA_MEASURES)
    order = check_order(order, list(measures))
    check_device(device)
    check_trust(trust, [reference])
    network, target = open_model(reference, trust=trust, device=device), open_dataset(data)
    candidates = _named_sources(sources)
    wanted = choose_layers(network, None if layer is None else [layer])
    _check_classes(target)

    featurise = partial(
        extract,
        network,
        layers=wanted,
        batch_size=batch_size,
        skip_bad=skip_bad,
        cache=cache,
        progress=progress,
    )
    features = featurise(target)
    seen = _task(features)
    rows = [_source_row(name, source, featurise, seen, measures) for name, source in candidates.items()]
    return replace(_ranking(rows, measures, order, features), called_by="source")


def rank_source_networks(
    models: str | Model | Sequence[str | Model],
    data: Any,
    *,
    target_model: str | Model,
    metrics: Metrics = None,
    order: str | None = None,
    layers: Layers = None,
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    progress: bool = False,
) -> Ranking:
    """A ranking of networks by how alike they see the target's items to a network trained on them.

    models, data, order, layers, batch_size, skip_bad, cache, trust, device, progress: as in `rank`.
    target_model: the network trained on the target, whose last layer counts; it is left out of `models`.
    metrics: of NETWORK_MEASURES, a list or separated by commas; by default rsa and dds, which ask for no
    labels.

    A model that fails keeps a row with its reason. Raises InputError for data, names or options that
    cannot be used, ModelError where the network of the target cannot be run.
    """
    check_batch_size(batch_size)
    measures = chosen("rsa,dds" if metrics is None else metrics, NETWORK_MEASURES)
    order = check_order(order, list(measures))
    check_device(device)
    names, opening = names_of(models), Opening(trust, device)
    check_trust(trust, [*names, target_model])
    dataset, target = open_dataset(data), opening.open(target_model)
    check_kind(target, dataset)
    kept = keeping(cache, dataset, trust)
    candidates = [open_candidate(model, layers, kept, opening=opening) for model in names]
    candidates = [candidate for candidate in candidates if candidate.name != target.name]
    if not candidates:
        raise InputError(f"There is no candidate beside the target's own network, {target.name}.")
    candidates = that_fit(candidates, dataset, layers)
    networks = [target, *(candidate.model for candidate in candidates if candidate.model)]
    decoded = decode(
        dataset, {network.preprocess for network in networks}, skip_bad=skip_bad, watch=watching(progress)
    )
    features = run_model(target, decoded, batch_size=batch_size)
    rows: list[Row] = []
    for candidate in candidates:
        rows += _network_rows(candidate, decoded, layers, batch_size, features, measures)
    return replace(_ranking(rows, measures, order, features), decoding_seconds=decoded.seconds)


def _named_sources(sources: Sequence[Any] | Mapping[str, Any]) -> dict[str, Dataset]:
    """Data sets by name, opened; raises InputError for none, and for two of one name."""
    given: Any = sources
    if isinstance(given, Mapping):
        named = {str(name): open_dataset(source, name=str(name)) for name, source in given.items()}
    elif isinstance(given, Sequence) and not isinstance(given, str):
        opened = [open_dataset(source) for source in given]
        named = {source.name: source for source in opened}
        if len(named) < len(opened):
            raise InputError("Two sources have one name: give a mapping of names to data sets.")
    else:
        raise InputError(f"The sources are a list of data sets, or a mapping; got {type(given).__name__}.")
    if not named:
        raise InputError("No source was given.")
    return named


def _check_classes(data: Dataset) -> None:
    if data.task != "classification":
        raise InputError(f"{data.name!r} is for {data.task}: sources are compared by classes.")


def _task(features: Features) -> Sample:
    """The last layer and the labels, past the door once for all candidates."""
    return as_sample(last_layer(features), list(features.labels), features.task)


def _source_row(
    name: str,
    source: Dataset,
    featurise: Callable[[Dataset], Features],
    target: Sample,
    measures: Mapping[str, Compare],
) -> Row:
    """The row of one source data set, or one that says why it failed."""
    try:
        _check_classes(source)
        features = featurise(source)
        task = _task(features)
    except AuditionError as error:
        return Row(name, "", error=str(error))
    (layer,) = features.layers
    return scored(name, layer, features, task, target, measures)


def _network_rows(
    candidate: Candidate,
    decoded: Decoded,
    layers: Layers,
    batch_size: int | None,
    target: Features,
    measures: Mapping[str, Compare],
) -> list[Row]:
    """A row a layer of one network, or one row that says why it failed."""
    try:
        features = _of_network(candidate, decoded, layers, batch_size)
    except AuditionError as error:
        return [Row(candidate.name, "", error=str(error))]
    return [
        scored(candidate.name, layer, features, matrix, target, measures)
        for layer, matrix in features.layers.items()
    ]


def _of_network(candidate: Candidate, decoded: Decoded, layers: Layers, batch_size: int | None) -> Features:
    """What one network makes of the target's items, or a file that holds it already."""
    if candidate.kept is not None:
        return candidate.kept.features(decoded)
    return run_model(
        candidate.network(), decoded, batch_size=batch_size, layers=layers, entry=candidate.entry
    )


def _ranking(rows: Sequence[Row], measures: Mapping[str, Compare], order: str, target: Features) -> Ranking:
    names = tuple(measures)
    return Ranking(
        rows=in_order(rows, names, order),
        metrics=names,
        order=order,
        data=target.data,
        task=target.task,
        items=len(target.labels),
        skipped=target.skipped,
        version=__version__,
    )
