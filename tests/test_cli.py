"""The command line: real commands on real files, and one sentence for each mistake."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest
from rich.console import Console

from audition import score
from audition.cli import run
from audition.cli.words import split_layers, split_models
from audition.data import read_features
from audition.data.features import Features
from audition.errors import AuditionWarning
from audition.listing import print_models
from audition.metrics.registry import MEASURES
from audition.models.registry import source_names
from audition.ranking.value import Ranking
from audition.sources.registry import SOURCE_MEASURES

RNG = np.random.default_rng(0)
FEATURES, LABELS = (
    RNG.normal(size=(30, 4)).astype(np.float32),
    np.array(["ant", "bee", "cat"])[np.arange(30) % 3],
)


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "features.npz"
    np.savez(path, features=FEATURES, labels=LABELS)
    return path


@pytest.fixture
def zoo(framework):
    framework("onnxruntime")
    framework("PIL")


@pytest.fixture
def images(tmp_path, zoo):
    """A folder of images: bright squares against dark ones."""
    from PIL import Image

    for name, shade in (("bright day", 200), ("dark night 🌙", 40)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for i in range(6):
            pixels = RNG.integers(shade - 40, shade + 40, (20, 24, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{i}.png")
    return tmp_path / "images"


def command(*arguments):
    """The command as a user runs it: exit code, standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "audition", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


class TestScore:
    def test_as_a_process(self, npz):
        code, out, err = command("score", npz, "--metrics", "logme,h_score")
        assert (code, err) == (0, "")
        heading, _, *scores = out.splitlines()
        assert "rows of" in heading and "classes" in heading
        assert [line.split()[0] for line in scores] == ["logme", "h_score"]

    def test_a_measure_that_does_not_suit_leaves_the_rest(self, npz, capsys):
        assert run(["score", str(npz), "--metrics", "logme,ncti,leep"]) == 0
        out = capsys.readouterr().out
        assert "ncti compares candidates" in out and "leep needs source_probabilities" in out
        assert run(["score", str(npz), "--metrics", "ncti"]) == 2
        assert "ncti compares candidates" in capsys.readouterr().err

    def test_json_on_standard_output_is_clean(self, npz, capsys):
        assert run(["score", str(npz), "--json", "-"]) == 0
        assert json.loads(capsys.readouterr().out) == score(FEATURES, LABELS)

    def test_two_files(self, tmp_path, capsys):
        np.save(tmp_path / "f.npy", FEATURES)
        np.save(tmp_path / "l.npy", LABELS)
        assert run(["score", str(tmp_path / "f.npy"), str(tmp_path / "l.npy")]) == 0
        assert "logme" in capsys.readouterr().out

    def test_labels_in_a_table(self, tmp_path, capsys):
        np.save(tmp_path / "f.npy", FEATURES)
        for name, header, lines in (
            ("l.csv", "label", map(str, LABELS)),
            ("l.tsv", "id\tlabel", (f"{i}\t{label}" for i, label in enumerate(LABELS))),
        ):
            (tmp_path / name).write_text("\n".join([header, *lines]))
            assert run(["score", str(tmp_path / "f.npy"), str(tmp_path / name), "--json", "-"]) == 0
            assert json.loads(capsys.readouterr().out) == score(FEATURES, LABELS)

    @pytest.mark.parametrize("option", ["--task", "--target-type"])
    def test_the_task_has_two_names(self, option, tmp_path, capsys):
        np.savez(tmp_path / "r.npz", features=FEATURES, labels=np.arange(len(FEATURES)))
        assert run(["score", str(tmp_path / "r.npz"), option, "regression"]) == 0
        assert "target" in capsys.readouterr().out

    def test_regression(self, tmp_path, capsys):
        np.savez(tmp_path / "r.npz", features=FEATURES, labels=FEATURES[:, 0] * 2 + 1)
        assert run(["score", str(tmp_path / "r.npz")]) == 0
        assert "lfc" in capsys.readouterr().out


