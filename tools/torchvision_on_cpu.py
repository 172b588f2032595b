"""Lets torchvision from the package index be imported beside a CPU build of torch; for development and CI only.

That torchvision was built for CUDA, so its library of operators does not load, and its import fails on
`operator torchvision::nms does not exist`. Networks and transforms need none of these operators: once the two
that the import asks for are declared, all else works. Nobody who installs audition gets this file; what they
should do about such a pair is in the message of audition.models.torch.module.

    python tools/torchvision_on_cpu.py      puts it into this interpreter's environment, where each start runs it
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
OPERATORS = ("nms", "qnms")
kept = []  # a torch.library.Library takes its declarations back when it is collected


class Finder:
    """Declares the operators when torchvision is about to be executed, not when it is merely looked for."""

    def find_spec(self, name, path=None, target=None) -> ModuleSpec | None:  # type: ignore[no-untyped-def]
        if name != "torchvision":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        from pathlib import Path

        execute = spec.loader.exec_module

        def declare_then_execute(module):  # type: ignore[no-untyped-def]
            declare(Path(str(spec.origin)).parent)
            execute(module)

        spec.loader.exec_module = declare_then_execute  # type: ignore[method-assign]
        return spec


def declare(torchvision: Path) -> None:
    """Declares the operators where torch is a CPU build and torchvision's own do not load."""
    import torch

    if torch.version.cuda is not None:
        return
    try:
        for library in torchvision.glob("_C*"):
            torch.ops.load_library(library)
    except (ImportError, OSError):
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in OPERATORS:
            library.define(operator + SCHEMA)
        kept.append(library)


def install() -> None:
    """A copy of this file in site-packages, and a line there that imports it when Python starts."""
    import sysconfig
    from pathlib import Path

    packages = Path(sysconfig.get_path("purelib"))
    name = Path(__file__).stem
    (packages / f"{name}.py").write_bytes(Path(__file__).read_bytes())
    (packages / f"{name}.pth").write_text(f"import {name}\n")


if __name__ == "__main__":
    install()
else:
    sys.meta_path.insert(0, Finder())
