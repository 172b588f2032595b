"""Folders of sounds: every format, what is passed over, and each sentence for what cannot be used."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from audition.data import Dataset, open_dataset
from audition.data.audio import SUFFIXES, Sound, read_sound
from audition.errors import InputError, MissingExtraError, UnreliableScoreWarning
from audition.extraction import decode
from audition.models.preprocess import AsObject

soundfile = pytest.importorskip("soundfile", reason="soundfile is not installed")

RATE = 16000
FORMATS: dict[str, dict[str, str]] = {
    ".wav": {},
    ".flac": {},
    ".ogg": {},
    ".oga": {"format": "OGG"},
    ".opus": {"format": "OGG", "subtype": "OPUS"},
    ".mp3": {},
    ".aif": {"format": "AIFF"},
    ".aiff": {},
    ".caf": {},
}


def tone(pitch: float = 440.0, seconds: float = 0.5, rate: int = RATE) -> np.ndarray[Any, Any]:
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


def put(path: Path, samples: Any = None, rate: int = RATE, **how: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(
        path, tone() if samples is None else samples, rate, **(FORMATS[path.suffix.lower()] | how)
    )
    return path


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    root = tmp_path / "birds"
    put(root / "wren" / "b.flac")
    put(root / "wren" / "a.WAV")
    put(root / "crow" / "deep" / "er" / "c.ogg")
    return root


def test_items_are_sorted_and_labelled_by_the_first_folder(birds: Path) -> None:
    data = open_dataset(birds)
    items = list(data.items())
    assert isinstance(data, Dataset)
    assert (data.name, data.kind, data.task, len(data)) == ("birds", "audio", "classification", 3)
    assert [item.label for item in items] == ["crow", "wren", "wren"]
    assert [Path(item.name).name for item in items] == ["c.ogg", "a.WAV", "b.flac"]
    assert [item.source for item in items] == [Path(item.name) for item in items]
    assert np.allclose(items[1].decode().samples, tone(), atol=1e-4)


def test_splits_limits_and_names_of_any_kind(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for label in ("chant d'été", "🐸 & co", "Straße"):
            put(tmp_path / split / label / "a b" / "ü.wav")
    data = open_dataset(tmp_path, split="test")
    assert [item.label for item in data.items()] == ["Straße", "chant d'été", "🐸 & co"]
    assert len(open_dataset(tmp_path, split="all")) == 6
    with pytest.warns(UnreliableScoreWarning, match="keeps 2 of 3 classes, one item each: give at least 3"):
        assert len(open_dataset(tmp_path, limit=2)) == 2


def test_hidden_and_other_files_are_passed_over(birds: Path) -> None:
    put(birds / "wren" / ".hidden.wav")
    put(birds / ".git" / "g.wav")
    put(birds / "loose.wav")
    (birds / "wren" / "notes.txt").write_text("sings")
    assert len(open_dataset(birds)) == 3


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_format(tmp_path: Path, suffix: str) -> None:
    sound = read_sound(put(tmp_path / f"a{suffix}", tone(rate=48000), 48000))
    assert (sound.rate, sound.seconds, sound.samples.dtype) == (48000, 0.5, np.float32)
    lossless = suffix in (".wav", ".flac", ".aif", ".aiff", ".caf")
    pitch = np.abs(np.fft.rfft(sound.samples)).argmax() / sound.seconds
    assert pitch == 440
    assert not lossless or np.abs(sound.samples - tone(rate=48000)).max() < 1e-4


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW"])
def test_every_depth(tmp_path: Path, subtype: str) -> None:
    sound = read_sound(put(tmp_path / "a.wav", subtype=subtype))
    assert np.abs(sound.samples - tone()).max() < (0.02 if subtype in ("PCM_U8", "ULAW") else 1e-6)


def test_channels_become_their_mean(tmp_path: Path) -> None:
    channels = np.stack([tone(440), tone(1000), np.zeros(RATE // 2)], axis=1)
    sound = read_sound(put(tmp_path / "a.wav", channels, subtype="FLOAT"))
    assert np.allclose(sound.samples, channels.mean(1), atol=1e-7)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@pytest.mark.parametrize("share", [0.0, 0.02, 0.6])
def test_files_that_are_cut_off(tmp_path: Path, suffix: str, share: float) -> None:
    whole = put(tmp_path / f"a{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(whole[: int(len(whole) * share)])
    why = "it is (cut off: its end is missing|damaged or of another format)" if share else "it is empty"
    with pytest.raises(InputError, match=rf"Cannot read the sound '.*cut\{suffix}': {why}\. --skip-bad"):
        read_sound(path)


def test_what_was_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    """Its header tells no length, because nobody could go back to write it."""
    data = bytearray(put(tmp_path / "a.wav").read_bytes())
    where = data.index(b"data") + 4
    data[where : where + 4] = struct.pack("<I", 2**32 - 1)
    (tmp_path / "a.wav").write_bytes(data)
    assert np.allclose(read_sound(tmp_path / "a.wav").samples, tone(), atol=1e-4)


def test_other_files_that_cannot_be_read(tmp_path: Path) -> None:
    put(tmp_path / "none.wav", np.zeros(0))
    put(tmp_path / "nan.wav", np.array([0.0, np.nan]), subtype="FLOAT")
    (tmp_path / "words.wav").write_text("la la la " * 50)
    for name, why in {
        "none": "it holds no sound",
        "nan": "it holds samples that are NaN or infinite",
        "words": "it is damaged or of another format",
        "nowhere": "No such file or directory",
    }.items():
        with pytest.raises(InputError, match=rf"Cannot read the sound '.*{name}\.wav': {why}\."):
            read_sound(tmp_path / f"{name}.wav")


def test_bad_files_can_be_skipped(birds: Path) -> None:
    (birds / "wren" / "bad.wav").write_bytes(b"RIFF")
    data, whole = open_dataset(birds), AsObject()
    with pytest.raises(InputError, match=r"Cannot read the sound '.*bad\.wav'"):
        decode(data, [whole])
    decoded = decode(data, [whole], skip_bad=True)
    assert decoded.skipped == (str(birds / "wren" / "bad.wav"),)
    assert decoded.labels == ("crow", "wren", "wren")
    assert all(isinstance(sound, Sound) for sound in decoded.arrays[whole][:])


def test_images_beside_sounds(birds: Path) -> None:
    (birds / "crow" / "cover.jpg").write_bytes(b"")
    said = r"birds' holds 1 image and 3 sounds, such as 'crow/cover\.jpg' and 'crow/deep/er/c\.ogg': one kind"
    with pytest.raises(InputError, match=said.replace("/", r"[/\\]+")):
        open_dataset(birds)


def test_folders_that_cannot_be(birds: Path, tmp_path: Path) -> None:
    (birds / "owl").mkdir()
    with pytest.raises(InputError, match="The class folder '.*owl' holds no sounds: add some or remove it"):
        open_dataset(birds)
    put(tmp_path / "loose" / "a.wav")
    with pytest.raises(
        InputError, match="no sounds in class folders .* The sounds lie outside class folders"
    ):
        open_dataset(tmp_path / "loose")
    put(tmp_path / "one" / "owl" / "a.wav")
    with pytest.raises(InputError, match="holds one class only, 'owl'"):
        open_dataset(tmp_path / "one")
    (tmp_path / "empty" / "owl").mkdir(parents=True)
    with pytest.raises(
        InputError, match="Files taken as images: bmp, .*; as sounds: aif, aiff, caf, flac, mp3"
    ):
        open_dataset(tmp_path / "empty")


def test_a_table_of_sounds(birds: Path) -> None:
    rows = [("wren/b.flac", "wren"), ("crow/deep/er/c.ogg", "crow"), ("wren/gone.wav", "wren"), ("", "crow")]
    for column in ("audio", "filename"):
        (birds / "t.csv").write_text(f"{column},kind\n" + "".join(f"{path},{kind}\n" for path, kind in rows))
        data = open_dataset(birds / "t.csv")
        assert (data.kind, [item.label for item in data.items()]) == (
            "audio",
            ["wren", "crow", "wren", "crow"],
        )
    first, _, gone, none = data.items()
    assert first.source == birds / "wren" / "b.flac"
    assert np.allclose(first.decode().samples, tone(), atol=1e-4)
    with pytest.raises(
        InputError, match=r"There is no sound '.*gone\.wav', named at t\.csv, line 4\. --skip-bad"
    ):
        gone.decode()
    with pytest.raises(InputError, match=r"The sound at t\.csv, line 5 is '', no path"):
        none.decode()


def test_the_column_of_sounds_can_be_named(birds: Path) -> None:
    table = birds / "t.csv"
    table.write_text("text,heard,who\nhey,wren/b.flac,wren\nho,crow/deep/er/c.ogg,crow\n")
    data = open_dataset(table, audio_column="heard", label_columns="who")
    assert [item.decode().rate for item in data.items()] == [RATE, RATE]
    with pytest.raises(InputError, match="of texts or of images or of sounds: name one column"):
        open_dataset(table, audio_column="heard", text_column="text", label_columns="who")
    with pytest.raises(InputError, match="has no columns by name"):
        open_dataset(birds / "wren", audio_column="heard")


def test_sounds_of_the_datasets_library(
    birds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, framework: Callable[[str], ModuleType]
) -> None:
    """Bytes inside, a file beside, and what cannot be read; the library that it decodes with is not needed."""
    datasets = framework("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    held = [
        {"bytes": (birds / "wren" / "b.flac").read_bytes(), "path": None},
        {"bytes": None, "path": str(birds / "crow" / "deep" / "er" / "c.ogg")},
        {"bytes": b"", "path": None},
        None,
    ]
    file = {"bytes": datasets.Value("binary"), "path": datasets.Value("string")}
    kinds = datasets.Features({"song": file, "who": datasets.ClassLabel(names=["crow", "wren"])})
    plain = datasets.Dataset.from_dict({"song": held, "who": [1, 0, 0, 1]}, features=kinds)
    whole = plain.cast_column("song", datasets.Audio())
    whole.save_to_disk(tmp_path / "set")
    data = open_dataset(f"hfds:{tmp_path / 'set'}")
    items = list(data.items())
    assert (data.kind, [item.label for item in items]) == ("audio", ["wren", "crow", "crow", "wren"])
    assert np.allclose(items[0].decode().samples, tone(), atol=1e-4)
    assert items[1].decode().seconds == 0.5
    with pytest.raises(InputError, match="Cannot read the sound 'row 2 of hfds:.*': it is empty"):
        items[2].decode()
    with pytest.raises(InputError, match="There is no sound at row 3 of hfds:"):
        items[3].decode()
    again = open_dataset(f"hfds:{tmp_path / 'set'}")
    assert [item.source for item in again.items()] == [item.source for item in items]
    assert len({item.source for item in items}) == 4


def test_a_library_that_is_missing(birds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingExtraError, match=r"soundfile.*pip install 'audition\[hf\]'"):
        open_dataset(birds)


def test_the_library_is_imported_when_it_is_used() -> None:
    code = "import sys, audition.data, audition.models.registry; print('soundfile' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
