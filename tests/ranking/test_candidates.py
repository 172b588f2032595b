"""Networks that are open at once: as many as memory is meant to hold, the others again at their turn."""

import pytest

from audition.errors import ModelError
from audition.models import CallableModel
from audition.ranking.candidates import Candidate, closed_beyond


def network(name, parameters):
    model = CallableModel(name, lambda rows: rows, "rows")
    model.parameters = parameters
    return model


def test_those_beyond_the_budget_are_opened_again():
    models = {name: network(name, size) for name, size in (("a", 10), ("b", 100), ("c", 10))}
    candidates = [Candidate(name, model, again=lambda m=model: m) for name, model in models.items()]
    held = closed_beyond(candidates, held=100)
    assert [candidate.model for candidate in held] == [models["a"], None, models["c"]]
    assert held[1].wants == models["b"].preprocess
    assert held[1].network() is models["b"]


def test_a_model_that_was_given_stays():
    given = network("a", 10**12)
    (held,) = closed_beyond([Candidate("a", given)], held=1)
    assert held.network() is given


def test_a_candidate_that_failed_says_why():
    with pytest.raises(ModelError, match="no such file"):
        Candidate("a", None, error="no such file").network()


def test_a_ranking_is_the_same_when_every_network_is_opened_twice(monkeypatch, framework):
    framework("onnxruntime")
    import audition

    names = ["zoo:resnet-mnist", "zoo:cnn-mnist"]
    all_open = audition.rank(names, "sklearn:digits")
    monkeypatch.setattr("audition.ranking.candidates.HELD", 0)
    monkeypatch.setattr("audition.ranking.candidates.closed_beyond.__defaults__", (0,))
    again = audition.rank(names, "sklearn:digits")
    assert [row.scores for row in again] == [row.scores for row in all_open]
