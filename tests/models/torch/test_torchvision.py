"""torchvision's networks: features and head equal to its own calls; what is said where something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, MissingExtraError, ModelError
from audition.models import find_models, open_model
from audition.models.torch import library as torch_library

ROOT = Path(__file__).parents[3]
torch = pytest.importorskip("torch", reason="torch is not installed")
torchvision = pytest.importorskip("torchvision", reason="torchvision is not installed")

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 3, 64, 64), dtype=np.uint8)
NAMES = ["resnet18", "squeezenet1_1", "mobilenet_v2", "shufflenet_v2_x0_5", "densenet121", "swin_t"]


def images() -> Any:
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    return (torch.from_numpy(PIXELS) / 255 - mean) / std


@pytest.mark.parametrize("name", NAMES)
def test_equal_to_its_own_calls(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = torchvision.models.get_model(name, num_classes=11).eval()
    torch.save(network.state_dict(), tmp_path / "w.pth")
    model = open_model(f"torchvision:{name}?checkpoint={tmp_path / 'w.pth'}&num_classes=11&size=64")
    outputs = model.forward(PIXELS)
    with torch.no_grad():
        said = network(images()).softmax(1)
    np.testing.assert_allclose(outputs.source_probabilities, said, rtol=1e-5, atol=1e-6)
    assert tuple(outputs.features) == model.layers
    assert len(model.layers) > 5
    head = [part for part in network.modules() if isinstance(part, (torch.nn.Linear, torch.nn.Conv2d))][-1]
    seen = outputs.features["features"]
    assert seen.shape == (2, getattr(head, "in_features", getattr(head, "in_channels", None)))
    if isinstance(head, torch.nn.Linear):
        np.testing.assert_allclose(
            head(torch.from_numpy(seen)).detach().softmax(1), said, rtol=1e-4, atol=1e-6
        )


def test_blocks_are_those_of_the_architecture() -> None:
    resnet = open_model("torchvision:resnet18?weights=none")
    blocks = [f"layer{stage}.{block}" for stage in (1, 2, 3, 4) for block in (0, 1)]
    assert resnet.layers == ("conv1", "bn1", *blocks, "features")
    vit = open_model("torchvision:vit_b_16?weights=none&image_size=32&size=32")
    layers = [f"encoder.layers.encoder_layer_{depth}" for depth in range(12)]
    assert vit.layers == ("conv_proj", *layers, "features")
    outputs = vit.forward(PIXELS[:, :, :32, :32])
    assert {values.shape for values in outputs.features.values()} == {(2, 768)}
    assert outputs.source_probabilities is None, "nothing was trained"


def test_wildcards() -> None:
    found = find_models("torchvision:resnet*")
    assert "torchvision:resnet18" in found
    assert not [name for name in found if "rcnn" in name or "deeplab" in name]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("resnet81", r"There is no model 'torchvision:resnet81'\. Did you mean 'torchvision:resnet18'\?"),
        (
            "resnet50?weights=V3",
            r"There is no weights name 'V3' of torchvision:resnet50\. There are: DEFAULT, IMAG",
        ),
        ("resnet18@v1", r"have names, not revisions: torchvision:resnet18\?weights=NAME"),
        (
            "resnet18?weights=none&num_clases=3",
            r"There is no option 'num_clases' of .*Did you mean 'num_classes'\?",
        ),
    ],
)
def test_names_and_options_that_are_not(name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        open_model(f"torchvision:{name}")


def test_weights_that_cannot_be_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise OSError("Name or service not known")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("audition.models.hub.reachable", lambda _: True)
    monkeypatch.setattr("torch.hub.download_url_to_file", broken)
    with pytest.raises(
        ModelError,
        match=r"The weights of torchvision:squeezenet1_1 could not be fetched: Name or service not known "
        r"\(https://.*/squeezenet1_1-b8a52dc0.pth, 4.729 MB\)",
    ):
        open_model("torchvision:squeezenet1_1")


def test_a_torchvision_that_does_not_match_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def mismatched(name: str) -> Any:
        if name == "torch":
            return torch
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(torch_library.importlib, "import_module", mismatched)
    with pytest.raises(
        ModelError,
        match=rf"^torchvision \S+ does not match torch {torch.__version__.replace('+', '.')}: "
        r"install the pair from the same index\.$",
    ):
        torch_library.import_library("timm", "timm")


def test_a_library_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken_library.py").write_text("raise OSError('no such file: libcudart.so')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        ModelError, match="broken_library is installed but cannot be imported: no such file: libcud"
    ):
        torch_library.import_library("broken_library", "torch")
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(
        MissingExtraError, match=r"torchvision is not installed: pip install 'audition\[torchvision\]'"
    ):
        open_model("torchvision:resnet18")


HOOK = """
import site, sys
sys.path += {folders}
import torchvision_on_cpu
assert "torch" not in sys.modules
import torch
torch.version.cuda = None
import torchvision
"""


def test_the_development_hook_declares_what_is_asked_for(tmp_path: Path) -> None:
    """A torchvision whose library of operators does not load, as the one of the index beside a CPU torch."""
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "_C.so").write_bytes(b"no library")
    (package / "__init__.py").write_text(
        "import torch\nfor name in ('nms', 'qnms'):\n    torch.library.register_fake(f'torchvision::{name}')(print)\n"
    )
    # -S leaves out site-packages, and with it a hook that is installed there; its folders come last instead.
    code = HOOK.format(folders=[path for path in sys.path if "site-packages" in path])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT / "tools")))}
    done = subprocess.run([sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Runs:
    """What unpickles to a new file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


def test_a_file_of_weights_in_the_cache_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    url = torchvision.models.get_model_weights("resnet18").DEFAULT.url
    held = tmp_path / "hub" / "checkpoints" / url.rpartition("/")[2]
    held.parent.mkdir(parents=True)
    torch.save({"weights": Runs(tmp_path / "ran")}, held)
    with pytest.raises(ModelError, match="holds code, which is never run"):
        open_model("torchvision:resnet18")
    assert not (tmp_path / "ran").exists()
    assert torch_library.NO_PICKLES not in os.environ
