"""What a ranking would do, told without doing it."""

import numpy as np
import pytest

import audition
from audition.errors import InputError
from audition.models.base import ModelIdentity, Outputs
from audition.ranking.forecast import duration

DATA = (np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32), np.arange(400) % 4)


class Slow:
    """A model that takes a millisecond an item, and counts them."""

    kind, layers, parameters = "rows", ("low", "high"), 7

    def __init__(self, name="slow"):
        self.name, self.identity, self.seen = name, ModelIdentity("w"), 0
        self.preprocess = audition.CallableModel("rows", lambda rows: rows, "rows").preprocess

    def forward(self, batch):
        import time

        self.seen += len(batch)
        time.sleep(1e-3 * len(batch))
        return Outputs({"low": batch, "high": batch * 2})


def test_it_tells_models_layers_measures_and_time():
    model = Slow()
    told = audition.forecast([model], DATA, layers="all", metrics="logme,lfc")
    assert model.seen == 2 * 32
    assert (told.items, told.probed, told.metrics, told.task) == (400, 32, ("logme", "lfc"), "classification")
    assert [each.layers for each in told.candidates] == [("low", "high")]
    assert 0.4 <= told.candidates[0].seconds < 4
    assert told.seconds >= told.candidates[0].seconds
    text = str(told)
    assert "400 items for classification; measures: logme, lfc." in text
    assert "2 layers" in text and "told by 32 items" in text and "Nothing was scored." in text


def test_what_is_kept_costs_nothing_and_is_not_run(tmp_path):
    audition.rank([Slow()], DATA, metrics="logme", cache=tmp_path)
    model = Slow()
    told = audition.forecast([model], DATA, metrics="logme", cache=tmp_path)
    assert model.seen == 0
    assert told.seconds == 0
    assert "1 of 1 are kept" in str(told)


def test_a_candidate_that_would_fail_says_why():
    broken = audition.CallableModel("broken", lambda rows: 1 // 0, "rows")
    told = audition.forecast([Slow(), broken], DATA, metrics="logme")
    assert told.candidates[1].seconds is None
    assert "would fail: broken failed on a batch" in str(told)


def test_items_that_cannot_be_read_are_left_out_where_that_is_asked_for(tmp_path):
    texts = tmp_path / "texts.csv"
    texts.write_text("text,label\n" + "".join(f"{'' if i == 3 else 'word'},{i % 2}\n" for i in range(20)))
    model = audition.CallableModel(
        "mine", lambda rows: rows, "text", preprocess=lambda text: np.array([len(text), 1.0])
    )
    with pytest.raises(InputError, match="is empty"):
        audition.forecast([model], texts)
    assert audition.forecast([model], texts, skip_bad=True).candidates[0].error is None


def test_mistakes_are_those_of_rank():
    with pytest.raises(InputError, match="parameter must be a positive integer"):
        audition.forecast([Slow()], DATA, batch_size=0)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "less than 0.1 s"),
        (0.42, "0.4 s"),
        (35.4, "35 s"),
        (90, "2 min"),
        (3000, "50 min"),
        (9000, "2.5 h"),
    ],
)
def test_durations_as_a_person_says_them(seconds, said):
    assert duration(seconds) == said


def test_next_to_no_time():
    quick = audition.CallableModel("quick", lambda rows: rows, "rows")
    assert "Less than 0.1 s, told by 4 items. Nothing was scored." in str(
        audition.forecast([quick], (np.eye(4), [0, 0, 1, 1]))
    )


def test_how_it_would_run_is_a_part_of_it():
    quick, other = (audition.CallableModel(name, lambda rows: rows, "rows") for name in ("quick", "other"))
    data = (np.eye(6), [0, 0, 0, 1, 1, 1])
    told = audition.forecast([quick, other], DATA, race=True, budget="1h 30m", workers=None)
    assert (told.raced, told.workers, told.stops_after) == (True, None, 5400.0)
    assert "It stops after 1.5 h" in str(told) and "The workers of the cluster share it" in str(told)
    plain = audition.forecast([quick], data)
    assert (plain.raced, plain.workers, plain.stops_after) == (False, 1, None)
    assert str(plain).endswith("Nothing was scored.")
    with pytest.raises(InputError, match="workers must be a positive whole number; got 0"):
        audition.forecast([quick], data, workers=0)


def test_many_are_raced_so_that_the_forecast_is_the_most_it_takes():
    models = [audition.CallableModel(f"m{i}", lambda rows: rows, "rows") for i in range(20)]
    assert "the most that it takes" in str(audition.forecast(models, DATA))
    assert "the most that it takes" not in str(audition.forecast(models[1:], DATA))


@pytest.mark.parametrize("models, rows", [(2, 60), (1, 600)], ids=["few rows", "one model"])
def test_where_nobody_can_be_left_behind_no_race_is_foretold(models, rows):
    """The ranking says of these that all saw all rows."""
    some = [audition.CallableModel(f"m{i}", lambda rows: rows, "rows") for i in range(models)]
    data = (np.random.default_rng(0).normal(size=(rows, 4)), np.arange(rows) % 2)
    told = audition.forecast(some, data, race=True)
    assert not told.raced and "the most that it takes" not in str(told)
    assert [row.items for row in audition.rank(some, data, race=True)] == [None] * models