class TestRank:
    def test_images(self, images, capsys, tmp_path):
        arguments = ["--models", "zoo:cnn-*", "zoo:resnet-random", "--data", str(images)]
        assert (
            run(["rank", *arguments, "--metrics", "logme,transrate", "--json", str(tmp_path / "out.json")])
            == 0
        )
        out = capsys.readouterr().out
        assert "4 candidates on" in out and "12 items" in out and "in the order to try them" in out
        ranking = Ranking.load(tmp_path / "out.json")
        assert ranking.metrics == ("logme", "transrate")
        assert len(ranking) == 4

    def test_order_and_json_on_standard_output(self, images, capsys):
        assert (
            run(
                [
                    "rank",
                    "-m",
                    "zoo:cnn-*",
                    "-d",
                    str(images),
                    "--metrics",
                    "logme,lfc",
                    "--order",
                    "lfc",
                    "--json",
                    "-",
                ]
            )
            == 0
        )
        written = json.loads(capsys.readouterr().out)
        assert written["order"] == "lfc"
        assert [row["place"] for row in written["rows"]] == [1, 2, 3]

    def test_layers(self, images, capsys):
        assert run(["layers", "--model", "zoo:cnn-mnist", "--data", str(images)]) == 0
        assert "Take layer" in capsys.readouterr().out

    def test_extract_then_score(self, images, tmp_path, capsys):
        path = tmp_path / "f.safetensors"
        assert run(["extract", "--model", "zoo:cnn-mnist", "--data", str(images), "-o", str(path)]) == 0
        assert Features.load(path).model == "zoo:cnn-mnist"
        assert len(read_features(path)[1]) == 12
        assert run(["score", str(path)]) == 0
        assert "logme" in capsys.readouterr().out

    def test_skip_bad_goes_on_and_counts(self, images, capsys):
        broken = images / "bright day" / "2.png"
        broken.write_bytes(broken.read_bytes()[:60])
        arguments = ["rank", "--models", "zoo:cnn-mnist", "--data", str(images)]
        assert run(arguments) == 2
        said = capsys.readouterr().err
        assert "2.png" in said and "--skip-bad" in said
        assert run([*arguments, "--skip-bad"]) == 0
        assert "11 items (1 that could not be read left out)" in capsys.readouterr().out

    def test_a_failing_model_keeps_its_row_and_the_exit_code_is_1(self, images, capsys, monkeypatch):
        from audition.errors import ModelError
        from audition.models import zoo

        real = zoo.open_session

        def damaged(network, name):
            if "mnist" in name:
                raise ModelError("this network is damaged")
            return real(network, name)

        monkeypatch.setattr(zoo, "open_session", damaged)
        assert run(["rank", "--models", "zoo:cnn-*", "--data", str(images)]) == 1
        out = capsys.readouterr().out
        assert "zoo:cnn-mnist failed: this network is damaged" in out
        assert "Tune zoo:" in out


class TestListings:
    def test_metrics(self, capsys):
        assert run(["metrics"]) == 0
        out = capsys.readouterr().out
        assert all(name in out for name in [*MEASURES, *SOURCE_MEASURES])

    @pytest.mark.parametrize("name", MEASURES)
    def test_one_metric(self, name, capsys):
        assert run(["metrics", name]) == 0
        out = capsys.readouterr().out
        assert MEASURES[name].reference in out and f"audition.{name}" in out

    @pytest.mark.parametrize("name", SOURCE_MEASURES)
    def test_one_measure_between_tasks(self, name, capsys):
        assert run(["metrics", name]) == 0
        measure, out = SOURCE_MEASURES[name], capsys.readouterr().out
        assert measure.reference in out and measure.bounds in out
        assert f"audition.{measure.function.__name__}" in out

    def test_models(self, zoo, capsys):
        assert run(["models", "zoo:resnet-*"]) == 0
        out = capsys.readouterr().out
        assert "zoo:resnet-mnist" in out and "zoo:cnn-mnist" not in out

    def test_help_and_version(self):
        code, out, _ = command("--help")
        assert code == 0 and "rank" in out
        assert command("--version")[1].strip() == "0.1.0"


