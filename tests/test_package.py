"""The shape of the package: its public names, what importing it costs, which room may import which."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import metadata
from pathlib import Path

import pytest

import audition
from audition.errors import MissingExtraError

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "audition"
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "torch", "torchvision", "timm", "transformers", "huggingface_hub", "tensorflow", "jax",
    "pandas", "polars", "sklearn", "PIL", "onnxruntime", "soundfile", "keras", "open_clip",
}  # fmt: skip

# Which rooms each room may import, in the order in which data flows. A room is a module or package right
# under audition/. A new room gets a line here, and its place in docs/architecture.md.
DOOR = {"errors", "files", "arrays", "labels"}
NUMBERS = DOOR | {"spectrum", "statistics", "motion", "sample"}
SOURCES = DOOR | {"data", "models"}
KNOWN = {"truth", "recommendation"}
SCORES = NUMBERS | {"metrics", "scoring"}
RANKS = SCORES | SOURCES | {"spool", "cache", "extraction", "executors", "sources", "uncertainty", "ranking"}
RANKS |= KNOWN | {"heap", "places"}
ALLOWED: dict[str, set[str]] = {
    "version": set(),
    "errors": set(),
    "files": {"errors"},
    "blas": set(),
    "heap": set(),
    "places": set(),
    "spool": {"errors", "arrays"},
    "arrays": {"errors"},
    "labels": {"errors", "arrays"},
    "spectrum": DOOR,
    "statistics": DOOR | {"spectrum", "blas", "heap"},
    "motion": DOOR | {"spectrum", "statistics"},
    "sample": DOOR | {"spectrum", "statistics", "motion"},
    "metrics": NUMBERS,
    "estimator": NUMBERS | {"metrics"},
    "scoring": NUMBERS | {"metrics"},
    "uncertainty": NUMBERS | {"metrics", "scoring", "places"},
    "sources": NUMBERS | {"metrics"},
    "data": DOOR,
    "models": DOOR | {"data"},
    "cache": DOOR | {"statistics"},
    "extraction": SOURCES | {"statistics", "spool", "cache", "heap"},
    "executors": SOURCES | {"extraction", "heap", "spool"},
    # reporting: for Ranking.report alone.
    "ranking": SCORES
    | SOURCES
    | KNOWN
    | {
        "cache",
        "executors",
        "extraction",
        "heap",
        "places",
        "sources",
        "spool",
        "uncertainty",
        "version",
        "reporting",
    },
    "truth": {"errors", "places"},
    "recommendation": DOOR | {"truth", "places"},
    "evaluation": RANKS | {"truth"},
    "listing": RANKS,
    "demo": RANKS | {"evaluation", "truth"},
    "doctor": DOOR | {"cache", "models", "version"},
    "shortlisting": RANKS | {"version"},
    "charts": {"errors", "files"},
    "reporting": RANKS | {"charts", "evaluation", "truth", "version"},
    "tuning": RANKS | {"estimator", "evaluation", "version"},
    "cli": RANKS
    | {
        "evaluation",
        "truth",
        "listing",
        "demo",
        "doctor",
        "tuning",
        "charts",
        "reporting",
        "shortlisting",
        "version",
    },
    "__main__": {"cli"},
    "__init__": RANKS
    | {"evaluation", "truth", "estimator", "tuning", "reporting", "shortlisting", "version"},
}

# The same for the rooms within a room: which of their neighbours, rooms or modules, each may import.
SEAM = {"base", "hub", "memory", "options", "spec", "trust"}
SEAM |= {"pixels", "pooling", "placed", "preprocess", "text_pooling"}
INNER: dict[str, set[str]] = {
    "models.torch": SEAM,
    "models.hf": SEAM | {"torch"},
    "models.keras": SEAM | {"torch"},
    "models.onnx": SEAM | {"torch"},
    "models.timm": SEAM | {"torch"},
    "models.openclip": SEAM | {"torch", "hf"},
    "models.static": SEAM | {"torch", "hf"},
    "tuning.rows": set(),
    "tuning.networks": set(),
    "tuning.teachers": {"rows", "networks"},
    "tuning.runs": {"rows", "teachers"},
    "tuning.results": {"rows", "networks", "runs"},
    "tuning.search": {"rows", "teachers", "runs", "results", "job", "tune"},
}


def test_all_is_sorted_and_is_what_is_visible() -> None:
    """`__all__` is the public face: every name in it exists, and no other is seen."""
    visible = {name for name in dir(audition) if not name.startswith("_") and not is_module(name)}
    assert audition.__all__ == sorted(audition.__all__)
    assert set(audition.__all__) - {"__version__"} == visible


def is_module(name: str) -> bool:
    """Of a public name; one whose framework is not installed is none."""
    try:
        return inspect.ismodule(getattr(audition, name))
    except MissingExtraError:
        return False


def test_import_is_fast_and_brings_no_framework() -> None:
    """A command line that answers `--help` at once: nothing heavy until it is used."""
    code = (
        "import sys, time; start = time.process_time(); import audition; "
        "print(time.process_time() - start, *{name.partition('.')[0] for name in sys.modules})"
    )
    seconds = []  # of the process, not of the clock: the other tests run beside it
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        taken, *modules = done.stdout.split()
        assert not HEAVY & set(modules)
        seconds.append(float(taken))
    assert min(seconds) < 0.5


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_parses_as_the_oldest_python(path: Path) -> None:
    """Syntax that only a newer Python knows would not even import on 3.11."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 11))


