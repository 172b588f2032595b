"""What a command gives back: a table, JSON, an exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from audition import listing
from audition.cli.codes import SOME_FAILED
from audition.errors import one_sentence, printable


def check_output(json: str | None) -> None:
    """A path that cannot be written is found before the work, not after it."""
    if json is not None and json != "-":
        from audition.files import check_new

        check_new(Path(json))


def show(ranking: object, json: str | None) -> int:
    """Prints the ranking, or its JSON alone where standard output is asked for; 1 if a model failed."""
    from audition.ranking import Ranking
    from audition.ranking.words import print_ranking

    assert isinstance(ranking, Ranking)
    if json != "-":
        print_ranking(ranking, listing.console())
    if json is not None:
        write_json(ranking.to_json(), json)
    return SOME_FAILED if ranking.failed else 0


def show_forecast(told: Any, json: str | None) -> int:
    """Prints what a ranking would do, or its JSON alone; 1 if a candidate would fail."""
    if json != "-":
        shown = "\n".join(map(printable, str(told).split("\n")))
        listing.console().print(Text(shown), soft_wrap=True)
    if json is not None:
        write_json(told.to_json(), json)
    return SOME_FAILED if any(candidate.error for candidate in told.candidates) else 0


def write_json(text: str, where: str) -> None:
    """To standard output for "-", else to a new file, which is named on standard error."""
    from audition.files import write_new_text

    if where == "-":
        print(text)
    else:
        write_new_text(Path(where), text + "\n")
        say_written(where)


def say_written(where: str) -> None:
    """Names a file on standard error, so that standard output stays clean."""
    say(f"written to {where}")


def say(sentence: str) -> None:
    """A sentence on standard error."""
    Console(stderr=True).print(one_sentence(sentence), markup=False, highlight=False, soft_wrap=True)
