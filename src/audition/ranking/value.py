"""A ranking as a value: rows in order, and every view of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, overload

from audition.errors import InputError, MissingExtraError, UnknownNameError, printable
from audition.files import write_new_text
from audition.ranking import html, words
from audition.ranking.certainty import with_standings
from audition.ranking.order import CONSENSUS, check_order, in_order
from audition.ranking.racing.value import Race
from audition.ranking.standings import Row, Standings
from audition.ranking.stored import check_types
from audition.recommendation import Recommendation
from audition.uncertainty import Standing

FORMAT = "audition-ranking"
VERSION = 1


@dataclass(frozen=True)
class Ranking(Standings):
    """Candidates in order, the best first; those that failed come last.

    Iterate over its rows, index it by number or by model name, and look at `verdict` for the answer
    in words. metrics: their names, in the order of the columns. order: "mean place", or the metric
    that it is ordered by. data, task, items: what was ranked on. skipped: items that could not be read.
    """

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @overload
    def __getitem__(self, key: int | str) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, key: int | str | slice) -> Row | tuple[Row, ...]:
        """The row at a position (0 is the best), the best row of a model, or the rows of a slice."""
        if isinstance(key, slice):
            return self.rows[key]
        if not isinstance(key, str):
            return self._at(key)
        for row in self.rows:
            if row.model == printable(key):
                return row
        raise UnknownNameError("model in this ranking", key, {row.model for row in self.rows})

    def _at(self, position: int) -> Row:
        try:
            return self.rows[position]
        except IndexError:
            number = len(self.rows)
            held = f"{number} rows, 0 to {number - 1}" if number > 1 else f"{number} row{'s' * (not number)}"
            raise IndexError(f"There is no row {position}: this ranking has {held}.") from None

    @property
    def best(self) -> Row:
        """The row in the first place; raises InputError where every candidate failed."""
        if not self.placed:
            raise InputError("No candidate could be ranked: each row's error says why.")
        return self.rows[0]

    def part(self, rows: Sequence[Row]) -> Ranking:
        """The ranking of some of its rows: placed anew among each other, and how sure that is."""
        order = check_order(None, self.metrics) if self.order == CONSENSUS else self.order
        placed = in_order(rows, self.metrics, order)
        sure, more = with_standings(placed, self.metrics, order, self.items)
        return replace(self, rows=sure, order=order, more_rows=more, recommendation=None, race=None)

    @property
    def verdict(self) -> str:
        """In plain words: what to take, and how far behind the second is."""
        return words.verdict(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: what `to_json` writes."""
        plain = asdict(replace(self, rows=tuple(replace(row, resampled={}) for row in self.rows)))
        for row in plain["rows"]:
            del row["resampled"]  # hundreds of numbers a score, of which the intervals are what is told
        return {"format": FORMAT, "format_version": VERSION, **plain, "verdict": self.verdict}

    def to_json(self) -> str:
        """The ranking as JSON text; `save` writes it to a file."""
        return json.dumps(_finite(self.to_dict()), indent=2)

    def save(self, path: str | Path) -> None:
        """Writes the JSON to a new file; raises InputError where it exists or cannot be written."""
        write_new_text(Path(path), self.to_json() + "\n")

    def report(self, path: str | Path, *, data: Any = None, truth: Any = None) -> None:
        """Writes what `audition.report` makes of it to a new .html, .md, .json or .txt file."""
        from audition.reporting import report  # the one look downstream: for whoever holds a ranking

        report(self, data=data, truth=truth).save(path)

    @classmethod
    def load(cls, path: str | Path) -> Ranking:
        """Reads what `save` wrote; raises InputError for any other file."""
        try:
            return cls.from_dict(dict(json.loads(Path(path).read_text(encoding="utf-8"))))
        except FileNotFoundError:
            raise InputError(f"There is no file {str(path)!r}.") from None
        except OSError as error:
            raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise InputError(f"{str(path)!r} is not a ranking: it is not text.") from None
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{str(path)!r} is not a ranking: {error}") from None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Ranking:
        """The ranking of what `to_dict` gave; raises InputError for another format or version."""
        if values.get("format") != FORMAT:
            raise InputError("give what 'audition rank ... --json FILE' or Ranking.save wrote.")
        if values.get("format_version") != VERSION:
            raise InputError(
                f"it is in version {values.get('format_version')!r} of the format, this audition reads "
                f"{VERSION}: update audition or rank again."
            )
        values = _printable(values)
        rows = tuple(_row(row) for row in values["rows"])
        rest = {key: values[key] for key in ("order", "data", "task", "items", "decoding_seconds", "version")}
        more = values.get("more_rows")
        found = values.get("recommendation")
        made = cls(
            rows,
            tuple(values["metrics"]),
            skipped=tuple(values["skipped"]),
            more_rows=more,
            recommendation=Recommendation.from_dict(found) if found else None,
            called_by=values.get("called_by", "model"),
            race=Race.from_dict(values["race"]) if values.get("race") else None,
            **rest,
        )
        check_types(made)
        _check_recommended(made)
        return made

    def to_frame(self) -> Any:
        """A data frame, a row a candidate: pandas, or polars where only that is installed.

        Of a race, "rows" are those of the data that each has seen; one that never got so far has None there, as a
        candidate without an interval has in the columns of that.
        """
        records = [_flat(row, self.metrics) for row in self.rows]
        if self.race is not None:
            records = [
                record | {"rows": row.items if row.error else row.items or self.items}
                for record, row in zip(records, self.rows, strict=True)
            ]
        names = dict.fromkeys(name for record in records for name in record)
        columns = {name: [record.get(name) for record in records] for name in names}
        return _frame_library().DataFrame(columns)

    def __repr__(self) -> str:
        return words.as_text(self)

    def _repr_html_(self) -> str:
        return html.as_html(self)


