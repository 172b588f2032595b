"""Runs the example notebooks from top to bottom.

python -m tools.docs_notebooks      # and keeps what comes out in them
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "examples" / "notebooks"
QUIET = {"HF_HUB_OFFLINE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def notebooks() -> list[Path]:
    return sorted(FOLDER.glob("*.ipynb"))


def run(path: Path) -> Any:
    """The notebook with what comes out now, run in an empty folder; raises CellExecutionError where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own libraries
        client = NotebookClient(
            notebook,
            timeout=120,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": folder}},
        )
        client.execute(env={**os.environ, **QUIET})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day
    return notebook


def texts(notebook: Any) -> list[str]:
    """What each cell of code shows, as plain text."""
    return ["".join(map(_text, cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"]


def _text(output: Any) -> str:
    return str(
        output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
    )


def main() -> None:
    for path in notebooks():
        nbformat.write(run(path), path)
        print(path.name, flush=True)


if __name__ == "__main__":
    main()
