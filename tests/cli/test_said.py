"""Sentences that serve Python and the command line, in the words of the second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audition.cli import run
from audition.cli.said import as_options, in_options
from audition.errors import UnknownNameError


@pytest.mark.parametrize(
    "python, options",
    [
        ("The 'rate' parameter must be a number above 0.", "--lr must be a number above 0."),
        ("The 'confidence' parameter of auto must be x.", "--confidence must be x."),
        ("go on by resume=True (--resume), or remove it.", "go on by --resume, or remove it."),
        ("--skip-bad (skip_bad=True) goes on without it.", "--skip-bad goes on without it."),
        ("a share (test=0.2, --test 0.2).", "a share (--test 0.2)."),
        (
            "Say --task regression (task='regression') if so, --task classification (task='classification').",
            "Say --task regression if so, --task classification.",
        ),
        (
            "which head_only leaves: leave head_only out (--head-only)",
            "which --head-only leaves: leave --head-only out",
        ),
        ("none can be held out: give held_out=0.", "none can be held out: give --held-out 0."),
        ("such as teachers=['zoo:resnet-mnist'].", "such as --teachers zoo:resnet-mnist."),
        ("'--format encoder' (save_encoder) writes it", "'--format encoder' writes it"),
    ],
)
def test_parameters_become_options(python: str, options: str) -> None:
    assert as_options(python) == options


@pytest.mark.parametrize(
    "text", ["'data/held_out/<unk>.png' is empty.", "try a lower one (--lr)", "a = b (c)"]
)
def test_all_else_stays(text: str) -> None:
    assert as_options(text) == text


@pytest.mark.filterwarnings("default::audition.errors.AuditionWarning")
def test_a_warning_of_any_command_speaks_of_options(tmp_path: Path, capsys: Any) -> None:
    table = tmp_path / "grades.csv"
    rows = "".join(f"text {row},{row % 29 + 10}\n" for row in range(60))
    table.write_text(f"text,label\n{rows}", encoding="utf-8")
    assert run(["rank", "-m", "zoo:cnn-mnist", "-d", str(table), "--quiet", "--no-cache"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "Say --task classification if they are classes, --task regression to silence this." in said


def test_errors_keep_their_kind() -> None:
    with pytest.raises(UnknownNameError, match="no model 'x'"), in_options():
        raise UnknownNameError("model", "x", ["y"])
    with pytest.raises(KeyboardInterrupt, match="^Stopped; --resume goes on.$"), in_options():
        raise KeyboardInterrupt("Stopped; resume=True (--resume) goes on.")
