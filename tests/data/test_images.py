"""Odd image files: every mode and every kind of damage ends in a plain image or one sentence."""

from __future__ import annotations

import io
import struct
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data.images import SUFFIXES, image_from_array, plain_image, read_image
from audition.errors import InputError, MissingExtraError

Image = pytest.importorskip("PIL.Image", reason="PIL is not installed")

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
COLOURS = np.dstack([RAMP, RAMP.T, np.full_like(RAMP, 40)])


def pixels(path: Path) -> np.ndarray[Any, Any]:
    return np.asarray(read_image(path))


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_suffix_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.fromarray(RAMP).save(path)
    image = read_image(path)
    assert image.mode in ("L", "RGB")
    assert image.size == (16, 16)
    assert np.abs(np.asarray(image.convert("L")).astype(int) - RAMP).max() < 40  # jpeg and webp lose some


def test_suffixes_are_read_whatever_the_content_is_among_them(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert np.array_equal(pixels(tmp_path / "a.jpg"), COLOURS)


def test_rgb_and_grey_come_back_unchanged(tmp_path: Path) -> None:
    for name, array in (("grey.png", RAMP), ("colour.png", COLOURS)):
        Image.fromarray(array).save(tmp_path / name)
        assert np.array_equal(pixels(tmp_path / name), array)


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(RAMP).convert("1", dither=Image.Dither.NONE).save(tmp_path / "a.png")
    assert np.array_equal(pixels(tmp_path / "a.png"), np.where(RAMP > 127, 255, 0))


def test_palette_gives_its_colours(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    image.save(tmp_path / "a.png")
    assert pixels(tmp_path / "a.png").tolist() == [[[10, 20, 30], [200, 100, 50]]]


@pytest.mark.parametrize("transparency", [0, b"\x00\xff"], ids=["one index", "alpha bytes"])
def test_transparent_palette_entry_becomes_white(tmp_path: Path, transparency: int | bytes) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    image.save(tmp_path / "a.png", transparency=transparency)
    assert pixels(tmp_path / "a.png").tolist() == [[[255, 255, 255], [200, 100, 50]]]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_laid_on_white(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (3, 1), 0)
    image.putdata([(*([0] * (len(mode) - 1)), alpha) for alpha in (0, 128, 255)])
    image.save(tmp_path / "a.png")
    assert pixels(tmp_path / "a.png")[0, :, 0].tolist() == [255, 127, 0]


def test_grey_with_a_transparent_shade(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 9]], dtype=np.uint8)).save(tmp_path / "a.png", transparency=0)
    assert pixels(tmp_path / "a.png")[0, :, 0].tolist() == [255, 9]


def test_cmyk(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=100)
    red = pixels(tmp_path / "a.jpg")[4, 4]
    assert red[0] > 240
    assert red[1:].max() < 15


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path, name: str) -> None:
    kind = np.int32 if name == "a.pgm" else np.uint16  # as which Pillow of every age writes 16 bits
    deep = (np.arange(256, dtype=kind) * 257).reshape(16, 16)
    Image.fromarray(deep).save(tmp_path / name)
    assert np.array_equal(pixels(tmp_path / name), RAMP)


def test_sixteen_bit_big_endian_tiff(tmp_path: Path) -> None:
    image = Image.frombytes("I;16B", (2, 1), struct.pack(">HH", 0, 65535))
    image.save(tmp_path / "a.tif")
    assert pixels(tmp_path / "a.tif").tolist() == [[0, 255]]


@pytest.mark.parametrize("top", [1, 255])
def test_float_tiff(tmp_path: Path, top: int) -> None:
    Image.fromarray(np.array([[0, 0.2, 1]], dtype=np.float32) * top).save(tmp_path / "a.tif")
    assert pixels(tmp_path / "a.tif").tolist() == [[0, 51, 255]]


@pytest.mark.parametrize(
    "values",
    [np.array([[-5, 9]], np.int32), np.array([[0, 70000]], np.int32), np.array([[0, 1e6]], np.float32)],
)
def test_pixels_of_no_known_range_are_refused(tmp_path: Path, values: np.ndarray[Any, Any]) -> None:
    Image.fromarray(values).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif': its pixels go from"):
        read_image(tmp_path / "a.tif")


