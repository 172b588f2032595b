"""Whether a wheel and an sdist hold what they should and nothing else, and whether the wheel works where it is alone.

python -m tools.check_wheel              builds both, looks into them, installs the wheel in an environment of
                                         its own and runs `audition demo` there (needs `build` and a registry)
python -m tools.check_wheel WHEEL SDIST  only looks into those two
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "audition"
LARGEST = 8_000_000  # bytes of a wheel: of the 5.5 MB that it has, the built-in networks are 4.4

MUST = (
    "audition/py.typed",
    "audition/zoo/manifest.json",
    "audition/zoo/truth.csv",
    "audition/zoo/layers.csv",
    "audition/recommendation/learned.json",
    "audition/recommendation/aliases.csv",
    "audition/recommendation/pretrained.csv",
    "audition/reporting/page/report.html",
    "audition/shortlisting/timm.csv",
    "audition/truth/tables/supervised_cnn.csv",
    "audition-*.dist-info/licenses/LICENSE",
    "audition-*.dist-info/entry_points.txt",
)
KINDS = (".py", ".csv", ".json", ".onnx", ".html", ".css", ".js", "py.typed")
"""The ends of all files in the package; another is something that was left there."""

MUST_BE_IN_SOURCE = (
    "src/audition/__init__.py",
    "tests/conftest.py",
    "tests/schemas/files/1/ranking.json",
    "tools/setup.sh",
    "benchmarks/__init__.py",
    "conftest.py",
    "LICENSE",
    "pyproject.toml",
)
NEVER = (
    "*__pycache__*",
    "*.pyc",
    "*/.venv/*",
    "*/.git/*",
    "*.part",
    "*/.hypothesis/*",
    "*/build/*",
    "*/.*_cache/*",
)


def problems_of_wheel(names: Iterable[str], package: Path = PACKAGE) -> list[str]:
    """What is wrong with the names in a wheel, a sentence each: absent, left over, or not of the package."""
    held = set(names)
    wanted = {path.relative_to(package.parent).as_posix() for path in package.rglob("*.py")}
    wrong = [f"{name} is not in the wheel." for name in sorted(wanted - held)]
    wrong += [
        f"{name} is not in the wheel." for name in MUST if not any(fnmatchcase(each, name) for each in held)
    ]
    wrong += [f"{name} should not be in the wheel." for name in sorted(held) if not _belongs(name)]
    return wrong


def _belongs(name: str) -> bool:
    head, _, rest = name.partition("/")
    if fnmatchcase(head, "audition-*.dist-info"):
        return rest in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    return head == "audition" and name.endswith(KINDS) and not _left_over(name)


def _left_over(name: str) -> bool:
    return any(fnmatchcase(f"/{name}", pattern) for pattern in NEVER)


def problems_of_source(names: Iterable[str]) -> list[str]:
    """What is wrong with the names in an sdist, without their first folder."""
    held = {name.partition("/")[2] for name in names}
    wrong = [f"{name} is not in the sdist." for name in MUST_BE_IN_SOURCE if name not in held]
    return wrong + [f"{name} should not be in the sdist." for name in sorted(held) if _left_over(name)]


def look_into(wheel: Path, source: Path) -> list[str]:
    """What is wrong with the two files."""
    with zipfile.ZipFile(wheel) as held:
        wrong = problems_of_wheel(name for name in held.namelist() if not name.endswith("/"))
    with tarfile.open(source) as archive:
        wrong += problems_of_source(member.name for member in archive.getmembers() if member.isfile())
    if wheel.stat().st_size > LARGEST:
        wrong.append(f"{wheel.name} has {wheel.stat().st_size:,} bytes, more than {LARGEST:,}.")
    return wrong


def build(folder: Path) -> tuple[Path, Path]:
    """A wheel and an sdist in a folder, the wheel built from the sdist."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def run_alone(wheel: Path, folder: Path) -> None:
    """Installs a wheel with the extra onnx in an environment of its own, and runs the demo far from the checkout."""
    venv.create(folder / "alone", with_pip=True)
    programs = folder / "alone" / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", "-q", f"{wheel}[onnx]"], check=True)
    subprocess.run([programs / "audition", "demo"], check=True, cwd=folder)


def main(given: list[str]) -> int:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        wheel, source = (Path(given[0]), Path(given[1])) if given else build(folder)
        wrong = look_into(wheel, source)
        print(*wrong, sep="\n", file=sys.stderr)
        print(
            f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; {source.name}: {source.stat().st_size / 1e6:.1f} MB"
        )
        if not wrong and not given:
            run_alone(wheel, folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
