"""Any image file or pixel array becomes a plain 8-bit grey or RGB image."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from audition.arrays import Array
from audition.data.remote import is_remote, opened
from audition.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"))

# Only what the suffixes promise: Pillow goes by content, and an EPS file named .png would start Ghostscript.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")

LARGE = 2**26
"""Bytes in memory: of a picture that takes less nothing is asked."""

GROWTH = 500
"""How many times its size on disk a picture may take; a blank page of a scanner takes about 250 as JPEG."""

WHITE_16_BIT = 65535


def require_pillow() -> None:
    """Raises MissingExtraError where Pillow is not installed."""
    try:
        import PIL.Image  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("Pillow", "onnx") from error


def read_image(path: Path) -> Image:
    """The image in a file, upright, as mode "L" or "RGB"; the first frame of an animation.

    Transparent parts become white. Raises InputError, which names the file, for one that is
    damaged, not an image, or so large that decoding it could fill the memory.
    """
    require_pillow()
    from PIL import Image

    if not is_remote(path) and path.exists() and not path.is_file():  # a pipe has no end
        raise InputError(_refusal(path, "it is not a file"))
    alone = threading.current_thread() is threading.main_thread()
    try:
        with quiet_pictures() if alone else nullcontext():
            return _decode(path)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError(_refusal(path, "it has too many pixels to decode safely")) from None
    except Image.UnidentifiedImageError:
        raise InputError(_refusal(path, "it is empty, damaged or of another format")) from None
    except Exception as error:  # Pillow's decoders raise a dozen kinds of exception for damaged files
        raise InputError(_refusal(path, str(error) or type(error).__name__)) from error


@contextmanager
def quiet_pictures() -> Iterator[None]:
    """While it is open, Pillow says nothing of odd metadata, and refuses an enormous picture.

    Python's filters of warnings belong to the whole process: open it in the thread that decoding threads are
    started from, and around all of their work, never inside them.
    """
    require_pillow()
    from PIL import Image

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
        yield


def _refusal(path: Path, why: str) -> str:
    return f"Cannot read the image {str(path)!r}: {why}. --skip-bad (skip_bad=True) goes on without it."


def _decode(path: Path) -> Image:
    from PIL import Image, ImageOps

    with opened(path) as file, Image.open(file, formats=FORMATS) as image:
        _check_growth(image, file.seek(0, os.SEEK_END))
        image.load()
        return plain_image(ImageOps.exif_transpose(image))


def _check_growth(image: Image, packed: int) -> None:
    """Raises ValueError for a picture of a few bytes whose header promises enough pixels to fill the memory."""
    unpacked = image.width * image.height * (1 if image.mode in ("1", "L", "P") else 4)
    if unpacked > LARGE and unpacked > GROWTH * packed:
        raise ValueError(
            f"it would take {unpacked / 2**20:,.0f} MiB in memory, {unpacked / packed:,.0f} times its size on disk"
        )


def plain_image(image: Image) -> Image:
    """An image of any mode as 8-bit "L" or "RGB"; 16-bit grey and floats 0..1 are scaled to 0..255.

    Raises ValueError for 32-bit pixels outside those ranges.
    """
    if image.mode == "F" or image.mode.startswith("I"):
        return _scaled(image)
    if image.has_transparency_data:
        return _on_white(image)
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _scaled(image: Image) -> Image:
    """Pillow would clip such pixels at 255 where it converts them."""
    pixels = np.asarray(image)
    low, high = float(pixels.min()), float(pixels.max())
    top = (1 if high <= 1 else 255) if image.mode == "F" else WHITE_16_BIT
    if not (low >= 0 and high <= top):
        raise ValueError(f"its pixels go from {low:g} to {high:g}; 0..1, 0..255 or 16 bits were expected")
    return image_from_array(pixels.astype(np.float64) / top)


def _on_white(image: Image) -> Image:
    from PIL import Image

    canvas = Image.new("RGBA", image.size, "white")
    canvas.alpha_composite(image.convert("RGBA"))
    return canvas.convert("RGB")


def image_from_array(pixels: Array) -> Image:
    """An image "L" or "RGB" of pixels [H, W] or [H, W, 1|3|4]: integers 0..255, floats 0..1 or booleans."""
    from PIL import Image

    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype.kind in "bf":
        pixels = np.rint(pixels * 255.0)
    image = Image.fromarray(np.ascontiguousarray(pixels, dtype=np.uint8))
    return _on_white(image) if image.mode == "RGBA" else image
