"""docs/claims.md: what stands there is what the committed results give, and what is cheap can be measured again."""

from __future__ import annotations

import csv
from collections.abc import Callable
from math import log
from pathlib import Path

import pytest

from benchmarks.claims import choosing, information, page, printed, quoted, spectra, studies, toys
from benchmarks.claims.__main__ import kept
from benchmarks.claims.claim import PAPERS, VERDICTS, Claim, Result, of_rule, read, write
from benchmarks.claims.topics import TOPICS


def committed(topic: str, beginning: str) -> Claim:
    (found,) = [claim for claim in read(topic).claims if claim.claim.startswith(beginning)]
    return found


def test_the_page_is_what_the_results_give() -> None:
    given = page.page(kept())
    assert page.PAGE.read_text(encoding="utf-8") == given, "write it: python -m benchmarks.claims --page"


def test_every_topic_is_kept_and_every_claim_has_a_verdict_and_a_source() -> None:
    results = kept()
    assert list(results) == list(TOPICS)
    claims = [claim for result in results.values() for claim in result.claims]
    assert {claim.paper for claim in claims} == set(PAPERS)
    assert {claim.verdict for claim in claims} == set(VERDICTS)
    assert all(claim.measured and claim.source for claim in claims)
    assert len({claim.claim for claim in claims}) == len(claims)


@pytest.mark.parametrize("measure", [toys.classes, toys.regression])
def test_toy_curves_measured_again(measure: Callable[[], Claim]) -> None:
    found = measure()
    before = committed("toys", found.claim)
    assert found.numbers["means"] == pytest.approx(before.numbers["means"], rel=1e-6)
    assert (found.verdict, found.measured) == (before.verdict, before.measured)


def test_studies_of_layers_measured_again() -> None:
    """Two of the three studies lie beside the tests."""
    before = committed("spectra", "TransRate finds the order of layers").numbers
    for study in spectra.studies():
        accuracy, given = spectra.scores(study)
        assert len(accuracy) == len(given) >= 4
        assert list(spectra.agreement(study)) == pytest.approx(before[study], rel=1e-9)


def test_the_toy_of_information_measured_again() -> None:
    found = information.mutual_information()
    before = committed("information", found.claim).numbers
    for name, values in found.numbers.items():
        assert values == pytest.approx(before[name], rel=1e-6)
    truth = before["information"]
    assert isinstance(truth, list) and max(truth) <= log(4)


def test_quoted_numbers_are_those_of_the_benchmarks() -> None:
    now = {claim.claim: claim.measured for claim in quoted.run()}
    then = {claim.claim: claim.measured for claim in read("quoted").claims}
    assert now == then, "docs/benchmarks.md has other numbers now: python -m benchmarks.claims quoted"


def test_a_row_that_the_benchmarks_do_not_have() -> None:
    with pytest.raises(LookupError, match="no row 'logmo'"):
        printed.number("LogME", "logmo")
    with pytest.raises(LookupError, match="no heading"):
        printed.number("LogMo", "logme")


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    claim = Claim("PED", "a | b", "α = 1", "confirmed", "here", {"x": 0.1, "y": [1.0, 2.0]})
    write("topic", Result("a machine", (claim,)), tmp_path)
    assert read("topic", tmp_path) == Result("a machine", (claim,))
    assert "| a ∣ b | α = 1 | **confirmed** | here |" in page.page({"topic": read("topic", tmp_path)})


@pytest.mark.parametrize(
    ("held", "in_part", "verdict"),
    [
        (True, True, "confirmed"),
        (True, False, "confirmed"),
        (False, True, "confirmed in part"),
        (False, False, "not confirmed"),
    ],
)
def test_rules(held: bool, in_part: bool, verdict: str) -> None:
    assert of_rule(held, in_part) == verdict


def test_studies_are_made_of_what_fine_tuning_has_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Networks of one architecture on a target, once three of them are there."""
    rows = [
        ("eurosat", f"mobilenetv2_{name}", "features", "accuracy", 0.8 + place / 100)
        for place, name in enumerate("abc")
    ]
    rows += [("eurosat", "squeezenet1_1", "features", "accuracy", 0.9)]
    rows += [("flowers", "mobilenetv2_a", "features", "accuracy", 0.5)]
    rows += [("utkface_age", f"mobilenetv2_{name}", "features", "r2", 0.3) for name in "abc"]
    with (tmp_path / "images_truth.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("target", "network", "layer", "metric", "score"), *rows])
    monkeypatch.setattr(studies, "scored", lambda part, cell: dict.fromkeys(studies.METRICS, 1.0))
    (found,) = studies.finetuned(
        "images", lambda cell: choosing.mobilenet(cell.network), lambda cell: cell.network, tmp_path
    )
    assert found.name == "mobilenetv2 on eurosat"
    assert found.truth == pytest.approx(
        {f"mobilenetv2_{name}": 80 + place for place, name in enumerate("abc")}
    )
    assert studies.finetuned("layers", lambda cell: cell.layer, lambda cell: cell.layer, tmp_path) == []
