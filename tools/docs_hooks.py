"""What mkdocs does to pages before it sets them: notebooks become pages, and files beside docs/ are named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "examples" / "notebooks"
OUTPUT = 'text title="Output"'
LINK = re.compile(r"\[([^\]]*)\]\(((?:\.\./)+[^)#\s]+)(?:#[^)]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Each notebook is a page `notebooks/NAME.md`, with the outputs that are kept in it."""
    from mkdocs.structure.files import File

    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=as_page(path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """A link to a file of the repository that is no page of the site says where the file is."""
    docs = Path(config.docs_dir)
    folder = docs / Path(page.file.src_uri).parent

    def named(link: re.Match[str]) -> str:
        path = (folder / link[2]).resolve()
        outside = path.is_file() and not path.is_relative_to(docs)
        return f"{link[1]}: `{path.relative_to(ROOT)}`" if outside else link[0]

    return LINK.sub(named, markdown)


def as_page(path: Path) -> str:
    """A notebook as Markdown: its texts, its code, and below each code what came out."""
    name = path.relative_to(ROOT).as_posix()
    parts = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        else:
            parts += [fenced("python", cell.source), *map(_shown, cell.outputs)]
    return "\n\n".join([*parts, f"---\n\nThis page is the notebook `{name}`, as it was last run."])


def _shown(output: Any) -> str:
    """An output: a table of HTML as it is, all else as text."""
    if output.output_type == "stream":
        return fenced(OUTPUT, output.text)
    data = output.get("data", {})
    if "text/html" in data:
        return f'<div class="cell-output">\n{data["text/html"]}\n</div>'
    return fenced(OUTPUT, data.get("text/plain", ""))


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"
