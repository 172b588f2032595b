"""What a report says of the data."""

import base64

import numpy as np

from audition.data.open import open_dataset
from audition.reporting.dataset import data_facts

RNG = np.random.default_rng(0)


def facts(values, labels, **options):
    return data_facts(open_dataset((values, labels)), **options)


def test_classes_the_most_first():
    found = facts(RNG.normal(size=(12, 3)), list("aaabbbbbbccc"))
    assert found.classes == (("b", 6), ("a", 3), ("c", 3))
    assert found.items == 12 and found.duplicates == 0 and found.samples == ()
    assert found.warnings == ("Classes with fewer than 5 rows say little: a, c.",)


def test_the_same_row_under_two_labels():
    values = RNG.normal(size=(20, 3))
    values[7], values[9] = values[0], values[1]
    labels = ["ab"[i % 2] for i in range(20)]  # rows 0 and 7 differ in their label, 1 and 9 do not
    found = facts(values, labels)
    assert found.duplicates == 2
    assert found.conflicts == (("row 0", "row 7"),)
    assert found.warnings[0] == "The same row stands under two labels once: row 0 and row 7."
    assert found.warnings[1].startswith("2 of 20 rows repeat another exactly")


def test_rows_of_other_shapes_are_not_the_same():
    images = np.zeros((10, 4, 4), np.uint8)
    images[:, 0, 0] = range(10)
    assert facts(images, [i % 2 for i in range(10)]).duplicates == 0


def test_uneven_classes():
    found = facts(RNG.normal(size=(105, 2)), ["a"] * 100 + ["b"] * 5)
    assert found.warnings == ("Classes are uneven: a has 100 rows, b has 5.",)


def test_pictures_one_a_class(framework):
    framework("PIL")
    images = RNG.integers(0, 255, (12, 100, 100, 3), dtype=np.uint8)
    found = facts(images, list("abcabcabcabc"))
    assert [sample.label for sample in found.samples] == ["a", "b", "c"]
    head, _, data = found.samples[0].picture.partition(",")
    assert head == "data:image/jpeg;base64" and len(base64.b64decode(data)) < 6000


def test_no_more_than_twelve_pictures(framework):
    framework("PIL")
    images = RNG.integers(0, 255, (60, 8, 8), dtype=np.uint8)
    found = facts(images, [f"class {i % 30}" for i in range(60)])
    assert len(found.samples) == 12 and len({sample.label for sample in found.samples}) == 12


def test_texts_by_their_beginning(tmp_path):
    lines = ["text,label", *(f"{'word ' * 100}{i},{'ab'[i % 2]}" for i in range(10))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    found = data_facts(open_dataset(str(tmp_path / "t.csv")))
    assert [sample.label for sample in found.samples] == ["a", "b"]
    assert found.samples[0].text.startswith("word word") and found.samples[0].text.endswith("…")
    assert len(found.samples[0].text) <= 160


def test_targets_have_a_range():
    found = facts(RNG.normal(size=(8, 2)), [0.5, 1.5, 2.25, 3.0, -1.0, 4.5, 2.0, 0.25])
    assert found.targets == (-1.0, 4.5) and found.classes == () and found.warnings == ()


def test_near_constant_columns():
    features = RNG.normal(size=(20, 4))
    features[:, 1] = 3.0
    features[:, 2] = 1e9 + 1e-3 * RNG.normal(size=20)
    assert facts(features, [i % 2 for i in range(20)], features=features).constant == (2, 4)
