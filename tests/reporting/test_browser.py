"""The page of a report in a real browser."""

import numpy as np
import pytest
from reporting.made import EVIL, ranking

from audition.data.features import Features
from audition.reporting import report

RNG = np.random.default_rng(0)
LABELS = tuple("abc"[i % 3] for i in range(60))
CENTRES = {"a": [0, 0, 0, 0], "b": [1, 0, 0, 0], "c": [0, 1, 0, 0]}
FEATURES = Features(
    "zoo:net-0", "made", "classification", LABELS,
    {"last": np.array([CENTRES[label] for label in LABELS], np.float32) + RNG.normal(size=(60, 4)).astype(np.float32)},
)  # fmt: skip
TRUTH = {f"zoo:net-{i}": 0.9 - i / 20 for i in range(4)}
IMAGES = (RNG.integers(0, 255, (60, 8, 8), dtype=np.uint8), list(LABELS))


@pytest.fixture(scope="module")
def whole():
    """A report with every part."""
    return report(
        ranking(layers=2),
        data=IMAGES,
        features=FEATURES,
        truth=TRUTH,
        tsne=False,
        command="audition rank -m 'zoo:*'",
    )


def names(page):
    return page.locator("#candidates tbody tr:visible th").all_text_contents()


def test_every_part_is_there(shown, whole):
    with shown(whole) as page:
        heads = page.locator("h2").all_text_contents()
        figures = page.locator("svg[role=img]:visible").count()
        words = page.locator("main").inner_text()
    assert heads == [
        "The ranking", "Quality against cost", "Do the measures agree?", "What PED changes", "Layers",
        "The motion of PED", "The data", "Beside the truth", "What ran",
    ]  # fmt: skip
    assert figures >= 14
    assert "Take zoo:net-0" in words and "audition rank -m 'zoo:*'" in words


def test_a_click_on_a_head_sorts(shown, whole):
    with shown(whole) as page:
        before = names(page)
        page.get_by_role("button", name="transrate").click()
        cells = page.locator("#candidates tbody tr:not(:has(.failed))").all()
        column = page.locator("#candidates thead th").all_text_contents().index("transrate")
        scores = [
            float(row.locator("> *").nth(column).inner_text().split("\n")[0].replace("−", "-"))
            for row in cells
        ]
        assert scores == sorted(scores, reverse=True)
        assert names(page)[-1] == "zoo:broken"
        assert page.locator("th[aria-sort]").inner_text() == "transrate"
        page.get_by_role("button", name="place", exact=True).click()
        assert names(page) == before


def test_sorting_knows_units(shown, whole):
    with shown(whole) as page:
        page.get_by_role("button", name="parameters").click()
        rows = page.locator("#candidates tbody tr:not(:has(.failed)) th").all_text_contents()
    sizes = {whole.ranking.called(row): row.parameters for row in whole.ranking.placed}
    assert [sizes[name] for name in rows] == sorted(sizes.values())


def test_filtering_by_part_of_a_name(shown, whole):
    with shown(whole) as page:
        page.get_by_label("Filter").fill("NET-2")
        assert set(names(page)) == {"zoo:net-2 (layer block0)", "zoo:net-2 (layer block1)"}
        assert page.locator("#count").inner_text() == "2 of 9"
        page.get_by_label("Filter").fill("")
        assert len(names(page)) == 9


def test_any_two_measures_can_be_chosen(shown, whole):
    with shown(whole) as page:
        said = page.locator("#agree").inner_text()
        first = page.locator("svg.bump.wide g path").evaluate_all(
            "paths => paths.map(path => path.getAttribute('d'))"
        )
        page.get_by_label("to", exact=True).select_option("transrate")
        second = page.locator("svg.bump.wide g path").evaluate_all(
            "paths => paths.map(path => path.getAttribute('d'))"
        )
        heads = page.locator("svg.bump.wide > text").all_text_contents()
        assert page.locator("#agree").inner_text() != said
    assert heads == ["logme", "transrate"]
    assert first != second


def test_the_slider_moves_rows_and_says_the_energy(shown, whole):
    with shown(whole) as page:
        slider, dot = page.get_by_role("slider"), page.locator(".cloud circle").first
        before = dot.bounding_box()
        slider.press("End")
        page.wait_for_timeout(600)
        assert dot.bounding_box() != before
        last = len(whole.motion.energy) - 1
        assert page.locator("#where").inner_text().startswith(f"after step {last}, energy")
        slider.press("Home")
        assert page.locator("#where").inner_text().startswith("before the first step")


def test_dark_where_the_system_is_and_where_the_reader_wants_it(shown, whole):
    colour = "getComputedStyle(document.body).backgroundColor"
    with shown(whole) as page:
        light = page.evaluate(colour)
        page.get_by_role("button", name="Dark").press("Enter")
        dark = page.evaluate(colour)
        assert page.locator("#theme").inner_text() == "Light"
    with shown(whole, dark=True) as page:
        assert page.evaluate(colour) == dark != light


@pytest.mark.parametrize("width", [375, 768])
def test_no_scrolling_sideways(shown, whole, width):
    with shown(whole, width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_is_white_and_unfolded(shown, whole):
    with shown(whole, dark=True) as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.locator("details:not([open])").count() == 0
        assert not page.locator("nav").is_visible()
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_keyboard_reaches_what_can_be_used(shown, whole):
    with shown(whole) as page:
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
            )
    assert {"theme", "Ranking", "filter", "transrate", "before", "after", "play", "step"} <= set(reached)


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_serious(shown, whole, framework, dark):
    axe = framework("axe_playwright_python.sync_playwright").Axe()
    with shown(whole, dark=dark) as page:
        found = axe.run(page).response
    assert len(found["passes"]) > 20
    violations = found["violations"]
    assert [
        (each["id"], each["nodes"][0]["html"])
        for each in violations
        if each["impact"] in ("serious", "critical")
    ] == []


def test_names_are_only_text(shown):
    with shown(report(ranking(evil=True, layers=2), command=EVIL)) as page:
        assert EVIL in page.locator("#answer").inner_text()
        assert page.locator("script:not([id])").count() == 1
        assert EVIL in page.locator("#candidates .failed").inner_text()


def test_long_rankings_unpack(shown):
    with shown(report(ranking(150, ("logme",), sure=False))) as page:
        assert len(names(page)) == 151
        page.get_by_label("Filter").fill("net-149")
        assert names(page) == ["zoo:net-149"]
    with shown(report(ranking(12, ("logme",), layers=3))) as page:
        assert page.locator("#networks figure").count() == 12


def test_where_nothing_could_be_ranked(shown):
    with shown(report(ranking(0))) as page:
        assert (
            "None of the candidates could be ranked: it has no head." in page.locator("#answer").inner_text()
        )
        assert names(page) == ["zoo:broken"]
