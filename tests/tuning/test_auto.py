"""`auto`: the likely best is found and tuned, within its time, and what was not tried is said."""

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from tuning.coloured import pictures

import audition
from audition.errors import InputError
from audition.ranking import rank
from audition.tuning.auto import auto
from audition.tuning.contenders import contenders_of
from audition.tuning.settings import Settings

QUICK = Settings(epochs=2, batch_size=16)
DATA = pictures()
ZOO = ["zoo:cnn-mnist", "zoo:cnn-cifar10", "zoo:cnn-omniglot"]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("auto")
    search = auto(
        ZOO, DATA, settings=QUICK, test=0.2, teachers=2, views=2, out=folder / "tuned", cache=folder / "cache"
    )
    return search, folder / "tuned"


def test_one_is_left_and_judged_on_rows_that_took_no_part(found):
    search, _ = found
    assert search.tuned.name in ZOO
    assert search.tuned.metrics["test"]["rows"] == 12
    assert search.ranking.items == search.tuned.provenance["rows"]["train"]  # the others were not looked at
    assert [played.called for played in search.rounds][-1] == "to the end"
    assert {run.note for run in search.rounds[-1].runs} == {"alone", "with teachers"}


def test_the_ranking_is_saved_beside_it(found):
    search, folder = found
    assert audition.Ranking.load(folder / "ranking.json").placed[0].model == search.ranking.best.model
    assert json.loads((folder / "config.json").read_text())["provenance"]["ranking"][0]["place"] == 1
    assert "to the end" in (folder / "search.txt").read_text()


def test_it_says_what_it_did_not_try(found):
    search, _ = found
    tried, missed = search.contenders.chosen, search.contenders.missed
    assert len(tried) + len(search.contenders.left_out) == 3
    assert missed == pytest.approx(1 - sum(search.contenders.chance(row) for row in tried))
    assert ("Not tried" in str(search)) == bool(search.contenders.left_out)


def test_confidence_decides_how_many_are_tried():
    ranking = rank(ZOO, DATA)
    some, all_of_them = contenders_of(ranking, 0.1), contenders_of(ranking, 1.0)
    assert len(some.chosen) == 1 and len(all_of_them.chosen) == 3
    assert all_of_them.missed == pytest.approx(0)
    assert len(contenders_of(rank(ZOO, DATA, order="logme", resamples=0), 0.9).chosen) == 3


def test_a_short_budget_tries_fewer_and_still_ends():
    search = auto(ZOO, DATA, settings=Settings(epochs=40), budget="1s", confidence=1.0, teachers=0, views=1)
    first, last = search.rounds[0], search.rounds[-1]
    assert any("no time was left" in run.note for run in first.runs)
    assert last.runs[0].steps < 40 * 48 // 8
    assert search.tuned.held_out is not None


def test_candidates_that_cannot_be_tuned_are_passed_over():
    fixed = audition.CallableModel(
        "fixed", lambda batch: batch[:, :, ::4, ::4].reshape(len(batch), -1) / 255.0, "image"
    )
    ranking = rank([fixed, "zoo:cnn-mnist"], DATA)
    assert ranking.placed[0].model in ("fixed", "zoo:cnn-mnist")
    with pytest.raises(InputError):
        auto([fixed], DATA, settings=QUICK)


@pytest.mark.parametrize(
    "options, said", [({"budget": "soon"}, "no time to spend"), ({"confidence": 0}, "confidence")]
)
def test_what_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        auto(ZOO, DATA, **options)


def test_the_same_answer_twice():
    first, again = (auto(ZOO[:2], DATA, settings=QUICK, teachers=0, views=1) for _ in range(2))
    weights = first.tuned.network.state_dict(), again.tuned.network.state_dict()
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])
