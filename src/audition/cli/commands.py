"""The commands, each of a file of its own, put into one; a file is imported when its command is asked for."""

from __future__ import annotations

from cyclopts import App

from audition.cli.app import app

__all__ = ["app", "with_all"]

COMMANDS = (
    "rank", "shortlist", "sources", "tune", "auto", "predict", "export", "score", "layers", "extract", "metrics",
    "models", "cache", "doctor", "completion", "demo", "report", "plot", "compare", "evaluate", "truth",
)  # fmt: skip
"""In the order of the help."""

ELSEWHERE = {
    "layers": "layers:layers",
    "extract": "extract:extract",
    "metrics": "lists:metrics",
    "models": "lists:models",
    "demo": "lists:demo",
    "cache": "cache:app",
    "doctor": "doctor:doctor",
    "completion": "completion:completion",
    "truth": "evaluate:truth",
}
"""Where those are that are not called `command` in a file of their name."""

for name in COMMANDS:
    app.command(f"audition.cli.{ELSEWHERE.get(name, f'{name}:command')}", name=name)


def with_all() -> App:
    """The same, every file imported: the help has a line of each."""
    for name in COMMANDS:
        app[name]
    return app