def test_rooms_import_only_upstream() -> None:
    """Each arrow of the flow of data points one way, imports inside functions included."""
    wrong = []
    for path in FILES:
        room = room_of(module_of(path))
        assert room in ALLOWED, f"the room {room!r} has no line in ALLOWED"
        for target in imports(path, ast.walk(parsed(path))):
            if room_of(target) not in ALLOWED[room] | {room}:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {target}")
    assert not wrong


@pytest.mark.parametrize("outer", ["models", "tuning"])
def test_rooms_within_a_room_import_only_upstream(outer: str) -> None:
    wrong = []
    for path in sorted((PACKAGE / outer).glob("*/*.py")):
        room = path.parent.name
        assert f"{outer}.{room}" in INNER, f"the room '{outer}.{room}' has no line in INNER"
        for target in imports(path, ast.walk(parsed(path))):
            if room_of(target) == outer and inner_of(target) not in INNER[f"{outer}.{room}"] | {room}:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {target}")
    assert not wrong


def test_no_module_imports_itself_in_a_circle() -> None:
    """Imports at the top of modules can be put in an order; prepare() raises where they cannot."""
    graph = {module_of(path): set(imports(path, parsed(path).body)) for path in FILES}
    TopologicalSorter(graph).prepare()


def test_version_is_the_same_everywhere() -> None:
    """The package as installed, its own file, the citation and the change log name one version."""
    version = audition.__version__
    assert metadata.version("audition") == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    _, _, inner = module.partition(".")
    return inner.partition(".")[0] or "__init__"


def inner_of(module: str) -> str:
    return room_of(module.partition(".")[2])


def imports(path: Path, nodes: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[str]:
    """The modules of audition that the import statements among `nodes` name."""
    here = module_of(path).split(".")
    package = here if path.name == "__init__.py" else here[:-1]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names = [alias.name for alias in node.names if alias.name != "__version__"]
            if is_ours(source):
                yield from {submodule_or(source, name) for name in names}


def is_ours(module: str) -> bool:
    return module.partition(".")[0] == "audition"


def submodule_or(source: str, name: str) -> str:
    """`from source import name` means the submodule where there is one, else something in `source`."""
    inside = PACKAGE.parent.joinpath(*source.split("."), name)
    is_module = inside.with_suffix(".py").exists() or (inside / "__init__.py").exists()
    return f"{source}.{name}" if is_module else source
