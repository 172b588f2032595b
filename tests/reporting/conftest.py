"""A real browser without a window, in which nothing may go wrong unseen."""

import shutil
from contextlib import contextmanager

import pytest

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser(framework):
    """Headless Chromium, as the system has it."""
    sync_api = framework("playwright.sync_api")
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def shown(browser, tmp_path):
    """with shown(report, width=375) as page: the page of a report; fails where it asks the network or complains."""

    @contextmanager
    def show(report, *, width=1100, dark=False):
        path = tmp_path / "report.html"
        path.unlink(missing_ok=True)
        report.save(path)
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page, wrong = context.new_page(), []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda asked: asked.url.startswith(("file:", "data:", "blob:")) or wrong.append(asked.url),
        )
        page.goto(path.as_uri())
        page.wait_for_selector("#theme:not([hidden])")
        yield page
        context.close()
        assert wrong == []

    return show
