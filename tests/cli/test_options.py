"""The options that several commands share have the same names in all of them."""

import pytest

from audition.cli import run
from audition.cli.commands import app

COMMANDS = [
    ["rank", "-m", "zoo:cnn-mnist"],
    ["layers", "-m", "zoo:cnn-mnist"],
    ["extract", "-m", "zoo:cnn-mnist", "-o", "f.safetensors"],
    ["sources", "-m", "zoo:cnn-mnist"],
]


@pytest.mark.parametrize("option", ["--task", "--target-type"])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_what_the_labels_are(words, option):
    _, bound, _ = app.parse_args(
        [*words, "-d", "sklearn:digits", option, "regression"], exit_on_error=False, print_error=False
    )
    assert bound.arguments["reading"].task == "regression"


@pytest.mark.parametrize("option", ["--task", "--target-type"])
def test_what_the_labels_of_a_file_are(option):
    _, bound, _ = app.parse_args(
        ["score", "f.npz", option, "regression"], exit_on_error=False, print_error=False
    )
    assert bound.arguments["task"] == "regression"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["score"], "FEATURES is missing; 'audition score --help' says what it is"),
        (["compare", "one.json"], "AFTER is missing; 'audition compare --help' says what it is"),
        (["tune", "-d", "x"], "--out is missing; 'audition tune --help' says what it is"),
        (["export", "tuned"], "--format is missing: --format onnx"),
        (["score", "x.npz", "--json"], "--json needs a value"),
        (["rank", "-m", "x", "-d", "y", "--limit", "5", "--limit", "6"], "--limit is given more than once"),
        (["rank", "-m", "x", "-d", "y", "--budget"], "--budget needs a value."),
        (["shortlist", "-d", "x", "--from", "timm:*", "--license"], "--license needs a value."),
        (["shortlist", "-d", "x", "--from"], "--from needs a value."),
        (["rank", "-d", "y", "--models"], "--models needs a value."),
        (["rank", "-m", "x", "-d", "y", "--label-column"], "--label-column needs a value."),
        (["rank", "-m", "x", "-d", "sklearn:digits", "--trust"], "--trust needs a value."),
        (["rank", "-m", "x", "-d", "y", "--layers", " , "], "--layers needs a value."),
        (
            ["rank", "-m", "x", "-d", "y", "--race", "--no-race"],
            "--no-race is given more than once, or beside its opposite",
        ),
    ],
)
def test_what_is_missing_or_given_twice(words, sentence, capsys):
    assert run(words) == 2
    assert " ".join(capsys.readouterr().err.split()) == f"audition: {sentence}"


@pytest.mark.parametrize(
    "command", ["rank", "score", "tune", "auto", "predict", "export", "shortlist", "compare"]
)
def test_an_example_is_one_line_that_can_be_copied(command):
    examples = (app[command].help_epilogue or "").splitlines()
    assert examples[0] == "Examples:" and len(examples) > 1
    assert all(line.startswith("  audition ") and len(line) <= 80 for line in examples[1:])


@pytest.mark.parametrize("number", ["two", "2.5", "0", "-3", "1e3", "²"])
@pytest.mark.parametrize(
    "words",
    [
        ["rank", "-m", "x", "-d", "no-such-data", "--workers"],
        ["layers", "-m", "x", "-d", "no-such-data", "--workers"],
        ["rank", "-m", "x", "-d", "no-such-data", "--limit"],
        ["shortlist", "--from", "timm:*", "-d", "no-such-data", "--most"],
        ["shortlist", "--from", "timm:*", "-d", "no-such-data", "--per-family"],
    ],
    ids=lambda words: f"{words[0]} {words[-1]}",
)
def test_a_whole_number_is_one_before_anything_is_opened(words, number, capsys):
    assert run([*words, number]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said == f"audition: {words[-1]} is a whole number from 1 on; got '{number}'."


def test_workers_and_budgets_are_checked_before_the_data_are_opened(capsys):
    words = ["rank", "-m", "x", "-d", "no-such-data"]
    assert run([*words, "--workers", "2", "--ray"]) == 2
    assert "Give one of --workers, --ray and --dask." in capsys.readouterr().err
    assert run([*words, "--budget", "much"]) == 2
    assert "'much' is no budget" in capsys.readouterr().err


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_options_that_contradict_each_other_are_told_before_the_data_are_opened(words, capsys, tmp_path):
    words = [str(tmp_path / word) if word.endswith(".safetensors") else word for word in words]
    assert run([*words, "-d", "no-such-data", "--cache", "here", "--no-cache"]) == 2
    assert capsys.readouterr().err == "audition: Give either --cache or --no-cache.\n"
    assert run([*words, "-d", "no-such-data", "--quiet", "--verbose"]) == 2
    assert capsys.readouterr().err == "audition: Give either --quiet or --verbose.\n"


def test_clusters_of_layers_are_started_after_the_data_are_opened(capsys):
    assert run(["layers", "-m", "x", "-d", "no-such-data", "--dask", "no-address"]) == 2
    assert "There is no folder 'no-such-data'" in capsys.readouterr().err
    assert run(["layers", "-m", "x", "-d", "no-such-data", "--workers", "2", "--dask", "y"]) == 2
    assert "Give one of --workers, --ray and --dask." in capsys.readouterr().err
