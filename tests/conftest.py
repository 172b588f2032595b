"""What every test shares: frameworks that may be missing, the asset folder, steady hypothesis settings."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Set by CI, where all are installed: a test that is skipped there fails, unless its assets are absent, or its GPU.
REQUIRE_FRAMEWORKS = os.environ.get("AUDITION_REQUIRE_FRAMEWORKS") == "1"
FRAMEWORKS = (
    "onnxruntime",
    "onnx",
    "onnxscript",
    "accelerate",
    "PIL",
    "torch",
    "torchvision",
    "soundfile",
    "keras",
    "open_clip",
    "timm",
    "tensorflow",
    "jax",
    "pandas",
    "polars",
    "transformers",
    "sentence_transformers",
    "datasets",
    "pyarrow",
    "playwright",
    "axe_playwright_python",
    "typst",
    "upath",
    "aiohttp",
)
ASSETS_ABSENT = "assets absent"
NO_GPU = "no GPU"

# The same examples in every run, however busy the machine.
settings.register_profile(
    "audition",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("audition")


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Features that the command line keeps go to a folder of this run, not to the user's own."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("AUDITION_CACHE")
    os.environ["AUDITION_CACHE"] = str(folder)
    yield folder
    os.environ.pop("AUDITION_CACHE") if before is None else os.environ.update(AUDITION_CACHE=before)


@pytest.fixture(scope="session")
def framework() -> Callable[[str], ModuleType]:
    """framework("torch") imports it, or skips the test that asks where it is not installed."""

    def load(name: str) -> ModuleType:
        return pytest.importorskip(name, reason=f"{name} is not installed")

    return load


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of images, tables and texts beside the checkout, or at $AUDITION_ASSETS."""
    beside = Path(__file__).parents[2] / "shared" / "assets"
    folder = Path(os.environ.get("AUDITION_ASSETS", beside))
    if not folder.is_dir():
        pytest.skip(f"{ASSETS_ABSENT}: no folder {folder} (AUDITION_ASSETS names another)")
    return folder


def pytest_configure() -> None:
    """Ctrl-C is heard by tests that send it, also where a shell started them in the background and turned it off."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked `gpu` where torch can use none."""
    if item.get_closest_marker("gpu") and not pytest.importorskip("torch").cuda.is_available():
        pytest.skip(f"{NO_GPU} that torch can use")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the bottom which frameworks this run could not test."""
    missing = [name for name in FRAMEWORKS if find_spec(name) is None]
    if missing:
        terminalreporter.write_line(
            f"not installed, so not tested: {', '.join(missing)} (make test EXTRAS=all installs them)"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail a skipped test where every framework is required."""
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a whole module that is skipped while it is collected."""
    return _refuse_skip((yield))


def _refuse_skip(report: Any) -> Any:
    if REQUIRE_FRAMEWORKS and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not reason.startswith((ASSETS_ABSENT, NO_GPU)):
            report.outcome = "failed"
            report.longrepr = f"skipped where AUDITION_REQUIRE_FRAMEWORKS forbids it: {reason}"
    return report


@pytest.fixture(autouse=True)
def no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output is as wide as where nothing says how wide; test processes may have been told."""
    monkeypatch.delenv("COLUMNS", raising=False)
