"""`audition plot`."""

from typing import get_args

import pytest
from reporting.made import ranking

from audition.cli import run
from audition.cli.plot import Kind
from audition.reporting import PLOTS


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "ranking.json"
    ranking(layers=2).save(path)
    return path


def test_the_command_knows_every_figure():
    assert set(get_args(Kind)) == set(PLOTS)


@pytest.mark.parametrize("kind", ["ranking", "cost", "agreement", "bump", "layers"])
def test_of_a_ranking_alone(saved, tmp_path, kind):
    out = tmp_path / f"{kind}.svg"
    assert run(["plot", kind, str(saved), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<svg ")


def test_one_of_several_and_its_width(saved, tmp_path):
    out = tmp_path / "layers.svg"
    assert run(["plot", "layers", str(saved), "-o", str(out), "--of", "zoo:net-1", "--width", "500"]) == 0
    text = out.read_text(encoding="utf-8")
    assert "Scores of zoo:net-1 by layer" in text and 'width="532"' in text  # with margins of 16


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["layers", "--of", "zoo:net-9"], "There is no layers figure 'zoo:net-9'. Did you mean"),
        (["motion"], "nothing for the figure 'motion': give the data and the cache, or features"),
        (["truth"], "nothing for the figure 'truth': give the true results"),
    ],
)
def test_mistakes(saved, tmp_path, capsys, words, sentence):
    assert run(["plot", words[0], str(saved), "-o", str(tmp_path / "f.svg"), *words[1:]]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "f.svg").exists()


def test_other_files_are_refused_before_the_work(tmp_path, capsys):
    assert run(["plot", "ranking", str(tmp_path / "none.json"), "-o", str(tmp_path / "f.gif")]) == 2
    assert "written as .svg, .png, .pdf" in " ".join(capsys.readouterr().err.split())
