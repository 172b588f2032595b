"""How sure an order is: intervals, places, and who cannot be told apart from the first."""

import numpy as np
import pytest

import audition
from audition.errors import CacheWarning, InputError
from audition.models.base import ModelIdentity
from audition.ranking.table import percent

RNG = np.random.default_rng(0)
LABELS = np.arange(300) % 3
SIGNAL = np.eye(3)[LABELS] + RNG.normal(size=(300, 3))
DATA = (np.concatenate([SIGNAL, RNG.normal(size=(300, 4))], axis=1).astype(np.float32), LABELS)


def model(name, columns, noise=0.0):
    """A network that sees some of the columns; with noise of its own, drawn from what it sees."""

    def forward(rows):
        seen = rows[:, columns]
        return seen + noise * np.sin(1000 * seen)

    made = audition.CallableModel(name, forward, "rows")
    made.identity = ModelIdentity(name)
    return made


MODELS = [model("all", [0, 1, 2]), model("nearly", [0, 1, 2], 0.05), model("none", [3, 4, 5])]


def test_intervals_places_and_the_chance_to_be_first():
    ranking = audition.rank(MODELS, DATA, metrics="logme,regularized_h_score")
    for row in ranking:
        for metric, (low, high) in row.intervals.items():
            assert low < row.scores[metric] < high
        assert row.standing.first <= row.place <= row.standing.last
    assert sum(row.standing.best for row in ranking) == pytest.approx(1)
    assert ranking["none"].standing.best < 0.01
    assert not ranking["none"].standing.contender
    assert {row.model for row in ranking if row.standing.contender} == {"all", "nearly"}


def test_the_verdict_says_how_sure_it_is():
    ranking = audition.rank(MODELS, DATA, metrics="logme")
    assert "of the resamples of the rows" in ranking.verdict
    assert "cannot be told from it (90 %)" in ranking.verdict
    sure = audition.rank([MODELS[0], MODELS[2]], DATA, metrics="logme")
    assert (
        "comes first in 100 % of the resamples of the rows, and can be told from all others" in sure.verdict
    )
    assert sure.more_rows == 0
    assert "places" in str(sure) and "100 %" in str(sure)


def test_other_batches_and_the_cache_say_the_same(tmp_path):
    plain = audition.rank(MODELS, DATA, metrics="logme")
    for options in ({"batch_size": 17}, {"cache": tmp_path}, {"cache": tmp_path}):
        other = audition.rank(MODELS, DATA, metrics="logme", **options)
        assert [row.intervals for row in other] == [row.intervals for row in plain]
        assert [row.standing for row in other] == [row.standing for row in plain]


def test_where_only_statistics_are_left_the_scores_stand_alone(tmp_path):
    scores = audition.rank(MODELS, DATA, metrics="logme", cache=tmp_path).best.scores
    for shard in tmp_path.rglob("*.safetensors"):
        if not shard.name.startswith("statistics-"):
            shard.write_bytes(b"nonsense")
    with pytest.warns(CacheWarning, match="damaged"):
        ranking = audition.rank(MODELS, DATA, metrics="logme", cache=tmp_path)
    assert ranking.best.scores == scores
    assert ranking.best.standing is None
    assert "logme has no interval: the features are not kept any more" in str(ranking)


def test_no_resamples_no_intervals():
    ranking = audition.rank(MODELS, DATA, metrics="logme", resamples=0)
    assert all(row.intervals == {} and row.standing is None for row in ranking)
    assert "resamples" not in str(ranking)


@pytest.mark.parametrize("number", [1, -3, 2.5, True])
def test_numbers_of_resamples_that_cannot_be(number):
    with pytest.raises(InputError, match="'resamples' parameter must be 0, or 2 and more"):
        audition.rank(MODELS, DATA, resamples=number)


def test_so_many_resamples_that_memory_would_not_hold_them():
    with pytest.raises(
        InputError, match="at most 10,000, as shares of more are no surer. Got 100000000 instead"
    ):
        audition.rank(MODELS, DATA, resamples=10**8)


@pytest.mark.parametrize(
    "metrics",
    ["transrate", "gbc", "logme+ped", "ncti", "etran", "logme,gbc", "logme,transrate", "logme,ncti"],
)
def test_every_measure_says_how_sure_it_is(metrics):
    ranking = audition.rank(MODELS, DATA, metrics=metrics, order="mean place")
    for row in ranking:
        assert set(row.intervals) == set(metrics.split(","))
        assert all(low <= row.scores[metric] <= high for metric, (low, high) in row.intervals.items())
        assert row.standing.first <= row.standing.place <= row.standing.last
    assert sum(row.standing.best for row in ranking) == pytest.approx(1)
    assert ranking["nearly"].standing.best + ranking["all"].standing.best > 0.5


def test_layers_say_how_sure_they_are():
    ranking = audition.rank_layers("zoo:resnet-mnist", "sklearn:digits", metrics="logme,transrate")
    assert [row.standing.place for row in ranking] == [1, 2, 3, 4]
    assert sum(row.standing.best for row in ranking) == pytest.approx(1)
    assert "comes first in" in ranking.verdict


def test_intervals_of_a_measure_that_is_computed_again_need_the_features():
    """Statistics are enough for the score of emms, and not for what it is without some rows."""
    ranking = audition.rank(MODELS, DATA, metrics="emms")
    assert set(ranking.best.intervals) == {"emms"}
    assert ranking.best.scores == audition.rank(MODELS, DATA, metrics="emms", resamples=0).best.scores


def test_a_measure_that_has_no_interval_says_why():
    rows = RNG.normal(size=(30, 2))
    exact = rows, 3.0 * rows[:, 0]
    models = [audition.CallableModel(name, lambda seen: seen, "rows") for name in ("one", "other")]
    ranking = audition.rank(models, exact, metrics="logme:exact", order="logme:exact")
    assert ranking.best.intervals == {}
    assert "logme:exact has no interval: the score, or what a row does to it, is not finite." in str(ranking)


def test_files_hold_what_is_told_and_no_replicates(tmp_path):
    ranking = audition.rank(MODELS, DATA, metrics="logme")
    ranking.save(tmp_path / "ranking.json")
    assert "resampled" not in (tmp_path / "ranking.json").read_text(encoding="utf-8")
    loaded = audition.Ranking.load(tmp_path / "ranking.json")
    assert loaded == ranking
    assert loaded.verdict == ranking.verdict


def test_too_few_rows_to_draw_from():
    ranking = audition.rank([MODELS[0]], (DATA[0][:2], [0, 1]), metrics="logme")
    assert ranking.best.scores["logme"] is not None


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0 %"), (1e-4, "< 1 %"), (0.5, "50 %"), (0.999, "> 99 %"), (1, "100 %")]
)
def test_shares_in_words(share, said):
    assert percent(share) == said


def test_a_part_is_a_contest_of_its_own():
    ranking = audition.rank(MODELS, DATA, metrics="logme")
    part = ranking.part([row for row in ranking if row.model != "all"])
    assert [row.place for row in part] == [1, 2]
    assert part.best.standing.best > ranking["nearly"].standing.best
    assert part.best.standing.place == 1
