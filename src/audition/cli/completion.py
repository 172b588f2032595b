"""`audition completion`: what lets a shell complete commands and options."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from audition.cli.app import app

Shell = Literal["bash", "zsh", "fish"]


def completion(
    shell: Annotated[Shell, Parameter(help="The shell that you type in.")],
    /,
    *,
    install: Annotated[
        bool,
        Parameter(
            name="--install",
            negative=(),
            show_default=False,
            help="Put it where the shell looks, and have its start-up file load it.",
        ),
    ] = False,
) -> int:
    """Print the script that lets your shell complete commands and options, or install it."""
    if not install:
        print(app.generate_completion(shell=shell))
        return 0
    path = app.install_completion(shell=shell)
    sentence = f"written to {path}; open a new shell to use it"
    Console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)
    return 0
