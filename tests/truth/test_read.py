"""Tables of the user's own: long or wide, with holes, with scores beside; and what is wrong with others."""

import pytest

from audition.errors import InputError, UnknownNameError
from audition.truth import Truth, read_scores, read_truth


@pytest.fixture
def table(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_row_a_result(table):
    truth = read_truth(table("dataset,model,accuracy\ncars,a,80\ncars,b,70.5\npets,a,\npets,b,90%\n"))
    assert truth.cells() == {"cars": {"a": 80, "b": 70.5}, "pets": {"b": 90}}
    assert repr(truth) == "mine: 2 models by 2 data sets, 1 of 4 without a result"


def test_a_column_a_data_set(table):
    truth = read_truth(table("model,cars,pets\na,80,n/a\nb,70.5,90\n"))
    assert truth.cells() == {"cars": {"a": 80, "b": 70.5}, "pets": {"b": 90}}


def test_one_data_set_has_the_name_of_the_file(table):
    truth = read_truth(table("Model,Accuracy,logme\na,80,1\nb,70,2\n"))
    assert truth.cells() == {"mine": {"a": 80, "b": 70}}
    assert truth.scores == {"logme": {"mine": {"a": 1, "b": 2}}}


def test_another_column_may_hold_the_results(table):
    path = table("model,dataset,f1\na,x,0.5\nb,x,0.25\n")
    assert read_truth(path, column="f1")["x"] == {"a": 0.5, "b": 0.25}
    with pytest.raises(UnknownNameError, match="no column 'accuracy' in .*mine.csv.* There are: f1"):
        read_truth(path)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(table, delimiter):
    text = "model,cars,pets\na,80,n/a\nb,70.5,90\n".replace(",", delimiter)
    assert read_truth(table(text)).cells() == {"cars": {"a": 80, "b": 70.5}, "pets": {"b": 90}}


def test_quotes_marks_and_empty_lines(table):
    text = '\ufeffdataset,model,accuracy\r\n"a, b",m,1\r\n\r\n"a, b",n,2\r\n'
    assert read_truth(table(text))["a, b"] == {"m": 1, "n": 2}


def test_scores_of_several_data_sets(table):
    path = table("dataset,model,accuracy,logme\ncars,a,80,1\ncars,b,70,\n")
    assert read_scores(path) == {"logme": {"cars": {"a": 1}}}


def test_scores_of_one_data_set_or_a_column_each(table):
    path = table("model,cars,pets\na,1,2\n")
    assert read_scores(path) == {"cars": {"": {"a": 1}}, "pets": {"": {"a": 2}}}
    assert read_scores(path, datasets=("cars", "pets", "dtd")) == {
        "mine": {"cars": {"a": 1}, "pets": {"a": 2}}
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no column 'model': its first line names nothing"),
        ("name,accuracy\na,1\n", "no column 'model': its first line names 'name', 'accuracy'"),
        ("model,accuracy\n", "has no results"),
        ("model\na\n", "has no results"),
        ("model,dataset\na,x\n", "has no results"),
        ("model,accuracy,accuracy\na,1,2\n", "two columns 'accuracy'"),
        ("model,accuracy\na,high\n", "line 2, column accuracy: 'high' is not a number"),
        ("model;accuracy\na;0,9\n", "line 2, column accuracy: '0,9' is not a number: write '0.9'."),
        ("model,accuracy\na,1\nb\n", "line 3: 1 cells, but the first line names 2"),
        ("model,dataset,accuracy\na,x,1\na,x,2\n", "line 3: a has a second row on x"),
        ("model,accuracy\na,1\na,2\n", "line 3: a has a second row."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(table, text, sentence):
    with pytest.raises(InputError) as caught:
        read_truth(table(text))
    assert sentence in str(caught.value)


def test_files_that_are_no_tables(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        read_truth(tmp_path / "none.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_truth(tmp_path)
    (tmp_path / "raw.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not text"):
        read_truth(tmp_path / "raw.csv")
    (tmp_path / "only.csv").write_text("model,accuracy\na,1\n")
    with pytest.raises(InputError, match="no column of scores"):
        read_scores(tmp_path / "only.csv")


class TestTruth:
    def test_of_a_mapping(self):
        truth = Truth.of("mine", {"x": {"a": 1.0}, "y": {"b": 2.0}})
        assert truth.models == ("a", "b") and list(truth) == ["x", "y"] and truth["y"] == {"b": 2}

    def test_cannot_be_changed(self):
        truth = Truth.of("mine", {"x": {"a": 1.0}})
        with pytest.raises(ValueError, match="read-only"):
            truth.accuracy[0, 0] = 2

    def test_some_of_the_data_sets(self):
        truth = Truth.of("mine", {"x": {"a": 1.0}, "y": {"a": 2.0, "b": 3.0}})
        assert truth.only(["y"]).cells() == {"y": {"a": 2, "b": 3}}
        with pytest.raises(UnknownNameError, match="no data set 'z' in mine"):
            truth.only(["z"])

    def test_the_static_list_leaves_out_who_is_known_nowhere_else(self):
        truth = Truth.of("mine", {"x": {"a": 1.0, "b": 3.0, "c": 2.0}, "y": {"a": 5.0, "b": 7.0}, "z": {}})
        for by in ("accuracy", "place"):
            listed = truth.static_list(by=by)
            assert set(listed["x"]) == {"a", "b"} and listed["x"]["a"] < listed["x"]["b"]
            assert set(listed["z"]) == {"a", "b", "c"}
        with pytest.raises(UnknownNameError, match="static list by"):
            truth.static_list(by="luck")

    def test_the_table_has_the_shape_of_its_names(self):
        with pytest.raises(InputError, match="2 models by 1 data sets"):
            Truth("mine", ("a", "b"), ("x",), Truth.of("other", {"x": {"a": 1.0}}).accuracy)
