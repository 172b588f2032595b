"""Views are drawn once, decoded when asked for, and never mixed in a cache."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audition
from audition.cache import Cache
from audition.data.memory import dataset_from_arrays
from audition.data.subset import without
from audition.errors import InputError
from audition.models.base import ModelIdentity, Outputs

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

from audition.tuning.rows.views import View, seen_through, views_of

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 60, 80, 3), dtype=np.uint8)
LABELS = np.arange(12) % 3


def pictures(pixels=PIXELS):
    return dataset_from_arrays(pixels, LABELS, name="pictures")


class Counting:
    """A model of pictures 8 x 8 that counts the items it sees; its features are their pixels."""

    name, kind, layers, identity = "counting", "image", ("features",), ModelIdentity("w1")

    def __init__(self):
        self.seen = 0
        self.preprocess = audition.CallableModel("pixels", lambda batch: batch, "image").preprocess

    def forward(self, batch):
        self.seen += len(batch)
        return Outputs({"features": batch.reshape(len(batch), -1).astype(np.float32)})


def decoded(data):
    return [np.asarray(item.decode()) for item in data.items()]


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 6), mirror=st.booleans())
def test_boxes_lie_inside_and_have_their_area_and_shape(seed, count, mirror):
    views = views_of("image", count, mirror=mirror, seed=seed)
    assert len(views) == count and views[0] == View() and views[0].whole
    for place, view in enumerate(views[1:], 1):
        left, top, right, bottom = view.box
        width, height = right - left, bottom - top
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
        assert 0.7 - 1e-9 <= width * height <= 1
        assert 3 / 4 - 1e-9 <= width / height <= 4 / 3 + 1e-9
        assert view.mirrored == (mirror and place % 2 == 1)


def test_the_same_views_for_one_seed_and_others_for_another():
    assert views_of("image", 4, seed=3) == views_of("image", 4, seed=3)
    assert views_of("image", 3, seed=3) == views_of("image", 4, seed=3)[:3]
    assert views_of("image", 4, seed=3)[1:] != views_of("image", 4, seed=4)[1:]


@pytest.mark.parametrize("kind", ["text", "rows", "audio", "tokens"])
def test_only_pictures_have_more_than_one_view(kind):
    assert views_of(kind, 5) == (View(),)


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "2"])
def test_a_number_of_views_that_is_none(count):
    with pytest.raises(InputError, match="'views' parameter of tune must be a whole number of 1 or more"):
        views_of("image", count)


def test_a_view_is_that_part_of_the_picture_mirrored():
    data = pictures()
    part = seen_through(data, View(box=(0.1, 0.25, 0.9, 1.0)))
    mirrored = seen_through(data, View(True, (0.1, 0.25, 0.9, 1.0)))
    for whole, seen, turned in zip(PIXELS, decoded(part), decoded(mirrored), strict=True):
        np.testing.assert_array_equal(seen, whole[15:60, 8:72])
        np.testing.assert_array_equal(turned, whole[15:60, 8:72][:, ::-1])


def test_a_picture_of_one_pixel_stays_one():
    data = pictures(np.full((12, 1, 1, 3), 7, np.uint8))
    for view in views_of("image", 5, seed=1):
        assert all(pixels.shape == (1, 1, 3) for pixels in decoded(seen_through(data, view)))


def test_whole_pictures_are_the_data_set_itself():
    """So that what a ranking kept of them is found."""
    data = pictures()
    assert seen_through(data, View()) is data


def test_all_but_the_pictures_is_as_it_was():
    data = dataset_from_arrays(PIXELS, LABELS, np.arange(12) // 2, name="pictures")
    seen = seen_through(data, View(True))
    assert (len(seen), seen.kind, seen.task) == (12, "image", "classification")
    assert [(a.name, a.label, a.group) for a in seen.items()] == [
        (b.name, b.label, b.group) for b in data.items()
    ]
    assert seen.name == "pictures (100% of each picture, mirrored)"


def test_nothing_is_decoded_before_it_is_asked_for():
    count = []

    class Watched:
        name, kind, task = "watched", "image", "classification"

        def __len__(self):
            return 12

        def items(self):
            for item in pictures().items():
                yield replace(item, decode=lambda item=item: count.append(1) or item.decode())

    items = list(seen_through(Watched(), View(True)).items())
    assert count == []
    items[3].decode()
    assert count == [1]


def test_rows_have_no_views():
    rows = dataset_from_arrays(np.ones((4, 2)), [0, 0, 1, 1], name="rows")
    with pytest.raises(InputError, match="'rows' holds rows: only pictures have views"):
        seen_through(rows, View(True))


def test_an_item_that_cannot_be_told_from_others_is_not_told_by_its_view_either():
    class Unknown:
        name, kind, task = "unknown", "image", "classification"

        def __len__(self):
            return 12

        def items(self):
            return (replace(item, source=None) for item in pictures().items())

    assert all(item.source is None for item in seen_through(Unknown(), View(True)).items())


def test_a_cache_never_mixes_views(tmp_path):
    """Each view has an entry of its own, served only to itself; the whole picture shares that of a ranking."""
    model, data = Counting(), pictures()
    views = (*views_of("image", 4, seed=0), View(True), View(False, (0.0, 0.0, 1.0, 0.5)))
    cold = [audition.extract(model, seen_through(data, view), cache=tmp_path) for view in views]
    assert model.seen == 12 * len(views) and len(Cache(tmp_path).ls()) == len(views)
    warm = [audition.extract(model, seen_through(data, view), cache=tmp_path) for view in views]
    assert model.seen == 12 * len(views)
    direct = [audition.extract(model, seen_through(data, view)) for view in views]
    matrices = [np.asarray(found.layers["features"]) for found in direct]
    for first, second, fresh in zip(cold, warm, matrices, strict=True):
        np.testing.assert_array_equal(first.layers["features"], fresh)
        np.testing.assert_array_equal(second.layers["features"], fresh)
    assert len({matrix.tobytes() for matrix in matrices}) == len(views)


def test_a_ranking_serves_the_whole_view(tmp_path):
    ranked, tuned = Counting(), Counting()
    audition.rank([ranked], (PIXELS, LABELS), metrics="knn_accuracy", resamples=0, cache=tmp_path)
    audition.extract(tuned, seen_through(pictures(), View()), cache=tmp_path)
    assert (ranked.seen, tuned.seen) == (12, 0)


def test_a_changed_file_is_noticed_in_every_view(tmp_path):
    from PIL import Image

    for place, pixels in enumerate(PIXELS):
        folder = tmp_path / "data" / "abc"[LABELS[place]]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{place}.png")
    model, view = Counting(), View(True)
    data = audition.open_dataset(tmp_path / "data")
    audition.extract(model, seen_through(data, view), cache=tmp_path / "cache")
    Image.fromarray(PIXELS[1]).save(tmp_path / "data" / "a" / "0.png")
    audition.extract(model, seen_through(data, view), cache=tmp_path / "cache")
    assert model.seen == 24


def test_some_items_of_a_view():
    seen = without(seen_through(pictures(), View(True)), ["image 0"])
    np.testing.assert_array_equal(decoded(seen)[0], PIXELS[1][:, ::-1])
