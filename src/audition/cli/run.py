"""Runs one command line: mistakes become one sentence, warnings too, and an exit code."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownOptionError,
    UnusedCliTokensError,
)
from rich.console import Console

from audition.cli.codes import SOME_FAILED, USER_MISTAKE
from audition.cli.commands import app, with_all
from audition.cli.said import as_options
from audition.errors import AuditionError, AuditionWarning, one_sentence


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; a user's mistake is one sentence and 2."""
    error_console = Console(stderr=True)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            words = sys.argv[1:] if arguments is None else list(arguments)
            whole = with_all() if _wants_all(words) else app
            result = whole(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except CycloptsError as error:
        return _say(error_console, _in_words(error))
    except AuditionError as error:
        return _say(error_console, as_options(" ".join(str(error).split())))
    except BrokenPipeError:
        _let_go_of_output()
        return SOME_FAILED
    except OSError as error:
        _let_go_of_output()
        where = "The output" if error.filename is None else repr(str(error.filename))
        verb = "written" if error.filename is None else "used"
        return _say(error_console, f"{where} cannot be {verb}: {error.strerror or error}.")


def _wants_all(words: Sequence[str]) -> bool:
    """Whether every command is told of, a line each."""
    return not words or words[0] in app.help_flags


EXAMPLES = {
    "--models": "'zoo:*'",
    "--model": "zoo:resnet-mnist",
    "--data": "./my-images",
    "--output": "features.safetensors",
    "--format": "onnx",
    "--from": "'timm:*'",
}
"""What follows an option that is missing."""

SHOWN = 3

TAKES = {
    int: "is a whole number",
    float: "is a number",
    bool: "stands alone, and takes no value",
}
"""What an option takes, by the kind that it is read as."""


def _in_words(error: CycloptsError) -> str:
    """What is wrong with a command line, and what to write instead."""
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return _missing(error, error.argument.name)
    if isinstance(error, RepeatArgumentError):
        flag = not error.token.value
        return f"{error.token.keyword} is given more than once{', or beside its opposite' * flag}"
    if isinstance(error, UnknownOptionError) and re.match(r"-\.?\d", word := error.token.keyword or ""):
        return f"{word!r} is no option, and amounts have no sign: write {word[1:]}"
    if isinstance(error, CoercionError) and error.token is not None and error.target_type in TAKES:
        name = error.token.keyword or "A value"
        return f"{name} {TAKES[error.target_type]}; got {error.token.value!r}"
    if isinstance(error, UnusedCliTokensError):
        words = error.unused_tokens or []
        shown = ", ".join(map(repr, words[:SHOWN])) + ", ..." * (len(words) > SHOWN)
        many = "is one word too many" if len(words) == 1 else f"are {len(words)} words too many"
        return f"{shown} {many}; quote patterns, as in --models 'zoo:*'"
    return " ".join(str(error).split())


def _missing(error: MissingArgumentError, name: str) -> str:
    """What stands in for an option or a file that was left out."""
    if name in EXAMPLES:
        return f"{name} is missing: {name} {EXAMPLES[name]}"
    if error.keyword is not None:
        return f"{error.keyword} needs a value"
    return f"{name} is missing; {' '.join(['audition', *(error.command_chain or ()), '--help'])!r} says what it is"


def _show_warning(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """A warning of ours is a sentence for the user; any other names the line that it comes from."""
    if issubclass(category, AuditionWarning):
        _say(Console(stderr=True), as_options(" ".join(str(message).split())))
    else:
        filename, line = where[0], where[1]
        sys.stderr.write(warnings.formatwarning(message, category, filename, line))


def _let_go_of_output() -> None:
    """What could not be written is dropped, or Python would try once more at its end and complain."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
    except (OSError, ValueError, AttributeError):  # standard output is no file
        return


def _say(console: Console, sentence: str) -> int:
    console.print(f"audition: {one_sentence(sentence)}", markup=False, highlight=False, soft_wrap=True)
    return USER_MISTAKE
