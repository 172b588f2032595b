"""Names that are paths: taken from a folder, and looked for on disk."""

from pathlib import Path

import pytest

from audition.errors import InputError
from audition.models.registry import find_models
from audition.models.rooted import is_path, rooted


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("onnx:a.onnx", True),
        ("hf:./folder", True),
        ("st:../folder", True),
        ("hf:/folder", True),
        ("hf:org/name", False),
        ("keras:net.keras", True),
        ("keras:MobileNetV2", False),
        ("timm:resnet18", False),
    ],
)
def test_which_names_are_paths(name, path):
    source, _, rest = name.partition(":")
    assert is_path(source, rest) == path


def test_paths_start_from_the_folder_and_stay_short(tmp_path):
    (tmp_path / "a").mkdir()
    assert rooted("onnx:../net.onnx", tmp_path / "a") == f"onnx:{tmp_path / 'net.onnx'}"
    assert rooted("hf:org/name", tmp_path) == "hf:org/name"
    assert rooted("keras:net.h5", Path("nets")) == "keras:nets/net.h5"


def test_wildcards_look_on_disk(tmp_path):
    for name in ("b.onnx", "a.onnx", "c.txt"):
        (tmp_path / name).touch()
    found = find_models(f"onnx:{tmp_path}/*.onnx?size=32")
    assert found == [f"onnx:{tmp_path}/a.onnx?size=32", f"onnx:{tmp_path}/b.onnx?size=32"]
    (tmp_path / "one").mkdir()
    assert find_models(f"hf:{tmp_path}/o*") == [f"hf:{tmp_path}/one"]
    with pytest.raises(InputError, match=r"No model matches .* There is no such file or folder"):
        find_models(f"onnx:{tmp_path}/*.none")
