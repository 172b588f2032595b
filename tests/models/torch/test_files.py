"""Networks saved whole by torch.jit and torch.export."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, ModelError
from audition.models import Model, open_model

torch = pytest.importorskip("torch", reason="torch is not installed")
nn: Any = torch.nn

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 3, 16, 16), dtype=np.uint8)
OPTIONS = "size=16&mean=0.5&std=0.25"


class Network(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self, form: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.convolution = nn.Conv2d(3, 4, 3)
        self.classifier = nn.Linear(4, 5)
        self.form = form

    def forward(self, images: Any) -> Any:
        maps = self.convolution(images)
        seen = maps.mean((2, 3))
        if self.form == "mapping":
            return {"maps": maps, "features": seen, "logits": self.classifier(seen)}
        if self.form == "tuple":
            return maps, seen
        return maps


def save(source: str, form: str, path: Path) -> Path:
    network = Network(form).eval()
    example = torch.zeros(2, 3, 16, 16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if source == "torchscript":
            torch.jit.save(torch.jit.trace(network, example, strict=False), str(path))
        else:
            batch = {"images": {0: torch.export.Dim("batch", min=1)}}
            torch.export.save(torch.export.export(network, (example,), dynamic_shapes=batch), str(path))
    return path


@pytest.mark.parametrize("source", ["torchscript", "exported"])
@pytest.mark.parametrize(
    ("form", "layers"),
    [("tensor", ("output",)), ("tuple", ("output1", "output2")), ("mapping", ("maps", "features"))],
)
def test_outputs_are_layers(source: str, form: str, layers: tuple[str, ...], tmp_path: Path) -> None:
    path = save(source, form, tmp_path / "net.pt2")
    model = open_model(f"{source}:{path}?{OPTIONS}")
    assert isinstance(model, Model)
    assert model.name == f"{source}:{path}?{OPTIONS}"
    assert model.layers == layers
    assert model.parameters == 137  # type: ignore[attr-defined]
    outputs = model.forward(PIXELS)
    network = Network("mapping").eval()
    with torch.no_grad():
        own = network((torch.from_numpy(PIXELS) / 255 - 0.5) / 0.25)
    for values in outputs.features.values():
        np.testing.assert_allclose(values, own["features"], rtol=1e-5, atol=1e-6)
    if form == "mapping":
        np.testing.assert_allclose(outputs.source_probabilities, own["logits"].softmax(1), rtol=1e-5)
    else:
        assert outputs.source_probabilities is None


def test_another_size_than_the_saved_one(tmp_path: Path) -> None:
    path = save("exported", "tensor", tmp_path / "net.pt2")
    with pytest.raises(ModelError, match=r"failed on images 3x224x224 \(size=\.\.\. chooses others\)"):
        open_model(f"exported:{path}")


@pytest.mark.parametrize(
    ("source", "writer"), [("torchscript", "torch.jit.save"), ("exported", "torch.export.save")]
)
def test_files_of_something_else(source: str, writer: str, tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    with pytest.raises(InputError, match="There is no file"):
        open_model(f"{source}:{path}")
    path.write_bytes(b"something else")
    with pytest.raises(ModelError, match=f"is damaged, or was not saved by {writer}"):
        open_model(f"{source}:{path}")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "something else")
    with pytest.raises(ModelError, match=f"was not saved by {writer}, or is damaged: "):
        open_model(f"{source}:{path}")
    with pytest.raises(InputError, match=r"There is no option 'checkpoint' of"):
        open_model(f"{source}:{save(source, 'tensor', path)}?checkpoint=x")


class Trap:
    """Unpickling one would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_a_pickle_inside_an_exported_file_is_not_executed(tmp_path: Path) -> None:
    """Weights may be marked as pickled there, and torch then unpickles them, which runs anything."""
    path, trace = tmp_path / "net.pt2", tmp_path / "executed"
    torch.save(Trap(trace), tmp_path / "trap.pt")
    with zipfile.ZipFile(save("exported", "tensor", path)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name, data in content.items():
        if name.endswith("weights_config.json"):
            content[name] = data.replace(b'"use_pickle": false', b'"use_pickle": true')
        elif "/weight_" in name:
            content[name] = (tmp_path / "trap.pt").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    with pytest.raises(ModelError):
        open_model(f"exported:{path}?{OPTIONS}")
    assert not trace.exists()
