"""Statistics of torch tensors: what the builder on the CPU gives, by float64 or by float32 that rounds nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audition
from audition.errors import InputError
from audition.labels import as_labels
from audition.statistics import Builder, DeviceBuilder, Statistics, device, slices, statistics_of

torch = pytest.importorskip("torch", reason="torch is not installed")

GRAMS = {"float64": device.gram_in_float64, "slices": slices.gram_in_slices}
ROUNDING = 2.0**-53
TASKS = {
    "classification": lambda n: np.sort(np.arange(n) % 3),  # class after class, so that blocks lack some
    "multilabel": lambda n: np.stack([np.arange(n) % 2, np.arange(n) % 3 == 0], axis=1).astype(int),
    "regression": lambda n: np.linspace(-1, 1, n) ** 3,
}


@st.composite
def hostile(draw: Any, rows: int = 40, columns: int = 5) -> Any:
    """Float32 whose columns differ by up to 10²⁴, lie up to 10⁴ spreads from zero, repeat, or have one row apart."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d = draw(st.integers(4, rows)), draw(st.integers(2, columns))
    found = rng.normal(size=(n, d)) + rng.choice([0, 1, 1e4], size=d)
    if draw(st.booleans()):
        found[rng.integers(n)] *= 1e3
    if draw(st.booleans()):
        found[:, 1] = found[:, 0]
    found *= 10.0 ** rng.integers(-12, 12, size=d)
    return found.astype(np.float32)


def norms(rows: Any) -> Any:
    return np.sqrt((rows.astype(np.float64) ** 2).sum(axis=0))


@settings(max_examples=60)
@given(rows=hostile(rows=20, columns=3))
def test_slices_keep_what_float64_promises(rows: Any) -> None:
    """Against rational numbers, which round nothing."""
    wide = rows.astype(np.float64) - rows[0]
    found = slices.gram_in_slices(torch.from_numpy(wide)).numpy()
    exact = [[Fraction(x) for x in column] for column in wide.T.tolist()]
    size = norms(wide)
    for i, one in enumerate(exact):
        for j, other in enumerate(exact):
            error = abs(Fraction(found[i, j]) - sum(x * y for x, y in zip(one, other, strict=True)))
            assert error <= (4 * len(wide) + 8) * ROUNDING * size[i] * size[j]
    assert np.array_equal(found, found.T)


@pytest.mark.parametrize("rows", [1, 1024, 1025, 2**14 + 3])
def test_the_largest_numbers_do_not_overflow_a_slice(rows: int) -> None:
    """All slices as large as they can be: sums reach 2²⁴ in float32, and 7 · 2²⁸ in int32."""
    value = 1 - 0.5 * sum(256.0**-i for i in range(1, 7))
    found = slices.gram_in_slices(torch.full((rows, 2), value, dtype=torch.float64) * torch.tensor([1, -1]))
    expected = rows * value**2 * np.array([[1, -1], [-1, 1]])
    np.testing.assert_allclose(found.numpy(), expected, rtol=4 * ROUNDING, atol=0)


def test_slices_are_exact_in_any_order_and_any_arithmetic_of_a_gpu() -> None:
    """So what is seen on this CPU holds on every device: no bit depends on how it multiplies."""
    rows = torch.from_numpy(np.random.default_rng(0).standard_t(2, size=(700, 9)))
    order = torch.randperm(700, generator=torch.Generator().manual_seed(0))
    assert torch.equal(slices.gram_in_slices(rows), slices.gram_in_slices(rows[order]))
    scaled = rows / 2.0 ** np.ceil(np.log2(rows.abs().max().item()))
    for part in slices._slices(scaled, rows.device):
        assert torch.equal(part.to(torch.bfloat16).to(torch.float32), part)  # a cut below TF32's
        assert part.abs().max() <= 2**slices.BITS
    assert slices.CHUNK * 2 ** (2 * slices.BITS) <= 2**24
    assert slices.SLICES * slices.LONGEST * 2 ** (2 * slices.BITS) < 2**31


def built(rows: Any, labels: Any, gram: Any, step: int, where: str = "cpu") -> Statistics:
    tensor = torch.from_numpy(rows).to(where)
    builder = DeviceBuilder(tensor[0], gram)
    for start in range(0, len(rows), step):
        builder.add(tensor[start : start + step], labels[start : start + step])
    return builder.result()


