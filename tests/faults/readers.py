"""Every reader of files and texts, each with the inputs that it is tried on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from faults import seeds
from faults.damage import HOSTILE, other_values, parts_of, spoilt, with_header
from faults.judge import EXAMPLES, FEW
from faults.uses import (
    all_of,
    cache_seed,
    open_network,
    read_amounts,
    read_arrays,
    read_candidates,
    read_image_of,
    read_name,
    read_sound_of,
    read_statistics,
    read_truth_and_scores,
    read_weights_of,
    tuned_seed,
    use_cache,
    use_checkpoint,
    use_ranking,
    use_tuned,
)
from hypothesis import strategies as st

from audition.cache.key import canonical, text_digest

Inputs = st.SearchStrategy[bytes]


@dataclass(frozen=True)
class Reader:
    """name: for messages. suffix: of the file that is read. inputs: makes what is in it, once `needs` are there.

    read: takes the path of the file, and uses what it finds as far as a user would see it. examples: how many inputs.
    """

    name: str
    suffix: str
    inputs: Callable[[], Inputs]
    read: Callable[[Path], Any]
    needs: tuple[str, ...] = ()
    examples: int = EXAMPLES


def header_inputs(content: bytes) -> Inputs:
    """A safetensors file, spoilt anywhere, or with other values in its header or in the JSON inside that."""
    header, rest = parts_of(content)
    metadata = {key: _json(value) for key, value in header["__metadata__"].items()}

    def put_back(changed: Any) -> bytes:
        texts = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in changed.items()
        }
        return with_header(header | {"__metadata__": texts}, rest)

    inner = other_values(metadata).filter(lambda changed: isinstance(changed, dict)).map(put_back)
    return st.one_of(
        spoilt(content), other_values(header).map(lambda changed: with_header(changed, rest)), inner
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_json(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def kept(name: str) -> bytes:
    """The one file of a cache whose name begins or ends so."""
    return next(
        content for file, content in cache_seed().items() if file.startswith(name) or file.endswith(name)
    )


def sidecars() -> Inputs:
    """entry.json with other values inside, sealed anew, or outside."""
    outer = json.loads(kept("entry.json"))

    def sealed(inner: Any) -> bytes:
        text = canonical(inner)
        return canonical(outer | {"entry": text, "sha256": text_digest(text)}).encode()

    finite = tuple(value for value in HOSTILE if value == value and value not in (float("inf"), "\ud800"))
    inner = other_values(json.loads(outer["entry"]), finite).map(sealed)
    return st.one_of(inner, other_values(outer).map(as_json), spoilt(kept("entry.json")))


def tuned_inputs(name: str) -> Inputs:
    content = (tuned_seed() / name).read_bytes()
    return st.one_of(spoilt(content), other_values(json.loads(content)).map(as_json))


NAMES = (
    b"zoo:cnn-mnist",
    b"zoo:cnn-mnist?pool=max",
    b"onnx:net.onnx?size=32,32&mean=0.5&std=0.2,0.2,0.2",
    b"features:f.npz",
    b"timm:resnet18?checkpoint=a.pth&pool=mean",
    b"torchscript:~/net.pt",
    b"exported:./net.pt2?crop=0.5",
    b"module:os:getcwd",
    b"zoo:",
    b"~nobody/x.onnx",
    b"onnx:~nobody/net.onnx",
    b"zoo:a@b?c=d",
)
AMOUNTS = (b"30m", b"1h 30m", b"90s", b"20M params", b"100MB", b"5ms", b"2G flops", b"2GB", b"30d")
DIGITS = st.text("0123456789.eE+-hms MGBdkKflopsparams٣²½", max_size=12).map(str.encode)

READERS = (
    Reader("features .npz", ".npz", lambda: spoilt(seeds.npz(), seeds.npz(True)), read_arrays),
    Reader("features .npy", ".npy", lambda: spoilt(seeds.npy()), read_arrays),
    Reader("features .safetensors", ".safetensors", lambda: header_inputs(seeds.features()), read_arrays),
    *(
        Reader(
            f"image .{form.lower()}",
            f".{form.lower()}",
            lambda form=form: spoilt(seeds.image(form)),
            read_image_of,
            ("PIL",),
        )
        for form in ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
    ),
    *(
        Reader(
            f"sound .{form.lower()}",
            f".{form.lower()}",
            lambda form=form: spoilt(seeds.sound(form)),
            read_sound_of,
            ("soundfile",),
        )
        for form in ("WAV", "FLAC", "OGG", "MP3")
    ),
    *(
        Reader(
            f"table {end}",
            end,
            lambda end=end: spoilt(seeds.TABLES[end], seeds.SEVERAL, seeds.NUMBERS),
            all_of,
        )
        for end in (".csv", ".tsv")
    ),
    Reader("table .jsonl", ".jsonl", lambda: st.one_of(spoilt(seeds.TABLES[".jsonl"]), json_lines()), all_of),
    Reader("table .parquet", ".parquet", lambda: spoilt(seeds.parquet()), all_of, ("pyarrow",)),
    Reader("tokens .conll", ".conll", lambda: spoilt(seeds.TOKENS), all_of),
    *(
        Reader(f"candidates {end}", end, lambda end=end: spoilt(seeds.CANDIDATES[end]), read_candidates)
        for end in (".toml", ".csv")
    ),
    Reader("ranking .json", ".json", lambda: rankings(), use_ranking),
    Reader("truth .csv", ".csv", lambda: spoilt(*seeds.TRUTH), read_truth_and_scores),
    Reader("statistics", ".safetensors", lambda: header_inputs(seeds.statistics()), read_statistics),
    Reader(
        "cache, shard", ".bin", lambda: header_inputs(kept("0000")), partial(use_cache, "0000"), examples=FEW
    ),
    Reader("cache, entry.json", ".json", sidecars, partial(use_cache, "entry.json"), examples=FEW),
    Reader(
        "cache, catalogue",
        ".sqlite",
        lambda: spoilt(kept("catalogue")),
        partial(use_cache, "catalogue"),
        examples=FEW,
    ),
    Reader(
        "tuning checkpoint",
        ".safetensors",
        lambda: header_inputs(seeds.checkpoint()),
        use_checkpoint,
        ("torch",),
    ),
    *(
        Reader(
            f"tuned, {name}",
            ".json",
            partial(tuned_inputs, name),
            partial(use_tuned, name),
            ("torch", "onnx", "PIL"),
            FEW,
        )
        for name in ("config.json", "metrics.json")
    ),
    Reader("weights .pth", ".pth", lambda: spoilt(seeds.weights()), read_weights_of, ("torch",)),
    Reader(
        "weights .safetensors",
        ".safetensors",
        lambda: header_inputs(seeds.features()),
        read_weights_of,
        ("torch",),
    ),
    Reader("network .onnx", ".onnx", lambda: spoilt(seeds.onnx()), open_network, ("onnxruntime", "onnx")),
    Reader("model names", ".txt", lambda: spoilt(*NAMES), read_name, ("onnxruntime", "torch")),
    Reader("amounts", ".txt", lambda: st.one_of(spoilt(*AMOUNTS), DIGITS), read_amounts, ("torch",)),
)


def json_lines() -> Inputs:
    """Objects of hostile values under the names that columns have."""
    names = st.sampled_from(("text", "label", "tokens", "ner_tags", "image", "groups", ""))
    rows = st.lists(st.dictionaries(names, st.sampled_from(HOSTILE), max_size=3), min_size=1, max_size=3)
    return rows.map(lambda found: "\n".join(map(json.dumps, found)).encode())


def rankings() -> Inputs:
    plain = seeds.ranking()
    return st.one_of(spoilt(as_json(plain)), other_values(plain).map(as_json))
