"""TransRate from the spectra that its authors released: three studies of layers, and the choice of ε."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau, pearsonr

import audition
from audition import weighted_tau
from benchmarks.assets import ASSETS
from benchmarks.claims import networks
from benchmarks.claims.claim import TRANSRATE, Claim, of_rule, shown

FILE = ASSETS.parent / "truth" / "transrate_layer_spectra.npz"
TESTED = Path(__file__).parents[2] / "tests" / "truth" / FILE.name  # two of the three studies
Variant = Literal["paper", "normalized"]
VARIANTS: tuple[Variant, ...] = ("paper", "normalized")
STUDIES = ("imagenet_resnet18", "caltech256_resnet18", "svhn_resnet20")
EPSILONS = (1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
SMALL = 1e-3  # up to here ε is "small"
SOURCE = "`python -m benchmarks.claims spectra`"


def run() -> tuple[Claim, ...]:
    return layers(), epsilon_of_layers(), epsilon_of_networks()


@cache
def _arrays() -> dict[str, NDArray[np.float64]]:
    with np.load(FILE if FILE.exists() else TESTED, allow_pickle=False) as opened:
        return dict(opened)


def studies() -> list[str]:
    """Those whose spectra are there."""
    return [name for name in STUDIES if f"{name}/accuracy" in _arrays()]


def scores(study: str, epsilon: float | None = None) -> tuple[list[float], list[float]]:
    """Accuracy and normalised TransRate of each layer, at the ε that the authors chose or another."""
    arrays = _arrays()
    accuracy = arrays[f"{study}/accuracy"]
    chosen = float(arrays[f"{study}/epsilon"]) if epsilon is None else epsilon
    return accuracy.tolist(), [_layer(f"{study}/{layer}", chosen) for layer in range(len(accuracy))]


def _layer(prefix: str, epsilon: float) -> float:
    arrays = _arrays()
    whole, classes, counts = (
        arrays[f"{prefix}/{part}"] for part in ("eigenvalues", "class_eigenvalues", "class_counts")
    )
    rank = int(arrays[f"{prefix}/rank"])
    return audition.transrate_from_spectra(
        whole.tolist(), classes.tolist(), counts.tolist(), rank=rank, epsilon=epsilon
    )


def layers() -> Claim:
    """The studies as their authors ran them."""
    found = {study: agreement(study) for study in studies()}
    told = "; ".join(
        f"{study} ({len(scores(study)[0])} layers) {shown(three, 3)}" for study, three in found.items()
    )
    hits = [study for study in found if np.argmax(scores(study)[0]) == np.argmax(scores(study)[1])]
    return Claim(
        TRANSRATE,
        "TransRate finds the order of layers by what fine-tuning from them gives (the authors' own studies)",
        f"From the eigenvalues that they released, τ_w, Kendall's τ and Pearson's r: {told}. The best layer "
        f"comes first in {len(hits)} of {len(found)}. Their ε was chosen for each study (1e-4, 1e-5, 1e-2).",
        of_rule(
            all(three[0] > 0.9 for three in found.values()), all(three[0] > 0 for three in found.values())
        ),
        f"{SOURCE}; also `pytest tests/metrics/test_transrate.py -k layer_studies`",
        {study: list(three) for study, three in found.items()},
    )


def agreement(study: str) -> tuple[float, float, float]:
    accuracy, given = scores(study)
    tau, r = kendalltau(accuracy, given).statistic, pearsonr(accuracy, given).statistic
    return weighted_tau(accuracy, given), float(tau), float(r)


def epsilon_of_layers() -> Claim:
    """The order of layers in the released studies at other ε."""
    found = {study: [weighted_tau(*scores(study, epsilon)) for epsilon in EPSILONS] for study in studies()}
    small = [taus[: EPSILONS.index(SMALL) + 1] for taus in found.values()]
    told = "; ".join(f"{study} {shown(taus)}" for study, taus in found.items())
    return Claim(
        TRANSRATE,
        "The order hardly depends on ε as long as it is small: layers",
        f"τ_w with the truth at ε = {_listed(EPSILONS)}: {told}.",
        of_rule(all(np.ptp(taus) < 0.05 for taus in small), any(np.ptp(taus) < 0.05 for taus in small)),
        SOURCE,
        found,
    )


def epsilon_of_networks() -> Claim:
    """The order of the zoo's networks at other ε, against that at 1e-4, for both variants."""
    found: dict[str, list[float]] = {
        variant: [_alike(variant, epsilon) for epsilon in EPSILONS] for variant in VARIANTS
    }
    small = {variant: min(taus[: EPSILONS.index(SMALL) + 1]) for variant, taus in found.items()}
    return Claim(
        TRANSRATE,
        "The order hardly depends on ε as long as it is small: networks",
        f"The zoo on {len(networks.DATA)} targets, mean τ_w between the order at ε = {_listed(EPSILONS)} and "
        f"that at 1e-4: {'; '.join(f'{variant} {shown(taus)}' for variant, taus in found.items())}.",
        of_rule(min(small.values()) > 0.9, max(small.values()) > 0.9),
        SOURCE,
        found,
    )


def _alike(variant: Variant, epsilon: float) -> float:
    pairs = [(_of_zoo(variant, 1e-4, target), _of_zoo(variant, epsilon, target)) for target in networks.DATA]
    return float(np.mean([weighted_tau(*pair) for pair in pairs]))


@cache
def _of_zoo(variant: Variant, epsilon: float, target: str) -> list[float]:
    all_seen = [networks.seen(name, target) for name in networks.networks()]
    return [audition.transrate(x.features, x.labels, variant=variant, epsilon=epsilon) for x in all_seen]


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:.0e}".replace("e-0", "e-").replace("e+00", "") for number in numbers)
