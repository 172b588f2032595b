"""Files of weights: what fits is loaded, what does not is named, and nothing in them is executed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audition.errors import InputError, ModelError
from audition.models.torch.checkpoint import fit_weights, read_weights

torch = pytest.importorskip("torch", reason="torch is not installed")
save_file = pytest.importorskip("safetensors.torch").save_file


def network(width: int = 4) -> Any:
    torch.manual_seed(width)
    return torch.nn.Sequential(torch.nn.Conv2d(3, width, 1), torch.nn.BatchNorm2d(width))


def same(one: Any, other: Any) -> bool:
    return all(torch.equal(one[key], other[key]) for key in other)


@pytest.mark.parametrize("wrap", [None, "state_dict", "model", "module."])
def test_torch_files(tmp_path: Path, wrap: str | None) -> None:
    weights = network().state_dict()
    content: Any = {wrap: weights, "epoch": 3} if wrap else weights
    if wrap == "module.":
        content = {f"module.{key}": tensor for key, tensor in weights.items()}
    torch.save(content, tmp_path / "w.pth")
    assert same(read_weights(tmp_path / "w.pth"), weights)


def test_half_precision_is_loaded_into_single(tmp_path: Path) -> None:
    weights = {
        key: tensor.half() if tensor.is_floating_point() else tensor
        for key, tensor in network().state_dict().items()
    }
    save_file(weights, tmp_path / "w.safetensors")
    module = network(4)
    fit_weights(module, read_weights(tmp_path / "w.safetensors"), "timm:net", tmp_path / "w.safetensors")
    assert all(parameter.dtype == torch.float32 for parameter in module.parameters())
    assert torch.equal(module[0].weight, weights["0.weight"].float())


def test_counters_of_the_norm_may_be_left_out() -> None:
    weights = {key: tensor for key, tensor in network().state_dict().items() if "num_batches" not in key}
    fit_weights(network(), weights, "timm:net", Path("w"))


def test_weights_that_do_not_fit() -> None:
    with pytest.raises(
        ModelError,
        match=r"The weights in 'w' do not fit timm:net: 0.weight is \[5, 3, 1, 1\] where \[4, 3, 1, 1\] is needed; "
        r"0.bias is \[5\] where \[4\] is needed; 1.weight is \[5\] where \[4\] is needed and 3 more\. Name the",
    ):
        fit_weights(network(4), network(5).state_dict(), "timm:net", Path("w"))
    weights = network().state_dict()
    weights["head.weight"] = weights.pop("0.weight")
    with pytest.raises(
        ModelError, match=r"do not fit timm:net: 0.weight is missing; head.weight has no place\. Name"
    ):
        fit_weights(network(), weights, "timm:net", Path("w"))


def test_what_would_have_to_be_executed_is_refused(tmp_path: Path) -> None:
    torch.save(network(), tmp_path / "whole.pth")
    with pytest.raises(
        ModelError, match="holds more than weights, which would have to be executed: save its state_"
    ):
        read_weights(tmp_path / "whole.pth")


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth", "w.bin"])
@pytest.mark.parametrize("content", [b"", b"not a file of weights at all", b"PK\x03\x04 half a zip"])
def test_damaged_files(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"(The file|The file of weights) '.*{name}' is damaged"):
        read_weights(tmp_path / name)


def test_a_file_cut_short(tmp_path: Path) -> None:
    for name, save in (("w.safetensors", save_file), ("w.pth", torch.save)):
        save(network().state_dict(), tmp_path / name)
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(ModelError, match="is damaged"):
            read_weights(tmp_path / name)


def test_no_file_and_no_weights(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file of weights"):
        read_weights(tmp_path / "gone.pth")
    for content in ({"epoch": 3}, [1, 2]):
        torch.save(content, tmp_path / "w.pth")
        with pytest.raises(ModelError, match="holds no weights by name"):
            read_weights(tmp_path / "w.pth")


def test_a_reason_that_is_no_more_than_a_number_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "junk.pth").write_bytes(b"junk" * 20)
    with pytest.raises(ModelError, match=r"junk\.pth' is damaged\.$"):
        read_weights(tmp_path / "junk.pth")
