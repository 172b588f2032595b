"""PED's motion in two dimensions: where the classes and a sample of the rows are, before and after each step."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from audition.arrays import Float64
from audition.labels import ClassLabels, as_labels
from audition.metrics.ped import ped_trajectory
from audition.motion import Trajectory

ROWS = 240
CLASSES = 40  # more cannot be told apart in a picture
PERPLEXITY = 30.0
Places = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Frames:
    """Where rows and centres are at each step, 0..1 in both directions: [T + 1][n] and [T + 1][C]."""

    how: str
    rows: tuple[Places, ...]
    centres: tuple[Places, ...]


@dataclass(frozen=True)
class Motion:
    """The motion of one layer's classes. codes: the class of each row that is drawn; of: how many there are.

    energy: before the first step and after each. moves: the summed moves of each step.
    """

    model: str
    layer: str
    classes: tuple[str, ...]
    codes: tuple[int, ...]
    of: int
    seed: int
    energy: tuple[float, ...]
    moves: tuple[float, ...]
    frames: tuple[Frames, ...]


def motion(
    model: str,
    layer: str,
    features: Any,
    labels: Sequence[Any],
    *,
    task: Any = "auto",
    tsne: bool = True,
    seed: int = 0,
) -> Motion | None:
    """The motion of classes [N] in features [N, D]; None where labels are no classes, or more than can be shown."""
    known = as_labels(list(labels), task=task)
    if not isinstance(known, ClassLabels) or len(known.classes) > CLASSES:
        return None
    rows = _drawn(known.codes, seed)
    matrix = np.asarray(features[:], dtype=np.float64)
    trajectory = ped_trajectory(matrix, known.codes)
    states = _states(matrix[rows], known.codes[rows], trajectory)
    frames = [_frames("PCA", _pca(states), len(rows))]
    if tsne:
        frames.append(_frames("t-SNE", _tsne(states, seed), len(rows)))
    return Motion(
        model, layer, tuple(map(str, known.classes)), tuple(known.codes[rows].tolist()), len(matrix), seed,
        tuple(trajectory.energy.tolist()), tuple(trajectory.moves.tolist()), tuple(frames),
    )  # fmt: skip


def _drawn(codes: Any, seed: int) -> Any:
    """Some of the rows, of each class its share and at least one."""
    generator = np.random.default_rng(seed)
    share = min(1.0, ROWS / len(codes))
    kept = []
    for code in np.unique(codes):
        members = np.flatnonzero(codes == code)
        kept.append(generator.choice(members, max(1, round(share * len(members))), replace=False))
    return np.sort(np.concatenate(kept))


def _states(rows: Float64, codes: Any, trajectory: Trajectory) -> Float64:
    """The rows and then the centres at each step, in the space in which classes are balls [T + 1, n + C, D]."""
    start = (rows - trajectory.mean) / trajectory.scale
    shifts = trajectory.centres - trajectory.centres[0]
    return np.concatenate([start + shifts[:, codes], trajectory.centres], axis=1)


def _pca(states: Float64) -> Float64:
    """The two directions in which rows differ most at the end and at the start: the same for all steps."""
    from sklearn.decomposition import PCA

    flat = np.concatenate([states[0], states[-1]])
    fitted = PCA(n_components=min(2, *flat.shape), svd_solver="full").fit(flat)
    found = np.stack([fitted.transform(state) for state in states])
    return found if found.shape[2] == 2 else np.concatenate([found, np.zeros_like(found)], axis=2)


def _tsne(states: Float64, seed: int) -> Float64:
    """Each step by itself, beginning where the one before it ended, so that the pictures can be followed."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    perplexity = min(PERPLEXITY, (states.shape[1] - 1) / 3)
    few = PCA(n_components=min(50, *states.shape[1:]), random_state=seed).fit(states[0])
    begin: Any = "pca" if min(states.shape[1:]) > 1 else "random"
    found: list[Float64] = []
    # One thread: on so few rows more of them wait for each other.
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # of steps that have not settled: the next goes on from there
        for state in states:
            settings = (
                {"init": begin, "early_exaggeration": 1.0, "max_iter": 250} if found else {"init": begin}
            )
            drawn = TSNE(perplexity=perplexity, random_state=seed, **settings)
            begin = drawn.fit_transform(few.transform(state))
            found.append(np.asarray(begin, dtype=np.float64))
    return np.stack(found)


def _frames(how: str, places: Float64, rows: int) -> Frames:
    """Places as shares of the picture that holds all steps, in the same unit both ways [T + 1, n + C, 2]."""
    low, high = places.min(axis=(0, 1)), places.max(axis=(0, 1))
    size = float((high - low).max()) or 1.0
    shares = 0.5 + (places - (low + high) / 2) / size
    steps = [tuple((round(x, 4), round(y, 4)) for x, y in step.tolist()) for step in shares]
    if not all(math.isfinite(number) for number in shares.ravel()):
        steps = [tuple((0.5, 0.5) for _ in step) for step in steps]
    return Frames(how, tuple(step[:rows] for step in steps), tuple(step[rows:] for step in steps))
