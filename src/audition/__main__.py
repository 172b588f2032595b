"""The `audition` command, also as `python -m audition`."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
import threading
from typing import Any, NoReturn

INTERRUPTED = 130
RESUMED = ("rank", "layers", "extract", "sources")  # the commands that keep features


# What stands for a letter where a stream has only those of ASCII; in tables a sign stands for a sign.
PLAIN = {
    "–": "-",
    "−": "-",
    "…": "~",
    "×": "x",
    "·": ".",
    "‖": "|",
    "ᵀ": "'",
    "²": "^2",
    "³": "^3",
    "½": "1/2",
    "⁻¹": "^-1",
}
PLAIN |= {
    "α": "alpha",
    "β": "beta",
    "ε": "eps",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
}
PLAIN |= {"Σ": "sum", "≤": "<=", "≥": ">=", "→": "->", "á": "a", "é": "e", "ö": "o", "ü": "u"}


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """What is written in place of letters that a stream cannot show."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end].replace("⁻¹", "^-1")
    return "".join(PLAIN.get(letter, letter if letter.isascii() else "?") for letter in letters), error.end


codecs.register_error("audition", _plainly)


def _ready_streams() -> None:
    """Output goes on where a stream is closed, or cannot show some character of a name."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # open to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="audition")


def _what_is_left(words: list[str]) -> str:
    """What an interrupted command leaves behind; its output is written at its end, whole or not at all."""
    if not words or words[0] not in RESUMED:
        return "nothing was written."
    if words[0] == "rank" and not {"-n", "--dry-run"}.isdisjoint(words):
        return "nothing was written: --dry-run keeps nothing."
    if "--no-cache" in words:
        return "nothing was written, and with --no-cache nothing is kept."
    return "no output was written. Features that were computed are kept: the same command goes on from there."


def _interrupt_main() -> None:
    """Sends an interrupt to the main thread, where it also ends a wait."""
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _heard_later(unraisable: Any) -> None:
    """An interrupt that came while an object was put away reached nobody: it is sent again, a moment later."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        threading.Timer(0.01, _interrupt_main).start()
    else:
        sys.__unraisablehook__(unraisable)


def main() -> None:
    """Runs the command line and exits; an interrupt is one sentence, while modules are loaded too.

    SIGTERM, by which schedulers end a job, is an interrupt: what was computed is kept before the end.
    """
    _ready_streams()
    stopped_by: list[int] = []

    def stop(number: int, frame: Any) -> NoReturn:
        stopped_by.append(number)
        raise KeyboardInterrupt

    sys.unraisablehook = _heard_later
    try:
        signal.signal(signal.SIGTERM, stop)
        from audition.cli import run

        code = run()
        _close_ears()
    except KeyboardInterrupt as error:
        _close_ears()
        said = str(error) or f"interrupted; {_what_is_left(sys.argv[1:])}"
        print(f"audition: {said}", file=sys.stderr)
        code = 128 + stopped_by[0] if stopped_by else INTERRUPTED
    sys.exit(code)


def _close_ears() -> None:
    """What is done is done: an interrupt would only spoil the end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main()
