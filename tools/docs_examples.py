"""Runs the examples of a page as its reader would, and compares what it shows with what comes out.

    python -m tools.docs_examples                           # writes what comes out into every page
    python -m tools.docs_examples docs/tutorials/layer.md   # into one

On a page, ```sh and ```python are run in order in one empty folder, and names of Python last over the page; a
block with title="FILE" is that file; ```text title="Output" is what the block before it printed. A block right
below a comment <!-- not run: why --> is left alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from markdown_it import MarkdownIt

DOCS = Path(__file__).parents[1] / "docs"
OUTPUT = "Output"
WIDTH = 90  # of the terminal that the shell blocks see: what fits on a page of the site

# A time is another in each run, and so is the star of the fastest.
TIME = re.compile(r"(?:< )?\d+(?:\.\d+)? (?:s|ms|µs|min)(?![\w²])\*?")
STAR = re.compile(r"(?<=\w)\*(?=\s|$)")
NUMBER = re.compile(r"(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, title and text, its first line and the lines of its text [start, stop)."""

    language: str
    title: str
    text: str
    start: int
    stop: int


def pages() -> list[Path]:
    """Every page whose examples are run: those with a block that shows an output, or writes a file."""
    return [path for path in sorted(DOCS.rglob("*.md")) if f'title="{OUTPUT}"' in path.read_text("utf-8")]


def blocks_of(page: str) -> Iterator[Block]:
    """The fenced blocks of a page in order, without those that are not to be run."""
    before = ""
    for token in MarkdownIt().parse(page):
        if token.type == "fence" and token.map and not before.startswith("<!-- not run"):
            title = re.search(r'title="([^"]*)"', token.info)
            language = token.info.partition(" ")[0]
            yield Block(
                language, title[1] if title else "", token.content, token.map[0] + 1, token.map[1] - 1
            )
        before = token.content


def printed(page: Path) -> Iterator[tuple[Block, str]]:
    """Runs a page in a new folder: each block that shows an output, with what really came out."""
    names: dict[str, object] = {"__name__": "__main__"}
    out = ""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for block in blocks_of(page.read_text(encoding="utf-8")):
            if block.title == OUTPUT:
                yield block, out
            elif block.title:
                _write(block)
            elif block.language == "sh":
                out = _shell(block, page)
            elif block.language == "python":
                out = _python(block, page, names)


def _write(block: Block) -> None:
    path = Path(block.title)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, encoding="utf-8")


def _shell(block: Block, page: Path) -> str:
    here = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": str(WIDTH),
        "AUDITION_CACHE": str(Path("cache").absolute()),
        "HF_HUB_OFFLINE": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    command = ["bash", "-e", "-c", block.text]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, **here}, check=False
    )
    if done.returncode:
        raise AssertionError(
            f"{page.name}:{block.start}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def _python(block: Block, page: Path, names: dict[str, object]) -> str:
    out = StringIO()
    lines = "\n" * block.start + block.text  # so that a traceback names the page's own line
    sys.path.insert(0, os.getcwd())
    try:
        with redirect_stdout(out):
            exec(compile(lines, page, "exec"), names)
    finally:
        sys.path.remove(os.getcwd())
    return out.getvalue()


def same(shown: str, out: str) -> bool:
    """Whether two outputs say the same: times and the width of columns aside, numbers to one in the last digit."""
    (words, numbers), (other_words, other_numbers) = _parts(shown), _parts(out)
    return words == other_words and all(map(_near, numbers, other_numbers))


def _parts(text: str) -> tuple[list[str], list[str]]:
    parts = NUMBER.split(" ".join(STAR.sub("", TIME.sub("TIME", text)).split()))
    return parts[::2], parts[1::2]


def _near(one: str, other: str) -> bool:
    digits = len(one.partition(".")[2])
    return len(other.partition(".")[2]) == digits and abs(float(one) - float(other)) < 1.5 * 10**-digits


def renewed(page: Path) -> str:
    """The text of a page with what really comes out in its outputs; an output that says the same is kept."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for block, out in reversed(list(printed(page))):
        if not same(block.text, out):
            lines[block.start : block.stop] = [line.rstrip() for line in out.rstrip().splitlines()]
    return "\n".join(lines) + "\n"


def main(names: list[str]) -> None:
    for page in [Path(name).absolute() for name in names] or pages():
        text = renewed(page)
        changed = text != page.read_text(encoding="utf-8")
        page.write_text(text, encoding="utf-8")
        print(f"{page.relative_to(DOCS)}: {'renewed' if changed else 'as it was'}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
