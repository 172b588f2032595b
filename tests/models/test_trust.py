"""Code that a repository brings along: it runs for a model that was named, and for no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from audition.errors import InputError, ModelError, UnknownNameError
from audition.models import ModelSpec, open_model
from audition.models.registry import model_identity
from audition.models.trust import check_trust, is_trusted
from audition.ranking import rank

MODELLING = """
import torch
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

open({ran!r}, "w").close()


class MineConfig(PretrainedConfig):
    model_type = "mine"
    num_hidden_layers = 1


class MineModel(PreTrainedModel):
    config_class = MineConfig
    main_input_name = "input_ids"

    def __init__(self, config):
        super().__init__(config)
        self.table = torch.nn.Embedding(20, 4)
        self.post_init()

    def forward(self, input_ids, attention_mask=None, token_type_ids=None, output_hidden_states=None):
        seen = self.table(input_ids)
        return BaseModelOutput(last_hidden_state=2 * seen, hidden_states=(seen, 2 * seen))
"""

MODULE = """
from sentence_transformers.sentence_transformer.modules import BoW

open({ran!r}, "w").close()


class Mine(BoW):
    pass
"""

SETTINGS = {
    "model_type": "mine",
    "architectures": ["MineModel"],
    "auto_map": {"AutoConfig": "modeling_mine.MineConfig", "AutoModel": "modeling_mine.MineModel"},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model whose class is in a file beside its weights; running that file leaves one called "ran"."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    safetensors = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    import transformers.dynamic_module_utils as copied

    monkeypatch.setattr(copied, "HF_MODULES_CACHE", str(tmp_path / "copies"))
    folder = tmp_path / "org" / "mine"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(SETTINGS))
    (folder / "modeling_mine.py").write_text(MODELLING.format(ran=str(tmp_path / "ran")))
    table = torch.arange(80.0).reshape(20, 4)
    safetensors.save_file({"table.weight": table}, folder / "model.safetensors", {"format": "pt"})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cat", "sat"]
    vocabulary = {word: place for place, word in enumerate(words)}
    transformers.BertTokenizer(vocab=vocabulary, model_max_length=20).save_pretrained(folder)
    return folder


def texts(*values: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(values, dtype=object)


def test_without_trust_nothing_of_it_runs_and_the_option_is_named(folder: Path, tmp_path: Path) -> None:
    name = f"hf:{folder}"
    with pytest.raises(ModelError) as told:
        open_model(f"{name}?pool=cls")
    assert f"read it, then add --trust {name} (in Python, trust=)" in str(told.value)
    with pytest.raises(ModelError, match="brings code of its own, which is not run"):
        open_model(name, trust=["hf:another/one"])
    assert not (tmp_path / "ran").exists() and not (tmp_path / "copies").exists()


@pytest.mark.parametrize("trusted", ["hf:{}", "hf:{}?pool=cls"])
def test_with_trust_its_code_makes_the_features(folder: Path, tmp_path: Path, trusted: str) -> None:
    model = open_model(f"hf:{folder}?pool=cls", trust=[trusted.format(folder)])
    assert (tmp_path / "ran").exists()
    given = model.forward(texts("cat", "sat cat"))
    assert np.array_equal(given.features["layer1"], 2 * np.array([[8.0, 9, 10, 11]] * 2))  # of [CLS], row 2


def test_options_that_were_not_trusted(folder: Path, tmp_path: Path) -> None:
    """Trust in one way of running a model is not trust in another."""
    with pytest.raises(ModelError, match="which is not run"):
        open_model(f"hf:{folder}?pool=max", trust=[f"hf:{folder}?pool=cls"])
    assert not (tmp_path / "ran").exists()


def test_code_belongs_to_what_a_trusted_model_is(folder: Path) -> None:
    name = f"hf:{folder}"
    plain, trusted = model_identity(name), model_identity(name, trust=[name])
    assert plain is not None and trusted is not None and plain != trusted
    assert model_identity(open_model(name, trust=name)) == trusted
    with (folder / "modeling_mine.py").open("a") as file:
        file.write("# another line\n")
    assert model_identity(name) == plain
    assert model_identity(name, trust=[name]) not in (plain, trusted)


def test_what_is_kept_of_a_trusted_model_is_served_to_those_who_trust_it(
    folder: Path, tmp_path: Path
) -> None:
    name, cache = f"hf:{folder}", tmp_path / "cache"
    data = (["cat", "sat", "cat sat", "sat sat"] * 3, ["a", "b", "b", "a"] * 3)
    first = rank([name], data, cache=cache, trust=[name], metrics="logme")
    (tmp_path / "ran").unlink()
    again = rank([name], data, cache=cache, trust=[name], metrics="logme")
    assert not (tmp_path / "ran").exists()  # nothing was opened
    assert [row.scores for row in again] == [row.scores for row in first]
    with pytest.raises(InputError, match="which is not run"):
        rank([name], data, cache=cache, metrics="logme")


def test_code_of_yet_another_repository_has_no_identity(folder: Path) -> None:
    name = f"hf:{folder}"
    elsewhere = {"auto_map": {"AutoModel": "org/other--modeling_mine.MineModel"}}
    (folder / "config.json").write_text(json.dumps(SETTINGS | elsewhere))
    assert model_identity(name) is not None
    assert model_identity(name, trust=[name]) is None


def test_a_commit_of_the_hub_is_told_with_its_code() -> None:
    name = f"hf:org/name@{'0123456789' * 4}"
    plain, trusted = model_identity(name), model_identity(name, trust=["hf:org/name"])
    assert plain is not None and trusted is not None
    assert trusted.weights == f"{plain.weights} with its code"


def test_modules_of_sentence_transformers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sentence_transformers", reason="sentence_transformers is not installed")
    import transformers.dynamic_module_utils as copied
    from sentence_transformers.sentence_transformer.modules import BoW

    monkeypatch.setattr(copied, "HF_MODULES_CACHE", str(tmp_path / "copies"))
    folder = tmp_path / "mine"
    (folder / "0_Mine").mkdir(parents=True)
    BoW(["cat", "sat"]).save(str(folder / "0_Mine"))
    modules = [{"idx": 0, "name": "0", "path": "0_Mine", "type": "module_mine.Mine"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "module_mine.py").write_text(MODULE.format(ran=str(tmp_path / "ran")))
    with pytest.raises(ModelError, match="which is not run unless you trust it"):
        open_model(f"st:{folder}")
    assert not (tmp_path / "ran").exists()
    try:
        open_model(f"st:{folder}", trust=[f"st:{folder}"])
    except ModelError as error:  # a bag of words has no tokens to count
        assert "takes no texts" in str(error)
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("trust", "trusted"),
    [
        ("hf:org/name@v2?pool=cls", True),
        (["hf:org/name@v2"], True),
        (["hf:org/name"], True),
        (["hf:org/name@v1"], False),
        (["hf:org/name?pool=cls"], False),
        (["st:org/name"], False),
        (["hf:org"], False),
        ("", False),
        ([], False),
    ],
)
def test_which_names_trust_a_model(trust: str | list[str], trusted: bool) -> None:
    assert is_trusted(ModelSpec.parse("hf:org/name@v2?pool=cls"), trust) == trusted


def test_sources_without_code_are_never_trusted() -> None:
    assert not is_trusted(ModelSpec.parse("timm:resnet18"), ["timm:resnet18"])


def test_names_to_trust_that_are_not_asked_for() -> None:
    models = ["hf:org/name?pool=cls", "zoo:cnn-mnist", object()]
    check_trust(["hf:org/name"], models)
    check_trust([], models)
    with pytest.raises(
        UnknownNameError, match=r"no model 'hf:org/nam' in this run\. Did you mean 'hf:org/name'"
    ):
        check_trust(["hf:org/nam"], models)
    with pytest.raises(UnknownNameError, match="Only a model that is named is trusted"):
        check_trust("all", models)
    with pytest.raises(
        InputError, match="zoo: models run no code of a repository: leave 'zoo:cnn-mnist' out"
    ):
        check_trust(["zoo:cnn-mnist"], models)
