"""`audition rank --dry-run`: what would run and for how long, and nothing is scored or kept."""

import json

import pytest

from audition.cli.run import run


@pytest.fixture(autouse=True)
def zoo(framework):
    framework("onnxruntime")
    framework("PIL")


def test_it_says_what_would_run(capsys, tmp_path):
    words = ["rank", "-m", "zoo:*mnist", "-d", "sklearn:digits", "--limit", "200", "--cache", str(tmp_path)]
    assert run([*words, "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "200 items for classification; measures: logme, regularized_h_score." in shown.out
    assert "zoo:resnet-mnist" in shown.out and "told by 32 items" in shown.out
    assert not list(tmp_path.rglob("*.safetensors"))
    assert run(words) == 0
    capsys.readouterr()
    assert run([*words, "-n"]) == 0
    assert "3 of 3 are kept and cost nothing" in capsys.readouterr().out


def test_as_json(capsys):
    words = ["rank", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--no-cache", "-n", "--json", "-"]
    assert run(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["items"], told["probed"]) == (1797, 32)
    assert told["candidates"][0]["seconds"] > 0
    assert told["seconds"] >= told["candidates"][0]["seconds"]


def test_a_candidate_that_would_fail(capsys, tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    bad = f"onnx:{tmp_path / 'bad.onnx'}?size=32"
    assert run(["rank", "-m", "zoo:cnn-mnist", bad, "-d", "sklearn:digits", "--no-cache", "-n"]) == 1
    assert "would fail:" in capsys.readouterr().out


DIGITS = ["rank", "-m", "zoo:*-mnist", "-d", "sklearn:digits", "--limit", "60", "--no-cache", "-n"]
MANY = [word.replace("60", "400") for word in DIGITS]


def test_it_says_how_it_would_run(capsys):
    assert run([*MANY, "--race", "--budget", "10m", "--workers", "2"]) == 0
    shown = capsys.readouterr().out
    assert "This is the most that it takes" in shown and "--no-race" in shown
    assert "It stops after 10 min with the best so far." in shown
    assert "2 workers share it: these are the seconds of one process." in shown
    assert run([*DIGITS, "--dask", "tcp://nowhere:1"]) == 0
    shown = capsys.readouterr().out
    assert "The workers of the cluster share it" in shown and "the most that it takes" not in shown
    assert run([*DIGITS, "--race"]) == 0
    assert "the most that it takes" not in capsys.readouterr().out  # of so few, all see all rows


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "0"], "--workers is a whole number from 1 on; got '0'."),
        (["--workers", "2", "--ray"], "Give one of --workers, --ray and --dask."),
        (["--race", "--resamples", "0"], "A race drops candidates by the resamples"),
        (
            ["--report", "new.html"],
            "--dry-run ranks nothing that --report could write: leave one of them out.",
        ),
        (["--save-models", "new.toml"], "--dry-run ranks nothing that --save-models could write"),
    ],
)
def test_what_could_not_run_is_told_at_once(options, said, capsys):
    assert run([*DIGITS, *options]) == 2
    assert said in capsys.readouterr().err
