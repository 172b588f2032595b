"""Networks that run in other processes: the same ranking, to the last bit, whoever runs them and whoever dies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from executors.networks import Deadly, Failing, Mixing, Network, Reversed, Spoilt, rows_and_labels

from audition import Ranking, rank, rank_layers
from audition.cli import run
from audition.data import Item
from audition.errors import InputError, ModelError
from audition.executors import Processes
from audition.executors.packed import Store
from audition.extraction import Bars
from audition.models import CallableModel
from audition.ranking import elsewhere

NETWORKS = [Network("one", 1), Network("two", 2), Network("three", 3)]
DATA = rows_and_labels()
NEEDS = {
    "statistics": {},
    "rows": {"metrics": "logme,transrate,knn_accuracy", "order": "logme"},
    "the head": {"metrics": "logme,leep", "order": "logme"},
    "layers": {"layers": "all", "metrics": "logme,lfc", "order": "logme"},
    "small batches": {"batch_size": 77},
}


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with Processes(2) as executor:
        yield executor


def told(ranking: Ranking) -> list[Any]:
    """Everything of a ranking but the times."""
    return [
        ranking.skipped,
        ranking.items,
        *(
            (
                row.model,
                row.layer,
                dict(row.scores),
                row.error,
                row.notes,
                row.columns,
                row.place,
                row.standing,
            )
            for row in ranking.rows
        ),
    ]


def parts_of(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are so small here; processes know nothing of it, and are sent pieces of one part."""
    for place in ("ranking.elsewhere", "extraction.streamed", "extraction.run", "executors.worker"):
        monkeypatch.setattr(f"audition.{place}.PART_ROWS", rows)


@pytest.mark.parametrize("options", NEEDS.values(), ids=NEEDS)
def test_the_result_is_that_of_one_process_to_the_last_bit(
    options: dict[str, Any], processes: Processes
) -> None:
    alone = told(rank(NETWORKS, DATA, **options))
    assert all(row[2] for row in alone[2:])
    assert told(rank(NETWORKS, DATA, executor=processes, **options)) == alone
    for workers in (1, 2, 4):
        with ThreadPoolExecutor(workers) as executor:
            assert told(rank(NETWORKS, DATA, executor=executor, **options)) == alone
        backwards = Reversed(workers)
        assert told(rank(NETWORKS, DATA, executor=backwards, **options)) == alone
        assert backwards.order != sorted(backwards.order)


