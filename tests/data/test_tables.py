"""Tables of texts and images: every form that is read, and each sentence for what cannot be used."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data import Dataset, open_dataset
from audition.errors import AmbiguousTaskWarning, InputError, MissingExtraError, UnknownNameError

PLAIN = "text,label\ngood film,pos\nbad film,neg\n"


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def contents(data: Dataset) -> list[tuple[Any, Any]]:
    return [(item.decode(), item.label) for item in data.items()]


ROWS = [("good film", "pos"), ("bad film", "neg")]


def test_csv(tmp_path: Path) -> None:
    data = open_dataset(write(tmp_path / "reviews.csv", PLAIN))
    assert isinstance(data, Dataset)
    assert (data.name, data.kind, data.task, len(data)) == ("reviews", "text", "classification", 2)
    assert contents(data) == ROWS
    assert [item.name for item in data.items()] == ["reviews.csv, line 2", "reviews.csv, line 3"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "\ufeff" + PLAIN),
        ("a.csv", PLAIN.replace("\n", "\r\n")),
        ("a.csv", PLAIN.replace(",", ";")),
        ("a.csv", PLAIN.replace(",", "\t")),
        ("a.csv", "\n" + PLAIN.replace("\n", "\n\n")),
        ("A.CSV", 'text,label\n"good film",pos\n"bad film","neg"'),
        ("a.csv", "Label,id,Text\npos,1,good film\nneg,2,bad film\n"),
        ("a.tsv", PLAIN.replace(",", "\t")),
        ("a.jsonl", '{"text": "good film", "label": "pos"}\n\n{"label": "neg", "text": "bad film"}\n'),
        ("a.ndjson", '{"sentence": "good film", "class": "pos"}\r\n{"sentence": "bad film", "class": "neg"}'),
    ],
)
def test_forms_of_one_table(tmp_path: Path, name: str, content: str) -> None:
    assert contents(open_dataset(write(tmp_path / name, content))) == ROWS


def test_parquet(tmp_path: Path, framework: Any) -> None:
    pyarrow = framework("pyarrow")
    parquet = framework("pyarrow.parquet")
    table = pyarrow.table({"text": ["good film", "bad film"], "label": ["pos", "neg"]})
    parquet.write_table(table, tmp_path / "a.parquet")
    data = open_dataset(tmp_path / "a.parquet")
    assert contents(data) == ROWS
    assert [item.name for item in data.items()] == ["a.parquet, row 0", "a.parquet, row 1"]
    write(tmp_path / "b.parquet", b"PAR1 no more")
    with pytest.raises(InputError, match=r"b\.parquet' is not a readable \.parquet file"):
        open_dataset(tmp_path / "b.parquet")


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'audition\[tables\]'"):
        open_dataset(write(tmp_path / "a.parquet", b""))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames(library: str, framework: Any) -> None:
    frames = framework(library)
    frame = frames.DataFrame({"text": [text for text, _ in ROWS], "label": [label for _, label in ROWS]})
    assert contents(open_dataset(frame)) == ROWS
    holed = frames.DataFrame({"text": ["a", "b"], "label": ["x", None]})
    with pytest.raises(InputError, match="is empty in 1 row, the first at row 1"):
        open_dataset(holed)


def test_lists_of_texts() -> None:
    data = open_dataset((["a b", "c"], ["x", "y"], ["g", "h"]))
    assert (data.kind, data.task) == ("text", "classification")
    assert contents(data) == [("a b", "x"), ("c", "y")]
    assert len({item.group for item in data.items()}) == 2
    assert open_dataset((np.array(["a", "b"]), [0, 1])).kind == "text"
    with pytest.raises(InputError, match=r"got shape \(\)"):
        open_dataset((np.zeros(()), [0, 1]))
    with pytest.raises(InputError, match="There are 2 texts but 3 labels"):
        open_dataset((["a", "b"], [1, 2, 3]))


def test_quotes_line_breaks_and_lines_that_count_them(tmp_path: Path) -> None:
    content = 'text,label\n"He said ""no"",\nthen left",a\r\n"x\n\ny",b\nplain,\n'
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(InputError, match=r"'label' of .* is empty in 1 row, the first at a\.csv, line 7"):
        open_dataset(path)
    data = open_dataset(write(path, content.replace("plain,\n", "plain,a\n")))
    assert contents(data) == [('He said "no",\nthen left', "a"), ("x\n\ny", "b"), ("plain", "a")]


def test_a_tsv_with_quotes_that_never_close_has_plain_quotes(tmp_path: Path) -> None:
    data = open_dataset(write(tmp_path / "a.tsv", 'text\tlabel\n"five\tx\na "b\ty\n'))
    assert contents(data) == [('"five', "x"), ('a "b', "y")]
    quoted = open_dataset(write(tmp_path / "b.tsv", 'text\tlabel\n"a\tb"\tx\nc\ty\n'))
    assert contents(quoted) == [("a\tb", "x"), ("c", "y")]


def test_very_long_cells_and_the_limit_is_put_back(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    long = "word " * 100_000
    data = open_dataset(write(tmp_path / "a.csv", f"text,label\n{long},x\nshort,y\n"))
    assert len(contents(data)[0][0]) == 500_000
    assert csv.field_size_limit() == before


def test_columns_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,said,mood,text\n1,hello,glad,x\n2,bye,sad,y\n")
    data = open_dataset(path, text_column="said", label_columns="mood")
    assert contents(data) == [("hello", "glad"), ("bye", "sad")]


@pytest.mark.parametrize("columns", ["joy,fear", ["joy", "fear"], None])
def test_several_columns_of_0_and_1_are_several_labels(tmp_path: Path, columns: Any) -> None:
    data = open_dataset(
        write(tmp_path / "a.csv", "text,joy,fear\na,1,0\nb,1,1\nc,0,0\n"), label_columns=columns
    )
    assert data.task == "multilabel"
    assert [label for _, label in contents(data)] == [{"joy"}, {"joy", "fear"}, frozenset()]


def test_several_columns_of_numbers_are_several_targets(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,ease,length\na,-1.5,2\nb,0.25,1e3\n")
    data = open_dataset(path, label_columns="ease,length")
    assert data.task == "regression"
    assert [label for _, label in contents(data)] == [(-1.5, 2.0), (0.25, 1000.0)]


def test_lists_of_names_are_several_labels(tmp_path: Path) -> None:
    lines = [{"text": "a", "labels": ["x", "y"]}, {"text": "b", "labels": []}, {"text": "c", "labels": ["x"]}]
    data = open_dataset(write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, lines))))
    assert data.task == "multilabel"
    assert [label for _, label in contents(data)] == [{"x", "y"}, frozenset(), {"x"}]


def test_lists_of_words_and_tags_are_sentences(tmp_path: Path) -> None:
    lines = [{"tokens": ["a", "b"], "ner_tags": ["O", "X"]}, {"tokens": ["c"], "ner_tags": ["O"]}]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, lines)))
    data = open_dataset(path)
    assert data.kind == "tokens"
    assert contents(data) == [(("a", "b"), ("O", "X")), (("c",), ("O",))]
    write(path, '{"tokens": ["a", "b"], "ner_tags": ["O"]}')
    with pytest.raises(InputError, match=r"The words and tags at a\.jsonl, line 1 are not two lists of one"):
        open_dataset(path)


@pytest.mark.parametrize(
    ("cells", "task", "labels"),
    [
        (["0.5", "-1", "2e-3"], "regression", [0.5, -1.0, 0.002]),
        (["1", "2", "1"], "classification", [1, 2, 1]),
        (["007", "7", "07"], "classification", ["007", "7", "07"]),
        (["1", "2", "other"], "classification", ["1", "2", "other"]),
        (["nan", "inf", "x"], "classification", ["nan", "inf", "x"]),
        (["True", "False", "True"], "classification", ["True", "False", "True"]),
        ([" a ", "b", "a"], "classification", ["a", "b", "a"]),
        (["naïve", "😀 face", "a b"], "classification", ["naïve", "😀 face", "a b"]),
    ],
)
def test_what_written_labels_are(tmp_path: Path, cells: list[str], task: str, labels: list[Any]) -> None:
    rows = "".join(f"t,{cell}\n" for cell in cells)
    data = open_dataset(write(tmp_path / "a.csv", f"text,label\n{rows}"))
    assert data.task == task
    assert [item.label for item in data.items()] == labels


def test_the_task_can_be_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label\na,1.0\nb,2.0\n")
    with pytest.warns(AmbiguousTaskWarning):
        assert open_dataset(path).task == "classification"
    assert open_dataset(path, task="regression").task == "regression"
    assert open_dataset(write(path, "text,label\na,1\nb,2\n"), task="regression").task == "regression"
    with pytest.raises(
        InputError,
        match=r"holds numbers, and 'n/a' at a\.csv, line 3: correct it, or say --task classification \(task=",
    ):
        open_dataset(write(path, "text,label\na,1.5\nb,n/a\nc,0.2\n"))
    assert open_dataset(path, task="classification").task == "classification"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no rows"),
        (b"text,label\n", "holds no rows"),
        (b"text,label\na\n", r"Line 2 of .* has 1 cells where the header has 2"),
        (b"text,label\na,b,c\n", r"Line 2 of .* has 3 cells where the header has 2: put cells that hold"),
        (b'text,label\na,x\n"b,y\n', r"is not a readable table: in the row that begins in line 3"),
        ("text,label\ncaf\xe9,a\n".encode("latin-1"), r"is not UTF-8 \(in line 2\): save it as UTF-8"),
        (PLAIN.encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (b"text,label\na\0,x\n", "holds NUL bytes"),
        (b"text,label\na,x\nb,x\n", "All labels in the column 'label' of .* are 'x': at least two classes"),
        (b"text,text,label\na,b,x\nc,d,y\n", r"has 2 columns 'text': rename them"),
        (b"a,b,c\n1,2,3\n", r"No column of .* is called text or image.*Its columns are 'a', 'b', 'c'\."),
        (
            b"text,b,c\n1,2,3\n",
            r"No column of .* is called label: name it.*Its columns are 'text', 'b', 'c'\.",
        ),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        open_dataset(write(tmp_path / "a.csv", content))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("{", "Line 1 of .* is no JSON"),
        ("[1]", "Line 1 of .* is no JSON object"),
        (
            '{"text": "a", "label": 1}\n{"text": "b", "label": "x"}',
            r"mixes numbers \(1 at a\.jsonl, line 1\) and text",
        ),
        ('{"text": "a", "label": true}\n{"text": "b", "label": 1}', "mixes booleans .* and numbers"),
        ('{"text": "a", "label": {}}\n{"text": "b", "label": {}}', "holds values of type dict"),
        ('{"text": "a", "label": "x"}\n{"text": "b"}', r"is empty in 1 row, the first at a\.jsonl, line 2"),
    ],
)
def test_json_lines_that_cannot_be_used(tmp_path: Path, lines: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        open_dataset(write(tmp_path / "a.jsonl", lines))


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        (
            {"text_column": "txt"},
            UnknownNameError,
            r"no column 'txt' of .*Did you mean 'text'\? Its columns are",
        ),
        ({"label_columns": "zzz"}, UnknownNameError, r"There are: label, text\.$"),
        ({"text_column": "text", "image_column": "label"}, InputError, "of texts or of images"),
        ({"label_columns": "text", "text_column": "text"}, InputError, "cannot be the item and its label"),
        ({"label_columns": []}, InputError, "No label column is named"),
        ({"split": "test"}, InputError, r"The file .* has no splits: leave --split \(split=\) out"),
        ({"task": "multilabel"}, InputError, "columns of 0 and 1"),
        ({"task": "regression"}, InputError, "holds numbers, and 'pos' at"),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, options: dict[str, Any], error: Any, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        open_dataset(write(tmp_path / "a.csv", PLAIN), **options)


def test_an_empty_text_is_an_item_that_cannot_be_read(tmp_path: Path) -> None:
    items = list(open_dataset(write(tmp_path / "a.csv", "text,label\n ,x\nb,y\n")).items())
    with pytest.raises(InputError, match=r"The text at a\.csv, line 2 is empty\. --skip-bad"):
        items[0].decode()
    (number, *_) = open_dataset(
        write(tmp_path / "a.jsonl", '{"text": 3, "label": "x"}\n{"text": "", "label": "y"}')
    ).items()
    with pytest.raises(InputError, match="is 3, no text"):
        number.decode()


def test_images_by_their_paths(tmp_path: Path, framework: Any) -> None:
    framework("PIL")
    from PIL import Image

    (tmp_path / "pictures").mkdir()
    Image.new("L", (3, 2), 7).save(tmp_path / "pictures" / "a.png")
    path = write(tmp_path / "a.csv", "image,label\npictures/a.png,x\npictures/none.png,y\n,x\n")
    data = open_dataset(path)
    first, second, third = data.items()
    assert data.kind == "image"
    assert np.asarray(first.decode()).tolist() == [[7] * 3] * 2
    assert first.source == tmp_path / "pictures" / "a.png"
    with pytest.raises(
        InputError, match=r"There is no image '.*none\.png', named at a\.csv, line 3\. --skip-bad"
    ):
        second.decode()
    with pytest.raises(InputError, match=r"The image at a\.csv, line 4 is '', no path"):
        third.decode()


def test_folders_of_splits(tmp_path: Path) -> None:
    for split, label in (("train", "a"), ("test", "b"), ("dev", "c")):
        write(tmp_path / "set" / f"{split}.csv", f"text,label\n{split} 1,{label}\n{split} 2,x\n")
    train = open_dataset(tmp_path / "set")
    assert (train.name, contents(train)[0]) == ("set/train", ("train 1", "a"))
    assert open_dataset(tmp_path / "set" / "train.csv").name == "set/train"
    assert contents(open_dataset(tmp_path / "set", split="test"))[0] == ("test 1", "b")
    assert contents(open_dataset(tmp_path / "set", split="validation"))[0] == ("dev 1", "c")
    whole = open_dataset(tmp_path / "set", split="all")
    assert (whole.name, len(whole), whole.task) == ("set", 6, "classification")
    with pytest.raises(UnknownNameError, match=r"There is no split 'tset' of .*Did you mean 'test'\?"):
        open_dataset(tmp_path / "set", split="tset")


def test_splits_that_do_not_go_together(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", PLAIN)
    write(tmp_path / "test.csv", "text,label\na,0.5\nb,1.5\n")
    with pytest.raises(InputError, match=r"text for classification.*name one split"):
        open_dataset(tmp_path, split="all")
    write(tmp_path / "train.jsonl", "{}")
    with pytest.raises(InputError, match=r"holds 'train\.csv' and 'train\.jsonl': give one of them"):
        open_dataset(tmp_path)


def test_a_folder_of_one_table_and_of_two(tmp_path: Path) -> None:
    write(tmp_path / "reviews.csv", PLAIN)
    assert open_dataset(tmp_path).name == "reviews"
    with pytest.raises(InputError, match="has no splits"):
        open_dataset(tmp_path, split="train")
    write(tmp_path / "more.csv", PLAIN)
    with pytest.raises(InputError, match=r"holds 'more\.csv' and 'reviews\.csv': give one, as in"):
        open_dataset(tmp_path)


def test_splits_of_what_has_none() -> None:
    for data in (([[0.0], [1.0]], [0, 1]), "sklearn:iris"):
        with pytest.raises(InputError, match="has no splits"):
            open_dataset(data, split="test")
        assert len(open_dataset(data, split="all")) > 0


@pytest.mark.parametrize("name", ["none.csv", "none.conll", "none.parquet"])
def test_files_that_are_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=rf"There is no file '.*{name}'"):
        open_dataset(tmp_path / name)


def test_files_of_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.xlsx' is not a folder: .* or a table \(\.csv, \.tsv, \.jsonl"):
        open_dataset(write(tmp_path / "a.xlsx", b"PK"))


def test_columns_of_what_has_none(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for data in (([[0.0], [1.0]], [0, 1]), "sklearn:iris", tmp_path):
        with pytest.raises(
            InputError, match="has no columns by name: leave the text, image and label columns"
        ):
            open_dataset(data, label_columns="kind")


REAL = [
    ("sst2", "classification", "text", 1500, 2),
    ("banking77", "classification", "text", 1499, 77),
    ("goemotions_ekman", "multilabel", "text", 1500, None),
    ("clear_readability", "regression", "text", 800, None),
    ("wnut17_ner", "classification", "tokens", 600, None),
]


@pytest.mark.parametrize(("name", "task", "kind", "rows", "classes"), REAL)
def test_real_tables(assets: Path, name: str, task: str, kind: str, rows: int, classes: int | None) -> None:
    data = open_dataset(assets / "text" / "data" / name)
    assert (data.name, data.task, data.kind, len(data)) == (f"{name}/train", task, kind, rows)
    items = list(data.items())
    assert all(item.decode() for item in items)
    assert classes is None or len({item.label for item in items}) == classes
    if name == "goemotions_ekman":
        assert sum(len(item.label) for item in items) / rows == pytest.approx(1.256, abs=1e-3)
    if name == "wnut17_ner":
        assert sum(len(item.label) for item in items) == 11748
