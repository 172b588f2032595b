"""What is released: a wheel built here holds the package and no more, and the check finds what is wrong."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.check_wheel import MUST_BE_IN_SOURCE, PACKAGE, look_into, problems_of_source, problems_of_wheel

ROOT = Path(__file__).parents[2]
BUILD = "from hatchling import build; print(build.build_wheel({0!r}), build.build_sdist({0!r}))"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel and an sdist of this checkout, made by the build backend without the network."""
    if find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed")
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(str(folder))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wheel, source = done.stdout.split()
    return folder / wheel, folder / source


def test_wheel_and_sdist_hold_what_they_should(built: tuple[Path, Path]) -> None:
    assert look_into(*built) == []


def test_the_wheel_is_of_any_system_and_typed(built: tuple[Path, Path]) -> None:
    assert built[0].name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(built[0]) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        metadata = wheel.read(name).decode()
    assert "Requires-Python: >=3.11" in metadata and "License-Expression: Apache-2.0" in metadata


def names() -> list[str]:
    """Those of a wheel with nothing wrong."""
    inside = [path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.rglob("*") if path.is_file()]
    about = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    return [name for name in inside if "__pycache__" not in name] + [
        f"audition-1.dist-info/{name}" for name in about
    ]


def test_nothing_is_wrong_with_the_checkout() -> None:
    assert problems_of_wheel(names()) == []


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_package.py",
        "benchmarks/__init__.py",
        "audition/__pycache__/errors.cpython-311.pyc",
        "audition/notes.md",
        "audition/tuning/weights.pth",
        "audition-1.dist-info/licenses/OTHER",
    ],
)
def test_what_should_not_be_there(name: str) -> None:
    assert problems_of_wheel([*names(), name]) == [f"{name} should not be in the wheel."]


@pytest.mark.parametrize(
    "name", ["audition/py.typed", "audition/errors.py", "audition/recommendation/learned.json"]
)
def test_what_is_absent(name: str) -> None:
    assert problems_of_wheel([each for each in names() if each != name]) == [f"{name} is not in the wheel."]


def test_an_sdist() -> None:
    whole = [f"audition-1/{name}" for name in MUST_BE_IN_SOURCE]
    assert problems_of_source(whole) == []
    assert problems_of_source(whole[1:]) == ["src/audition/__init__.py is not in the sdist."]
    assert problems_of_source([*whole, "audition-1/src/__pycache__/a.pyc"]) == [
        "src/__pycache__/a.pyc should not be in the sdist."
    ]


def test_every_dependency_has_a_lowest_version() -> None:
    """What was never tried with an older one must say from which on it works."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    needs = [Requirement(text) for text in asked]
    assert [str(need) for need in needs if need.name != "audition" and ">=" not in str(need.specifier)] == []