def test_nan_pixels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, np.nan]], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match="pixels go from nan"):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_first_frame_of_an_animation(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    path = tmp_path / f"a{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    red = pixels(path)[4, 4]
    assert red[0] > 240
    assert red[1:].max() < 15


def test_exif_orientation_is_undone(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rows are columns
    Image.fromarray(RAMP[:4]).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(pixels(tmp_path / "a.png"), np.rot90(RAMP[:4], -1))


def test_damaged_exif_does_not_matter(tmp_path: Path) -> None:
    Image.fromarray(RAMP).save(tmp_path / "a.png", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x05garbage")
    assert np.array_equal(pixels(tmp_path / "a.png"), RAMP)


@pytest.mark.parametrize("mode", ["YCbCr", "HSV", "LAB", "RGBX"])
def test_other_colour_spaces_become_rgb(mode: str) -> None:
    if mode == "LAB":
        image = Image.new("LAB", (2, 2))
    else:
        image = Image.fromarray(COLOURS).convert(mode)
    assert plain_image(image).mode == "RGB"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _bomb(side: int) -> bytes:
    """A PNG of some hundred bytes that says it is side x side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(bytes(9999))), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("side", [10_000, 60_000], ids=["PIL warns", "PIL raises"])
def test_decompression_bomb(tmp_path: Path, side: int) -> None:
    (tmp_path / "bomb.png").write_bytes(_bomb(side))
    with pytest.raises(InputError, match=r"bomb\.png': it has too many pixels .* --skip-bad"):
        read_image(tmp_path / "bomb.png")


def _encoded(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm"])
def test_truncated(tmp_path: Path, kind: str) -> None:
    whole = _encoded(kind)
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"Cannot read the image .*a\.png': .*skip_bad=True"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm"])
def test_flipped_bytes_give_an_image_or_an_input_error(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        content = np.frombuffer(_encoded(kind), dtype=np.uint8).copy()
        content[rng.integers(0, min(len(content), 200), 4)] = rng.integers(0, 256, 4)
        (tmp_path / "a.png").write_bytes(content.tobytes())
        try:
            assert read_image(tmp_path / "a.png").mode in ("L", "RGB")
        except InputError as error:
            assert "a.png" in str(error)


@pytest.mark.parametrize(
    "content", [b"", b"not an image", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"]
)
def test_not_an_image(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.png': it is empty, damaged or of another format"):
        read_image(tmp_path / "a.png")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.png': .*No such file"):
        read_image(tmp_path / "gone.png")


def test_reading_leaves_the_warning_filters_alone(tmp_path: Path) -> None:
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    before = list(warnings.filters)
    read_image(tmp_path / "a.png")
    assert list(warnings.filters) == before


def test_without_pillow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingExtraError, match=r"Pillow is not installed: pip install 'audition\[onnx\]'"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("array", "mode"),
    [
        (RAMP, "L"),
        (RAMP[..., None], "L"),
        (COLOURS, "RGB"),
        (RAMP.astype(np.int64), "L"),
        (RAMP / 255, "L"),
        (RAMP > 100, "L"),
        (np.dstack([COLOURS, np.full_like(RAMP, 255)]), "RGB"),
    ],
)
def test_image_from_array(array: np.ndarray[Any, Any], mode: str) -> None:
    image = image_from_array(array)
    expected = (RAMP > 100) * 255 if array.dtype == bool else {"L": RAMP, "RGB": COLOURS}[mode]
    assert image.mode == mode
    assert np.array_equal(np.asarray(image), expected)


def test_a_blank_page_of_a_scanner_is_read(tmp_path: Path) -> None:
    """Hardly anything packs as well, and it is what its owner meant."""
    Image.new("RGB", (4200, 4200), "white").save(tmp_path / "page.jpg")
    assert read_image(tmp_path / "page.jpg").size == (4200, 4200)


def test_a_noisy_picture_of_many_pixels_is_read(tmp_path: Path) -> None:
    Image.effect_noise((4200, 4200), 50).convert("RGB").save(tmp_path / "noise.png", compress_level=1)
    assert read_image(tmp_path / "noise.png").size == (4200, 4200)


def test_nothing_on_a_sheet_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    """A byte a pixel, and a few kilobytes on disk; one whose size is below the limit is read."""
    Image.new("1", (8200, 8200)).save(tmp_path / "plan.tif", compression="group4")
    with pytest.raises(
        InputError, match="it would take 64 MiB in memory, [0-9,]+ times its size on disk. --skip"
    ):
        read_image(tmp_path / "plan.tif")
    Image.new("1", (8000, 8000)).save(tmp_path / "plan.tif", compression="group4")
    assert read_image(tmp_path / "plan.tif").size == (8000, 8000)