def _check_recommended(ranking: Ranking) -> None:
    """A recommendation is of the rows that it stands beside, in their order; raises ValueError for another."""
    found = ranking.recommendation
    if found is None:
        return
    if [(each.model, each.layer) for each in found] != [(row.model, row.layer) for row in ranking.placed]:
        raise ValueError("its recommendation is of other candidates than its rows.")


def _frame_library() -> Any:
    """pandas or polars: the one in use already, else the one that is installed."""
    import importlib
    import sys

    for name in sorted(("pandas", "polars"), key=lambda name: name not in sys.modules):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise MissingExtraError("to_frame", "pandas", needs="pandas or polars")


def _flat(row: Row, metrics: tuple[str, ...]) -> dict[str, Any]:
    record: dict[str, Any] = {"place": row.place, "model": row.model, "layer": row.layer}
    record |= {metric: row.scores.get(metric) for metric in metrics}
    record["mean_place"] = row.mean_place
    for metric, (low, high) in row.intervals.items():
        record |= {f"{metric}_low": low, f"{metric}_high": high}
    if row.standing:
        record |= {
            "first_place": row.standing.first,
            "last_place": row.standing.last,
            "best": row.standing.best,
        }
    record |= {"columns": row.columns, "feature_seconds": row.feature_seconds}
    return record | {"scoring_seconds": row.scoring_seconds, "error": row.error}


def _row(values: Mapping[str, Any]) -> Row:
    scores = {metric: _number(value) for metric, value in values["scores"].items()}
    parts = {name: tuple(map(float, numbers)) for name, numbers in values.get("parts", {}).items()}
    intervals = {name: (float(low), float(high)) for name, (low, high) in values.get("intervals", {}).items()}
    standing = Standing(**values["standing"]) if values.get("standing") else None
    told = {"scores": scores, "parts": parts, "intervals": intervals, "standing": standing}
    return Row(**{**values, **told, "notes": tuple(values["notes"])})


def _printable(value: Any) -> Any:
    """A plain value with all its texts and names as they can be shown."""
    if isinstance(value, Mapping):
        return {_printable(key): _printable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(part) for part in value]
    return printable(value) if isinstance(value, str) else value


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _finite(value: Any) -> Any:
    """Infinities as text, because JSON has none; `float` reads them back."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return str(value) if isinstance(value, float) and abs(value) == float("inf") else value
