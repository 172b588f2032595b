"""The example notebooks run from top to bottom, and hold what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

from tools.docs_examples import same  # noqa: E402
from tools.docs_notebooks import FOLDER, notebooks, run, texts  # noqa: E402

NEEDS = {"text": "tokenizers", "image_folder": "pandas"}


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_runs_and_holds_what_comes_out(path: Path) -> None:
    for module in ["onnxruntime", "PIL", NEEDS.get(path.stem, "PIL")]:
        pytest.importorskip(module, reason=f"{module} is not installed")
    kept, now = texts(nbformat.read(path, as_version=4)), texts(run(path))
    wrong = [f"kept\n{old}\nnow\n{new}" for old, new in zip(kept, now, strict=True) if not same(old, new)]
    assert not wrong, "\n".join([*wrong, "python -m tools.docs_notebooks runs them again"])


def test_there_are_three() -> None:
    assert {path.stem for path in notebooks()} == {"image_folder", "text", "layer_selection"}
    assert not list(FOLDER.glob("*.py"))
