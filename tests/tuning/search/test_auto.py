"""`auto`: the likely best is found and tuned, within its time, and what was not tried is said."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from tuning.coloured import model, pictures

import audition
from audition import heap
from audition.errors import InputError, ModelError
from audition.ranking import rank
from audition.ranking.standings import Row
from audition.tuning.runs.rate import SGD, RateChoice, Tried
from audition.tuning.runs.settings import Settings
from audition.tuning.runs.updates import Updates
from audition.tuning.search import auto as auto_room
from audition.tuning.search import rounds
from audition.tuning.search.auto import auto
from audition.tuning.search.contenders import contenders_of
from audition.tuning.search.contest import NO_TIME, Round, Run, Runner, Standing
from audition.tuning.teachers.method import Means, Method

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


def test_memory_is_kept_from_the_ranking_to_the_end(monkeypatch):
    seen, run = [], rounds.finished
    monkeypatch.setattr(
        rounds, "finished", lambda *given, **named: seen.append(heap._is_open.get()) or run(*given, **named)
    )
    auto(ZOO[:1], DATA, settings=Settings(epochs=1, rate=0.01), views=1)
    assert seen and all(seen)


def test_confidence_decides_how_many_are_tried():
    ranking = rank(ZOO, DATA)
    some, all_of_them = contenders_of(ranking, 0.1), contenders_of(ranking, 1.0)
    assert len(some.chosen) == 1 and len(all_of_them.chosen) == 3
    assert all_of_them.missed == pytest.approx(0)
    assert len(contenders_of(rank(ZOO, DATA, order="logme", resamples=0), 0.9).chosen) == 3


def test_a_short_budget_tries_fewer_and_still_ends():
    search = auto(ZOO, DATA, settings=Settings(epochs=40), budget="1s", confidence=1.0, teachers=0, views=1)
    first, last = search.rounds[0], search.rounds[-1]
    untried = [run.model for run in first.runs if run.note == NO_TIME]
    assert untried and untried == [row.model for row in search.contenders.left_out]
    assert last.runs[0].steps < 40 * 48 // 8
    assert search.tuned.held_out is not None


FIXED = audition.CallableModel(
    "fixed", lambda batch: batch[:, ::4, ::4].reshape(len(batch), -1) / 255.0, "image"
)


def test_candidates_that_cannot_be_tuned_are_passed_over(tmp_path):
    search = auto([FIXED, model("good")], DATA, settings=QUICK, confidence=1.0, teachers=1, views=1)
    notes = {run.model: run.note for run in search.rounds[0].runs}
    assert search.tuned.name == "good" and "teacher" in notes["fixed"] and "rate" in notes["good"]
    assert [run.note for run in search.rounds[-1].runs] == ["alone", "with teachers"]  # it may teach
    assert not search.contenders.left_out  # it was tried
    with pytest.raises(InputError, match="None of the candidates can be tuned: The weights of fixed"):
        auto([FIXED], DATA, settings=QUICK, out=tmp_path / "out")
    assert not list(tmp_path.iterdir())  # the next search finds the place free


def breaking(monkeypatch, breaks):
    """Runs fail where breaks(what is to be run) says so."""
    whole = rounds.finished

    def finished(ready, *more, **options):
        if breaks(ready):
            raise ModelError("It broke.")
        return whole(ready, *more, **options)

    monkeypatch.setattr(rounds, "finished", finished)


FOUR = [model(name, width, width) for name, width in (("a", 4), ("b", 5), ("c", 6), ("d", 7))]


def test_a_search_outlives_runs_that_fail(monkeypatch):
    broken = []

    def breaks(ready):  # the first of the middle round
        broken.append(ready.job.model.name)
        return len(broken) == 1

    breaking(monkeypatch, breaks)
    search = auto(FOUR, DATA, settings=QUICK, confidence=1.0, teachers=0, views=1)
    middle, last = search.rounds[1].runs, search.rounds[2].runs
    assert [run.model for run in middle] == broken[:2]
    assert (middle[0].score, middle[0].note) == (None, "It broke.") and middle[1].score is not None
    assert search.tuned.name == last[0].model == broken[1]
    assert "It broke." in str(search)


def test_where_the_winner_fails_in_the_end_the_next_one_is_taken(monkeypatch):
    first = []

    def breaks(ready):
        first.append(ready.job.model.name)
        return ready.job.model.name == first[0]

    breaking(monkeypatch, breaks)
    search = auto(FOUR[:2], DATA, settings=QUICK, confidence=1.0, teachers=0, views=1)
    failed, done = search.rounds[-1].runs
    assert (failed.model, failed.score, failed.note) == (first[0], None, "alone: It broke.")
    assert search.tuned.name == done.model != first[0]
    breaking(monkeypatch, lambda ready: True)
    with pytest.raises(InputError, match="None of the candidates can be tuned to the end: alone: It broke"):
        auto(FOUR[:2], DATA, settings=QUICK, confidence=1.0, teachers=0, views=1)


def test_the_plain_winner_is_kept_where_teachers_fail(monkeypatch):
    breaking(monkeypatch, lambda ready: ready.pooled is not None)
    search = auto(FOUR[:2], DATA, settings=QUICK, confidence=1.0, teachers=1, views=1)
    assert [(run.note, run.score is None) for run in search.rounds[-1].runs] == [
        ("alone", False),
        ("with teachers: It broke.", True),
    ]
    assert search.tuned.provenance["method"] == "fine-tuning"


def test_a_head_alone_has_no_teachers():
    settings = Settings(rate=0.03, epochs=2, head_only=True)
    search = auto(FOUR[:2], DATA, settings=settings, confidence=1.0, teachers=1, views=1)
    assert [run.note for run in search.rounds[-1].runs] == ["alone"]
    assert [run.steps for run in search.rounds[0].runs] == [12, 12]  # all there are, not 30


def test_of_equal_scores_the_lower_loss_is_better():
    standing = [Standing(Row(str(loss), "layer"), None, (1.0, -loss), 0.1) for loss in (0.3, 0.1, 0.2)]
    unknown = Standing(Row("nan", "layer"), None, (-float("inf"), -float("inf")), 0.1)
    ordered = rounds._best_first([unknown, *standing])
    assert [each.row.model for each in ordered] == ["0.1", "0.2", "0.3", "nan"]


def test_those_that_are_clearly_behind_do_not_go_on():
    """On 50 rows an accuracy is behind by draws of rows up to 0.1645, 19 times of 20."""
    standing = [Standing(Row(name, "layer"), None, (score, 0.0), 0.1) for name, score in
                (("best", 0.9), ("near", 0.74), ("far", 0.73))]  # fmt: skip
    assert rounds._near(standing, 50) == 2
    assert rounds._near(standing, 20) == 3  # fewer rows tell less
    assert rounds._near([], 50) == 0


@dataclass(frozen=True)
class Ready:
    settings: Settings


class Short:
    """A contender whose short runs are told beforehand: rates beyond `able` diverge. It knows which were asked."""

    settings = Settings(steps=60)

    def __init__(self, able, scores=None):
        self.able, self.scores, self.asked = able, scores or {}, []

    def rates(self, ladder, known=(), *, looks):
        kept = {one.rate: one for one in known}
        self.asked += [rate for rate in ladder if rate not in kept]
        tried = [kept.get(rate) or Tried(rate, self.scores.get(rate, 0.5), 1.0) for rate in sorted(ladder)]
        if ladder[0] > self.able:
            raise ModelError("Every rate diverged.")
        return RateChoice(max(tried, key=lambda one: one.merit).rate, tuple(tried), 20, "accuracy")


def test_the_rate_of_the_first_contender_serves_the_others():
    first, other, brittle, hopeless = Short(1), Short(1), Short(0.004), Short(0.001)
    assert rounds._rates(first, SGD, None).rate in first.asked == [0.01, 0.03]
    assert rounds._rates(other, SGD, 2).rate == 0.03 and other.asked == [0.03]
    assert rounds._rates(brittle, SGD, 2).rate == 0.003 and brittle.asked == [0.03, 0.003, 0.01]
    for place in (0, 2):
        with pytest.raises(ModelError):
            rounds._rates(hopeless, SGD, place)


@pytest.mark.parametrize(
    "scores, asked, found",
    [
        ({0.01: 0.5, 0.03: 0.4, 0.003: 0.3}, [0.003, 0.03], 0.01),  # better than those beside it
        ({0.01: 0.5, 0.03: 0.6, 0.1: 0.7}, [0.003, 0.03, 0.1], 0.1),  # on and on, to the end of the ladder
    ],
)
def test_the_winner_climbs_to_a_rate_that_is_better_than_those_beside_it(scores, asked, found):
    short = Short(1, scores)
    standing = Standing(
        Row("a", "layer"),
        Ready(Settings(rate=0.01, steps=60)),
        (0.5, -1.0),
        0.01,
        (Tried(0.01, 0.5, 1.0),),
        short,
        SGD,
    )
    last = rounds._at_best_rate(Runner(None, QUICK, Means()), standing)
    assert short.asked == asked and last.ready.settings.rate == found
    late = Runner(None, QUICK, Means(), deadline=0.0)
    assert rounds._at_best_rate(late, standing) is standing


def test_who_teaches_where_nobody_said():
    assert auto_room._number(None, None, QUICK) == 0
    assert auto_room._number(None, "5m", QUICK) == 3  # out of the budget
    assert auto_room._number(2, None, QUICK) == 2
    assert auto_room._number(2, "5m", Settings(head_only=True)) == 0


def test_what_there_was_no_time_for_counts_as_not_tried():
    played = Round("short runs", (Run("a", 20, 0.9, 1.0), Run("b", 0, None, 0.0, NO_TIME)))
    contenders = contenders_of(rank(FOUR[:3], DATA), 1.0)
    some = contenders.without(played.untried)
    assert [row.model for row in some.left_out] == ["b"] and len(some.chosen) == 2
    assert some.missed == pytest.approx(contenders.chance(some.left_out[0]))


def test_teachers_wait_where_there_is_no_time(monkeypatch):
    class Ended:
        seconds = 5.0

    runs, runner = [], Runner(None, QUICK, Means(), deadline=0.0)
    monkeypatch.setattr(rounds, "listened", lambda *given: pytest.fail("nobody is to be heard"))
    assert (
        rounds._by_teachers(runs, runner, Row("a", "layer"), None, Ended(), Method("b-tuning", ("b",)))
        is None
    )
    assert (runs[0].score, runs[0].note) == (None, "with teachers: no time was left")


def test_rounds_that_there_is_no_time_for_are_left_out():
    search = auto(FOUR, DATA, settings=Settings(epochs=400), budget="2s", confidence=1.0, teachers=3, views=1)
    assert [played.called for played in search.rounds] == ["short runs", "to the end"]
    assert search.rounds[0].runs[0].steps < 300  # what a rate is tried for where time is no matter
    assert search.contenders.left_out and "Not tried" in str(search)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"budget": "soon"}, "no time to spend"),
        ({"confidence": 0}, "confidence"),
        ({"confidence": "0.9"}, "'confidence' parameter of auto"),
        ({"teachers": -1}, "'teachers' parameter of auto"),
        ({"held_out": 0}, "let held_out be above 0"),
        ({"test": DATA}, "60 of 60 items"),
        ({"test": (DATA[0][:2], ["red", "green"])}, "'green', which the rows to learn from do not have"),
    ],
)
def test_what_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        auto(ZOO, DATA, **options)


def test_the_same_answer_twice():
    first, again = (auto(ZOO[:2], DATA, settings=QUICK, teachers=0, views=1) for _ in range(2))
    weights = first.tuned.network.state_dict(), again.tuned.network.state_dict()
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_search_that_was_broken_off_goes_on(monkeypatch, tmp_path):
    """What was run is not run again, and what comes out is that of a search that nothing disturbed."""
    options = {"settings": QUICK, "confidence": 1.0, "teachers": 1, "views": 1, "cache": tmp_path / "cache"}
    whole = auto(FOUR, DATA, out=tmp_path / "whole", **options)
    real, given = rounds.finished, {"out": tmp_path / "tuned", **options}

    def finished(ready, *more, **other):
        if ready.pooled is not None:  # with teachers: the last run
            raise KeyboardInterrupt
        return real(ready, *more, **other)

    monkeypatch.setattr(rounds, "finished", finished)
    with pytest.raises(KeyboardInterrupt):
        auto(FOUR, DATA, **given)
    assert not (tmp_path / "tuned").exists()
    with pytest.raises(InputError, match="was broken off"):
        auto(FOUR, DATA, **given)
    monkeypatch.setattr(rounds, "finished", real)
    made, steps = [], Updates.commit
    monkeypatch.setattr(Updates, "commit", lambda self, rate: made.append(rate) or steps(self, rate))
    again = auto(FOUR, DATA, resume=True, **given)
    assert len(made) == QUICK.epochs * 3  # those of the last run alone: 48 rows, 16 at a time
    weights = [search.tuned.network.state_dict() for search in (whole, again)]
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "tuned", "whole"]
    with pytest.raises(InputError, match="beside a folder"):
        auto(FOUR, DATA, resume=True, **options)
