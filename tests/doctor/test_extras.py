"""Extras out of the metadata of installed packages: real folders of metadata, no list kept by hand."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from audition.doctor import Extra, Library, extras_of

WANTED = """\
Metadata-Version: 2.4
Name: sample-package
Version: 1.0
Provides-Extra: base
Provides-Extra: deep
Provides-Extra: flat
Provides-Extra: old
Provides-Extra: elsewhere
Provides-Extra: all
Provides-Extra: dev
Requires-Dist: sample-always>=1.0
Requires-Dist: sample-elsewhere; sys_platform == "nowhere"
Requires-Dist: sample-one>=2.0; extra == "base"
Requires-Dist: sample-package[base]; extra == "deep"
Requires-Dist: sample-none>=3; extra == "deep"
Requires-Dist: sample-none>=3; extra == "flat"
Requires-Dist: sample-one>=2.0; extra == "flat"
Requires-Dist: sample_One>=9.0; extra == "old"
Requires-Dist: sample-other; (sys_platform == "nowhere") and extra == "elsewhere"
Requires-Dist: sample-package[base,deep]; extra == "all"
"""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Extra]:
    """The extras of a package that is installed with some of what it wants."""
    packages = {"sample_package": WANTED}
    for name, version in (("sample_always", "1.5"), ("sample_one", "2.1rc1")):
        packages[name] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    for name, text in packages.items():
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return {extra.name: extra for extra in extras_of("sample-package")}


def test_each_extra_and_how_far_it_is_installed(found: dict[str, Extra]) -> None:
    assert list(found) == ["", "base", "deep", "flat", "old", "elsewhere"]
    states = {name: extra.state for name, extra in found.items()}
    assert states == {
        "": "installed",
        "base": "installed",
        "deep": "missing",
        "flat": "missing",
        "old": "broken",
        "elsewhere": "installed",
    }


def test_what_an_extra_names_and_what_it_builds_on(found: dict[str, Extra]) -> None:
    assert found[""].own == (Library("sample-always", "1.5", ">=1.0"),)
    one, none = Library("sample-one", "2.1rc1", ">=2.0"), Library("sample-none", None, ">=3")
    assert found["base"].libraries == found["base"].own == (one,)
    assert (found["deep"].libraries, found["deep"].own) == ((one, none), (none,))
    assert (found["flat"].libraries, found["flat"].own) == ((none, one), (none,))
    assert found["elsewhere"].libraries == ()


def test_the_command_that_adds_it(found: dict[str, Extra]) -> None:
    assert found["deep"].command == "pip install 'sample-package[deep]'"
    assert found[""].command == "pip install sample-package"


def test_a_package_that_is_not_installed() -> None:
    with pytest.raises(metadata.PackageNotFoundError):
        extras_of("no-such-package")


def test_audition_itself() -> None:
    extras = {extra.name: extra for extra in extras_of()}
    assert {"onnx", "torch"} <= set(extras) and not {"all", "dev", "test"} & set(extras)
    assert extras[""].state == "installed"
    assert "torch" in {library.name for library in extras["torch"].own}
