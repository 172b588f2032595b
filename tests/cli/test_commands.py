"""The commands beside rank and score: cache, and how the data are read."""

import gc
import json

import pytest

from audition.cli import run


@pytest.fixture
def zoo(framework):
    framework("onnxruntime")
    framework("PIL")


class TestCache:
    """`audition cache`, and the options by which commands use it."""

    def test_features_are_kept_listed_and_removed(self, zoo, tmp_path, capsys):
        words = ["rank", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--cache", str(tmp_path)]
        assert run(words) == 0
        assert run(["cache", "ls", "--cache", str(tmp_path)]) == 0
        out = capsys.readouterr().out
        assert "zoo:cnn-mnist" in out and "1797" in out and "just now" in out
        assert run(["cache", "info", "--cache", str(tmp_path)]) == 0
        assert "1 entry" in capsys.readouterr().out
        assert run(["cache", "verify", "--cache", str(tmp_path)]) == 0
        assert "0 are not" in capsys.readouterr().out
        assert run(["cache", "prune", "--max-size", "1TB", "--cache", str(tmp_path)]) == 0
        assert "Removed 0 entries" in capsys.readouterr().out
        gc.collect()  # what this process has read lets go of the entry
        assert run(["cache", "clear", "--cache", str(tmp_path)]) == 0
        assert run(["cache", "ls", "--cache", str(tmp_path)]) == 0
        assert "Nothing is kept" in capsys.readouterr().out

    def test_nothing_is_kept_unasked(self, zoo, tmp_path, monkeypatch):
        monkeypatch.setenv("AUDITION_CACHE", str(tmp_path / "none"))
        assert run(["rank", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--no-cache"]) == 0
        assert not (tmp_path / "none").exists()

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["cache", "prune"], "--max-size 2GB, or --older-than 30d"),
            (["cache", "prune", "--max-size", "much"], "'much' is not a size: write 2GB"),
            (["cache", "prune", "--older-than", "3 moons"], "'3 moons' is not an age: write 30d"),
            (
                ["layers", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--cache", "x", "--no-cache"],
                "either --cache or",
            ),
        ],
    )
    def test_mistakes(self, words, sentence, zoo, capsys):
        assert run(words) == 2
        assert sentence in capsys.readouterr().err.replace("\n", " ")


class TestReading:
    """How the data are read: columns, parts, limits."""

    def test_columns_of_a_table(self, tmp_path, zoo, capsys):
        from PIL import Image

        lines = ["file,kind,note"]
        for i in range(12):
            Image.new("L", (8, 8), 200 * (i % 2)).save(tmp_path / f"{i}.png")
            lines.append(f"{i}.png,{'ab'[i % 2]},x")
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        words = ["rank", "-m", "zoo:cnn-mnist", "-d", str(tmp_path / "t.csv"), "--no-cache"]
        assert run([*words, "--image-column", "file", "--label-column", "kind"]) == 0
        assert "12 items" in capsys.readouterr().out
        assert run([*words, "--label-column", "kid"]) == 2
        assert "Did you mean 'kind'" in capsys.readouterr().err

    def test_limit_and_target_type(self, zoo, capsys):
        words = ["rank", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--no-cache"]
        assert run([*words, "--limit", "100"]) == 0
        assert "100 items" in capsys.readouterr().out
        assert run([*words, "--text-column", "x"]) == 2
        assert "column" in capsys.readouterr().err

    def test_a_candidates_file(self, tmp_path, zoo, capsys):
        (tmp_path / "c.toml").write_text('models = ["zoo:cnn-mnist", "zoo:cnn-omn*"]\n')
        (tmp_path / "c.csv").write_text("model,why\nzoo:cnn-mnist,small\n")
        (tmp_path / "none.toml").write_text('model = "zoo:cnn-mnist"\n')
        words = ["-d", "sklearn:digits", "--no-cache", "--json", "-"]
        assert run(["rank", "-m", f"@{tmp_path / 'c.toml'}", *words]) == 0
        assert len(json.loads(capsys.readouterr().out)["rows"]) == 2
        assert run(["rank", "-m", f"@{tmp_path / 'c.csv'}", *words]) == 0
        assert len(json.loads(capsys.readouterr().out)["rows"]) == 1
        assert run(["rank", "-m", f"@{tmp_path / 'none.toml'}", *words]) == 2
        assert 'needs models = ["SOURCE:NAME", ...]' in capsys.readouterr().err.replace("\n", " ")