def bad_feature_files(folder):
    """Each kind of bad file, and what must be said of it."""
    np.savez(folder / "keys.npz", x=FEATURES, labels=LABELS)
    np.savez(folder / "lengths.npz", features=FEATURES, labels=LABELS[:-2])
    np.savez(folder / "one.npz", features=FEATURES, labels=np.full(30, "ant"))
    np.savez(folder / "text.npz", features=FEATURES.astype(str), labels=LABELS)
    holes = FEATURES.copy()
    holes[5, 1] = holes[9, 3] = np.nan
    np.savez(folder / "nan.npz", features=holes, labels=LABELS)
    np.savez(folder / "pickled.npz", features=FEATURES, labels=np.array([{"a": 1}] * 30, dtype=object))
    (folder / "damaged.npz").write_bytes(b"not a zip")
    return {
        "none.npz": "no file",
        "keys.npz": "has no 'features'; it holds 'x', 'labels'",
        "lengths.npz": "one label for each row",
        "one.npz": "only one class",
        "text.npz": "where numbers should be",
        "nan.npz": "2 values that are NaN or infinite, the first at row 5, column 1",
        "pickled.npz": "pickled",
        "damaged.npz": "damaged",
    }


def check_sentence(capsys, arguments, sentence):
    """Exit code 2, one line on standard error that says it, nothing on standard output."""
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1 and err.startswith("audition: ")
    assert "Traceback" not in err


def test_bad_feature_files(tmp_path, capsys):
    for name, sentence in bad_feature_files(tmp_path).items():
        check_sentence(capsys, ["score", str(tmp_path / name)], sentence)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ran"], 'Did you mean "rank"'),
        (["rank", "--data", "x"], "--models"),
        (["rank", "--modles", "zoo:*"], "--models"),
        (["rank", "--models", "zoo:*", "--data", "nowhere"], "nowhere"),
        (["rank", "--models", "zoo:*", "--data", "sklearn:digit"], "Did you mean 'digits'"),
        (
            ["rank", "--models", "zoo:*", "--data", "sklearn:digits", "--metrics", "logm"],
            "Did you mean 'logme'",
        ),
        (
            ["rank", "--models", "zoo:*", "--data", "sklearn:digits", "--metrics", "logme:exat"],
            "Did you mean 'exact'",
        ),
        (
            ["rank", "--models", "zoo:*", "--data", "sklearn:digits", "--order", "logm"],
            "Did you mean 'logme'",
        ),
        (
            ["rank", "--models", "zoo:resnet-minst", "--data", "sklearn:digits"],
            "Did you mean 'zoo:resnet-mnist'",
        ),
        (["rank", "--models", "zo:resnet-mnist", "--data", "sklearn:digits"], "Did you mean 'zoo'"),
        (["rank", "--models", "zoo:*", "--data", "sklearn:iris"], "takes images"),
        (["layers", "--model", "zoo:nothing", "--data", "sklearn:digits"], "no model 'zoo:nothing'"),
        (["metrics", "lgme"], "Did you mean 'logme'"),
        (["models", "nothing*"], "No model matches"),
        (["extract", "--model", "zoo:cnn-mnist", "--data", "sklearn:digits", "-o", "x.npz"], ".safetensors"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_mistakes(arguments, sentence, capsys, zoo):
    check_sentence(capsys, arguments, sentence)


class TestFolders:
    def test_empty_class(self, images, capsys):
        (images / "empty").mkdir()
        check_sentence(capsys, ["rank", "--models", "zoo:*", "--data", str(images)], "empty")

    def test_one_class(self, images, capsys):
        for image in (images / "bright day").iterdir():
            image.unlink()
        (images / "bright day").rmdir()
        check_sentence(capsys, ["rank", "--models", "zoo:*", "--data", str(images)], "class")


class TestOutput:
    def test_existing_file_is_kept(self, npz, tmp_path, capsys):
        path = tmp_path / "out.json"
        path.write_text("mine")
        check_sentence(capsys, ["score", str(npz), "--json", str(path)], "exists already")
        assert path.read_text() == "mine"

    def test_a_folder_that_is_not_there(self, npz, tmp_path, capsys):
        check_sentence(capsys, ["score", str(npz), "--json", str(tmp_path / "no" / "out.json")], "no folder")

    def test_output_is_checked_before_the_work(self, images, tmp_path, capsys, monkeypatch):
        monkeypatch.setattr("audition.ranking.rank", lambda *a, **k: pytest.fail("worked"))
        path = tmp_path / "out.json"
        path.write_text("mine")
        check_sentence(
            capsys, ["rank", "-m", "zoo:*", "-d", str(images), "--json", str(path)], "exists already"
        )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("zoo:a", ["zoo:a"]),
        ("zoo:a, zoo:b", ["zoo:a", "zoo:b"]),
        ("zoo:a,x:b?mean=1,2,3", ["zoo:a", "x:b?mean=1,2,3"]),
    ],
)
def test_models_between_commas(text, names):
    assert split_models(text) == names


