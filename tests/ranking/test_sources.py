"""Ranking sources: data sets in one reference network, networks beside one trained on the target."""

import numpy as np
import pytest

from audition.data.open import open_dataset
from audition.errors import InputError, ModelError, UnknownNameError
from audition.models.custom import CallableModel
from audition.ranking import Ranking
from audition.ranking.sources import rank_source_networks, rank_sources
from audition.sources.domain_similarity import domain_similarity
from audition.sources.otce import otce
from audition.sources.similarity import rsa
from audition.sources.task_h_score import task_h_score

RNG = np.random.default_rng(0)
CODES = np.arange(60) % 3
CENTRES = 3 * RNG.normal(size=(3, 6))


def near(distance, seed):
    rng = np.random.default_rng(seed)
    return (CENTRES + distance)[CODES] + rng.normal(size=(60, 6)), np.array(["a", "b", "c"])[CODES]


TARGET = near(0, 0)
SOURCES = {"far": near(9, 1), "near": near(0.1, 2), "between": near(2, 3)}
SAME = CallableModel("same", lambda batch: batch, "rows")


def features(task):
    return np.asarray(task[0], dtype=np.float32), list(task[1])


class TestDataSets:
    def test_the_nearer_source_comes_first(self):
        ranking = rank_sources(TARGET, SOURCES, reference=SAME, order="domain_similarity")
        assert [row.model for row in ranking] == ["near", "between", "far"]
        assert ranking.metrics == ("domain_similarity", "otce")
        assert (ranking.data, ranking.items, ranking.task) == ("arrays", 60, "classification")
        assert ranking.verdict.startswith("Take near: first by domain_similarity. Second is between")

    def test_the_scores_are_those_of_the_measures(self):
        ranking = rank_sources(TARGET, SOURCES, reference=SAME)
        expected = features(SOURCES["far"]), features(TARGET)
        assert ranking["far"].scores["domain_similarity"] == pytest.approx(domain_similarity(*expected))
        assert ranking["far"].scores["otce"] == pytest.approx(otce(*expected))

    def test_they_are_called_sources(self, tmp_path):
        ranking = rank_sources(TARGET, SOURCES, reference=SAME)
        assert "\n  source" in str(ranking) and "model" not in str(ranking)
        ranking.save(tmp_path / "sources.json")
        assert str(Ranking.load(tmp_path / "sources.json")) == str(ranking)

    def test_a_layer_of_the_reference(self):
        both = CallableModel(
            "both", lambda batch: {"one": batch[:, :2], "two": batch}, "rows", layers=("one", "two")
        )
        assert {row.columns for row in rank_sources(TARGET, SOURCES, reference=both)} == {6}
        ranking = rank_sources(TARGET, SOURCES, reference=both, layer="one")
        assert {(row.layer, row.columns) for row in ranking} == {("one", 2)}

    def test_a_source_that_fails_keeps_its_row(self):
        rows, labels = TARGET
        sources = {
            "near": SOURCES["near"],
            "narrow": (rows[:, :4], labels),
            "numbers": (rows, rows[:, 0]),
            "pictures": (np.zeros((6, 8, 8), dtype=np.uint8), [0, 1] * 3),
        }
        picky = CallableModel("picky", lambda batch: batch @ np.eye(6), "rows")
        ranking = rank_sources(TARGET, sources, reference=picky)
        assert ranking.best.model == "near" and len(ranking) == 4
        assert "picky failed on a batch of shape (60, 4)" in ranking["narrow"].error
        assert "for regression: sources are compared by classes" in ranking["numbers"].error
        assert "takes rows" in ranking["pictures"].error

    def test_saved_and_loaded(self, tmp_path):
        ranking = rank_sources(TARGET, SOURCES, reference=SAME, metrics="domain_similarity")
        ranking.save(tmp_path / "ranking.json")
        assert type(ranking).load(tmp_path / "ranking.json") == ranking

    def test_what_cannot_be_used(self):
        with pytest.raises(UnknownNameError, match="Did you mean 'otce'"):
            rank_sources(TARGET, SOURCES, reference=SAME, metrics="otc")
        with pytest.raises(InputError, match="rsa does not rank these sources; there are: domain_similarity"):
            rank_sources(TARGET, SOURCES, reference=SAME, metrics="rsa")
        with pytest.raises(UnknownNameError, match="no layer 'all'"):
            rank_sources(TARGET, SOURCES, reference=SAME, layer="all")
        with pytest.raises(InputError, match="No measure was named; there are: domain_similarity"):
            rank_sources(TARGET, SOURCES, reference=SAME, metrics="")
        with pytest.raises(UnknownNameError, match="no order 'otce'"):
            rank_sources(TARGET, SOURCES, reference=SAME, metrics="domain_similarity", order="otce")
        with pytest.raises(InputError, match="Two sources have one name"):
            rank_sources(TARGET, list(SOURCES.values()), reference=SAME)
        with pytest.raises(InputError, match="No source was given"):
            rank_sources(TARGET, [], reference=SAME)
        with pytest.raises(InputError, match="list of data sets, or a mapping; got str"):
            rank_sources(TARGET, "sklearn:digits", reference=SAME)
        with pytest.raises(InputError, match="compared by classes"):
            rank_sources((TARGET[0], TARGET[0][:, 0]), SOURCES, reference=SAME)
        with pytest.raises(UnknownNameError, match="no layer 'three'"):
            rank_sources(TARGET, SOURCES, reference=SAME, layer="three")
        with pytest.raises(ModelError, match="broken failed"):
            rank_sources(TARGET, SOURCES, reference=CallableModel("broken", lambda batch: 1 / 0, "rows"))


