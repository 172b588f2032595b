"""The page on scale: policies, the noise of the simulation, and that the page says what was measured."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from audition.evaluation import weighted_tau
from audition.extraction.streamed import PART_ROWS, PIECES
from audition.truth import Truth
from benchmarks.scale import disk, policies
from benchmarks.scale.calibrate import Noise, error_for, merits, noise_share
from benchmarks.scale.costs import Costs, bytes_of
from benchmarks.scale.ledger import Measured, read, replace_part
from benchmarks.scale.model import LEADER, WIRE, WORKERS, Job, clock, enough_cores, holds, works
from benchmarks.scale.page import DOCS, PAGE, load, page_of
from benchmarks.scale.racing_section import FIGURE, Raced, drawing
from benchmarks.scale.simulate import FIRST, FULL, ROWS, World, outcomes, static_order

EVERYONE = np.arange(4)
SCORES = np.array([0.1, 0.9, 0.5, 0.3])


def _look(who: policies.Places, rows: int) -> policies.Float64:
    return SCORES[who]


def test_chances_are_those_of_many_draws() -> None:
    rng = np.random.default_rng(0)
    scores = rng.standard_normal(30)
    drawn = (scores + 0.4 * rng.standard_normal((40_000, 30))).argmax(axis=1)
    counted = np.bincount(drawn, minlength=30) / len(drawn)
    found = policies.chances(scores, 0.4)
    assert found.sum() == pytest.approx(1)
    assert found == pytest.approx(counted, abs=0.012)
    assert policies.chances(np.array([1.0, 2.0, 2.0]), 0.0).tolist() == [0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("first", "last", "rows"), [(32, 200, (32, 64, 128, 200)), (8, 32, (8, 16, 32)), (64, 9, (9,))]
)
def test_rungs_double_and_end_with_all(first: int, last: int, rows: tuple[int, ...]) -> None:
    assert policies.rungs(first, last) == rows


def test_a_sure_race_runs_the_others_once() -> None:
    told = list(policies.race(_look, EVERYONE, (10, 20, 40), lambda rows: 0.001, 0.01))
    assert [one.passes for one in told] == [40, 40, 40]
    assert {one.chosen for one in told} == {1}


def test_a_race_that_knows_nothing_drops_nobody() -> None:
    told = list(policies.race(_look, EVERYONE, (10, 20, 40), lambda rows: 100.0, 0.01))
    assert [one.passes for one in told] == [40, 80, 160]


def test_a_race_never_drops_the_first() -> None:
    told = list(policies.race(_look, EVERYONE, (10, 20), lambda rows: 100.0, 1.1))
    assert [(one.passes, one.chosen) for one in told] == [(40, 1), (40, 1)]


def test_halving_sends_half_to_the_next_rows() -> None:
    told = list(policies.halving(_look, EVERYONE, (10, 20, 40)))
    assert [one.passes for one in told] == [40, 40 + 20, 40 + 20 + 20]
    assert {one.chosen for one in told} == {1}


def test_one_alone_is_taken_unseen() -> None:
    assert policies.best_of(_look, EVERYONE[2:3], 10) == policies.Choice(0, 2)
    assert policies.best_of(_look, EVERYONE, 10) == policies.Choice(40, 1)


def test_the_noise_of_draws_is_found_whatever_they_do_to_all() -> None:
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((4000, 1)) + 5 * np.arange(3) + 0.2 * rng.standard_normal((4000, 3))
    assert noise_share(scores) == pytest.approx(0.2, abs=0.01)


def test_the_error_leaves_the_agreement_that_was_asked_for() -> None:
    rng = np.random.default_rng(0)
    accuracy = rng.uniform(size=60)
    error = error_for(accuracy, 0.7, rng)
    drawn = [merits(accuracy) + error * rng.standard_normal(60) for _ in range(100)]
    reached = np.mean([weighted_tau(accuracy.tolist(), one.tolist()) for one in drawn])
    assert reached == pytest.approx(0.7, abs=0.03)


def test_more_rows_hold_the_ones_before() -> None:
    rng = np.random.default_rng(0)
    world = World.drawn(np.zeros(20_000), 0.0, 2.0, rng)
    everyone = np.arange(20_000)
    few, half, whole = (world.look(everyone, rows) for rows in (FIRST, ROWS // 2, ROWS))
    assert few.std() == pytest.approx(world.error(FIRST), rel=0.03)
    assert whole.std() == pytest.approx(world.error(ROWS), rel=0.03)
    assert np.corrcoef(half, whole)[0, 1] == pytest.approx(0.5**0.5, abs=0.02)


def _truth(seed: int = 0) -> Truth:
    rng = np.random.default_rng(seed)
    names, datasets = tuple(f"m{i}" for i in range(40)), ("a", "b", "c")
    good = rng.uniform(40, 90, size=(40, 1))
    return Truth("made up", names, datasets, good + rng.uniform(-5, 5, size=(40, 3)))


def test_the_list_never_looks_at_the_data_set() -> None:
    truth = _truth()
    other = truth.accuracy.copy()
    other[:, 0] = other[::-1, 0]
    assert static_order(truth, "a").tolist() == static_order(replace(truth, accuracy=other), "a").tolist()
    assert static_order(truth, "b").tolist() != static_order(replace(truth, accuracy=other), "b").tolist()


def test_outcomes_are_the_same_again_and_a_race_costs_less_than_all() -> None:
    run = partial(outcomes, _truth(), "a", Noise(2.0, 0.8), 5)
    found = run(np.random.default_rng(1))
    assert found == run(np.random.default_rng(1))
    by_name = {(one.policy, one.knob): one for one in found}
    whole, race = by_name[FULL, 40], by_name["race", ROWS]
    assert (whole.share, whole.same) == (1.0, 1.0)
    assert race.share < by_name["halving", ROWS].share < 1
    assert by_name["list", 256].same == 1.0  # all of them, where there are no more


def _measured(part: str, what: str, value: float, **sizes: int) -> Measured:
    return Measured(part, what, value, "s", **sizes)


def test_a_part_that_is_measured_again_replaces_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "measured.csv"
    first = [_measured("rows", "statistics", 0.5, rows=10), _measured("rows", "statistics", 1.0, rows=20)]
    replace_part("rows", first, path)
    replace_part("disk", [_measured("disk", "a, b", 2.0)], path)
    replace_part("rows", first[:1], path)
    assert read(path, Measured) == [_measured("disk", "a, b", 2.0), first[0]]
    assert read(tmp_path / "none.csv", Measured) == []


def test_columns_are_fitted_and_what_is_missing_is_said() -> None:
    lines = [
        _measured("columns", "statistics", 100 * (3e-9 * d + 2e-11 * d**2), rows=100, columns=d)
        for d in (64, 256, 1024)
    ]
    costs = Costs(lines)
    assert costs.by_columns() == pytest.approx((3e-9, 2e-11))
    assert costs.row(512) == pytest.approx(3e-9 * 512 + 2e-11 * 512**2)
    with pytest.raises(LookupError, match="rows"):
        costs.of("rows", "statistics")


def test_statistics_are_as_large_as_said() -> None:
    from benchmarks.scale.statistics_costs import made

    found = made(64, 7)
    held = [
        found.scatter,
        found.mean,
        found.moments.cubic,
        found.class_means,
        found.class_squares,
        found.class_counts,
    ]
    assert sum(part.nbytes for part in held if part is not None) == pytest.approx(bytes_of(64, 7), rel=0.01)


def test_the_leader_is_what_is_left_when_cores_are_enough() -> None:
    costs = Costs(load().measured)
    few, many = Job("", machines=1), Job("", machines=1000)
    assert clock(few, costs)[WORKERS] == pytest.approx(1000 * clock(many, costs)[WORKERS])
    assert clock(few, costs)[LEADER] == pytest.approx(clock(many, costs)[LEADER])
    cores = enough_cores(few, costs)
    at = clock(Job("", machines=1, cores=round(cores)), costs)
    assert at[WORKERS] == pytest.approx(max(at[LEADER], at[WIRE]), rel=0.01)
    for found in (works(few, costs), holds(few, costs)):
        assert len({one.what for one in found}) == len(found)


def test_every_part_is_merged_into_one_answer_by_a_worker_or_by_the_leader() -> None:
    for rows in (100, PART_ROWS, 10 * PART_ROWS, 1e9):
        job = Job("", rows=rows, candidates=3)
        assert job.pieces + job.merges == 3 * -(-rows // PART_ROWS)
        assert job.pieces <= 3 * PIECES
        assert job.largest <= rows
    costs = Costs(load().measured)
    assert costs.sending() < costs.an_item("pack") / 10


def test_a_file_is_read_by_all_who_are_compared(tmp_path: Path) -> None:
    disk._write(tmp_path, 3000)
    for contender in disk.WHO.values():
        contender(tmp_path)
    features = np.load(tmp_path / "features.npy")
    assert features.shape == (3000, disk.COLUMNS) and features.dtype == np.float32
    assert len(set(np.load(tmp_path / "labels.npy").tolist())) == disk.CLASSES


def test_the_page_is_made_of_the_results() -> None:
    results = load()
    assert (DOCS / PAGE).read_text(encoding="utf-8") == page_of(results)
    figure = drawing(Raced(results.outcomes, results.targets)).standalone()
    assert (DOCS / FIGURE).read_text(encoding="utf-8") == figure
