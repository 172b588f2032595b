"""Data to predict for: every form that items come in, without labels, and a sentence for what cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data import open_dataset
from audition.data.unlabelled import open_unlabelled
from audition.errors import InputError, UnknownNameError

Image = pytest.importorskip("PIL.Image", reason="PIL is not installed")


def put(path: Path, shade: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), shade).save(path)
    return path


def decoded(data: Any) -> list[Any]:
    return [item.decode() for item in data.items()]


def shades(data: Any) -> list[int]:
    return [int(np.asarray(image)[0, 0]) for image in decoded(data)]


class TestImages:
    """Pictures in files and in memory."""

    def test_a_folder_flat_and_nested_without_classes(self, tmp_path):
        put(tmp_path / "new" / "b.png", 2)
        put(tmp_path / "new" / "a.JPG", 1)
        put(tmp_path / "new" / "deep" / "er" / "c.png", 3)
        put(tmp_path / "new" / ".hidden" / "d.png")
        (tmp_path / "new" / "notes.txt").write_text("no picture")
        data = open_unlabelled(tmp_path / "new", "image")
        assert (data.name, data.kind, len(data)) == ("new", "image", 3)
        assert [Path(item.name).name for item in data.items()] == ["a.JPG", "b.png", "c.png"]
        assert shades(data) == [1, 2, 3]
        assert {item.label for item in data.items()} == {None}

    def test_one_file_and_a_list_of_paths(self, tmp_path):
        one, other = put(tmp_path / "1.png", 1), put(tmp_path / "2.png", 2)
        assert shades(open_unlabelled(one, "image")) == [1]
        assert shades(open_unlabelled(str(one), "image")) == [1]
        assert shades(open_unlabelled([str(other), one], "image")) == [2, 1]

    def test_pictures_in_memory(self, tmp_path):
        images = [
            Image.new("RGB", (3, 5), (7, 7, 7)),
            np.full((4, 6), 8, np.uint8),
            put(tmp_path / "9.png", 9),
        ]
        assert [int(np.asarray(i).flat[0]) for i in decoded(open_unlabelled(images, "image"))] == [7, 8, 9]
        assert len(open_unlabelled(Image.new("L", (2, 2)), "image")) == 1
        assert shades(open_unlabelled(np.full((3, 4, 4), 0.2), "image")) == [51] * 3

    def test_a_table_of_paths_and_a_data_set_with_labels(self, tmp_path):
        put(tmp_path / "x.png", 5)
        (tmp_path / "t.csv").write_text("file,note\nx.png,hello\n")
        assert shades(open_unlabelled(tmp_path / "t.csv", "image")) == [5]
        pair = (np.zeros((4, 8, 8), np.uint8), list("abab"))
        assert len(open_unlabelled(pair, "image")) == 4
        assert len(open_unlabelled(open_dataset(pair), "image")) == 4
        assert open_unlabelled("sklearn:digits", "image").kind == "image"

    def test_two_pictures_in_a_tuple_are_items(self):
        assert len(open_unlabelled((np.zeros((5, 5), np.uint8), np.ones((5, 6), np.uint8)), "image")) == 2

    def test_a_missing_or_broken_file_is_named_when_it_is_read(self, tmp_path):
        (tmp_path / "bad.png").write_bytes(b"nothing")
        data = open_unlabelled([tmp_path / "gone.png", tmp_path / "bad.png"], "image")
        for item, sentence in zip(data.items(), ("There is no file .*gone.png", "Cannot read .*bad.png")):
            with pytest.raises(InputError, match=sentence):
                item.decode()


class TestTexts:
    """Texts in tables, files and memory."""

    def test_a_table_without_a_label_column(self, tmp_path):
        (tmp_path / "new.csv").write_text("id,text\n1,good\n2,bad\n")
        data = open_unlabelled(str(tmp_path / "new.csv"), "text")
        assert decoded(data) == ["good", "bad"]
        assert [item.name for item in data.items()] == ["new.csv, line 2", "new.csv, line 3"]

    def test_the_only_column_whatever_it_is_called_or_the_one_asked_for(self, tmp_path):
        (tmp_path / "one.csv").write_text("remark\ngood\n")
        (tmp_path / "two.csv").write_text("remark,text\ngood,bad\n")
        assert decoded(open_unlabelled(tmp_path / "one.csv", "text")) == ["good"]
        assert decoded(open_unlabelled(tmp_path / "two.csv", "text", column="remark")) == ["good"]
        with pytest.raises(UnknownNameError, match="Did you mean 'remark'"):
            open_unlabelled(tmp_path / "two.csv", "text", column="remarks")

    def test_lines_and_files(self, tmp_path):
        (tmp_path / "many.txt").write_text("good\n\nbad\n")
        data = open_unlabelled(tmp_path / "many.txt", "text")
        assert [(item.name, item.decode()) for item in data.items()] == [
            ("many.txt, line 1", "good"),
            ("many.txt, line 3", "bad"),
        ]
        (tmp_path / "folder" / "in").mkdir(parents=True)
        (tmp_path / "folder" / "b.txt").write_text("two\nlines")
        (tmp_path / "folder" / "in" / "a.txt").write_text("one")
        assert decoded(open_unlabelled(tmp_path / "folder", "text")) == ["two\nlines", "one"]

    def test_a_folder_with_one_table(self, tmp_path):
        (tmp_path / "t.tsv").write_text("text\tx\ngood\t1\n")
        assert decoded(open_unlabelled(tmp_path, "text")) == ["good"]
        (tmp_path / "u.tsv").write_text("text\tx\ngood\t1\n")
        with pytest.raises(InputError, match="holds 2 tables: name one"):
            open_unlabelled(tmp_path, "text")

    def test_lists_arrays_and_frames(self, framework):
        assert decoded(open_unlabelled(["good", "bad"], "text")) == ["good", "bad"]
        assert decoded(open_unlabelled(("good", "bad"), "text")) == ["good", "bad"]
        assert decoded(open_unlabelled(np.array(["good"]), "text")) == ["good"]
        assert decoded(open_unlabelled((["good", "bad"], [0, 1]), "text")) == ["good", "bad"]
        frame = framework("pandas").DataFrame({"text": ["good"], "x": [1]})
        assert decoded(open_unlabelled(frame, "text")) == ["good"]

    def test_an_empty_text_is_named_when_it_is_read(self, tmp_path):
        item = next(open_unlabelled([" "], "text").items())
        with pytest.raises(InputError, match="The text at text 0 is empty"):
            item.decode()


def test_rows_and_sentences() -> None:
    rows = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(decoded(open_unlabelled(rows, "rows")), rows)
    assert decoded(open_unlabelled([["the", "cat"]], "tokens")) == [("the", "cat")]


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        ("good film", "text", r"no file or folder 'good film'. Single texts go in a list: \['good film'\]"),
        ("nowhere", "image", "There is no file or folder 'nowhere'."),
        ("", "image", "no file or folder ''"),
        ([], "image", "holds no items"),
        (["a text"], "rows", "is no row of numbers"),
        ("sklearn:iris", "image", "holds rows, but images are needed"),
        (np.zeros((2, 3, 8, 8)), "image", "channels first"),
        (3, "image", "Cannot predict for int: give a folder"),
        ([b"x"], "audio", "as files, by their paths"),
    ],
)
def test_what_cannot_be_used(data: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        decoded(open_unlabelled(data, kind))


def test_an_empty_folder_and_a_column_of_what_has_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no images"):
        open_unlabelled(tmp_path, "image")
    with pytest.raises(InputError, match="has no columns by name"):
        open_unlabelled(["a"], "text", column="text")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="No column of .* is called text: name it with --column"):
        open_unlabelled(tmp_path / "t.csv", "text")
