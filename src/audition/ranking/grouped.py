"""Candidates by where they come from: the sources of one architecture beside each other, then all of them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from audition.errors import InputError
from audition.extraction import CacheLike
from audition.files import write_new_text
from audition.models.base import Model
from audition.models.listed import listed_candidates
from audition.models.origins import Origin, origin_of, variant_of
from audition.models.registry import find_models
from audition.models.torch.library import AUTO
from audition.models.trust import Trust
from audition.ranking.candidates import names_of
from audition.ranking.order import MEAN_PLACE
from audition.ranking.plan import Metrics
from audition.ranking.run import rank
from audition.ranking.standings import Row
from audition.ranking.value import Ranking

FORMAT = "audition-source-ranking"
VERSION = 1


@dataclass(frozen=True)
class SourceStanding:
    """How the candidates of one source do. mean_place: among all candidates; best_place: of the best of them."""

    source: str
    candidates: int
    mean_place: float
    best_place: int


@dataclass(frozen=True)
class SourceRanking:
    """Candidates in order, and grouped by architecture.

    ranking: all of them, whatever their architecture. origins: model -> its architecture and source.
    """

    ranking: Ranking
    origins: Mapping[str, Origin]

    @cached_property
    def groups(self) -> Mapping[str, Ranking]:
        """Architecture -> its candidates in order among themselves, the group of the best candidate first."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.ranking:
            rows[self.origins[row.model].architecture].append(row)
        return {architecture: self._among(members) for architecture, members in rows.items()}

    @cached_property
    def called(self) -> Mapping[str, str]:
        """Model -> its source, with what tells the model apart where two of its group have the same."""
        often = Counter(self.origins.values())
        variants = {model: variant_of(model) for model in self.origins}
        alike = Counter((self.origins[model], variant) for model, variant in variants.items())
        return {
            model: origin.source
            if often[origin] == 1
            else f"{origin.source} ({variants[model] if alike[origin, variants[model]] == 1 else model})"
            for model, origin in self.origins.items()
        }

    @property
    def sources(self) -> tuple[SourceStanding, ...]:
        """The sources by the mean place of their candidates among all; those that failed do not count."""
        places: dict[str, list[int]] = defaultdict(list)
        for row in self.ranking.placed:
            places[self.origins[row.model].source].append(row.place or 0)
        found = [
            SourceStanding(source, len(each), float(np.mean(each)), min(each))
            for source, each in places.items()
        ]
        return tuple(sorted(found, key=lambda source: (source.mean_place, source.best_place)))

    @property
    def verdict(self) -> str:
        """In plain words: which architecture from which source to take, and how far behind the second is."""
        return self.named.verdict

    @property
    def named(self) -> Ranking:
        """The whole ranking with each candidate called by what it is: "resnet from cifar10"."""
        rows = [
            replace(row, model=f"{self.origins[row.model].architecture} from {self.called[row.model]}")
            for row in self.ranking
        ]
        return replace(self.ranking, rows=tuple(rows))

    def _among(self, rows: Sequence[Row]) -> Ranking:
        return self.ranking.part(rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: what `to_json` writes."""
        origins = {model: asdict(origin) for model, origin in self.origins.items()}
        groups = {architecture: self._as_plain(group) for architecture, group in self.groups.items()}
        return {
            "format": FORMAT,
            "format_version": VERSION,
            "ranking": json.loads(self.ranking.to_json()),
            "origins": origins,
            "groups": groups,
            "sources": [asdict(source) for source in self.sources],
            "verdict": self.verdict,
        }

    def _as_plain(self, group: Ranking) -> list[dict[str, Any]]:
        return [
            {"model": row.model, "source": self.origins[row.model].source, "place": row.place}
            for row in group
        ]

    def to_json(self) -> str:
        """The ranking as JSON text; `save` writes it to a file."""
        return json.dumps(self.to_dict(), indent=2)

    def save(self, path: str | Path) -> None:
        """Writes the JSON to a new file; raises InputError where it exists or cannot be written."""
        write_new_text(Path(path), self.to_json() + "\n")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SourceRanking:
        """The ranking of what `to_dict` gave; raises InputError for another format or version."""
        if values.get("format") != FORMAT or values.get("format_version") != VERSION:
            raise InputError(f"its format is {values.get('format')!r} {values.get('format_version')!r}.")
        origins = {model: Origin(**origin) for model, origin in values["origins"].items()}
        return cls(Ranking.from_dict(values["ranking"]), origins)

    def __repr__(self) -> str:
        from audition.ranking.grouped_words import as_text

        return as_text(self)


def rank_by_source(
    models: str | Model | Sequence[str | Model],
    data: Any,
    *,
    metrics: Metrics = None,
    order: str | None = None,
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    progress: bool = False,
) -> SourceRanking:
    """A ranking of pre-trained models that says which source to take for each architecture, and over all.

    models, data and all options are as in `rank`, on which it stands: the last layer of each model, on labels alone.
    What a model is and was trained on is told by a candidates file ("@candidates.toml" with
    `[[model]]`, or CSV with a column "source"), else by its name (see `origin_of`).
    """
    origins = origins_of(models)
    ranking = rank(
        list(origins.models),
        data,
        metrics=metrics,
        order=order or MEAN_PLACE,  # what is known of models elsewhere says nothing of their sources
        batch_size=batch_size,
        skip_bad=skip_bad,
        cache=cache,
        trust=trust,
        device=device,
        progress=progress,
    )
    return SourceRanking(ranking, origins.by_name)


@dataclass(frozen=True, eq=False)
class Origins:
    """Models, and the origin of each by its name."""

    models: Sequence[str | Model]
    by_name: Mapping[str, Origin]


def origins_of(models: str | Model | Sequence[str | Model]) -> Origins:
    """Every model once, as `rank` takes them, with its origin; raises as `names_of` does."""
    named = names_of(models)
    said = _said(models)
    by_name = {}
    for model in named:
        name = model if isinstance(model, str) else model.name
        by_name[name] = said.get(name) or origin_of(model)
    return Origins(named, by_name)


def _said(models: Any) -> dict[str, Origin]:
    """The origins that candidates files state; what one leaves out is told by the name."""
    several = [models] if isinstance(models, (str, Model)) else list(models)
    said: dict[str, Origin] = {}
    for path in [Path(model[1:]) for model in several if isinstance(model, str) and model.startswith("@")]:
        for listed in listed_candidates(path):
            for name in find_models(listed.name):
                told = origin_of(name)
                said[name] = Origin(listed.architecture or told.architecture, listed.source or told.source)
    return said
