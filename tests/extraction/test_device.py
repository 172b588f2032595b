"""Rows that stay on the device that computed them: tensors here, taken for those of a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audition.arrays import as_array
from audition.errors import ModelError
from audition.extraction import Streamed, Summary, outputs
from audition.extraction.outputs import Output
from audition.labels import as_labels
from audition.statistics import device, statistics_of

torch = pytest.importorskip("torch", reason="torch is not installed")

RNG = np.random.default_rng(0)
ROWS = (RNG.normal(size=(203, 8)) * [1, 1, 1, 1, 1, 1e3, 1e-3, 0] + 100).astype(np.float32)
LABELS = {
    "classification": np.arange(203) % 3,
    "multilabel": np.stack([np.arange(203) % 2, np.arange(203) % 3 == 0], axis=1).astype(int),
    "regression": np.linspace(-1, 1, 203),
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of ten rows of eight columns, so that few rows make several."""
    monkeypatch.setattr("audition.arrays.BLOCK_ELEMENTS", 80)


def streamed(batches: Any, labels: Any, watched: Any = None, total: int = 203) -> Any:
    sink = Streamed(["x"], labels, watched, total)
    for batch in batches:
        sink.put({"x": batch})
    return sink.matrix("x")


def cut(rows: Any, size: int) -> list[Any]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def check_close(found: Summary, labels: Any) -> None:
    whole = statistics_of(ROWS, labels)
    for name in ("mean", "scatter"):
        expected = getattr(whole, name)
        np.testing.assert_allclose(
            getattr(found.statistics, name), expected, rtol=0, atol=1e-12 * expected.max()
        )
    assert found.statistics.count == 203
    assert found.statistics.moments.quartic == pytest.approx(whole.moments.quartic, rel=1e-12)
    if whole.groups is not None:
        np.testing.assert_allclose(found.statistics.class_means, whole.class_means, rtol=1e-12)


@pytest.mark.parametrize("task", LABELS)
@pytest.mark.parametrize("size", [1, 7, 64, 500])
def test_tensors_give_what_arrays_give(task: Any, size: int) -> None:
    labels, watched = as_labels(LABELS[task], task=task), np.array([0, 63, 64, 150, 202])
    found = streamed(cut(torch.from_numpy(ROWS), size), labels, watched)
    check_close(found, labels)
    assert isinstance(found.rows, np.ndarray) and np.array_equal(found.rows, ROWS[watched])
    others = streamed([torch.from_numpy(ROWS)], labels).statistics
    assert np.array_equal(
        found.statistics.scatter, others.scatter
    )  # the blocks are the same, whatever the batches


def test_parts_end_on_a_device_as_they_do_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audition.extraction.streamed.PART_ROWS", 64)
    labels = as_labels(LABELS["classification"])
    check_close(streamed(cut(torch.from_numpy(ROWS), 50), labels), labels)


def test_fewer_rows_than_columns_come_to_the_cpu() -> None:
    found = streamed(cut(torch.from_numpy(ROWS[:5]), 3), as_labels([0, 1, 0, 1, 1]), total=5)
    assert isinstance(found, np.ndarray) and np.array_equal(found, ROWS[:5])


def test_a_network_that_leaves_its_device_in_the_middle() -> None:
    labels = as_labels(LABELS["classification"])
    tensors, arrays = cut(torch.from_numpy(ROWS), 20), cut(ROWS, 20)
    check_close(streamed([*tensors[:4], *arrays[4:]], labels), labels)


@pytest.mark.parametrize("fails", [1, 3, 8])
def test_sums_that_a_device_has_no_room_for_are_made_on_the_cpu(
    fails: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = []

    def gram(rows: Any) -> Any:
        blocks.append(len(rows))
        if len(blocks) >= fails:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return rows.T @ rows

    monkeypatch.setattr(device, "gram_on", lambda _device: gram)
    labels, watched = as_labels(LABELS["classification"]), np.array([0, 63, 64, 150, 202])
    found = streamed(cut(torch.from_numpy(ROWS), 64), labels, watched)
    assert len(blocks) == fails  # it is not tried again
    check_close(found, labels)
    assert np.array_equal(found.rows, ROWS[watched])


def test_another_failure_of_a_device_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def gram(_rows: Any) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(device, "gram_on", lambda _device: gram)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        streamed(cut(torch.from_numpy(ROWS), 64), as_labels(LABELS["classification"]))


def test_a_tensor_of_the_cpu_becomes_an_array() -> None:
    tensor = torch.from_numpy(ROWS)
    assert not outputs.is_elsewhere(tensor) and not outputs.is_elsewhere(ROWS)
    assert outputs.is_elsewhere(tensor.to("meta"))
    assert isinstance(Output("m", "x").left(203, tensor), np.ndarray)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (torch.zeros(2, 3), r"is torch.float32 \[2, 3\] where numbers \[4, D\] are needed"),
        (torch.zeros(4, 3, dtype=torch.complex64), r"is torch.complex64 \[4, 3\] where numbers"),
        (torch.zeros(4, 2), "changes its width from 3 to 2"),
        (torch.full((4, 3), 1e300, dtype=torch.float64), "holds NaN or infinite values"),
        (torch.full((4, 3), float("nan")), "holds NaN or infinite values"),
    ],
)
def test_what_is_no_feature_is_found_on_a_device_too(
    values: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "is_elsewhere", torch.is_tensor)
    output = Output("mine", "x")
    first = output.left(4, torch.ones(4, 3, dtype=torch.bfloat16, requires_grad=True))
    assert first.dtype == torch.float32 and not first.requires_grad
    with pytest.raises(ModelError, match=f"mine: its output 'x' {message}"):
        output.left(4, values)


@pytest.mark.gpu
@pytest.mark.parametrize("task", LABELS)
def test_rows_of_a_gpu_are_summed_there(task: Any) -> None:
    labels, watched = as_labels(LABELS[task], task=task), np.array([0, 63, 202])
    tensors = [Output("m", "x").left(len(rows), rows) for rows in cut(torch.from_numpy(ROWS).cuda(), 33)]
    assert all(rows.is_cuda for rows in tensors)
    found = streamed(tensors, labels, watched)
    check_close(found, labels)
    assert np.array_equal(as_array(found.rows), ROWS[watched])
    check_close(streamed([*tensors[:3], *cut(ROWS[99:], 33)], labels), labels)
