"""TransRate as mutual information, as completeness and compactness, and as ten lines of code: made-up data."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp
from sklearn.datasets import load_digits

import audition
from benchmarks import published
from benchmarks.claims.claim import TRANSRATE, Claim, of_rule, shown
from benchmarks.claims.toys import Codes, Float64

ROWS, CLASSES = 4000, 4
APART, SPREADS = (0.5, 1.0, 2.0, 4.0, 8.0), (2.0, 1.0, 0.5, 0.25, 0.125)
SOURCE = "`python -m benchmarks.claims information`"


def run() -> tuple[Claim, ...]:
    return mutual_information(), compactness(), noise_columns(), ten_lines()


def _rows(apart: float, spread: float) -> tuple[Float64, Codes]:
    """Four clusters in a plane: rows [N, 2] and codes."""
    rng, codes = np.random.default_rng(0), np.arange(ROWS) % CLASSES
    return apart * _centres()[codes] + spread * rng.standard_normal((ROWS, 2)), codes


def _centres() -> Float64:
    return np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])


def _information(features: Float64, codes: Codes, apart: float, spread: float) -> float:
    """The mutual information itself, from the densities that the rows were drawn from, in nats."""
    squares = ((features[:, None, :] - apart * _centres()) ** 2).sum(axis=2)
    densities = -squares / (2 * spread**2)
    own = densities[np.arange(len(codes)), codes]
    return float((own - logsumexp(densities, axis=1) + np.log(CLASSES)).mean())


def mutual_information() -> Claim:
    """Classes part step by step; what is known of a class from its features cannot exceed ln 4."""
    drawn = [(*_rows(apart, 1.0), apart) for apart in APART]
    true = [_information(features, codes, apart, 1.0) for features, codes, apart in drawn]
    given = [audition.transrate(features, codes) for features, codes, _ in drawn]
    centred = [_with_centred_classes(features, codes) for features, codes, _ in drawn]
    off = max(abs(one - other) for one, other in zip(given, true, strict=True))
    return Claim(
        TRANSRATE,
        "TransRate is an estimate of the mutual information of features and labels",
        f"Four clusters in the plane, {', '.join(f'{a:g}' for a in APART)} from the origin, spread 1: the "
        f"information is {shown(true)} nats (at most ln 4 = 1.39), TransRate {shown(given)}. Same order, "
        "other numbers: classes are not centred on their own means, so a class far from the origin is taken "
        "for a wide one, and the score has no ceiling. With centred classes it would be an upper bound: "
        f"{shown(centred)}.",
        of_rule(off < 0.1, bool((np.diff(given) > 0).all())),
        SOURCE,
        {"information": true, "transrate": given, "centred": centred},
    )


def _with_centred_classes(features: Float64, codes: Codes) -> float:
    """Half the log-determinant of all rows' covariance less the mean of the classes' own, for tiny ε."""
    own = [np.linalg.slogdet(np.cov(features[codes == code].T))[1] for code in range(CLASSES)]
    return float(np.linalg.slogdet(np.cov(features.T))[1] - np.mean(own)) / 2


def compactness() -> Claim:
    """Classes shrink about fixed centres: completeness is soon full, compactness is not."""
    given = [audition.transrate(*_rows(1.0, spread)) for spread in SPREADS]
    return Claim(
        TRANSRATE,
        "TransRate rewards compact classes, beyond what is needed to tell them apart",
        f"The same clusters at distance 1, spread {', '.join(f'{s:g}' for s in SPREADS)}: TransRate "
        f"{shown(given)}.",
        of_rule(bool((np.diff(given) > 0).all()), given[-1] > given[0]),
        SOURCE,
        {"transrate": given},
    )


def noise_columns() -> Claim:
    """What its use across networks of different width rests on."""
    features, codes = _rows(1.0, 0.5)
    noise = np.random.default_rng(1).standard_normal((ROWS, 256))
    added = (0, 4, 16, 64, 256)
    given = [audition.transrate(np.hstack([features, noise[:, :k]]), codes) for k in added]
    even = [
        audition.transrate(np.hstack([features, noise[:, :k]]), codes, variant="normalized") for k in added
    ]
    return Claim(
        TRANSRATE,
        "Being mutual information, TransRate does not grow by columns that say nothing of the labels",
        f"The same clusters beside {', '.join(map(str, added))} columns of pure noise, {ROWS} rows: paper "
        f"{shown(given)}; normalized {shown(even, 3)}. Columns without any information raise the score that "
        "is meant to measure it.",
        of_rule(max(given) <= given[0] * 1.05, max(even) <= even[0] * 1.05),
        SOURCE,
        {"paper": given, "normalized": even},
    )


def ten_lines() -> Claim:
    """The appendix' code against ours."""
    features, labels = load_digits(return_X_y=True)
    theirs = published.transrate(features, labels)
    ours = audition.transrate(features, labels, variant="appendix")
    return Claim(
        TRANSRATE,
        "Ten lines of code suffice",
        f"The ten lines of its appendix give {theirs:.10f} on the digits, ours {ours:.10f}; ours is the "
        "faster one where classes are smaller than the number of columns (docs/benchmarks.md).",
        of_rule(abs(ours / theirs - 1) < 1e-9, False),
        f"{SOURCE}, `benchmarks/published/coding.py`",
        {"theirs": theirs, "ours": ours},
    )
