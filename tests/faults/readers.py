"""Every reader of files and texts, each with the inputs that it is tried on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from faults import seeds
from faults.damage import HOSTILE, other_values, parts_of, spoilt, with_header
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
    """name: for messages. suffix: of the file that is read. whole: contents with nothing wrong, once `needs` are there.

    read: takes the path of a file, and uses what it finds as far as a user would see it. others: from the whole
    contents, inputs beside those with bytes that are spoilt.
    """

    name: str
    suffix: str
    whole: Callable[[], Sequence[bytes]]
    read: Callable[[Path], Any]
    needs: tuple[str, ...] = ()
    others: Callable[..., Inputs] | None = None

    def inputs(self) -> Inputs:
        """What it is tried on."""
        whole = self.whole()
        bytewise = spoilt(*whole)
        return bytewise if self.others is None else st.one_of(bytewise, self.others(*whole))


def other_headers(content: bytes) -> Inputs:
    """A safetensors file with other values in its header, or in the JSON inside that."""
    header, rest = parts_of(content)
    metadata = {key: _json(value) for key, value in header["__metadata__"].items()}

    def put_back(changed: Any) -> bytes:
        texts = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in changed.items()
        }
        return with_header(header | {"__metadata__": texts}, rest)

    inner = other_values(metadata).filter(lambda changed: isinstance(changed, dict)).map(put_back)
    return st.one_of(other_values(header).map(lambda changed: with_header(changed, rest)), inner)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_json(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def other_json(content: bytes) -> Inputs:
    """A file of JSON with other values in it."""
    return other_values(json.loads(content)).map(as_json)


def kept(name: str) -> bytes:
    """The one file of a cache whose name begins or ends so."""
    return next(
        content for file, content in cache_seed().items() if file.startswith(name) or file.endswith(name)
    )


def other_entries(content: bytes) -> Inputs:
    """entry.json with other values inside, sealed anew, or outside."""
    outer = json.loads(content)

    def sealed(inner: Any) -> bytes:
        text = canonical(inner)
        return canonical(outer | {"entry": text, "sha256": text_digest(text)}).encode()

    finite = tuple(value for value in HOSTILE if value == value and value not in (float("inf"), "\ud800"))
    inner = other_values(json.loads(outer["entry"]), finite).map(sealed)
    return st.one_of(inner, other_values(outer).map(as_json))


def json_lines(*whole: bytes) -> Inputs:
    """Objects of hostile values under the names that columns have."""
    names = st.sampled_from(("text", "label", "tokens", "ner_tags", "image", "groups", ""))
    rows = st.lists(st.dictionaries(names, st.sampled_from(HOSTILE), max_size=3), min_size=1, max_size=3)
    return rows.map(lambda found: "\n".join(map(json.dumps, found)).encode())


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
    Reader("features .npz", ".npz", lambda: (seeds.npz(), seeds.npz(True)), read_arrays),
    Reader("features .npy", ".npy", lambda: (seeds.npy(),), read_arrays),
    Reader(
        "features .safetensors",
        ".safetensors",
        lambda: (seeds.features(),),
        read_arrays,
        others=other_headers,
    ),
    *(
        Reader(
            f"image .{form.lower()}",
            f".{form.lower()}",
            lambda form=form: (seeds.image(form),),
            read_image_of,
            ("PIL",),
        )
        for form in ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
    ),
    *(
        Reader(
            f"sound .{form.lower()}",
            f".{form.lower()}",
            lambda form=form: (seeds.sound(form),),
            read_sound_of,
            ("soundfile",),
        )
        for form in ("WAV", "FLAC", "OGG", "MP3")
    ),
    *(
        Reader(f"table {end}", end, lambda end=end: (seeds.TABLES[end], seeds.SEVERAL, seeds.NUMBERS), all_of)
        for end in (".csv", ".tsv")
    ),
    Reader("table .jsonl", ".jsonl", lambda: (seeds.TABLES[".jsonl"],), all_of, others=json_lines),
    Reader("table .parquet", ".parquet", lambda: (seeds.parquet(),), all_of, ("pyarrow",)),
    Reader("tokens .conll", ".conll", lambda: (seeds.TOKENS,), all_of),
    *(
        Reader(f"candidates {end}", end, lambda end=end: (seeds.CANDIDATES[end],), read_candidates)
        for end in (".toml", ".csv")
    ),
    Reader("ranking .json", ".json", lambda: (as_json(seeds.ranking()),), use_ranking, others=other_json),
    Reader("truth .csv", ".csv", lambda: seeds.TRUTH, read_truth_and_scores),
    Reader(
        "statistics", ".safetensors", lambda: (seeds.statistics(),), read_statistics, others=other_headers
    ),
    Reader("cache, shard", ".bin", lambda: (kept("0000"),), partial(use_cache, "0000"), others=other_headers),
    Reader(
        "cache, entry.json",
        ".json",
        lambda: (kept("entry.json"),),
        partial(use_cache, "entry.json"),
        others=other_entries,
    ),
    Reader("cache, catalogue", ".sqlite", lambda: (kept("catalogue"),), partial(use_cache, "catalogue")),
    Reader(
        "tuning checkpoint",
        ".safetensors",
        lambda: (seeds.checkpoint(),),
        use_checkpoint,
        ("torch",),
        other_headers,
    ),
    *(
        Reader(
            f"tuned, {name}",
            ".json",
            lambda name=name: ((tuned_seed() / name).read_bytes(),),
            partial(use_tuned, name),
            ("torch", "onnx", "PIL"),
            other_json,
        )
        for name in ("config.json", "metrics.json")
    ),
    Reader("weights .pth", ".pth", lambda: (seeds.weights(),), read_weights_of, ("torch",)),
    Reader(
        "weights .safetensors",
        ".safetensors",
        lambda: (seeds.features(),),
        read_weights_of,
        ("torch",),
        other_headers,
    ),
    Reader("network .onnx", ".onnx", lambda: (seeds.onnx(),), open_network, ("onnxruntime", "onnx")),
    Reader("model names", ".txt", lambda: NAMES, read_name, ("onnxruntime", "torch")),
    Reader("amounts", ".txt", lambda: AMOUNTS, read_amounts, ("torch",), lambda *whole: DIGITS),
)
