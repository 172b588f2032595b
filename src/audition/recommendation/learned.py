"""What has been learned, as a file: lessons, variances, the usual spread of accuracies. Format in its head."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from audition.errors import InputError
from audition.recommendation.lessons import Lesson
from audition.recommendation.prior import Variances

FORMAT = "audition-recommendation"
VERSION = 1
ENOUGH = 6  # lessons of a task: below that those of other tasks are taken, too


@dataclass(frozen=True)
class Learned:
    """lessons: of targets with scores and true results. variances: of results in the published tables.

    spread: the median, over published data sets, of the standard deviation of the models' accuracies, in
    points. sources: where the lessons are from, in words.
    """

    lessons: tuple[Lesson, ...]
    variances: Variances
    spread: float
    sources: Mapping[str, str]

    def of_task(self, task: str) -> tuple[Lesson, ...]:
        """The lessons of a task, or all of them where that has too few."""
        own = tuple(lesson for lesson in self.lessons if lesson.task == task)
        return own if len(own) >= ENOUGH else self.lessons

    def teaches(self, measures: Sequence[str], task: str) -> bool:
        """Whether something has been learned of one of the measures at least."""
        return any(name in lesson.measures for lesson in self.of_task(task) for name in measures)

    def to_json(self) -> str:
        """The text of the file: a line a lesson, numbers to five digits."""
        head = {"format": FORMAT, "format_version": VERSION, "sources": dict(self.sources)}
        about = {**head, "spread": round(self.spread, 4), "variances": _rounded(asdict(self.variances))}
        lessons = ",\n".join(f"  {json.dumps(_plain(lesson))}" for lesson in self.lessons)
        return f'{json.dumps(about, indent=1)[:-2]},\n "lessons": [\n{lessons}\n ]\n}}\n'

    @classmethod
    def from_json(cls, text: str) -> Learned:
        """What `to_json` wrote; raises InputError for another format or version."""
        values = json.loads(text)
        if (values.get("format"), values.get("format_version")) != (FORMAT, VERSION):
            raise InputError(
                f"The file is no {FORMAT} of version {VERSION}: {values.get('format')!r} "
                f"{values.get('format_version')!r}."
            )
        lessons = tuple(map(_lesson, values["lessons"]))
        return cls(lessons, Variances(**values["variances"]), values["spread"], values["sources"])


@cache
def learned() -> Learned:
    """What the package brings; `python -m benchmarks.recommendation` makes it."""
    text = (files("audition") / "recommendation" / "learned.json").read_text(encoding="utf-8")
    return Learned.from_json(text)


def _plain(lesson: Lesson) -> dict[str, Any]:
    """A lesson with the lower triangle of its moments."""
    lower = lesson.moments[np.tril_indices(len(lesson.moments))]
    numbers = [round(float(number), 5) for number in lower]
    return {**asdict(lesson), "spread": round(lesson.spread, 4), "moments": numbers}


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def _lesson(values: Mapping[str, Any]) -> Lesson:
    return Lesson(
        values["target"],
        values["source"],
        values["task"],
        values["models"],
        tuple(values["measures"]),
        _square(values["moments"]),
        values["spread"],
    )


def _square(lower: Sequence[float]) -> np.ndarray:
    size = int((np.sqrt(8 * len(lower) + 1) - 1) / 2)
    whole = np.zeros((size, size))
    whole[np.tril_indices(size)] = lower
    return whole + np.tril(whole, -1).T
