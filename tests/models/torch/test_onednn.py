"""Which convolutions oneDNN's fault is about, and that leaving out pixels first is the same function."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from audition.models.torch.onednn import pixels_taken, writes_too_far  # noqa: E402


@pytest.mark.parametrize(
    "channels, kernel, strides, padded, wrong",
    [
        (15, (1, 1), (2, 2), False, True),
        (3, (1, 1), (1, 2), False, True),
        (16, (1, 1), (2, 2), False, False),
        (15, (3, 3), (2, 2), False, False),
        (15, (1, 1), (1, 1), False, False),
        (15, (1, 1), (2, 2), True, False),
    ],
)
def test_which_have_the_fault(channels, kernel, strides, padded, wrong):
    assert writes_too_far(channels, kernel, strides, padded) is wrong


def test_the_same_function():
    images, weight = torch.arange(2 * 3 * 5 * 7.0).reshape(2, 3, 5, 7), torch.ones(2, 3, 1, 1)
    plain = torch.nn.functional.conv2d(images, weight, stride=(2, 3))
    assert torch.equal(torch.nn.functional.conv2d(pixels_taken(images, (2, 3)), weight), plain)
