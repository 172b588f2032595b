"""What Python calls a parameter, as the command line calls it: sentences that serve both are put in its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from audition.errors import AuditionError

NAMES = {"rate": "lr"}
"""Options that are called otherwise; of the others, "_" becomes "-"."""

RULES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\b\w+=\w+ \((--[\w-]+)\)", r"\1"),  # resume=True (--resume)
        (r"(--[\w-]+(?: \w+)?) \(\w+='?\w+'?\)", r"\1"),  # --skip-bad (skip_bad=True), --task x (task='x')
        (r"\(\w+=[^\s(),]+, (--[^()]+)\)", r"(\1)"),  # (test=0.2, --test 0.2)
        (r"\bwhich head_only leaves", "which --head-only leaves"),
        (r"\bleave \w+(?:=\S+)? out \((--[\w-]+)\)", r"leave \1 out"),
        (r"('--[^']+') \(\w+\)", r"\1"),  # '--format encoder' (save_encoder)
        (r"\bThe '([a-z_]+)' parameter(?: of (?:tune|auto|predict))? (?=must)", "\0\\1\0 "),
        (r"\blet ([a-z_]+) (?=be )", "let \0\\1\0 "),
        (r"\bgive ([a-z_]+)=([\d.]*\d)\b", "give \0\\1\0 \\2"),
        (r"\bsuch as ([a-z_]+)=\['([^']+)'\]", "such as \0\\1\0 \\2"),
    )
)
_NAME = re.compile("\0([a-z_]+)\0")


def as_options(sentence: str) -> str:
    """A sentence with the options of the command line in place of Python's parameters.

    >>> as_options("The 'held_out' parameter must be from 0 to below 1. Got 2 instead.")
    '--held-out must be from 0 to below 1. Got 2 instead.'
    >>> as_options("Stopped after step 3 of 9; resume=True (--resume) goes on from step 2.")
    'Stopped after step 3 of 9; --resume goes on from step 2.'
    """
    for pattern, words in RULES:
        sentence = pattern.sub(words, sentence)
    return _NAME.sub(lambda found: _option(found[1]), sentence)


def _option(parameter: str) -> str:
    return f"--{NAMES.get(parameter, parameter).replace('_', '-')}"


@contextmanager
def in_options() -> Iterator[None]:
    """What is raised within speaks of options; its kind stays."""
    try:
        yield
    except AuditionError as error:
        error.args = (as_options(str(error)),)
        raise
    except KeyboardInterrupt as error:
        error.args = tuple(as_options(str(said)) for said in error.args)
        raise
