"""What makes the command line pleasant: --verbose, --save-models, --trust, completion."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audition.cli import run
from audition.models.listed import listed_models

DIGITS = ["-d", "sklearn:digits", "--limit", "60", "--no-cache"]
LINE = re.compile(r"\[ *\d+\.\d s\] \S")


@pytest.fixture(autouse=True)
def _zoo(framework: Any) -> None:
    framework("onnxruntime")
    framework("PIL")


def command(*words: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "audition", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class TestVerbose:
    def test_what_is_decided_is_told_on_standard_error_alone(self) -> None:
        code, out, err = command("rank", "-m", "zoo:cnn-mnist", *DIGITS, "--verbose", "--json", "-")
        assert code == 0 and json.loads(out)["rows"]
        lines = err.splitlines()
        assert lines and all(LINE.match(line) for line in lines)
        opened = next(line for line in lines if "zoo:cnn-mnist opened in" in line)
        assert "takes image" in opened and "layers" in opened and "preprocess " in opened

    @pytest.mark.parametrize("words", [["layers", "-m", "zoo:cnn-mnist"], ["extract", "-m", "zoo:cnn-mnist"]])
    def test_every_command_that_runs_models_has_it(
        self, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        output = ["-o", str(tmp_path / "f.safetensors")] if words[0] == "extract" else []
        assert run([*words, *DIGITS, *output, "-v"]) == 0
        assert "zoo:cnn-mnist opened in" in capsys.readouterr().err

    def test_unasked_nothing_is_said_and_nothing_is_left_behind(self, capsys: Any) -> None:
        logger = logging.getLogger("audition")
        before = (logger.level, list(logger.handlers))
        assert run(["rank", "-m", "zoo:cnn-mnist", *DIGITS, "-v"]) == 0
        assert (logger.level, logger.handlers) == before
        capsys.readouterr()
        assert run(["rank", "-m", "zoo:cnn-mnist", *DIGITS]) == 0
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize("name", ["rank", "layers"])
    def test_quiet_and_verbose_together_are_a_mistake(self, name: str, capsys: Any) -> None:
        assert run([name, "-m", "zoo:cnn-mnist", *DIGITS, "-q", "-v"]) == 2
        assert capsys.readouterr().err == "audition: Give either --quiet or --verbose.\n"


def test_a_device_there_is_not(framework: Any, capsys: Any) -> None:
    framework("torch")
    assert run(["rank", "-m", "zoo:cnn-mnist", *DIGITS, "--device", "cuda:77"]) == 2
    assert "cuda:77" in capsys.readouterr().err
    assert run(["rank", "-m", "zoo:cnn-mnist", *DIGITS, "--device", "cpu"]) == 0


class TestSaveModels:
    def test_the_same_ranking_again(self, tmp_path: Path, capsys: Any) -> None:
        path = tmp_path / "c.toml"
        assert run(["rank", "-m", "zoo:cnn-*", *DIGITS, "--json", "-", "--save-models", str(path)]) == 0
        out, err = capsys.readouterr()
        first = json.loads(out)
        assert err == f"written to {path}\n"
        assert listed_models(path) == [row["model"] for row in first["rows"]]
        assert run(["rank", "-m", f"@{path}", *DIGITS, "--json", "-"]) == 0
        again = json.loads(capsys.readouterr().out)
        assert [row["scores"] for row in again["rows"]] == [row["scores"] for row in first["rows"]]

    @pytest.mark.parametrize(
        ("name", "sentence"), [("there.toml", "exists already"), ("c.csv", "written as .toml")]
    )
    def test_it_is_checked_before_the_work(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, name: str, sentence: str
    ) -> None:
        (tmp_path / "there.toml").write_text("mine")
        monkeypatch.setattr("audition.ranking.rank", lambda *_, **__: pytest.fail("worked"))
        words = ["rank", "-m", "zoo:cnn-mnist", *DIGITS, "--save-models", str(tmp_path / name)]
        assert run(words) == 2
        assert sentence in capsys.readouterr().err
        assert (tmp_path / "there.toml").read_text() == "mine"


class TestTrust:
    @pytest.mark.parametrize("name", ["rank", "layers", "extract"])
    def test_a_name_that_is_not_asked_for(self, name: str, tmp_path: Path, capsys: Any) -> None:
        output = ["-o", str(tmp_path / "f.safetensors")] if name == "extract" else []
        words = [name, "-m", "hf:org/name", *DIGITS, *output, "--trust", "hf:org/nam"]
        assert run(words) == 2
        assert "no model 'hf:org/nam' in this run. Did you mean 'hf:org/name'?" in capsys.readouterr().err

    def test_a_model_that_needs_code_has_a_row_that_names_the_option(
        self, tmp_path: Path, framework: Any, capsys: Any
    ) -> None:
        framework("torch")
        framework("transformers")
        folder = tmp_path / "mine"
        folder.mkdir()
        settings = {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config"}}
        (folder / "config.json").write_text(json.dumps(settings))
        (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
        words = ["rank", "-m", "zoo:cnn-mnist", f"hf:{folder}", *DIGITS]
        assert run(words) == 1
        out = capsys.readouterr().out
        assert f"--trust hf:{folder}" in " ".join(out.split())
        assert not (tmp_path / "ran").exists()
        code, out, err = command(*words, "--trust", f"hf:{folder}", HF_HOME=str(tmp_path / "home"))
        assert (code, err) == (1, "")
        assert (tmp_path / "ran").exists()  # the code ran, and has no class Config


class TestCompletion:
    def test_bash_completes_commands_and_options(self, tmp_path: Path) -> None:
        bash = shutil.which("bash")
        if bash is None:
            pytest.skip("assets absent: there is no bash here")
        code, script, err = command("completion", "bash")
        assert (code, err) == (0, "")
        (tmp_path / "audition.bash").write_text(script)
        assert subprocess.run([bash, "-n", "audition.bash"], cwd=tmp_path, check=False).returncode == 0
        for words, offered in (("audition ra", "rank"), ("audition rank --sav", "--save-models")):
            asked = f"source audition.bash; COMP_WORDS=({words}); COMP_CWORD=$(({len(words.split())} - 1))"
            said = subprocess.run(
                [bash, "-c", f"{asked}; _audition; echo ${{COMPREPLY[@]}}"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=True,
            )
            assert said.stdout.split() == [offered]

    @pytest.mark.parametrize("shell", ["zsh", "fish"])
    def test_other_shells(self, shell: str, capsys: Any) -> None:
        assert run(["completion", shell]) == 0
        out = capsys.readouterr().out
        assert "audition" in out and "rank" in out and "save-models" in out

    def test_installed_where_the_shell_looks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        assert run(["completion", "bash", "--install"]) == 0
        said = capsys.readouterr().err
        (script,) = (path for path in tmp_path.rglob("audition") if path.is_file())
        assert str(script) in said and "complete -F" in script.read_text()

    def test_a_shell_there_is_not(self, capsys: Any) -> None:
        assert run(["completion", "tcsh"]) == 2
        err = capsys.readouterr().err
        assert "tcsh" in err and "bash" in err and err.count("\n") == 1
