"""Two rankings side by side."""

import json
import math
from dataclasses import replace

import pytest
from reporting.made import ranking

from audition.errors import InputError
from audition.ranking.order import in_order
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.reporting import compare


def made(items=100, spans=True, **scores):
    rows = [
        Row(
            f"m:{name}", "last", scores={"logme": s}, intervals={"logme": (s - 0.3, s + 0.3)} if spans else {}
        )
        for name, s in scores.items()
    ]
    return Ranking(in_order(rows, ("logme",), "logme"), ("logme",), "logme", "data", "classification", items)


ONE, TWO = made(a=3, b=2, c=1, d=0), made(a=2.5, c=2.4, b=1, e=9)


def test_places_are_among_the_candidates_of_both():
    found = compare(ONE, TWO)
    assert [(pair.name, pair.before, pair.after) for pair in found.pairs] == [
        ("m:a", 1, 1),
        ("m:c", 3, 2),
        ("m:b", 2, 3),
    ]
    assert found.joined == ("m:e",) and found.left == ("m:d",)
    assert found.firsts == ("m:a", "m:e")


def test_scores_change_with_an_interval():
    change = compare(ONE, TWO).pairs[0].scores["logme"]
    assert (change.before, change.after, change.difference) == (3, 2.5, -0.5)
    half = math.hypot(0.3, 0.3)
    assert change.span == pytest.approx((-0.5 - half, -0.5 + half))
    assert change.decided
    assert not compare(ONE, made(a=2.9, b=2, c=1)).pairs[0].scores["logme"].decided


def test_the_mean_change_is_paired_over_candidates():
    found = compare(made(a=1, b=2, c=3), made(a=2, b=3.1, c=3.9)).means["logme"]
    assert found.difference == pytest.approx(1.0)
    half = 2.919986 * 0.1 / math.sqrt(3)  # Student's t with two degrees of freedom
    assert found.span == pytest.approx((1 - half, 1 + half), rel=1e-5)
    assert found.decided
    assert compare(made(a=1, b=2), made(a=2, b=2)).means["logme"].span is None


def test_a_score_without_an_interval():
    assert compare(made(spans=False, a=1, b=2), ONE).pairs[0].scores["logme"].span is None


def test_the_verdict():
    assert compare(ONE, TWO).verdict.startswith(
        "m:e comes first instead of m:a. The two orders agree with τ_w "
    )
    assert compare(ONE, ONE).verdict == "m:a comes first in both. The two orders agree with τ_w 1.00."
    assert "Joined: m:e. Left: m:d." in compare(ONE, TWO).verdict
    more = compare(ONE, made(items=2000, a=3, b=2)).verdict
    assert "Scores of 100 and of 2,000 rows differ by the number of rows alone" in more


def test_views(tmp_path):
    ONE.save(tmp_path / "few.json")
    TWO.save(tmp_path / "many.json")
    found = compare(tmp_path / "few.json", tmp_path / "many.json")
    assert found.names == ("few", "many")
    text = repr(found)
    assert "up 1" in text and "down 1" in text and "−0.5000*" in text
    plain = json.loads(found.to_json())
    assert plain["format"] == "audition-comparison" and plain["pairs"][0]["scores"]["logme"]["after"] == 2.5


def test_layers_are_told_apart():
    value = ranking(2, layers=2)
    found = compare(value, value)
    assert len(found.pairs) == 4 and all("(layer block" in pair.name for pair in found.pairs)


def test_infinite_scores_have_no_difference():
    one = made(a=math.inf, b=1)
    assert "logme" not in compare(one, one).pairs[0].scores


def test_nothing_in_common():
    with pytest.raises(InputError, match="share no candidate"):
        compare(ONE, made(x=1, y=2))
    with pytest.raises(InputError, match="share no candidate"):
        compare(replace(ONE, rows=()), ONE)
