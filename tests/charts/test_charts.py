"""Figures from plain numbers."""

import math
import xml.etree.ElementTree as ElementTree

import pytest

from audition.charts import (
    Change,
    Cloud,
    Line,
    Panel,
    Point,
    bars,
    bump,
    cloud,
    dots,
    heat,
    lines,
    save,
    scatter,
)
from audition.charts.scale import Scale, scale
from audition.charts.scatter import Axis
from audition.charts.svg import el, fitted, length
from audition.charts.theme import DARK, LIGHT
from audition.errors import InputError

SPACE = "{http://www.w3.org/2000/svg}"
EVIL = "<i>&\"'"


def read(drawing):
    """The elements of the file of a figure, which must be whole XML."""
    return ElementTree.fromstring(drawing.standalone())


def texts(drawing):
    return [each.text for each in read(drawing).iter(f"{SPACE}text")]


def test_elements_escape_what_is_no_element():
    assert el("text", EVIL, el("b"), x=1.0, y=None, class_="t") == (
        '<text x="1" class="t">&lt;i&gt;&amp;&#34;&#39;<b/></text>'
    )


def test_scales_and_their_ticks():
    assert Scale(0, 10, 0, 100)(5) == 50 and Scale(1, 100, 0, 100, True)(10) == 50
    assert Scale(0, 10, 0, 100)(math.inf) == 100
    assert scale([0, 10], 0, 1).ticks() == [0, 5, 10]
    assert scale([1, 1e6], 0, 1, log=True).ticks() == [10.0**i for i in range(7)]
    for same in ([3.0], [0.0, 0.0], [None, math.nan], []):
        found = scale(same, 0, 100)
        assert found.high > found.low and 0 <= found((found.low + found.high) / 2) <= 100


def test_dots_stand_where_their_numbers_are():
    panel = Panel("logme", [1.0, 2.0, None], [(0.5, 1.5), None, None])
    drawn = dots(["a", "b", EVIL], [panel], on=[True, False, False], title="dots")
    circles = list(read(drawn).iter(f"{SPACE}circle"))
    assert [each.get("class") for each in circles] == ["dot on", "dot"]
    assert float(circles[0].get("cx")) < float(circles[1].get("cx"))
    assert EVIL in texts(drawn) and "–" in texts(drawn)
    down = dots(["a", "b"], [Panel("place", [1, 2], [None, None], down=True)], on=[True, False], title="dots")
    first, second = (float(each.get("cx")) for each in read(down).iter(f"{SPACE}circle"))
    assert first > second


def test_names_in_a_scatter_cover_no_point_and_no_other_name():
    points = [Point(f"name-{i}", i % 4, i // 4, True) for i in range(12)]
    drawn = scatter(points, Axis("x"), Axis("y"), title="points")
    named = [each for each in read(drawn).iter(f"{SPACE}text") if each.get("class") == "name"]
    shift = {"start": 0, "middle": -0.5, "end": -1}
    boxes = []
    for each in named:
        left = float(each.get("x")) + shift[each.get("text-anchor")] * length(each.text)
        boxes.append((left, float(each.get("y")), left + length(each.text)))
    assert len(boxes) >= 8
    for i, (left, y, right) in enumerate(boxes):
        assert all(y != other[1] or right <= other[0] or other[2] <= left for other in boxes[:i])


def test_the_front_goes_level_until_the_next_is_paid_for():
    points = [Point("a", 1, 1, True), Point("b", 2, 3, True), Point("c", 2, 2)]
    drawn = scatter(points, Axis("x"), Axis("y"), title="front", front=True)
    (front,) = [each.get("d") for each in read(drawn).iter(f"{SPACE}path") if each.get("class") == "front"]
    assert front.startswith("M") and front.count("H") == front.count("V") == 1


def test_agreement_is_a_staircase():
    drawn = heat(["a", "b", "c"], [[1, 0.5, -0.2], [0.5, 1, None], [-0.2, None, 1]], title="heat")
    cells = [each for each in read(drawn).iter(f"{SPACE}rect") if each.get("class") in ("plus", "minus")]
    assert [each.get("class") for each in cells] == ["plus", "minus", "plus"]
    assert texts(drawn)[:2] == ["a", ".50"] and "−.20" in texts(drawn) and "–" in texts(drawn)


def test_a_bump_rises_falls_or_stays():
    drawn = bump("x", "y", [Change("a", 1, 2), Change("b", 2, 1), Change("c", 3, 3)], title="bump")
    ways = {
        each.get("data-i"): each.find(f"{SPACE}path").get("class") for each in read(drawn).iter(f"{SPACE}g")
    }
    assert ways == {"0": "way down", "1": "way up", "2": "way"}


def test_lines_mark_the_best_of_each():
    drawn = lines(["l1", "l2", "l3"], [Line("logme", [1, 3, 2], [(0, 2), (2, 4), None])], title="lines")
    (dot,) = read(drawn).iter(f"{SPACE}circle")
    across = [4 + i * (343 - 64) / 2 for i in range(3)]
    assert float(dot.get("cx")) == pytest.approx(across[1], abs=0.1)
    assert "3" in texts(drawn) and {"l1", "l3"} <= set(texts(drawn))
    assert "–" in texts(lines(["a", "b"], [Line("none", [None, None])], title="nothing"))


def test_bars_are_as_long_as_their_numbers():
    drawn = bars(["a", "b"], [10, 2], title="bars", few=5)
    long, short = [each for each in read(drawn).iter(f"{SPACE}rect") if each.get("class") in ("bar", "few")]
    assert float(long.get("width")) == pytest.approx(5 * float(short.get("width")), rel=0.01)
    assert (long.get("class"), short.get("class")) == ("bar", "few")


def test_a_cloud_names_its_classes():
    one = Cloud("PCA", [(0, 0), (1, 1)], [0, 1], [(0.1, 0.1), (0.9, 0.9)])
    drawn = cloud([one, one], ["cat", EVIL], title="clouds")
    assert texts(drawn) == ["PCA", "cat", EVIL] * 2
    low, high = [float(each.get("cy")) for each in read(drawn).iter(f"{SPACE}circle")][:2]
    assert low > high  # up is up


def test_names_are_cut_in_their_middle_and_whole_on_hover():
    long = "timm:mobilenetv2_100.a_very_long_name_in1k"
    short = fitted(long, 100)
    assert length(short) <= 100 and short.startswith("timm") and short.endswith("k") and "…" in short
    drawn = bars([long], [1], title="bars")
    assert any(each.text == long for each in read(drawn).iter(f"{SPACE}title"))


@pytest.mark.parametrize("suffix, begins", [(".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_files(tmp_path, framework, suffix, begins):
    if suffix != ".svg":
        framework("typst")
    path = tmp_path / f"figure{suffix}"
    drawn = bars([EVIL, "b"], [1, 2], title="bars")
    save(drawn, path)
    assert path.read_bytes().startswith(begins)
    with pytest.raises(InputError, match="exists already"):
        save(drawn, path)
    with pytest.raises(InputError, match=r"written as \.svg, \.png, \.pdf"):
        save(drawn, tmp_path / "figure.jpg")


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_colours_can_be_read(colours):
    """WCAG: 4.5 for text, 3 for what is drawn."""
    for name in ("ink", "soft", "accent", "warm", *(f"k{i}" for i in range(8))):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for name in ("dim", "plus", "minus"):
        assert contrast(colours[name], colours["paper"]) >= 3, name


def contrast(one, other):
    def bright(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((bright(one), bright(other)))
    return (high + 0.05) / (low + 0.05)
