"""The site builds without a warning, its links lead somewhere, and it asks nothing of the network."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]

if find_spec("mkdocs") is None:
    pytest.skip("mkdocs is not installed", allow_module_level=True)


class Page(HTMLParser):
    """What a page links, what it loads, and the places in it that can be linked."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        loaded = "href" if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload") else "src"
        if loaded in found:
            self.loads.append(found[loaded])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    """The pages of the built site; mkdocs.yml makes every warning an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=quiet, check=False)
    assert not done.returncode, done.stderr or done.stdout
    return {path: Page(path) for path in folder.rglob("*.html") if path.name != "404.html"}


def test_every_link_leads_somewhere(site: dict[Path, Page]) -> None:
    """Files and places in them; mkdocs checks Markdown, and this what came of it."""
    broken = [
        f"{path.name}: {link}"
        for path, page in site.items()
        for link in page.links
        if not leads(path, link, site)
    ]
    assert not broken


def test_nothing_is_loaded_from_elsewhere(site: dict[Path, Page]) -> None:
    for path, load in ((path, load) for path, page in site.items() for load in page.loads):
        assert not urlsplit(load).scheme or load.startswith("data:"), f"{path.name} loads {load}"
        assert (path.parent / unquote(urlsplit(load).path)).is_file(), f"{path.name} loads {load}"


def test_tables_and_lists_are_set(site: dict[Path, Page]) -> None:
    """A list or a table that Markdown did not see stands in a paragraph as it was written."""
    lines = [(path, line) for path in site for line in prose(path)]
    assert not [f"{path.name}: {line}" for path, line in lines if line.startswith(("| ", "- ", "```"))]


def leads(path: Path, link: str, site: dict[Path, Page]) -> bool:
    """Whether a link is to another site, or to a file of this one and a place that is in it."""
    address = urlsplit(link)
    if address.scheme or address.netloc:
        return True
    target = (path.parent / unquote(address.path)).resolve() if address.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return False
    return not address.fragment or target not in site or unquote(address.fragment) in site[target].ids


def prose(path: Path) -> Iterator[str]:
    """The lines of a page's paragraphs, without code."""
    reader = Prose()
    reader.feed(path.read_text(encoding="utf-8"))
    return (line.strip() for line in "".join(reader.text).splitlines())


class Prose(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.inside = {"p": 0, "code": 0}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.inside:
            self.inside[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            self.inside[tag] -= 1

    def handle_data(self, data: str) -> None:
        if self.inside["p"] and not self.inside["code"]:
            self.text.append(data)
