"""PED's motion against real fine-tuning: do classes part as it foretells?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import spearmanr

import audition
from benchmarks.claims.claim import PED, Claim, of_rule, shown
from benchmarks.claims.toys import Codes, Float64

NETWORKS = ("zoo_resnet-cifar10_selfsup", "zoo_resnet-cifar10", "zoo_cnn-omniglot")
TARGETS = ("eurosat", "flowers", "sign_digits")
RATE, SEED = 0.01, 0


@dataclass(frozen=True)
class Course:
    """Of one network on one target: before, after PED, and after fine-tuning.

    apart: mean distance of class centres over the sum of their radii. energy: of the overlap, λ = 0.6, in the
    unit of the rows themselves. foretold: Spearman over pairs of classes, between how far PED parts them and how
    far fine-tuning does. nearness: the same for minus the distance before. along: mean cosine between where PED
    moves a centre and where fine-tuning does.
    """

    apart: tuple[float, float, float]
    energy: tuple[float, float, float]
    foretold: float
    nearness: float
    along: float


def run() -> tuple[Claim, ...]:
    courses = [course(network, target) for network in NETWORKS for target in TARGETS]
    return declines(courses), foretells(courses)


def course(network: str, target: str) -> Course:
    """Fine-tunes a network by the recipe of benchmarks.finetuned, and looks at rows that it was not tuned on."""
    import torch

    from benchmarks.finetuned.ledger import Cell
    from benchmarks.finetuned.parts import PARTS
    from benchmarks.finetuned.splits import split
    from benchmarks.finetuned.tasks import task_of
    from benchmarks.finetuned.tuning import predicted, tune

    torch.set_num_threads(1)
    job = PARTS["images"].job(Cell(target, network))
    parts, task, body = split(job.labels, job.sizes, SEED), task_of(job.labels), job.body()
    rows, labels = job.inputs[parts.test], job.labels[parts.test].astype(np.int64)
    before = predicted(body, rows).double().numpy()
    tune(body, job.inputs, torch.from_numpy(job.labels), parts, task, RATE, SEED, job.recipe)
    return compared(before, predicted(body, rows).double().numpy(), labels)


def compared(before: Float64, after: Float64, labels: Codes) -> Course:
    """What PED makes of features, beside what became of them."""
    trajectory = audition.ped_trajectory(before, labels)
    moved = before + trajectory.shifts[labels]
    start, foretold, real = (_apart(features, labels) for features in (before, moved, after))
    energies = (trajectory.energy[0], trajectory.energy[-1], audition.ped_trajectory(after, labels).energy[0])
    really = _centres(after, labels) - _centres(before, labels)
    return Course(
        (float(start.mean()), float(foretold.mean()), float(real.mean())),
        (float(energies[0]), float(energies[1]), float(energies[2])),
        float(spearmanr(foretold - start, real - start).statistic),
        float(spearmanr(-start, real - start).statistic),
        float(_cosines(trajectory.shifts, really).mean()),
    )


def declines(courses: list[Course]) -> Claim:
    """Does the energy that PED is named after fall when networks are really tuned?"""
    left = [one.energy[2] / one.energy[0] for one in courses]
    apart = np.mean([one.apart for one in courses], axis=0)
    down = sum(share < 1 for share in left)
    return Claim(
        PED,
        "Fine-tuning pushes overlapping classes apart, so that the potential energy declines",
        f"{len(courses)} networks tuned ({', '.join(NETWORKS)} on {', '.join(TARGETS)}; unseen rows): the "
        f"energy falls in {down}, to {100 * np.median(left):.0f} % (median). Distance of class centres over "
        f"the sum of radii: {apart[0]:.2f} before, {apart[1]:.2f} after PED, {apart[2]:.2f} after "
        "fine-tuning.",
        of_rule(down == len(courses), down > len(courses) / 2),
        "`python -m benchmarks.claims dynamics`",
        {"left": left, "apart": apart.tolist()},
    )


def foretells(courses: list[Course]) -> Claim:
    """Is it PED's motion that it follows?"""
    pairs, near = [one.foretold for one in courses], [one.nearness for one in courses]
    along = [one.along for one in courses]
    return Claim(
        PED,
        "PED's motion foretells what fine-tuning does to the features",
        "The same runs. Over pairs of classes, how far PED parts them and how far fine-tuning does agree by "
        f"Spearman {shown([float(np.mean(pairs))])} (mean; {shown([min(pairs)])} to {shown([max(pairs)])}; "
        f"the plain nearness of the two before gives {shown([float(np.mean(near))])}). The cosine between "
        f"where PED moves a centre and where fine-tuning does is {shown([float(np.mean(along))])} "
        f"({shown([min(along)])} to {shown([max(along)])}).",
        of_rule(min(pairs) > 0.5 and min(along) > 0.5, min(along) > 0 or min(pairs) > 0),
        "`python -m benchmarks.claims dynamics`",
        {"pairs": pairs, "nearness": near, "along": along},
    )


def _centres(features: Float64, labels: Codes) -> Float64:
    """Class means less the mean of all rows, [C, D]."""
    centred = features - features.mean(axis=0)
    return np.array([centred[labels == code].mean(axis=0) for code in range(labels.max() + 1)])


def _apart(features: Float64, labels: Codes) -> Float64:
    """Of each pair of classes: distance of the centres over the sum of the radii."""
    centres = _centres(features, labels)
    radii = [np.sqrt(features[labels == code].var(axis=0).sum()) for code in range(len(centres))]
    pairs = combinations(range(len(centres)), 2)
    return np.array([np.linalg.norm(centres[i] - centres[j]) / (radii[i] + radii[j]) for i, j in pairs])


def _cosines(one: Float64, other: Float64) -> Float64:
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / np.maximum(norms, 1e-300))
