"""Data that are divided, and other data to test on: what is found before anything is run."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from torch.utils.data import Dataset
from tuning.coloured import pictures
from tuning.damaged import Damaged

from audition.data.open import open_dataset
from audition.errors import InputError
from audition.tuning.rows.others import others_of
from audition.tuning.rows.study import study_of
from audition.tuning.rows.views import View

WHOLE = (View(),)
DATA = open_dataset(pictures(20))


def test_skipped_items_are_left_out_by_their_places():
    study = study_of(Damaged(DATA, (3, 5), named="same"), WHOLE, skip_bad=True)
    assert len(study.data) == len(study.labels) == 18 and study.skipped == ("same", "same")
    assert study.kept.tolist() == [place for place in range(20) if place not in (3, 5)]
    assert study_of(DATA, WHOLE, skip_bad=True).kept is None


def test_whole_groups_that_leave_one_class():
    images, labels = pictures(20)
    with pytest.raises(InputError, match="alone to learn from: each class needs rows of two groups"):
        study_of(open_dataset((images, labels, labels)), WHOLE, held_out=0.5)


def test_other_data_are_looked_at_before_anything_is_run():
    study = study_of(DATA, WHOLE)
    others = others_of(open_dataset(pictures(10, seed=5)), study)
    assert len(others.targets) == 10 and others.notes == () and others.groups is None
    told = others.told()
    assert told["rows"] == 10 and len(told["digest"]) == 64 and told["skipped"] == []
    images, labels = pictures(10, seed=5)
    assert others_of(open_dataset((images, labels, np.arange(10) // 2)), study).groups.tolist()[-1] == 4


@pytest.mark.parametrize(
    "other, said",
    [
        ((pictures(4, seed=5)[0], ["red", "blue", "green", "red"]), "'green', which the rows to learn from"),
        ((["a text", "another"], ["red", "blue"]), "holds data of kind 'text' where"),
        (pictures(20), "20 of 20 items of 'arrays' are among those of 'arrays'"),
        ((pictures(20)[0][15:], pictures(20)[1][15:]), "5 of 5 items"),
    ],
)
def test_other_data_that_cannot_test(other, said):
    with pytest.raises(InputError, match=said):
        others_of(open_dataset(other), study_of(DATA, WHOLE))


def test_a_few_equal_items_are_said():
    images, labels = pictures(10, seed=5)
    images[0] = pictures(20)[0][0]
    others = others_of(open_dataset((images, labels)), study_of(DATA, WHOLE))
    assert others.notes == (
        "1 of 10 items of 'arrays' are among those of 'arrays': the test score flatters it so far.",
    )


def test_files_that_are_shared_are_refused(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="PIL is not installed")
    images, labels = pictures(20)
    for place, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        (tmp_path / label).mkdir(exist_ok=True)
        image.fromarray(pixels).save(tmp_path / label / f"{place}.png")
    data, other = open_dataset(tmp_path), tmp_path.with_name("other")
    for label in ("red", "blue"):
        (other / label).mkdir(parents=True)
    for place, (pixels, label) in enumerate(zip(*pictures(10, seed=5), strict=True)):
        image.fromarray(pixels).save(other / label / f"{place}.png")
    assert others_of(open_dataset(other), study_of(data, WHOLE)).notes == ()
    (other / "red" / "linked.png").symlink_to(tmp_path / "red" / "0.png")
    with pytest.raises(InputError, match=r"1 of 11 items of 'other' .* such as '.*linked\.png'"):
        others_of(open_dataset(other), study_of(data, WHOLE))


def test_other_data_that_cannot_be_read():
    damaged, study = Damaged(open_dataset(pictures(10, seed=5)), (2,)), study_of(DATA, WHOLE)
    with pytest.raises(InputError, match="is damaged"):
        others_of(damaged, study)
    others = others_of(damaged, study, skip_bad=True)
    assert len(others.targets) == 9 and len(others.skipped) == 1


def test_texts_are_told_by_what_they_say():
    texts, labels = [f"text number {place}" for place in range(20)], ["a", "b"] * 10
    study = study_of(open_dataset((texts, labels)), WHOLE)
    others = [f"another {place}" for place in range(10)]
    assert others_of(open_dataset((others, labels[:10])), study).notes == ()  # their names are the same
    (note,) = others_of(open_dataset(([texts[3], *others[1:]], labels[:10])), study).notes
    assert note.startswith("1 of 10 items")
    with pytest.raises(InputError, match="10 of 10 items"):
        others_of(open_dataset((texts[10:], labels[10:])), study)


def test_pictures_that_nothing_tells_from_others_are_taken_for_others():
    class Pairs(Dataset):  # of torch: what it gives is known by its place alone
        def __init__(self, seed):
            self.pairs = list(zip(*pictures(20, seed=seed), strict=True))

        def __len__(self):
            return len(self.pairs)

        def __getitem__(self, place):
            return self.pairs[place]

    study = study_of(open_dataset(Pairs(0)), WHOLE)
    assert len(others_of(open_dataset(Pairs(5)), study).targets) == 20
