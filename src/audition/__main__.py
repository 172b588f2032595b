"""The `audition` command, also as `python -m audition`."""

from __future__ import annotations

import io
import os
import sys

INTERRUPTED = 130
RESUMED = ("rank", "layers", "extract", "sources")  # the commands that keep features


def _ready_streams() -> None:
    """Output goes on where a stream is closed, or cannot show some character of a name."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # open to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _what_is_left(words: list[str]) -> str:
    """What an interrupted command leaves behind; its output is written at its end, whole or not at all."""
    if not words or words[0] not in RESUMED:
        return "nothing was written."
    if "--no-cache" in words:
        return "nothing was written, and with --no-cache nothing is kept."
    return "no output was written. Features that were computed are kept: the same command goes on from there."


def main() -> None:
    """Runs the command line and exits; an interrupt is one sentence, while modules are loaded too."""
    _ready_streams()
    try:
        from audition.cli import run

        sys.exit(run())
    except KeyboardInterrupt as error:
        said = str(error) or f"interrupted; {_what_is_left(sys.argv[1:])}"
        print(f"audition: {said}", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
