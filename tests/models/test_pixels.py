"""Pictures of all shapes become the pixels of timm's and torchvision's own transforms, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from audition.models.options import Options
from audition.models.pixels import FitImage, frame, normalised

SHAPES = [(160, 120), (97, 160), (160, 160), (28, 28), (31, 200), (1, 7)]


def picture(shape: tuple[int, int], mode: str = "RGB") -> Any:
    Image = pytest.importorskip("PIL.Image", reason="PIL is not installed")
    pixels = np.random.default_rng(sum(shape)).integers(0, 256, (*shape, 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"crop_pct": 1.0, "interpolation": "bilinear"},
        {"crop_pct": 0.95, "crop_mode": "squash"},
        {"crop_pct": 0.9, "crop_mode": "border", "mean": (0.3, 0.5, 0.7)},
        {"crop_pct": 1.1},
        {"input_size": (3, 64, 96)},
    ],
    ids=str,
)
def test_timm(
    shape: tuple[int, int], settings: dict[str, Any], framework: Callable[[str], ModuleType]
) -> None:
    framework("timm")
    from timm.data import create_transform, resolve_data_config

    from audition.models.timm.adapter import fitted

    data = resolve_data_config({"input_size": (3, 64, 64), **settings})
    own = create_transform(**data, normalize=False)(picture(shape)).numpy()
    assert np.array_equal(fitted(data)(picture(shape)), own)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("crop", "resize"), [(64, 73), (64, 64), (75, 86)])
def test_torchvision(
    shape: tuple[int, int], crop: int, resize: int, framework: Callable[[str], ModuleType]
) -> None:
    framework("torchvision")
    from torchvision.transforms import functional
    from torchvision.transforms._presets import ImageClassification

    from audition.models.torch.torchvision import fitted

    preset = ImageClassification(crop_size=crop, resize_size=resize)
    own = functional.resize(picture(shape), [resize], antialias=True)
    own = functional.pil_to_tensor(functional.center_crop(own, [crop])).numpy()
    ours = fitted(preset, Options())(picture(shape))
    assert np.array_equal(ours, own)
    floats = normalised(ours[None], preset.mean, preset.std)[0]
    assert np.array_equal(floats, preset(picture(shape)).numpy()), "and so are the floats"


def test_size_and_crop_of_a_preset() -> None:
    from audition.models.torch.torchvision import fitted

    preset = SimpleNamespace(
        crop_size=[224], resize_size=[256], interpolation=SimpleNamespace(value="bilinear")
    )
    assert fitted(preset, Options(size=(227, 227))).resize == (259, 259)
    assert fitted(preset, Options(crop=1.0)).resize == (224, 224)


@pytest.mark.parametrize("shape", SHAPES)
def test_grey_and_colour(shape: tuple[int, int]) -> None:
    """A grey picture in colour has three equal channels; a coloured one in grey is Pillow's luminance."""
    grey = picture(shape, "L")
    pixels = frame((16, 16), None)(grey)
    assert pixels.shape == (3, 16, 16)
    assert (pixels == pixels[:1]).all()
    assert np.array_equal(pixels[:1], frame((16, 16), None, channels=1)(grey))
    assert np.array_equal(frame((16, 16), None, channels=1)(picture(shape)), pixels[:1])


def test_a_crop_is_the_middle() -> None:
    pixels = np.zeros((20, 40), dtype=np.uint8)
    pixels[:, 10:30] = 255
    Image = pytest.importorskip("PIL.Image", reason="PIL is not installed")
    assert (frame((20, 20), 1.0, channels=1)(Image.fromarray(pixels)) == 255).all()
    assert (frame((20, 20), None, channels=1)(Image.fromarray(pixels))[0, 0, [0, -1]] == 0).all()


def test_equal_by_value_and_contiguous() -> None:
    assert {frame((8, 8), None), FitImage((8, 8), (8, 8), fit="squash")} == {frame((8, 8), None)}
    given = frame((8, 8), 0.5)(picture((30, 20)))
    assert given.dtype == np.uint8
    assert given.flags.c_contiguous


def test_normalised() -> None:
    pixels = np.array([0, 51, 255], dtype=np.uint8).reshape(1, 3, 1, 1)
    plain = normalised(pixels, (0.0,), (1.0,))
    assert plain.dtype == np.float32
    np.testing.assert_allclose(plain.ravel(), [0, 0.2, 1])
    np.testing.assert_allclose(normalised(pixels, (0.5,), (0.5,)).ravel(), [-1, -0.6, 1], rtol=1e-6)
    each = normalised(pixels, (0.0, 0.1, 0.2), (1.0, 2.0, 4.0))
    np.testing.assert_allclose(each.ravel(), [0, 0.05, 0.2], rtol=1e-6)
