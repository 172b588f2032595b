"""The command line's root; commands are put into it in `commands`."""

from __future__ import annotations

from collections.abc import Callable

from cyclopts import App

from audition.version import __version__

app = App(
    name="audition",
    help="Which pre-trained model, which of its layers and which source will do best on your data.",
    version=__version__,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


def as_command(function: Callable[..., int], examples: str) -> App:
    """A command of its own, named as its function, with examples below its help."""
    command = App(name=function.__name__, help_epilogue=examples, help_format="plaintext")
    command.default(function)
    return command