def check_equal(ours: Statistics, theirs: Statistics) -> None:
    """To 1e-12 of what rows and columns are worth; means to 1e-12 of the spread, not of themselves."""
    assert ours.count == theirs.count and ours.task == theirs.task and ours.classes == theirs.classes
    spread = np.sqrt(np.diag(theirs.scatter))
    at_most = 1e-12 * np.maximum(spread, 1e-300)
    slack = at_most + 4 * ROUNDING * abs(theirs.mean)  # a mean itself is rounded
    assert (abs(ours.mean - theirs.mean) <= slack).all()
    assert (abs(ours.scatter - theirs.scatter) <= 1e-12 * np.outer(spread, spread)).all()
    assert ours.moments.quartic == pytest.approx(theirs.moments.quartic, rel=1e-11)
    third = theirs.moments.quartic**0.5 if theirs.moments.quartic else 0.0
    assert (abs(ours.moments.cubic - theirs.moments.cubic) <= 1e-11 * third * spread).all()
    if theirs.groups is not None:
        assert np.array_equal(ours.class_counts, theirs.class_counts)
        assert (abs(ours.class_means - theirs.class_means) <= slack).all()
        assert (abs(ours.class_squares - theirs.class_squares) <= 1e-12 * spread**2).all()
    else:
        np.testing.assert_allclose(ours.targets.mean, theirs.targets.mean, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(ours.targets.scatter, theirs.targets.scatter, rtol=1e-12, atol=1e-12)
        scale = spread[:, None] * np.sqrt(np.diag(theirs.targets.scatter))
        assert (abs(ours.targets.cross - theirs.targets.cross) <= 1e-12 * scale).all()


@pytest.mark.parametrize("gram", GRAMS)
@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=25)
@given(rows=hostile(), step=st.integers(1, 40))
def test_hostile_features_give_what_the_cpu_gives(gram: str, task: Any, rows: Any, step: int) -> None:
    labels = as_labels(TASKS[task](len(rows)), task=task)
    check_equal(built(rows, labels, GRAMS[gram], step), statistics_of(rows, labels))


def features(rows: int = 600) -> tuple[Any, Any]:
    """Features as networks make them: dead, repeated and dependent columns, far from zero, of unlike size."""
    rng = np.random.default_rng(0)
    labels = np.arange(rows) % 5
    found = rng.normal(size=(rows, 24)) + rng.normal(size=(5, 24))[labels]
    found[:, 3] = 0
    found[:, 4] = found[:, 5]
    found[:, 6] = found[:, 7] - found[:, 8]
    found[:, 9] += 300
    found[:, 10:] = np.maximum(found[:, 10:], 0)
    return (found * 10.0 ** rng.integers(-3, 3, size=24)).astype(np.float32), labels


@pytest.mark.parametrize("gram", GRAMS)
def test_scores_are_kept(gram: str) -> None:
    rows, classes = features()
    labels = as_labels(classes)
    ours, theirs = built(rows, labels, GRAMS[gram], 100), statistics_of(rows, labels)
    for measure in (audition.logme, audition.h_score, audition.regularized_h_score, audition.lfc):
        assert measure(ours) == pytest.approx(measure(theirs), rel=1e-6), measure
    assert not ours.scatter[3].any() and ours.mean[3] == 0


def test_parts_of_a_device_and_of_the_cpu_are_added() -> None:
    rows, classes = features()
    labels = as_labels(classes)
    builder = Builder(rows[400].astype(np.float64))
    builder.add(rows[400:], labels[400:])
    both = built(rows[:400], labels[:400], None, 128) + builder.result()
    check_equal(both, statistics_of(rows, labels))


def test_nothing_added_is_nothing() -> None:
    assert DeviceBuilder(torch.zeros(3)).result().count == 0


def test_another_width_is_refused() -> None:
    with pytest.raises(InputError, match="A batch has 4 columns; those before had 3"):
        DeviceBuilder(torch.zeros(3)).add(torch.zeros(2, 4), as_labels([0, 1]))


@pytest.mark.parametrize("task", TASKS)
def test_what_was_added_before_memory_ran_out_is_there_still(task: str) -> None:
    rows, _ = features(90)
    labels = as_labels(TASKS[task](90), task=task)

    def gram(block: Any) -> Any:
        if len(block) > 40:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return block.T @ block

    builder = DeviceBuilder(torch.from_numpy(rows[0]), gram)
    builder.add(torch.from_numpy(rows[:40]), labels[:40])
    with pytest.raises(torch.OutOfMemoryError):
        builder.add(torch.from_numpy(rows[40:]), labels[40:])
    check_equal(builder.result(), statistics_of(rows[:40], labels[:40]))


@pytest.mark.parametrize(("capability", "fast"), [((9, 0), True), ((8, 9), False), ((12, 0), False)])
def test_chips_slow_at_float64_multiply_slices(
    capability: tuple[int, int], fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    assert (device.gram_on(torch.device("cuda:0")) is device.gram_in_float64) == fast


def test_where_there_is_no_float64_it_is_on_the_cpu() -> None:
    assert device.home_of(torch.device("mps")).type == "cpu"
    assert device.gram_on(torch.device("mps")) is not device.gram_in_float64


@pytest.mark.gpu
@pytest.mark.parametrize("gram", [*GRAMS, None])
@pytest.mark.parametrize("task", TASKS)
def test_a_gpu_gives_what_the_cpu_gives(gram: str | None, task: str) -> None:
    rows, _ = features(5000)
    labels = as_labels(TASKS[task](5000), task=task)
    check_equal(built(rows, labels, gram and GRAMS[gram], 1100, "cuda"), statistics_of(rows, labels))


@pytest.mark.gpu
@pytest.mark.parametrize("tf32", [False, True])
def test_slices_give_the_same_bits_on_a_gpu(tf32: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", tf32)
    rows = torch.from_numpy(features(5000)[0]).to(torch.float64)
    assert torch.equal(slices.gram_in_slices(rows.cuda()).cpu(), slices.gram_in_slices(rows))
