"""Agreement of two orders, pair by pair, and what following scores loses, choice by choice."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, permutations


def weighted_tau(truth, scores, *, rank=True):
    """Vigna's weighted τ with additive hyperbolic weights: the mean over both ways to place, or by truth."""
    by_truth = _weighted_tau(truth, scores, _places(truth, scores))
    if rank is None:
        return by_truth
    return (by_truth + _weighted_tau(truth, scores, _places(scores, truth))) / 2


def kendall(truth, scores):
    return _weighted_tau(truth, scores, [1] * len(truth), weigh=lambda place: 0.5)


def _weighted_tau(truth, scores, places, weigh=lambda place: 1 / (place + 1)):
    together = of_truth = of_scores = 0.0
    for i in range(len(truth)):
        for j in range(len(truth)):
            if i == j:
                continue
            weight = weigh(places[i]) + weigh(places[j])
            t, s = _sign(truth[i], truth[j]), _sign(scores[i], scores[j])
            together += weight * t * s
            of_truth += weight * t * t
            of_scores += weight * s * s
    if of_truth == 0 or of_scores == 0:
        return float("nan")
    return together / (of_truth * of_scores) ** 0.5


def _sign(a, b):
    return 1 if a > b else -1 if a < b else 0


def _places(first, second):
    """0 for the model that no other beats; those equal in both stand one behind the other."""
    order = sorted(range(len(first)), key=lambda i: (-first[i], -second[i]))
    return [order.index(i) for i in range(len(first))]


def spearman(truth, scores):
    return pearson(_shared_places(truth), _shared_places(scores))


def _shared_places(values):
    return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]


def pearson(x, y):
    x = [Fraction(value) for value in x]
    y = [Fraction(value) for value in y]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    both = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
    square = sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y)
    return float(both) / float(square) ** 0.5 if square else float("nan")


def best_of_first(truth, scores, k):
    """The mean over every order that the scores allow of the best true result among the first k."""
    models = range(len(truth))
    allowed = [
        order for order in permutations(models) if all(scores[a] >= scores[b] for a, b in pairwise(order))
    ]
    return sum(max(truth[i] for i in order[:k]) for order in allowed) / len(allowed)


def rel(truth, scores, k):
    return best_of_first(truth, scores, k) / max(truth)


def regret(truth, scores, k):
    return max(truth) - best_of_first(truth, scores, k)


def hit(truth, scores):
    first = [t for t, s in zip(truth, scores) if s == max(scores)]
    return sum(t == max(truth) for t in first) / len(first)
