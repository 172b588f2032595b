"""docs/report.png, the report that the README shows: `python -m tools.report_screenshot`.

Ranks the built-in networks on scikit-learn's digits, with what fine-tuning them gave beside, and has Chromium draw the
top of the page. Needs playwright and a Chromium (`apt-get install chromium`).
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import audition
from audition.reporting import report
from audition.truth.zoo import recorded_truth

ROOT = Path(__file__).parents[1]
SIZE = {"width": 1080, "height": 1180}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMMAND = "audition rank -m 'zoo:*' -d sklearn:digits --metrics logme,logme+ped,regularized_h_score,transrate"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        write_report(page)
        take(page, ROOT / "docs" / "report.png")


def write_report(page: Path) -> None:
    """The report of one ranking, with every part."""
    with tempfile.TemporaryDirectory() as cache:
        metrics = COMMAND.rpartition(" ")[2]
        ranking = audition.rank("zoo:*", "sklearn:digits", metrics=metrics, cache=cache)
        truth = {name: tuned.accuracy for name, tuned in recorded_truth("digits").items()}
        found = report(ranking, data="sklearn:digits", cache=cache, truth=truth, command=COMMAND)
    found.save(page)


def take(page: Path, picture: Path) -> None:
    """A picture of the top of a page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        tab = browser.new_page(viewport=SIZE)
        tab.goto(page.as_uri())
        tab.wait_for_selector("#theme:not([hidden])")
        tab.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    main()
