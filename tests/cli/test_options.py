"""The options that several commands share have the same names in all of them."""

import pytest

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
