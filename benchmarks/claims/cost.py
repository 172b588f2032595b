"""What LogME costs: its memory against fine-tuning, its algorithm against a textbook's."""

from __future__ import annotations

import numpy as np

import audition
from benchmarks.claims import memory
from benchmarks.claims.claim import LOGME, Claim, of_rule
from benchmarks.claims.toys import Codes, Float64
from benchmarks.data import features_with_classes
from benchmarks.settings import Settings
from benchmarks.timing import in_turns


def run() -> tuple[Claim, ...]:
    return logme_memory(), logme_algorithm()


def logme_memory() -> Claim:
    """Above what the loaded network and images take."""
    tune, extract, score = (memory.peak_of(job) for job in ("tune", "extract", "logme"))
    return Claim(
        LOGME,
        "LogME needs 1 % of the memory of fine-tuning",
        f"SqueezeNet, batches of 32 images of 224 px: fine-tuning takes {tune:.0f} MB above the loaded "
        f"network and images, extraction {extract:.0f} MB, LogME of 600 x 512 features {score:.0f} MB: "
        f"{100 * score / tune:.1f} % for the score alone, {100 * max(extract, score) / tune:.0f} % with the "
        "features that it needs.",
        of_rule(max(extract, score) <= 0.02 * tune, score <= 0.02 * tune),
        "`python -m benchmarks.claims.memory tune`, `extract`, `logme`",
        {"tune": tune, "extract": extract, "logme": score},
    )


def logme_algorithm() -> Claim:
    """Both do the same rounds for each class; one inverts D x D in each, the other decomposes once."""
    features, codes = features_with_classes(2000, 256, 20)
    rows = features.astype(np.float64)
    times = in_turns(
        {"decomposed": lambda: audition.logme(rows, codes), "inverted": lambda: inverting(rows, codes)},
        Settings(one_thread=True),
        once=("inverted",),
    )
    fast, slow = times["decomposed"], times["inverted"]
    ratio = slow.seconds / fast.seconds
    return Claim(
        LOGME,
        "A decomposition made once for all classes and rounds makes the evidence cheap to maximise",
        f"N = 2000, D = 256, C = 20: {fast.seconds:.3f} s where inverting a D x D matrix in every round of "
        f"every class takes {slow.seconds:.1f} s, {ratio:.0f} times as long, for the same score (to "
        f"{abs(fast.value - slow.value):.0e}).",
        of_rule(ratio >= 10, ratio > 1),
        "`python -m benchmarks.claims cost`",
        {"times as long": ratio},
    )


def inverting(features: Float64, codes: Codes) -> float:
    """The evidence as a textbook maximises it: a new inverse for every α and β."""
    return float(np.mean([_evidence(features, (codes == code).astype(float)) for code in np.unique(codes)]))


def _evidence(features: Float64, target: Float64) -> float:
    count, width = features.shape
    gram, products = features.T @ features, features.T @ target
    alpha = beta = 1.0
    for _ in range(11):
        inverse = np.linalg.inv(alpha * np.eye(width) + beta * gram)
        weights = beta * inverse @ products
        used = width - alpha * np.trace(inverse)
        weight, error = float(weights @ weights), float(((target - features @ weights) ** 2).sum())
        before = alpha / beta
        alpha, beta = used / (weight + 1e-5), (count - used) / (error + 1e-5)
        if abs(alpha / beta - before) <= 1e-3 * before:
            break
    determinant = np.linalg.slogdet(alpha * np.eye(width) + beta * gram)[1]
    fit = width * np.log(alpha) + count * np.log(beta) - determinant - beta * error - alpha * weight
    return float(fit / count - np.log(2 * np.pi)) / 2
