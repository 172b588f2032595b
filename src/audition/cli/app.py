"""The command line's root; commands are put into it in `commands`."""

from __future__ import annotations

from cyclopts import App

from audition.version import __version__

app = App(
    name="audition",
    help="Which pre-trained model, which of its layers and which source will do best on your data.",
    version=__version__,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
