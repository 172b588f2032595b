"""The page on tuning: what it is made of, and that it claims no more than its runs show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from benchmarks.tuning.ledger import Run

Framework = Callable[[str], ModuleType]
FEW = ("flowers_20", "textures10_20", "antsbees_20")
MORE = ("eurosat", "sign_digits", "omniglot_alphabets")


@pytest.fixture(autouse=True)
def _frameworks(framework: Framework) -> None:
    for name in ("torch", "PIL"):
        framework(name)


def _run(contender: str, target: str, seed: int, accuracy: float, **others: object) -> Run:
    from benchmarks.tuning.ledger import Run

    plain: dict[str, object] = {
        "student": "small", "target": target, "seed": seed, "contender": contender, "rate": 0.03,
        "accuracy": accuracy, "held_out": 0.5, "step": 60, "steps": 100, "train_rows": 80, "held_out_rows": 20,
        "test_rows": 400, "ready": 0.5, "seconds": 2.0, "teachers": "", "machine": "a, b; c",
    }  # fmt: skip
    return Run(**{**plain, **others})  # type: ignore[arg-type]


def _write(
    folder: Path, gain: float, targets: tuple[str, ...] = (*FEW, *MORE), noise: float = 0.0002
) -> None:
    """Plain runs, and B-Tuning that is better by a gain, give or take a little, and 1.1 times as slow."""
    from benchmarks.tuning.ledger import runs

    rng = np.random.default_rng(0)
    for target in targets:
        for seed in range(5):
            level = rng.uniform(0.4, 0.6)  # of the rows that the seed drew: the same for all
            runs(folder).append(_run("plain", target, seed, level))
            runs(folder).append(_run("l2-sp", target, seed, level))
            taught = level + gain + noise * rng.normal()
            runs(folder).append(_run("b-tuning-3", target, seed, taught, seconds=2.2, teachers="a;b;c"))
            runs(folder).append(
                _run("teachers-3", target, seed, level + 0.2, ready=9.0, seconds=0.0, steps=0)
            )


def test_a_line_comes_back_as_it_was_written_and_a_cut_one_is_left_out(tmp_path: Path) -> None:
    from benchmarks.tuning.ledger import runs

    book = runs(tmp_path)
    lines = [_run("plain", "eurosat", 0, 0.5), _run("b-tuning-3 λ=10", "eurosat", 1, 0.25, rate=float("nan"))]
    for line in lines:
        book.append(line)
    whole = book.path.read_bytes()
    book.path.write_bytes(whole + b"small,euro")
    assert [str(line) for line in book.read()] == [str(line) for line in lines]
    book.append(lines[0])
    assert book.path.read_bytes().startswith(whole)
    assert [str(line) for line in book.read()] == [str(line) for line in (*lines, lines[0])]


def test_the_interval_of_a_mean_is_student_s() -> None:
    from scipy.stats import ttest_1samp

    from benchmarks.tuning.results import estimate

    values = np.array([1.0, 2.5, 0.5, 3.0, -1.0])
    found = estimate(values)
    expected = ttest_1samp(values, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert not found.decided and estimate(values + 5).decided
    assert not estimate([3.0]).decided and estimate([]).number == 0


def test_differences_are_paired_by_seed(tmp_path: Path) -> None:
    """Levels that differ by twenty points from seed to seed do not hide a gain of two."""
    from benchmarks.tuning.results import load

    _write(tmp_path, gain=0.02)
    results = load(tmp_path)
    gain = results.gain("small", "eurosat", "b-tuning-3")
    assert gain.decided and gain.value == pytest.approx(2, abs=0.05)
    over = results.mean_gain("small", results.targets("small"), "b-tuning-3")
    assert over.number == 6 and over.decided
    assert results.targets("small", few=True) == list(FEW)
    assert over.width < 0.1


def test_the_page_says_what_came_out_also_where_teachers_do_harm(tmp_path: Path) -> None:
    from benchmarks.tuning.page import page_of
    from benchmarks.tuning.results import load

    _write(tmp_path / "good", gain=0.02)
    _write(tmp_path / "bad", gain=-0.03)
    _write(tmp_path / "none", gain=0.0, noise=0.05)
    good, bad, none = (page_of(load(tmp_path / name)) for name in ("good", "bad", "none"))
    assert "B-Tuning, 3 better (+2.0" in good and "L2-SP not told apart (0.0" in good
    assert "B-Tuning, 3 worse (−3.0" in bad and "| **−" in bad
    assert "B-Tuning, 3 not told apart" in none
    assert "takes 1.10 times a plain step (asked for: at most 1.2; met)" in good
    assert "beat the plainly tuned student on 6 of 6 targets, by 20.0 points" in good
    assert good == page_of(load(tmp_path / "good"))


def test_what_was_not_run_is_not_claimed(tmp_path: Path) -> None:
    from benchmarks.tuning.page import page_of
    from benchmarks.tuning.results import load

    nothing = page_of(load(tmp_path / "absent"))
    assert "- nothing yet" in nothing and "Nothing has been run yet." in nothing
    _write(tmp_path, gain=0.02, targets=FEW[:1])
    begun = page_of(load(tmp_path))
    assert "too little has been run to say anything" in begun and "better (" not in begun


def test_a_rate_is_chosen_by_all_seeds_that_choose_and_never_one_that_diverged() -> None:
    from benchmarks.tuning.compare import best_rate
    from benchmarks.tuning.ledger import Tried

    def tried(seed: int, rate: float, held_out: float, loss: float) -> Tried:
        return Tried("small", "eurosat", seed, "plain", rate, held_out, loss, 30)

    lines = [
        tried(0, 0.01, 0.5, 1.0),
        tried(1, 0.01, 0.7, 1.0),
        tried(0, 0.03, 0.6, 0.8),
        tried(1, 0.03, 0.6, 0.9),
    ]
    assert best_rate(lines) == 0.03
    assert best_rate([*lines, tried(0, 0.1, 0.9, 0.1), tried(1, 0.1, float("nan"), float("nan"))]) == 0.03


def test_the_search_is_judged_by_what_tuning_all_of_them_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks.tuning import search_section
    from benchmarks.tuning.ledger import Tuned, search
    from benchmarks.tuning.networks import candidates
    from benchmarks.tuning.page import page_of
    from benchmarks.tuning.results import load
    from benchmarks.tuning.search_section import searched

    def line(candidate: str, accuracy: float, held_out: float, seconds: float) -> Tuned:
        return Tuned("mnist", candidate, candidate, accuracy, held_out, 0.03, seconds, 400, "plain", "a")

    every = [line("a", 0.8, 0.9, 30.0), line("b", 0.85, 0.7, 50.0), line("c", 0.2, 0.2, 20.0)]
    for one in (*every, Tuned("mnist", "auto", "a", 0.845, 0.9, 0.03, 15.0, 400, "tried a b", "a")):
        search(tmp_path).append(one)
    assert searched(load(tmp_path)) == [] and len(candidates()) == search_section.WHOLE
    monkeypatch.setattr(search_section, "WHOLE", 3)
    (found,) = searched(load(tmp_path))
    assert (found.best.candidate, found.chosen.candidate) == ("b", "a")
    assert (found.behind, found.share) == (pytest.approx(0.5), pytest.approx(0.15))
    assert "on 1 of 1 targets; under a fifth of the cost on 1 of 1." in page_of(load(tmp_path))


def test_answers_that_are_the_labels_explain_all_of_them() -> None:
    from benchmarks.tuning.reasons import explained

    codes, rows = np.array([0, 1, 1, 0]), np.arange(4)
    labels = np.eye(2)[codes]
    assert explained(labels, codes, rows) == pytest.approx(1)
    assert explained(np.full((4, 2), 0.5), codes, rows) == pytest.approx(0)


def test_few_rows_are_at_most_twenty_a_class() -> None:
    """And seeds divide the same rows anew, of each class as many."""
    from benchmarks.tuning.targets import TARGETS

    classes = {"flowers_20": 5, "textures10_20": 10, "antsbees_20": 2}
    few = {target.name: target.train + target.held_out for target in TARGETS if target.few}
    assert few == {name: 20 * number for name, number in classes.items()}
    assert len({target.folder for target in TARGETS}) == len(TARGETS) == 6


def test_a_seed_divides_the_rows_anew(assets: Path) -> None:
    from benchmarks.tuning.targets import TARGETS

    target = next(target for target in TARGETS if target.name == "flowers_20")
    first, again, other = (target.study(seed) for seed in (0, 0, 1))
    sizes = [len(rows) for rows in (first.parts.train, first.parts.held_out, first.parts.test)]
    assert sizes == [target.train, target.held_out, target.test]
    assert set(np.bincount(first.targets[first.parts.train]).tolist()) == {16}
    assert (first.parts.train == again.parts.train).all() and (first.parts.train != other.parts.train).any()
    assert first.views == other.views  # so that teachers look once
