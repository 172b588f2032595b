"""The benchmark that makes truth by fine-tuning: nothing is lost when it is killed, and what it tunes is right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from math import nan
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

Framework = Callable[[str], ModuleType]
ROOT = Path(__file__).parents[1]
ZOO = sorted((ROOT / "src" / "audition" / "zoo").glob("*.onnx"))
TINY = """
import os, signal, sys
from pathlib import Path
import numpy as np, torch
from benchmarks.finetuned.ledger import Cell
from benchmarks.finetuned.networks import NETWORKS
from benchmarks.finetuned.parts import Job, Part
from benchmarks.finetuned.run import run_all
from benchmarks.finetuned.splits import Sizes
from benchmarks.finetuned.tuning import Recipe

torch.set_num_threads(1)
home, lives = Path(sys.argv[1]), int(sys.argv[2])
labels = np.arange(60) % 2
images = torch.randint(0, 200, (60, 3, 32, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
images[labels == 1] += 50

def opened(name):
    global lives
    lives -= 1
    if lives == 0:
        os.kill(os.getpid(), signal.SIGKILL)  # in the middle of a run
    return NETWORKS[name].body()

def job(cell):
    return Job(lambda: opened(cell.network), images, labels, Sizes(20, 10, 30), Recipe(5), (0.01, 0.03, 0.1))

cells = tuple(Cell("bright", name) for name in ("zoo_cnn-cifar10", "zoo_resnet-random"))
for _ in range(2):  # the second time nothing is left, and no network is opened
    run_all([Part("tiny", (cells,), job)], home / "results", home / "claims", {})
"""


@pytest.fixture(autouse=True)
def _frameworks(framework: Framework) -> None:
    for name in ("torch", "onnx", "PIL"):
        framework(name)


def _run(**others: object) -> object:
    from benchmarks.finetuned.ledger import Run

    plain = {
        "target": "t", "network": "n", "layer": "features", "rate": 0.01, "seed": 0, "metric": "accuracy",
        "test": 0.5, "held_out": 0.5, "held_out_loss": 1.0, "step": 1, "steps": 1, "train_rows": 1,
        "held_out_rows": 1, "test_rows": 1, "seconds": 1.0, "machine": "a, b; c",
    }  # fmt: skip
    return Run(**{**plain, **others})


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    from benchmarks.finetuned.ledger import read

    file = tmp_path / "results" / "tiny.csv"
    killed = _tiny(tmp_path, lives=4)
    before = file.read_bytes()
    assert killed == -9 and len(read(file)) == 3
    file.write_bytes(before + b"bright,zoo_cnn")  # a line that the crash cut off
    assert _tiny(tmp_path, lives=8) == 0  # seven runs are left
    runs = read(file)
    assert file.read_bytes().startswith(before)
    assert len(runs) == 10 and len({(run.cell, run.rate, run.seed) for run in runs}) == 10
    assert {run.network for run in runs} == {"zoo_cnn-cifar10", "zoo_resnet-random"}
    assert max(run.test for run in runs if run.network == "zoo_cnn-cifar10") > 0.8


def _tiny(home: Path, lives: int) -> int:
    command = [sys.executable, "-c", TINY, str(home), str(lives)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def test_a_line_is_read_as_it_was_written(tmp_path: Path) -> None:
    from benchmarks.finetuned.ledger import append, read

    runs = [_run(), _run(test=nan, network="b", rate=3e-05), _run(seed=2)]
    for run in runs:
        append(tmp_path / "runs.csv", run)
    assert [str(run) for run in read(tmp_path / "runs.csv")] == [str(run) for run in runs]
    assert read(tmp_path / "absent.csv") == []


def test_one_process_has_a_cell(tmp_path: Path) -> None:
    from benchmarks.finetuned.ledger import Cell, claimed

    one, other = Cell("t", "n"), Cell("t", "other")
    with claimed(tmp_path, one) as first, claimed(tmp_path, one) as second, claimed(tmp_path, other) as third:
        assert (first, second, third) == (True, False, True)
    with claimed(tmp_path, one) as again:
        assert again


@pytest.mark.parametrize(("best", "tried"), [(0.003, [0.01, 0.03, 0.003]), (0.1, [0.01, 0.03, 0.1])])
def test_rates_are_walked_towards_the_better_side(best: float, tried: list[float]) -> None:
    from benchmarks.finetuned.plan import left, next_run, of_best

    ladder, done = (0.003, 0.01, 0.03, 0.1), []
    while (chosen := next_run(done, ladder)) is not None:
        rate, seed = chosen
        assert left(done) == 5 - len(done)
        done.append(_run(rate=rate, seed=seed, held_out=-abs(np.log(rate / best))))
    assert [run.rate for run in done[:3]] == tried
    assert [(run.rate, run.seed) for run in of_best(done)] == [(best, 0), (best, 1), (best, 2)]
    assert next_run(done, ladder, seeds=4) == (best, 3)


def test_a_rate_that_diverged_is_not_the_best() -> None:
    from benchmarks.finetuned.plan import best_rate

    done = [_run(rate=0.1, held_out=nan, held_out_loss=nan), _run(rate=0.01, held_out=0.1)]
    assert best_rate(done) == 0.01
    ties = [_run(rate=0.1, held_out_loss=0.5), _run(rate=0.01, held_out_loss=0.4)]
    assert best_rate(ties) == 0.01


def test_parts_share_no_row_and_have_the_classes_in_turn() -> None:
    from benchmarks.finetuned.splits import Sizes, split

    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(5), 20))
    drawn = split(labels, Sizes(40, 10, 45), seed=1)
    every = np.concatenate([drawn.train, drawn.held_out, drawn.test])
    assert len(np.unique(every)) == len(every) == 95
    assert np.bincount(labels[drawn.train]).tolist() == [8] * 5
    assert np.bincount(labels[drawn.held_out]).tolist() == [2] * 5
    assert split(labels, Sizes(40, 10, 45), seed=1).test.tolist() == drawn.test.tolist()
    assert split(labels, Sizes(40, 10, 45), seed=2).test.tolist() != drawn.test.tolist()
    with pytest.raises(ValueError, match="101 rows asked for, 100 there"):
        split(labels, Sizes(41, 10, 50), seed=1)


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.stem)
def test_an_onnx_network_is_the_same_in_torch(path: Path, framework: Framework) -> None:
    _same_in_torch(path, (3, 32, 32), framework)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("mini_xception_fer_060", (1, 64, 64)), ("mcunet_vww_80", (3, 80, 80)), ("mtcnn_onet", (3, 48, 48)),
        ("mobilenetv1_025_128", (3, 128, 128)), ("resnet20_cifar10", (3, 32, 32)),
        ("resnet8_large_cifar10", (3, 32, 32)), ("deeplab_mnv2_050_pascal", (3, 225, 225)),
    ],
)  # fmt: skip
def test_a_real_onnx_network_is_the_same_in_torch(
    name: str, shape: tuple[int, ...], assets: Path, framework: Framework
) -> None:
    _same_in_torch(assets / "weights" / f"{name}.onnx", shape, framework)


def _same_in_torch(path: Path, shape: tuple[int, ...], framework: Framework) -> None:
    """To 1e-4, also where the first layer takes a smaller input, and every weight has a gradient."""
    from benchmarks.finetuned.onnx_torch import OnnxNetwork

    torch, onnxruntime = framework("torch"), framework("onnxruntime")
    images = np.random.default_rng(0).random((2, *shape), dtype=np.float32)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = session.run(["features"], {"input": images})[0]
    network = OnnxNetwork(path)
    for _ in range(2):  # the second time with what was kept of the first
        features = network(torch.from_numpy(images))
    scale = float(np.abs(expected).max())
    assert features.detach().numpy() == pytest.approx(expected, abs=1e-4 * scale)
    features.square().sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())
    if shape[0] == 3 and "zoo" not in str(path):
        with torch.no_grad():
            scaled = network.scale_input(255.0)(torch.from_numpy(images / 255)).numpy()
        assert scaled == pytest.approx(expected, abs=1e-4 * scale)


def test_folding_batch_norm_leaves_the_function(framework: Framework) -> None:
    from benchmarks.finetuned.networks import without_norms

    torch = framework("torch")
    torch.manual_seed(0)
    norm = torch.nn.BatchNorm2d(4)
    torch.nn.init.normal_(norm.weight)
    norm.running_mean += torch.randn(4)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), norm, torch.nn.ReLU()).eval()
    images = torch.rand(2, 3, 8, 8)
    expected = network(images)
    folded = without_norms(network)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in folded.modules())
    assert torch.allclose(folded(images), expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["classes", "labels", "regression"])
@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
def test_tuning_learns_each_task(kind: str, optimiser: str, framework: Framework) -> None:
    from benchmarks.finetuned.splits import Sizes, split
    from benchmarks.finetuned.tasks import as_tensor, task_of
    from benchmarks.finetuned.tuning import Recipe, tune

    torch = framework("torch")
    rows = np.random.default_rng(0).standard_normal((300, 4)).astype(np.float32)
    labels = {
        "classes": (rows[:, 0] > 0).astype(np.int64) + 2 * (rows[:, 1] > 0),
        "labels": (rows[:, :2] > 0).astype(np.float32),
        "regression": 7 + 3 * rows[:, 0],
    }[kind]
    parts, task = split(labels, Sizes(100, 50, 150), seed=0), task_of(labels)
    torch.manual_seed(0)
    body = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh())
    given = torch.from_numpy(rows), as_tensor(labels, parts.train), parts, task
    tuned = tune(body, *given, 0.05, 0, Recipe(60, optimiser))
    assert tuned.test > 0.85 and tuned.held_out > 0.85 and 0 < tuned.step <= 60
    lost = tune(body, *given, 1e30, 0, Recipe(60, "sgd"))
    assert np.isnan(lost.test) or lost.test < tuned.test


def test_half_the_seeds_against_the_other_half(tmp_path: Path) -> None:
    from benchmarks.finetuned.ledger import Cell, append
    from benchmarks.finetuned.parts import Part
    from benchmarks.finetuned.truth import agreement, halves, uncertain, write_truth

    assert halves(3) == [([0], [1]), ([0], [2]), ([1], [2])]
    assert len(halves(4)) == 3 and len(halves(6)) == 10
    cells = tuple(Cell(target, f"n{i}") for target in ("sure", "unsure") for i in range(6))
    part = Part("tiny", (cells[:6], cells[6:]), lambda cell: None)
    for cell in cells:
        i = int(cell.network[1])
        for rate, seed in ((0.01, 0), (0.03, 0), (0.003, 0), (0.01, 1), (0.01, 2)):
            score = i / 10 if cell.target == "sure" else ((i * (seed + 1)) % 7) / 10
            merit = 1.0 if rate == 0.01 else 0.0
            append(tmp_path / "tiny.csv", _run(
                target=cell.target, network=cell.network, rate=rate, seed=seed, test=score, held_out=merit
            ))  # fmt: skip
    assert agreement(part, "sure", tmp_path).tau == pytest.approx(1.0)
    assert uncertain(part, tmp_path) == ["unsure"]
    write_truth([part], tmp_path)
    lines = (tmp_path / "tiny_truth.csv").read_text().splitlines()
    assert lines[2] == "sure,n1,features,accuracy,0.100000,0.000000,3,0.01,1,1,0"
    assert (tmp_path / "agreement.csv").read_text().splitlines()[1] == "tiny,sure,1.0000,3,6,6"


def test_every_network_takes_its_images(assets: Path, framework: Framework) -> None:
    """The names are unique by being keys; each body and head takes bytes of its size."""
    from benchmarks.finetuned.networks import NETWORKS, has_seen

    torch = framework("torch")
    assert len(NETWORKS) >= 20
    for name in ("mini_xception_fer_047", "resnet8_cifar10", "zoo_vit-cifar10", "deeplab_mnv2_050_pascal"):
        network = NETWORKS[name]
        images = torch.full((2, 1 if network.grey else 3, network.size, network.size), 128, dtype=torch.uint8)
        with torch.no_grad():
            assert network.body()(images).ndim == 2
            assert len(network.source()(images)) == 2
    assert NETWORKS["zoo_resnet-random"].source() is None
    assert has_seen("resnet20_cifar10", "cifar10_mosaics") and not has_seen("resnet20_cifar10", "mnist")


def test_targets_have_the_rows_that_are_asked_of_them(assets: Path) -> None:
    from benchmarks.finetuned.images import TARGETS, labels_of
    from benchmarks.finetuned.splits import split

    for name, target in TARGETS.items():
        parts = split(labels_of(name), target.sizes, seed=0)
        assert len(parts.test) == target.sizes.test, name
