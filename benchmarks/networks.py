"""Ranking real networks: against their bare forward passes, the plain loop, a second run; all layers; more rows.

Time is that on the wall, with all cores, also under --one-thread: the libraries have threads of their own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.assets import ABSENT, ASSETS
from benchmarks.report import Row, Table, at_most, faster, seconds
from benchmarks.settings import Settings
from benchmarks.timing import say, timed

if TYPE_CHECKING:
    from benchmarks.networks_bare import Pass

TITLE = "Networks"
IMAGES = ASSETS / "images" / "flowers" / "train"
TEN = (
    "mobilenetv1_100_tf_q", "mobilenetv2_100_tf_q", "mobilenetv2_100_keras_q", "mobilenetv2_100_inat_birds_q",
    "squeezenet1_1", "squeezenet1_0_dc", "mobilenetv1_025_128", "mobilenetv1_050_160", "mobilenetv1_075_192",
    "deeplab_mnv2_100_pascal",
)  # fmt: skip
IN_TORCH = TEN[:6]
LAYERED = ("mobilenetv1_100_tf_q", "mobilenetv2_100_tf_q", "squeezenet1_1")
SMALL = "mobilenetv1_025_128"
NEEDED = ("torch", "torchvision", "timm", "onnxruntime", "PIL")


def run(settings: Settings) -> Table:
    if reason := lacking():
        return Table(TITLE, "ten networks on the flowers", (Row("not run", reason),))
    from audition.data.open import open_dataset
    from audition.data.subset import limited
    from benchmarks.networks_kept import second_runs

    data = limited(open_dataset(IMAGES), 60 if settings.quick else 600)
    names = [named(stem) for stem in TEN]
    ranked(names[:1], data)  # imports what is imported once
    rows = [*_against_libraries(names, data, settings), *_all_layers(data, settings), *_bf16(data, settings)]
    with tempfile.TemporaryDirectory(prefix="audition-bench-") as folder:
        rows += second_runs(names, data, Path(folder), settings)
        rows += _memory(Path(folder), settings)
    setting = (
        f"{len(names)} networks (timm, torchvision, ONNX files) on {len(data)} pictures of flowers; all cores"
    )
    return Table(TITLE, setting, tuple(rows))


def lacking() -> str:
    """Why it cannot run, or nothing."""
    if not IMAGES.is_dir():
        return ABSENT
    missing = [name for name in NEEDED if find_spec(name) is None]
    return f"{', '.join(missing)} not installed: make bench EXTRAS=timm,torchvision,onnx" if missing else ""


def named(stem: str) -> str:
    """The candidate whose weights lie in a file of that stem."""
    from benchmarks.candidates import candidates

    (name,) = [name for name in candidates() if f"/{stem}." in name]
    return name


def ranked(names: Sequence[str], data: Any, **options: Any) -> tuple[float, Any]:
    """A ranking, and its seconds; a candidate that fails ends the benchmark."""
    import audition

    timing = timed(lambda: audition.rank(names, data, device="cpu", **options))
    say(f"  rank {len(names)}: {timing.seconds:.3g} s")
    if errors := [f"{row.model}: {row.error}" for row in timing.value if row.error]:
        raise RuntimeError(errors[0])
    return timing.seconds, timing.value


def _against_libraries(names: Sequence[str], data: Any, settings: Settings) -> list[Row]:
    """A ranking beside what the libraries need for their forward passes alone, and beside the plain loop."""
    from benchmarks.networks_bare import bare, passes, plain_loop

    files = [(item.source, item.label) for item in data.items()]
    networks = [bare(name) for name in names]
    took, ranking, default, last = _in_turns(names, data, list(passes(networks, files)), settings.repeats)
    loop = timed(lambda: plain_loop(networks, files))
    say(f"  plain loop: {loop.seconds:.3g} s")
    what, count = f"ranking {len(names)} networks", len(IN_TORCH)
    return [
        at_most(what, took, "their bare forward passes", sum(default), 1.15),
        at_most(what, took, "the same in the faster memory layout", sum(map(min, default, last)), 1.15),
        *_parts(took, ranking),
        faster(what, took, "a plain loop that decodes for each", loop.seconds, 1.5),
        _same_order(ranking, names, list(loop.value.values()), "the plain loop"),
        faster(
            f"bare passes of {count} in torch, channels last",
            sum(last[:count]),
            "default",
            sum(default[:count]),
        ),
    ]


def _in_turns(
    names: Sequence[str], data: Any, ready: Sequence[tuple[Pass, Pass]], repeats: int
) -> tuple[float, Any, list[float], list[float]]:
    """The best ranking with its seconds, and of each network its best bare passes in either layout."""
    rankings, default, last = [], [], []
    for _ in range(repeats):  # a slow minute of the machine hits them all
        rankings.append(ranked(names, data))
        default.append([each.seconds() for each, _ in ready])
        last.append([each.seconds() for _, each in ready])
        say(f"  bare passes: {sum(default[-1]):.3g} s; channels last: {sum(last[-1]):.3g} s")
    took, ranking = min(rankings, key=lambda one: one[0])
    return took, ranking, _best(default), _best(last)


def _best(rounds: Sequence[Sequence[float]]) -> list[float]:
    """Of each network its best round."""
    return [min(each) for each in zip(*rounds, strict=True)]


def _parts(took: float, ranking: Any) -> list[Row]:
    """Where the time of a ranking goes."""
    parts = {
        "forward passes": sum(row.feature_seconds for row in ranking),
        "decoding and resizing": ranking.decoding_seconds,
        "measures": sum(row.scoring_seconds for row in ranking),
    }
    parts["opening networks, statistics"] = took - sum(parts.values())
    return [
        Row(f"- of it {part}", seconds(spent), ratio=f"{100 * spent / took:.1f} %")
        for part, spent in parts.items()
    ]


def _same_order(ranking: Any, names: Sequence[str], theirs: Sequence[float], against: str) -> Row:
    """Whether LogME orders the networks alike, and how far its values are apart."""
    scores = {row.model: row.scores["logme"] for row in ranking}
    ours = [scores[name] for name in names]
    off = max(abs(one - other) for one, other in zip(ours, theirs, strict=True))
    orders = [sorted(range(len(names)), key=lambda place: -values[place]) for values in (ours, theirs)]
    verdict = "same order" if orders[0] == orders[1] else "other order"
    return Row("LogME of each", verdict, against, "", f"off by at most {off:.1g}")


def _all_layers(data: Any, settings: Settings) -> list[Row]:
    rows = []
    for stem in LAYERED:
        name = [named(stem)]
        turns = [
            (ranked(name, data, layers="all", metrics="logme"), ranked(name, data, metrics="logme"))
            for _ in range(settings.repeats)
        ]
        every, last = _best([(one[0], other[0]) for one, other in turns])
        number = len(turns[0][0][1])
        rows.append(at_most(f"all {number} layers of {stem}", every, "its last layer", last, 1.3))
    return rows


def _bf16(data: Any, settings: Settings) -> list[Row]:
    """Whether half the digits help here, and whether the order changes; on a third of the pictures."""
    from audition.data.subset import limited

    names, part = [named(stem) for stem in IN_TORCH], limited(data, len(data) // 3)
    shorter = [f"{name}&precision=bf16" for name in names]
    turns = [(ranked(shorter, part), ranked(names, part)) for _ in range(settings.repeats)]
    bf16, fp32 = _best([(one[0], other[0]) for one, other in turns])
    scores = {row.model: row.scores["logme"] for row in turns[0][1][1]}
    return [
        faster(f"ranking {len(names)} in bf16, {len(part)} pictures", bf16, "fp32", fp32),
        _same_order(turns[0][0][1], shorter, [scores[name] for name in names], "bf16 against fp32"),
    ]


def _memory(folder: Path, settings: Settings) -> list[Row]:
    from benchmarks.networks_memory import megabytes_of

    few, many = (200, 2_000) if settings.quick else (2_000, 20_000)
    rows = []
    for what, cache in (("nothing kept", None), ("kept in a cache", folder / "memory")):
        less, more = (megabytes_of(named(SMALL), number, cache) for number in (few, many))
        ratio = more / less
        what = f"peak memory of {SMALL}, {many} rows, {what}"
        rows.append(
            Row(
                what,
                f"{more:.0f} MB",
                f"{few} rows",
                f"{less:.0f} MB",
                f"{ratio:.2f} x",
                "≤ 1.1 x",
                ratio <= 1.1,
            )
        )
    return rows
