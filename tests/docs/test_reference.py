"""The reference holds every public name once, and what it shows of docstrings is Markdown."""

from __future__ import annotations

import re

import pytest

import audition
from tools.docs_examples import DOCS

REFERENCE = DOCS / "reference"


def test_every_public_name_is_in_the_reference_once() -> None:
    """A new name gets a line `::: audition.NAME` on a page of docs/reference, and a link on its first page."""
    pages = [path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")]
    named = re.findall(r"^::: audition[\w.]*\.(\w+)$", "\n".join(pages), re.MULTILINE)
    assert sorted(named) == sorted(audition.__all__)


def test_the_first_page_links_every_name() -> None:
    index = (REFERENCE / "index.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"md#audition[\w.]*\.(\w+)\)", index)) == sorted(audition.__all__)


def test_docstrings_become_markdown() -> None:
    """Only parameters begin an item: a word with a colon that is none of them is text."""
    pytest.importorskip("griffe", reason="griffe is not installed")
    from tools.docs_docstrings import as_markdown

    text = as_markdown(
        "Adds.\n\nfirst, second: what to\n    add: numbers. digits: of the sum.\nIf x < y `a * b`.\n\n>>> 1 * 1\n1",
        ["first", "second", "digits"],
    )
    assert text == (
        "Adds.\n\n- `first`, `second`: what to\nadd: numbers.\n- `digits`: of the sum.\n"
        "If x &lt; y `a * b`.\n\n```pycon\n>>> 1 * 1\n1\n```"
    )
