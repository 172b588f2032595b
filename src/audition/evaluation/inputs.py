"""What scores and truths may be given as, brought to one form: measure -> dataset -> model -> number."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audition.errors import InputError, UnknownNameError
from audition.evaluation.rankings import scores_of
from audition.ranking.value import Ranking
from audition.truth import Truth, load_truth, read_scores, read_truth, shipped_tables
from audition.truth.value import Cells

# What holds scores without a data set of their own stands under this name until the truth is known.
ANY = ""
MEASURE = "scores"

Measures = dict[str, dict[str, dict[str, float]]]


def as_truth(given: object) -> Truth:
    """A truth from its value, the name of a shipped table, a CSV file, or a mapping.

    {model: result} is of one data set; {dataset: {model: result}} of several. Raises InputError for
    anything else.
    """
    if isinstance(given, Truth):
        return given
    if isinstance(given, Path) or (isinstance(given, str) and _is_file(given)):
        return read_truth(given)
    if isinstance(given, str):
        return _shipped(given)
    if isinstance(given, Mapping) and given:
        nested = all(isinstance(value, Mapping) for value in given.values())
        return Truth.of("the truth", _columns(given) if nested else {"the data": _column(given, "result")})
    raise InputError(
        f"A truth is the name of a shipped table, a CSV file, or {{model: result}}; not {_kind(given)}."
    )


def own_truth(given: object) -> object:
    """The truth of scores that came without: the table that they are in."""
    if isinstance(given, Truth) or (isinstance(given, (str, Path)) and Path(given).suffix.lower() != ".json"):
        return given
    raise InputError(
        "Say by what truth: a shipped table, such as 'supervised_cnn', or a CSV file of your own."
    )


def as_scores(given: object, truth: Truth) -> Measures:
    """measure -> dataset -> model -> score of whatever scores were given as; `evaluate` says what that may be."""
    if isinstance(given, Truth):
        return _copied(given.scores)
    if isinstance(given, Ranking):
        return _of_ranking(given, truth)
    if isinstance(given, (str, Path)):
        return _of_file(given, truth)
    if isinstance(given, Mapping) and given:
        return _of_mapping(given, truth)
    raise InputError(
        f"Scores are a ranking, {{model: score}}, {{dataset: {{model: score}}}} or a file; not {_kind(given)}."
    )


def _of_file(path: str | Path, truth: Truth) -> Measures:
    if isinstance(path, str) and path in shipped_tables() and not Path(path).exists():
        return _copied(load_truth(path).scores)
    if Path(path).suffix.lower() == ".json":
        return _of_ranking(Ranking.load(path), truth)
    scores = read_scores(path, datasets=truth.datasets)
    return {measure: _placed(cells, truth) for measure, cells in scores.items()}


def _of_ranking(ranking: Ranking, truth: Truth) -> Measures:
    where = _dataset_of(ranking, truth)
    return {measure: {where: scores} for measure, scores in scores_of(ranking).items()}


def _dataset_of(ranking: Ranking, truth: Truth) -> str:
    """Which data set of the truth a ranking is of: the only one, or the one that its data are named as."""
    if len(truth) == 1:
        return truth.datasets[0]
    for name in (ranking.data, ranking.data.rpartition(":")[2], Path(ranking.data).name):
        if name in truth.datasets:
            return name
    raise InputError(
        f"{truth.name} holds {len(truth)} data sets, and none is named {ranking.data!r}: "
        f"name the one that was ranked as dataset ({', '.join(truth.datasets)})."
    )


def _of_mapping(given: Mapping[Any, Any], truth: Truth) -> Measures:
    values = list(given.values())
    if all(isinstance(value, Ranking) for value in values):
        return _joined({str(name): scores_of(ranking) for name, ranking in given.items()})
    if not all(isinstance(value, Mapping) for value in values):
        return {MEASURE: _placed({ANY: _column(given, "score")}, truth)}
    if all(isinstance(inner, Mapping) for value in values for inner in value.values()):
        return {str(name): _columns(cells) for name, cells in given.items()}
    return {MEASURE: _columns(given)}


def _joined(rankings: Mapping[str, Mapping[str, dict[str, float]]]) -> Measures:
    """dataset -> measure -> ... turned into measure -> dataset -> ..."""
    measures = dict.fromkeys(measure for ranking in rankings.values() for measure in ranking)
    return {
        measure: {name: ranking[measure] for name, ranking in rankings.items() if measure in ranking}
        for measure in measures
    }


def _placed(cells: Cells, truth: Truth) -> dict[str, dict[str, float]]:
    """Scores without a data set: one list that stands for every data set."""
    if set(cells) != {ANY}:
        return {name: dict(column) for name, column in cells.items()}
    return {name: dict(cells[ANY]) for name in truth.datasets}


def _columns(given: Mapping[Any, Mapping[Any, Any]]) -> dict[str, dict[str, float]]:
    return {str(name): _column(column, f"number on {name}") for name, column in given.items()}


def _column(given: Mapping[Any, Any], what: str) -> dict[str, float]:
    column = {}
    for model, value in given.items():
        try:
            number = float("nan") if value is None else float(value)
        except (TypeError, ValueError):
            raise InputError(f"The {what} of {model!r} is no number: {value!r}.") from None
        if number == number:
            column[str(model)] = number
    return column


def _copied(scores: Mapping[str, Cells]) -> Measures:
    return {
        measure: {dataset: dict(column) for dataset, column in cells.items()}
        for measure, cells in scores.items()
    }


def _shipped(name: str) -> Truth:
    try:
        return load_truth(name)
    except UnknownNameError as error:
        raise InputError(f"{error} A file of your own ends in .csv.") from None


def _is_file(name: str) -> bool:
    return name.lower().endswith(".csv") or (name not in shipped_tables() and Path(name).is_file())


def _kind(given: object) -> str:
    empty = given is None or (isinstance(given, Mapping) and not given)
    return "nothing" if empty else f"a {type(given).__name__}"
