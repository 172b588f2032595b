"""A pickle in every place where arrays or weights are read: it is refused in a sentence, and never run."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import seeds
from faults.damage import parts_of, with_header
from faults.judge import judged
from faults.uses import all_of, in_turn, read_arrays, read_weights_of


class Trap:
    """Unpickling one makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """What a trap leaves where it was run."""
    return tmp_path / "ran"


@pytest.fixture
def trap(ran: Path) -> bytes:
    """A pickle that leaves it; that it would is part of the test."""
    content = pickle.dumps(Trap(ran))
    pickle.loads(content)
    ran.unlink()
    return content


def refuses(read: Callable[[], Any], ran: Path) -> None:
    assert judged(read) == "refused"
    assert not ran.exists(), "a pickle was run"


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_arrays_of_objects(tmp_path: Path, ran: Path, suffix: str) -> None:
    """As features, as labels, as groups, beside and as a candidate."""
    objects = np.array([Trap(ran)] * 4, dtype=object)
    path = tmp_path / f"f{suffix}"
    if suffix == ".npy":
        np.save(path, objects)
        refuses(lambda: read_arrays(path), ran)
        return
    whole = {"features": seeds.FEATURES, "labels": seeds.LABELS}
    for name in ("features", "labels", "groups", "source_probabilities"):
        np.savez(path, **{**whole, name: objects})
        refuses(lambda: read_arrays(path), ran)


@pytest.mark.parametrize(
    "name", ["f.npy", "f.npz", "f.safetensors", "t.parquet", "t.csv", "t.jsonl", "t.conll"]
)
def test_a_pickle_under_the_name_of_data(tmp_path: Path, trap: bytes, ran: Path, name: str) -> None:
    """numpy would unpickle a file that is no array, were it allowed to."""
    path = tmp_path / name
    path.write_bytes(trap)
    refuses(lambda: in_turn(lambda: read_arrays(path), lambda: all_of(path)), ran)


@pytest.mark.parametrize("name", ["net.pkl", "net.pickle", "net.joblib", "net.dill"])
def test_files_of_pickles_are_nothing(tmp_path: Path, trap: bytes, ran: Path, name: str) -> None:
    from audition.models import open_model

    path = tmp_path / name
    path.write_bytes(trap)
    refuses(lambda: read_arrays(path), ran)
    refuses(lambda: all_of(path), ran)
    refuses(lambda: open_model(f"features:{path}"), ran)
    refuses(lambda: open_model(f"onnx:{path}?size=28"), ran)


def test_a_pickle_in_the_words_beside_tensors(tmp_path: Path, trap: bytes, ran: Path) -> None:
    """The metadata of safetensors is text; nothing reads more out of it."""
    header, rest = parts_of(seeds.features())
    told = json.loads(header["__metadata__"]["audition"])
    for key in ("model", "notes", "labels"):
        hidden = trap.decode("latin-1")
        changed = told | {key: hidden if key == "model" else [hidden] * 4}
        path = tmp_path / "f.safetensors"
        path.write_bytes(with_header(header | {"__metadata__": {"audition": json.dumps(changed)}}, rest))
        judged(partial(read_arrays, path))
        assert not ran.exists()


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".ckpt"])
def test_checkpoints(tmp_path: Path, framework: Any, trap: bytes, ran: Path, suffix: str) -> None:
    """A bare pickle, one that torch.save wrote, one in a zip archive as torch lays them out."""
    torch = framework("torch")
    path = tmp_path / f"w{suffix}"
    path.write_bytes(trap)
    refuses(lambda: read_weights_of(path), ran)
    torch.save({"state_dict": {"a": torch.zeros(2)}, "more": Trap(ran)}, path)
    refuses(lambda: read_weights_of(path), ran)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", trap)
        archive.writestr("archive/version", "3\n")
    refuses(lambda: read_weights_of(path), ran)


@pytest.mark.parametrize(
    "source", ["timm:resnet18?checkpoint=", "torchvision:resnet18?checkpoint=", "torchscript:", "exported:"]
)
def test_weights_that_libraries_read(tmp_path: Path, framework: Any, ran: Path, source: str) -> None:
    torch = framework("torch")
    if "?" in source:
        framework(source.partition(":")[0])
    from audition.models import open_model

    path = tmp_path / "net.pt"
    torch.save({"a": Trap(ran)}, path)
    refuses(lambda: open_model(f"{source}{path}"), ran)


@pytest.mark.parametrize("source", ["hf", "st"])
def test_weights_of_a_folder(tmp_path: Path, framework: Any, trap: bytes, ran: Path, source: str) -> None:
    """pytorch_model.bin is a pickle; transformers asks torch to unpickle it."""
    framework("sentence_transformers" if source == "st" else "transformers")
    torch = framework("torch")
    from audition.models import open_model

    sizes = {
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 8,
        "vocab_size": 5,
    }
    config = {"model_type": "bert", "architectures": ["BertModel"], **sizes}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n")
    for content in (trap, _saved(torch, {"a": Trap(ran)})):
        (tmp_path / "pytorch_model.bin").write_bytes(content)
        refuses(lambda: open_model(f"{source}:{tmp_path}"), ran)


def _saved(torch: Any, what: Any) -> bytes:
    file = io.BytesIO()
    torch.save(what, file)
    return file.getvalue()


LAYERS = (
    {"module": "builtins", "class_name": "function", "config": "eval"},
    {"module": "os", "class_name": "system", "config": {"command": "touch ran"}},
    {
        "module": "keras.utils",
        "class_name": "get_file",
        "config": {"fname": "ran", "origin": "file:///etc/hostname"},
    },
    {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "l", "function": "os.getcwd"}},
)


def test_code_in_a_network_of_keras(tmp_path: Path, framework: Any, ran: Path, monkeypatch: Any) -> None:
    """A .keras file names the classes of its layers; only keras's own are made, and no function is run."""
    framework("keras")
    from audition.models import open_model

    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.keras"
    for layer in LAYERS:
        network = {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(network | {"registered_name": None}))
            archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1", "date_saved": ""}))
            archive.writestr("model.weights.h5", b"")
        refuses(lambda: open_model(f"keras:{path}"), ran)


def test_a_tuned_folder(tmp_path: Path, framework: Any, trap: bytes, ran: Path) -> None:
    """Of weights that are a pickle the digest may be right; they are no safetensors."""
    framework("torch"), framework("onnx"), framework("PIL")
    from tuning.tuned_models import tuned_of

    from audition import load_tuned
    from audition.cache import file_digest

    folder = tmp_path / "tuned"
    tuned_of().save(folder)
    (folder / "model.safetensors").write_bytes(trap)
    config = json.loads((folder / "config.json").read_text())
    config["weights"] = file_digest(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    refuses(lambda: load_tuned(folder), ran)
    (folder / "config.json").write_bytes(trap)
    refuses(lambda: load_tuned(folder), ran)


def test_nothing_of_ours_unpickles() -> None:
    """The words by which one would stand nowhere in the package."""
    import audition

    for path in Path(audition.__file__).parent.rglob("*.py"):
        if path.parent.name == "executors":  # what another process of the same run has sent
            continue
        text = path.read_text(encoding="utf-8")
        for word in (
            "pickle.load",
            "pickle.Unpickler",
            "joblib.load",
            "dill.load",
            "shelve.open",
            "allow_pickle=True",
            "weights_only=False",
        ):
            assert word not in text, f"{path} holds {word}"
