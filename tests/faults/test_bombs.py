"""Files that are small on disk and enormous in memory are refused in a sentence, before they fill it."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from faults import seeds
from faults.damage import with_checksums, with_header
from faults.judge import in_memory, judged
from faults.uses import all_of, read_arrays, read_image_of, read_sound_of, read_weights_of

from audition.data.growth import LARGE
from audition.data.images import read_image
from audition.errors import AuditionError, InputError
from audition.truth import read_truth

HEAD = np.lib.format.magic(1, 0)
LITTLE = 2**25  # bytes of memory that refusing one may take


def refused(read: Callable[[Path], Any], path: Path, sentence: str, most: int = LITTLE) -> None:
    """What reading a file says, and that it took next to nothing."""
    with in_memory(most):
        assert judged(lambda: read(path)) == "refused"
    with pytest.raises(AuditionError, match=sentence):
        read(path)


def npy_head(shape: str, dtype: str = "<f4") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return HEAD + struct.pack("<H", len(text)) + text


def test_an_archive_of_zeros(tmp_path: Path) -> None:
    """1 GiB of zeros in a megabyte: what `np.savez_compressed` makes of them."""
    path, block = tmp_path / "f.npz", bytes(2**20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("features.npy", "w") as file:
            file.write(npy_head(f"({LARGE // 1024 + 1}, 256)"))
            for _ in range(LARGE // 2**20 + 1):
                file.write(block)
        archive.writestr("labels.npy", npy_head("(2,)", "|u1") + b"\0\1")
    assert path.stat().st_size < 2**22
    refused(
        read_arrays, path, r"would take 0\.3 GiB in memory, \d+ times its size on disk, and is not unpacked"
    )


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", "(1000000, 1000000)", "(99999999999999999999,)", "(-1,)"]
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_an_array_that_promises_more_than_there_is(tmp_path: Path, shape: str, suffix: str) -> None:
    path = tmp_path / f"f{suffix}"
    content = npy_head(shape) + bytes(64)
    if suffix == ".npy":
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("features.npy", content)
            archive.writestr("labels.npy", content)
    refused(read_arrays, path, "is not a readable|is damaged|holds no features")


def test_a_safetensors_header_that_promises_more_than_there_is(tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    place = {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}
    path.write_bytes(with_header({"features": place}, bytes(64)))
    refused(read_arrays, path, r"is not a readable \.safetensors file")
    path.write_bytes(struct.pack("<Q", 2**62) + b"{}")
    refused(read_arrays, path, r"is not a readable \.safetensors file")


def test_a_picture_of_more_pixels_than_there_is_memory(
    tmp_path: Path, framework: Callable[[str], ModuleType]
) -> None:
    """50,000 x 50,000 pixels in a few hundred bytes, with checksums that are right."""
    framework("PIL")

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    path = tmp_path / "bomb.png"
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(150_001))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    assert path.stat().st_size < 400
    refused(read_image, path, "it has too many pixels to decode safely")
    text = b"Comment\0\0" + zlib.compress(bytes(2**26), 9)
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"zTXt", text) + rows)
    with in_memory(LITTLE):
        judged(lambda: read_image_of(path))


@pytest.mark.parametrize("form", ["BMP", "PNG", "PPM"])
def test_a_picture_that_promises_pixels_it_does_not_hold(
    tmp_path: Path, framework: Callable[[str], ModuleType], form: str
) -> None:
    """Too few for Pillow to refuse, in a few hundred bytes: room for them would cost 300 MiB and more a thread."""
    framework("PIL")
    content, side = seeds.image(form), 9_400
    if form == "BMP":
        content = content[:18] + struct.pack("<ii", side, side) + content[26:]
    elif form == "PPM":
        content = content.replace(b"7 9", b"%d %d" % (side, side))
    else:
        head = struct.pack(">II", side, side)
        content = with_checksums(content, lambda kind, old: head + old[8:] if kind == b"IHDR" else old)
    path = tmp_path / f"f.{form.lower()}"
    path.write_bytes(content)
    refused(read_image, path, "it would take 337 MiB in memory, [0-9,]+ times its size on disk")


@pytest.mark.parametrize("cell", [0, "x" * 2**18])
def test_a_parquet_column_that_says_one_thing_for_ever(tmp_path: Path, framework: Any, cell: Any) -> None:
    """A dictionary holds it once, and each row is a bit or less."""
    pyarrow, parquet = (
        framework("pyarrow"),
        pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed"),
    )
    path, rows = tmp_path / "t.parquet", 18_000_000 if cell == 0 else 20_000
    places = pyarrow.array(np.zeros(rows, np.int8))
    column = pyarrow.DictionaryArray.from_arrays(places, pyarrow.array([cell]))
    parquet.write_table(pyarrow.table({"text": column, "label": column}), path, compression="none")
    assert path.stat().st_size < 2**20
    with in_memory(2**29):
        assert judged(lambda: all_of(path)) == "refused"
    with pytest.raises(InputError, match=r"GiB in memory, [\d,]+ times its size on disk"):
        all_of(path)


def test_a_parquet_column_that_gzip_packed(tmp_path: Path, framework: Any) -> None:
    """As many bytes as there are, each the same: a hundredth of them on disk, and no dictionary in it."""
    pyarrow, rows = framework("pyarrow"), 17_000
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    table = pyarrow.table({"text": ["x" * 2**14] * rows, "label": [0, 1] * (rows // 2)})
    options = {"use_dictionary": False, "compression": "gzip", "compression_level": 1}
    parquet.write_table(table, path, **options)
    del table
    refused(all_of, path, r"GiB in memory, [\d,]+ times its size on disk", 2**26)


@pytest.mark.parametrize("source", ["weights", "torchscript", "exported"])
def test_an_archive_of_weights(tmp_path: Path, framework: Any, source: str) -> None:
    """torch.save writes a zip archive with nothing packed; torch.load also reads one that is."""
    framework("torch")
    from audition.models import open_model

    path, block = tmp_path / "w.pt", bytes(2**20)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("archive/data/0", "w") as file,
    ):
        for _ in range(LARGE // 2**20 + 1):
            file.write(block)
    read = read_weights_of if source == "weights" else lambda path: open_model(f"{source}:{path}")
    refused(read, path, "would take 0.3 GiB in memory")


@pytest.mark.parametrize("name", ["net.h5", "net.keras", "w.weights.h5"])
def test_arrays_of_keras_that_are_not_there(tmp_path: Path, framework: Any, name: str) -> None:
    """An HDF5 file may hold an array of a terabyte that was never written, and is zeros where it is read."""
    framework("keras")
    h5py = framework("h5py")
    from audition.models import open_model
    from audition.models.keras.weights import check_file_growth

    path = tmp_path / name
    with h5py.File(tmp_path / "arrays.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", (10**6, 10**6), "f4", chunks=(1000, 1000))
    (tmp_path / "arrays.h5").rename(path)
    if path.suffix == ".keras":
        content = path.read_bytes()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("model.weights.h5", content)
    refused(check_file_growth, path, "would take 3,725.3 GiB in memory")
    if name != "w.weights.h5":
        with pytest.raises(InputError, match="would take 3,725.3 GiB"):
            open_model(f"keras:{path}")


def test_rows_that_all_have_names_of_their_own(tmp_path: Path) -> None:
    """N lines of JSON with a name each would be a table of N x N cells; N results on N data sets, too."""
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps({f"k{i}": 1}) for i in range(20_000)))
    refused(all_of, path, "would take 3.0 GiB in memory", 2**26)
    path = tmp_path / "truth.csv"
    path.write_text("model,dataset,accuracy,x\n" + "".join(f"m{i},d{i},1,1\n" for i in range(10_000)))
    refused(read_truth, path, "10,000 models on 10,000 data sets, more than a table can hold", 2**26)


def test_hours_of_silence(tmp_path: Path, framework: Callable[[str], ModuleType]) -> None:
    """A file of a few kilobytes whose header promises four billion samples; silence packs as well."""
    framework("soundfile")
    path = tmp_path / "silence.flac"
    content = bytearray(seeds.sound("FLAC"))
    content[22:26] = b"\xff" * 4
    path.write_bytes(content)
    refused(read_sound_of, path, "would take 32.0 GiB in memory")


@pytest.mark.parametrize("end", [".json", ".jsonl", ".toml"])
def test_brackets_in_brackets(tmp_path: Path, end: str) -> None:
    """Ten thousand levels: a parser that calls itself would run out of stack."""
    from faults.uses import read_candidates, use_ranking

    path = tmp_path / f"deep{end}"
    path.write_text(("models = " if end == ".toml" else '{"label":') + "[" * 10_000)
    refused({".json": use_ranking, ".jsonl": all_of, ".toml": read_candidates}[end], path, "deep")


def test_a_number_without_end(tmp_path: Path) -> None:
    """Seven bits a byte, and a mark that more follow: reading ten megabytes of them took minutes."""
    from faults.judge import in_time

    from audition.models.registry import model_identity

    path = tmp_path / "net.onnx"
    path.write_bytes(seeds.onnx() + b"\xff" * 10**7 if _has_onnx() else b"\xff" * 10**7)
    with in_time(3):
        assert model_identity(f"onnx:{path}") is None


def _has_onnx() -> bool:
    from importlib.util import find_spec

    return find_spec("onnx") is not None