def test_layers_between_commas():
    assert split_layers("a, b") == ["a", "b"] and split_layers("all") == "all"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rank", "--data", "x"], "--models is missing: --models 'zoo:*'"),
        (["models", "a", "b"], "'b' is one word too many; quote patterns"),
        (["models", "a", "b", "c", "d", "e"], "'b', 'c', 'd', ... are 4 words too many"),
        (["layers", "-m", "zoo:*", "-d", "x"], "takes one model, not a pattern"),
        (["extract", "-m", "zoo:[a]", "-d", "x", "-o", "y.safetensors"], "takes one model, not a pattern"),
        (["layers", "-m", "net.onnx", "-d", "sklearn:digits"], "'audition score'"),
        (["layers", "-m", "tim:x", "-d", "sklearn:digits"], "Did you mean 'timm'?"),
        (["metrics", "LogMe"], "Did you mean 'logme'?"),
    ],
)
def test_more_mistakes(arguments, sentence, capsys, zoo):
    check_sentence(capsys, arguments, sentence)


def test_a_full_disk_is_one_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "audition", "metrics"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "audition: The output cannot be written: No space left on device.\n"


def test_closed_and_broken_output_is_quiet():
    metrics = f"{sys.executable} -m audition metrics"
    for line in (f"{metrics} >&-", f"{metrics} | true", f"{metrics} 2>&-"):
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert done.stderr == ""


def test_a_character_that_the_terminal_lacks():
    done = subprocess.run(
        [sys.executable, "-m", "audition", "metrics", "logme"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == 0 and done.stderr == b"" and b"logme" in done.stdout


def test_warnings_are_sentences(monkeypatch, capsys):
    monkeypatch.setattr(
        "audition.listing.print_metrics", lambda console: warnings.warn(AuditionWarning("look"), stacklevel=1)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        before = warnings.showwarning
        assert run(["metrics"]) == 0
        assert warnings.showwarning is before
    assert capsys.readouterr().err == "audition: look\n"


def test_json_says_where(npz, tmp_path, capsys):
    assert run(["score", str(npz), "--json", str(tmp_path / "o.json")]) == 0
    assert capsys.readouterr().err == f"written to {tmp_path / 'o.json'}\n"


def test_rank_help_has_examples_and_no_defaults_of_flags():
    _, out, _ = command("rank", "--help")
    assert "audition rank --models 'zoo:*' --data ./my-images\n" in out.replace(" \n", "\n")
    assert "False" not in out


def test_models_are_a_line_each():
    for width in (40, 80, 160):
        console = Console(file=io.StringIO(), width=width)
        print_models("zoo:*", console)
        lines = console.file.getvalue().splitlines()
        assert [line.split()[0] for line in lines[1:]] == source_names("zoo")
        assert width < 80 or max(map(len, lines)) <= width


def test_interrupt_in_mid_run_leaves_nothing_behind(zoo, tmp_path):
    output = tmp_path / "out.json"
    arguments = ["rank", "--models", "zoo:*", "--data", "sklearn:digits", "--json", str(output)]
    running = subprocess.Popen(
        [sys.executable, "-m", "audition", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_threads(running.pid)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == ""
    kept = "Features that were computed are kept: the same command goes on from there."
    assert err == f"audition: interrupted; no output was written. {kept}\n"
    assert list(tmp_path.iterdir()) == []


def wait_for_threads(pid):
    """Until onnxruntime is loaded, which says that networks are being opened or run."""
    for _ in range(600):
        with open(f"/proc/{pid}/maps") as maps:
            if "onnxruntime" in maps.read():
                return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("onnxruntime was never loaded")
