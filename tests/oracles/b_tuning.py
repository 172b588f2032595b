"""B-Tuning and its baselines from their definitions, one number at a time; nothing is shared with the package."""

from math import exp, log

import numpy as np

from oracles import logme_fixed_point


def posterior(features, targets):
    """(score, weights [K, D]) of LogME: for each column of targets the evidence, and the mean of its posterior.

    m = β (α I + β FᵀF)⁻¹ Fᵀ y, solved as a dense system, each target by itself.
    """
    scores, rows = [], []
    for y in np.asarray(targets, dtype=float).T:
        score, alpha, beta = logme_fixed_point(features, y, variant="jmlr")
        precision = alpha * np.eye(features.shape[1]) + beta * features.T @ features
        rows.append(beta * np.linalg.solve(precision, features.T @ y))
        scores.append(score)
    return float(np.mean(scores)), np.array(rows)


def mixture(scores, temperature):
    """softmax(score / temperature), after the largest is taken from all."""
    odds = [exp((score - max(scores)) / temperature) for score in scores]
    return [each / sum(odds) for each in odds]


def pooled(weights, features, shares):
    """ȳ [N, K]: for each item and class, the sum over teachers, and over the columns of each."""
    items, classes = len(features[0]), len(weights[0])
    said = np.zeros((items, classes))
    for share, W, F in zip(shares, weights, features, strict=True):
        for i in range(items):
            for c in range(classes):
                for d in range(F.shape[1]):
                    said[i, c] += share * W[c, d] * F[i, d]
    return said


def b_tuning(features, weights, said, tradeoff):
    """tradeoff times the mean over rows and classes of (W φ(x) − ȳ(x))²."""
    total = 0.0
    for phi, y in zip(features, said, strict=True):
        for w, target in zip(weights, y, strict=True):
            total += (sum(a * b for a, b in zip(w, phi, strict=True)) - target) ** 2
    return tradeoff * total / said.size


def b_tuning_gradient(features, weights, said, tradeoff):
    """Of b_tuning with respect to features [n, D], column by column."""
    gradient = np.zeros_like(features)
    for i, phi in enumerate(features):
        for c, w in enumerate(weights):
            error = float(w @ phi) - said[i, c]
            for d in range(len(phi)):
                gradient[i, d] += 2 * tradeoff * error * w[d] / said.size
    return gradient


def distillation(outputs, said, noise, temperature, tradeoff, task):
    """T² times the mean over rows of the divergence of the student's softened answer from the teachers'."""
    total = 0.0
    for z, y in zip(outputs, said, strict=True):
        if task == "regression":
            total += sum((a - b) ** 2 for a, b in zip(z, y, strict=True)) / len(y)
        elif task == "multilabel":
            for a, b in zip(z, y, strict=True):
                p = 1 / (1 + exp(-(b - 0.5) / noise / temperature))
                q = 1 / (1 + exp(-a / temperature))
                total += (p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))) / len(y)
        else:
            spread = noise * len(y) / (len(y) - 1)
            sure, given = mixture(list(y / spread), temperature), mixture(list(z), temperature)
            total += sum(p * log(p / q) for p, q in zip(sure, given, strict=True))
    factor = 1.0 if task == "regression" else temperature**2
    return tradeoff * factor * total / len(outputs)


def l2_sp(body, start, head, alpha, beta):
    """alpha/2 the squared way of the body's numbers from where they began, and beta/2 the head's squares."""
    moved = sum((w - w0) ** 2 for w, w0 in zip(body, start, strict=True))
    return alpha / 2 * moved + beta / 2 * sum(w**2 for w in head)


def slope(function, values, step=1e-6):
    """The gradient of a function of an array by central differences, one number after the other."""
    found = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        ends = []
        for sign in (1, -1):
            moved = values.copy()
            moved[place] += sign * step
            ends.append(function(moved))
        found[place] = (ends[0] - ends[1]) / (2 * step)
    return found
