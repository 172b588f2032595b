"""Command lines that can be stopped, many of them for the price of one start: `python forks.py FOLDER`.

Each line of standard input is a JSON list of words; a child runs `audition` with them in FOLDER, and its process number
is printed. The line after it says to wait; how the child ended is printed. Libraries are imported once, before.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

OUTPUT = "output.txt"


def run(words: Sequence[str], output: Path) -> None:
    """`audition words` in this process, which ends; what it prints is added to a file."""
    from audition.__main__ import main

    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1), os.dup2(file, 2)
    sys.argv = ["audition", *words]
    code = 70
    try:
        main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    finally:
        with suppress(BaseException):
            sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for library in ("audition.cli", "onnxruntime", "PIL.Image", "torch", "sklearn.linear_model", "jinja2"):
        with suppress(ImportError):
            __import__(library)
    os.chdir(sys.argv[1])
    for line in sys.stdin:
        child = os.fork()
        if not child:
            run(json.loads(line), Path(sys.argv[1]).parent / OUTPUT)
        print(child, flush=True)
        sys.stdin.readline()
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