@pytest.mark.parametrize("metrics", [None, "logme,lfc,regularized_h_score"])
def test_statistics_of_parts_come_back_where_they_are_enough(
    metrics: str | None, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts_of(256, monkeypatch)
    alone = told(rank(NETWORKS, DATA, metrics=metrics))
    assert told(rank(NETWORKS, DATA, metrics=metrics, executor=processes)) == alone
    backwards = Reversed(3)
    assert told(rank(NETWORKS, DATA, metrics=metrics, executor=backwards)) == alone
    assert backwards.summed == [True] * 9


@pytest.mark.parametrize(("pieces", "sent"), [(1, 1), (2, 2), (5, 3), (100, 11)])
def test_statistics_that_workers_merged_have_the_same_bits(
    pieces: int, sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """11 parts of 64 rows, the last smaller, in pieces of 16, 8, 4 and 1 of them."""
    monkeypatch.setattr("audition.extraction.streamed.PIECES", pieces)
    parts_of(64, monkeypatch)
    alone = told(rank(NETWORKS, DATA, batch_size=32))
    backwards = Reversed(3)
    assert told(rank(NETWORKS, DATA, batch_size=32, executor=backwards)) == alone
    assert backwards.summed == [True] * 3 * sent


def test_batches_end_where_parts_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a network whose rows depend on their neighbours gives the same ones, too."""
    parts_of(64, monkeypatch)
    networks = [Mixing("one", 1), Mixing("two", 2)]
    alone = told(rank(networks, DATA, batch_size=48))
    assert told(rank(networks, DATA, batch_size=48, executor=Reversed(3))) == alone
    assert told(rank(networks, DATA, batch_size=64)) != alone


@dataclass(frozen=True)
class Counted:
    """The value of an item, which notes each time that it is packed."""

    row: Any
    packed: list[int]

    def __call__(self) -> Any:
        return self.row

    def __reduce__(self) -> tuple[Any, ...]:
        self.packed.append(1)
        return Counted, (self.row, [])


class CountedRows(Spoilt):
    """The rows of which it is counted how often they are packed, and gone through."""

    packed: list[int]
    gone_through: int

    def items(self) -> Iterator[Item]:
        object.__setattr__(self, "gone_through", self.gone_through + 1)
        for item, row in zip(super().items(), DATA[0], strict=True):
            yield replace(item, decode=Counted(row, self.packed))


@pytest.mark.parametrize("budget", [1, 2**25], ids=["file", "memory"])
@pytest.mark.parametrize("part", [64, 2**15], ids=["statistics", "rows"])
def test_items_are_packed_once_for_all_candidates(
    part: int, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audition.executors.piece.Store", partial(Store, budget))
    parts_of(part, monkeypatch)
    times = []
    for networks in (NETWORKS[:1], NETWORKS):
        data = CountedRows(())
        data.__dict__.update(packed=[], gone_through=0)
        found = rank(networks, data, batch_size=32, executor=Reversed(2))
        assert told(found)[2:] == told(rank(networks, DATA, batch_size=32))[2:]
        assert len(data.packed) == len(data)
        times.append(data.gone_through)
    assert times[0] == times[1]


def test_layers_of_one_model(processes: Processes) -> None:
    alone = rank_layers(NETWORKS[0], DATA)
    assert told(rank_layers(NETWORKS[0], DATA, executor=processes)) == told(alone)


def test_a_worker_that_dies_once_costs_nothing(processes: Processes, tmp_path: Path) -> None:
    plain = Network("two", 2)
    mortal = Deadly("two", 2, folder=str(tmp_path), times=1)
    found = rank([NETWORKS[0], mortal, NETWORKS[2]], DATA, executor=processes)
    assert len(list(tmp_path.iterdir())) == 1
    assert told(found) == told(rank([NETWORKS[0], plain, NETWORKS[2]], DATA))


def test_a_model_that_kills_each_worker_has_a_row_and_the_others_their_scores(
    processes: Processes, tmp_path: Path
) -> None:
    found = rank([NETWORKS[0], Deadly("bad", folder=str(tmp_path)), NETWORKS[2]], DATA, executor=processes)
    (bad,) = (row for row in found.rows if row.error)
    assert bad.error == (
        "bad: the worker that had its items 0 to 256 died, 3 times; it may need more memory than a worker has."
    )
    others = rank([NETWORKS[0], NETWORKS[2]], DATA)
    assert [dict(row.scores) for row in found.placed] == [dict(row.scores) for row in others.placed]


def test_a_broken_executor_is_said_in_every_row(tmp_path: Path) -> None:
    """One that was given is the caller's: no new one is made in its place."""
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:
        found = rank([Deadly("bad", folder=str(tmp_path)), NETWORKS[0]], DATA, executor=executor)
    assert [row.error is not None for row in found.rows] == [True, True]


def test_a_network_that_fails_says_so_as_in_one_process(processes: Processes) -> None:
    rows, labels = rows_and_labels()
    rows[600, 0] = 1e3
    models = [Failing("bad", above=1e3), NETWORKS[0]]
    found = rank(models, (rows, labels), executor=processes)
    assert told(found) == told(rank(models, (rows, labels)))
    assert found.rows[-1].error is not None


def test_a_candidate_that_cannot_be_begun_costs_its_own_row_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is begun while the one before is at work: what is wrong with it must not be said of that one."""
    real = elsewhere.Run

    def run_of(model: Any, *given: Any) -> Any:
        if model.name == "two":
            raise ModelError("its rows cannot be kept")
        return real(model, *given)

    monkeypatch.setattr(elsewhere, "Run", run_of)
    found = rank(NETWORKS, DATA, executor=Reversed(2))
    errors = {row.model: row.error for row in found.rows}
    assert errors == {"one": None, "two": "its rows cannot be kept", "three": None}


def test_items_that_cannot_be_read(processes: Processes) -> None:
    spoilt = Spoilt((3, 300))
    with pytest.raises(InputError, match=r"^Cannot read row 3\.$"):
        rank(NETWORKS, spoilt, executor=processes)
    found = rank(NETWORKS, spoilt, executor=processes, skip_bad=True)
    assert found.skipped == ("row 3", "row 300")
    assert told(found) == told(rank(NETWORKS, spoilt, skip_bad=True))


def test_what_cannot_be_sent_is_refused_by_name(processes: Processes) -> None:
    with pytest.raises(
        InputError,
        match="^The model 'mine' cannot be sent to workers, of whom each needs its own .*: name it, or",
    ):
        rank([CallableModel("mine", lambda rows: rows, "rows")], DATA, executor=processes)


def test_items_that_cannot_be_sent_are_said_once_and_stop_the_ranking(processes: Processes) -> None:
    data = CountedRows(())
    data.__dict__.update(packed=None, gone_through=0)  # to which nothing can be appended
    with pytest.raises(
        InputError,
        match="^The data set 'spoilt' cannot be sent to workers, of whom each needs its own .*: give it",
    ):
        rank(NETWORKS, data, executor=processes)


def test_finished_pieces_are_in_the_cache(tmp_path: Path, framework: Callable[[str], Any]) -> None:
    """Written by this process alone: what was stopped goes on behind the last of them."""
    framework("onnxruntime")
    framework("PIL")
    models = ["zoo:cnn-mnist"]
    stopping = Stopping(2)
    with pytest.raises(KeyboardInterrupt):
        rank(models, "sklearn:digits", executor=stopping, cache=tmp_path)
    going_on = Stopping(1000)
    found = rank(models, "sklearn:digits", executor=going_on, cache=tmp_path)
    assert going_on.starts == [512, 768, 1024, 1280, 1536, 1792]
    assert told(found) == told(rank(models, "sklearn:digits"))
    kept = Stopping(0)
    assert told(rank(models, "sklearn:digits", executor=kept, cache=tmp_path)) == told(found)
    assert kept.starts == []


class Stopping(Executor):
    """Does what it is given at once; after so many pieces somebody presses Ctrl-C."""

    def __init__(self, pieces: int) -> None:
        self._max_workers, self._left, self.starts = 1, pieces, list[int]()
        self._inner = ThreadPoolExecutor(1)

    def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.starts.append(args[0].shard.start)
        future = self._inner.submit(call, *args, **kwargs)
        if len(self.starts) > self._left:
            future.result()
            future.done = lambda: False  # type: ignore[method-assign]
            future.exception = self._interrupted  # type: ignore[method-assign]
        return future

    def _interrupted(self, timeout: float | None = None) -> None:
        raise KeyboardInterrupt


def test_progress_is_told_as_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Any]] = []
    monkeypatch.setattr(Bars, "begins", lambda self, model, batches: seen.append((model, batches)))
    monkeypatch.setattr(Bars, "batch", lambda self: seen.append(("batch", None)))
    monkeypatch.setattr(Bars, "ends", lambda self, said: seen.append(("ends", said.partition(",")[0])))
    rank(NETWORKS[:2], DATA, progress=True)
    alone = list(seen)
    seen.clear()
    with ThreadPoolExecutor(2) as executor:
        rank(NETWORKS[:2], DATA, progress=True, executor=executor)
    assert seen == alone
    assert alone.count(("batch", None)) == 6


def test_the_command_prints_the_same_table(
    capfd: pytest.CaptureFixture[str], framework: Callable[[str], Any]
) -> None:
    framework("onnxruntime")
    framework("PIL")
    words = [
        "rank",
        "-m",
        "zoo:cnn-mnist,zoo:resnet-mnist",
        "-d",
        "sklearn:digits",
        "--limit",
        "300",
        "--no-cache",
    ]
    assert run(words) == 0
    alone = capfd.readouterr().out
    assert run([*words, "--workers", "2"]) == 0
    assert without_times(capfd.readouterr().out) == without_times(alone)
    assert "cnn-mnist" in alone


def without_times(text: str) -> list[str]:
    """The words of a table but for times, and the stars of those that are best for their time."""
    return re.sub(r"[0-9.]+ [mµn]?s\b", "", text.replace("*", "")).split()


def test_only_one_engine_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["rank", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--workers", "2", "--ray"]
    assert run(words) == 2
    assert "Give one of --workers, --ray and --dask." in capsys.readouterr().err


def test_zero_workers_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rank", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--workers", "0"]) == 2
    assert "--workers is a whole number from 1 on; got '0'" in capsys.readouterr().err


@pytest.mark.parametrize("race", [False, True])
def test_an_executor_that_is_shut_down_stops_the_ranking(race: bool) -> None:
    """And is no fault of any candidate."""
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(InputError, match="^The executor takes no work: cannot schedule new futures"):
        rank([Network("one", 1), Network("two", 2)], rows_and_labels(), executor=executor, race=race)


def test_what_is_no_executor_is_said_before_anything_is_run() -> None:
    wrong: Any = 2
    with pytest.raises(InputError, match=r"^The 'executor' parameter must be .*; got 2"):
        rank([Network("one", 1)], rows_and_labels(), executor=wrong)
    with pytest.raises(InputError, match=r"^The 'executor' parameter must be .*; got 2"):
        rank_layers(Network("one", 1), rows_and_labels(), executor=wrong)