class TestNetworks:
    TURNED = CallableModel(
        "turned", lambda batch: batch @ np.linalg.qr(CENTRES.T @ CENTRES + np.eye(6))[0], "rows"
    )
    PART = CallableModel("part", lambda batch: batch[:, :2], "rows")
    NOISE = CallableModel("noise", lambda batch: np.random.default_rng(1).normal(size=batch.shape), "rows")

    def test_targets_are_no_classes(self):
        """The H-score of a class a row would sit at its bound for every network."""
        task = TARGET[0], np.random.default_rng(0).normal(size=60)
        ranking = rank_source_networks(
            [self.PART, SAME], task, target_model=SAME, metrics="rsa,task_h_score", order="rsa"
        )
        assert ranking["part"].scores["task_h_score"] is None
        assert ranking["part"].notes == (
            "task_h_score: task_h_score needs classes; the labels are regression targets.",
        )

    def test_the_more_alike_network_comes_first(self):
        ranking = rank_source_networks([self.NOISE, self.PART, SAME], TARGET, target_model=SAME)
        assert [row.model for row in ranking] == ["part", "noise"]
        assert ranking.metrics == ("rsa", "dds")
        rows = np.asarray(TARGET[0], dtype=np.float32)
        assert ranking["part"].scores["rsa"] == pytest.approx(rsa(rows[:, :2], rows))

    def test_a_measure_of_labels(self):
        ranking = rank_source_networks(
            [self.NOISE, self.PART], TARGET, target_model=SAME, metrics="task_h_score"
        )
        rows = np.asarray(TARGET[0], dtype=np.float32)
        expected = task_h_score(rows[:, :2], rows, TARGET[1])
        assert ranking.best.scores == {"task_h_score": pytest.approx(expected)}

    def test_labels_are_not_looked_at(self):
        plain = rank_source_networks([self.NOISE, self.PART], TARGET, target_model=SAME)
        numbers = rank_source_networks(
            [self.NOISE, self.PART], (TARGET[0], RNG.normal(size=60)), target_model=SAME
        )
        assert [row.scores for row in plain] == [row.scores for row in numbers]

    def test_layers(self):
        both = CallableModel(
            "both", lambda batch: {"one": batch[:, :2], "two": batch[:, :5]}, "rows", layers=("one", "two")
        )
        ranking = rank_source_networks(both, TARGET, target_model=SAME, layers="all", metrics="rsa")
        assert [row.layer for row in ranking] == ["two", "one"]

    def test_a_model_that_fails_keeps_its_row(self):
        broken = CallableModel("broken", lambda batch: 1 / 0, "rows")
        images = CallableModel("images", lambda batch: batch, "image")
        ranking = rank_source_networks([broken, images, self.PART], TARGET, target_model=SAME)
        assert ranking.best.model == "part"
        assert "broken failed" in ranking["broken"].error and "takes images" in ranking["images"].error

    def test_what_cannot_be_used(self):
        with pytest.raises(InputError, match="no candidate beside the target's own network, same"):
            rank_source_networks(SAME, TARGET, target_model=SAME)
        with pytest.raises(UnknownNameError, match="Did you mean 'rsa'"):
            rank_source_networks(self.PART, TARGET, target_model=SAME, metrics="rsaa")
        with pytest.raises(InputError, match="takes images but"):
            images = CallableModel("images", lambda batch: batch, "image")
            rank_source_networks(self.PART, TARGET, target_model=images)


class TestZoo:
    """Folders of images, and the built-in networks."""

    @pytest.fixture(autouse=True)
    def _needs(self, framework):
        framework("onnxruntime")
        framework("PIL")

    @pytest.fixture
    def folders(self, tmp_path):
        """Digits 0 to 4, other digits 0 to 4, and stripes of three widths, as folders of images."""
        from PIL import Image

        def write(name, label, i, pixels):
            folder = tmp_path / name / str(label)
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{i}.png")

        items = [item for item in list(open_dataset("sklearn:digits").items())[:400] if int(item.label) < 5]
        for i, item in enumerate(items):
            pixels = np.asarray(item.decode().convert("L"))
            write("target" if i % 2 else "others", item.label, i, pixels)
        for i in range(30):
            columns = np.arange(32) + i
            stripes = np.where(columns // (2 ** (1 + i % 3)) % 2, 255, 0).astype(np.uint8)
            write("stripes", i % 3, i, np.tile(stripes, (32, 1)))
        return tmp_path

    def test_data_sets(self, folders):
        sources = [folders / "stripes", folders / "others"]
        ranking = rank_sources(folders / "target", sources, reference="zoo:resnet-cifar10")
        assert len(ranking.placed) == 2
        assert ranking.best.model == open_dataset(folders / "others").name
        assert ranking.best.places == {"domain_similarity": 1, "otce": 1}

    def test_networks(self, folders):
        ranking = rank_source_networks("zoo:*-mnist", folders / "target", target_model="zoo:cnn-mnist")
        assert {row.model for row in ranking} == {"zoo:resnet-mnist", "zoo:vit-mnist"}
        with_random = rank_source_networks(
            ["zoo:resnet-mnist", "zoo:resnet-random"], folders / "target", target_model="zoo:cnn-mnist"
        )
        assert with_random.best.model == "zoo:resnet-mnist"
