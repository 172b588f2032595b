"""What is done with a file that may be anything: it is read, and what is found is looked at as a user would."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from faults import seeds
from faults.judge import check_sentence

from audition.cache import Cache
from audition.errors import AuditionError, InputError


def all_of(data: Any) -> None:
    """A data set with every item decoded, as far as each can be."""
    from audition.data import open_dataset

    for item in open_dataset(data).items():
        try:
            item.decode()
        except InputError as error:
            check_sentence(str(error))


def read_arrays(path: Path) -> None:
    """Each way in which a file of arrays is read; the first that refuses it does not keep the others from it."""
    from audition.data import Features, open_dataset, read_features
    from audition.models.features import open_features
    from audition.models.spec import ModelSpec

    own = path.suffix != ".npy"  # one array: its labels are in another file
    in_turn(
        partial(read_features, path, None if own else labels_of_four()),
        *([partial(open_dataset, path)] if own else []),
        lambda: [
            opened.read(layer)
            for opened in [open_features(ModelSpec("features", str(path)))]
            for layer in opened.keys
        ],
        *([lambda: repr(Features.load(path))] if path.suffix == ".safetensors" else []),
    )


def in_turn(*reads: Callable[[], Any], enough: int | None = None) -> None:
    """Calls all; raises what the last one refused with, where fewer than enough of them (all) did not."""
    refused: list[AuditionError] = []
    for read in reads:
        try:
            read()
        except AuditionError as error:
            check_sentence(str(error))
            refused.append(error)
    if refused and len(reads) - len(refused) < (enough or len(reads)):
        raise refused[-1]


def use_ranking(path: Path) -> None:
    """Reads a ranking and looks at it in every way."""
    from audition.ranking import Ranking

    found = Ranking.load(path)
    repr(found), found._repr_html_(), found.verdict, found.to_json()
    if found.rows:
        found[found.rows[0].model]


def read_candidates(path: Path) -> None:
    from audition.models.listed import listed_candidates

    listed_candidates(path)


def read_truth_and_scores(path: Path) -> None:
    from audition.truth import read_scores, read_truth

    in_turn(
        lambda: repr(read_truth(path).cells()),
        lambda: read_scores(path, datasets=("cars", "dogs")),
        enough=1,
    )


def read_statistics(path: Path) -> None:
    from audition.statistics import Statistics

    Statistics.load(path)


def read_weights_of(path: Path) -> None:
    from audition.models.torch.checkpoint import read_weights

    read_weights(path)


def read_image_of(path: Path) -> None:
    from audition.data.images import read_image

    read_image(path)


def read_sound_of(path: Path) -> None:
    from audition.data.audio import read_sound

    read_sound(path)


def open_network(path: Path) -> None:
    from audition.models import open_model
    from audition.models.registry import model_identity

    model_identity(f"onnx:{path}")
    open_model(f"onnx:{path}?size=28")


def read_name(path: Path) -> None:
    """A model's name, as far as it goes without a hub."""
    from audition.models import open_model
    from audition.models.registry import find_models, model_identity

    text = path.read_bytes().decode("utf-8", "surrogateescape")
    model_identity(text)
    source, _, rest = text.partition(":")
    if source in ("hf", "st", "openclip", "keras") and "/" not in rest[:2]:
        return  # what a hub holds is not asked for here
    if not any(letter in text for letter in "*[@"):
        in_turn(partial(find_models, text), partial(open_model, text))


def read_amounts(path: Path) -> None:
    """Times, budgets, sizes and ages, as people write them."""
    from audition.cli.cache import AGES, UNITS, _measure
    from audition.ranking.duration import parse_duration
    from audition.recommendation.cost import parse_limit

    text = path.read_bytes().decode("utf-8", "surrogateescape")
    in_turn(
        partial(parse_duration, text),
        lambda: str(parse_limit(text)),
        lambda: int(_measure(text, UNITS, "a size", "2GB")),
        lambda: _measure(text, AGES, "an age", "30d"),
        enough=1,
    )


def use_cache(name: str, path: Path) -> None:
    """Puts a file into a cache and uses that: what is served is what was written, whatever the file says."""
    folder = path.parent / "cache"
    if not folder.exists():
        seeds.kept(folder)
    for file, content in cache_seed().items():
        place = (
            folder / file if file.startswith("catalogue") else folder / "entries" / seeds.KEY.digest / file
        )
        place.write_bytes(path.read_bytes() if file.startswith(name) else content)
    cache = Cache(folder)
    repr(cache.ls())
    entry = cache.entry(seeds.KEY)
    rows = entry.rows_done(["last"])
    assert not rows or np.array_equal(entry.matrix("last")[:rows], seeds.FEATURES[:rows])
    entry.complete(["last"]), entry.statistics("last", "labels"), entry.notes
    cache.verify()
    cache.prune(max_bytes=10**9)
    entry.finish(4)


def use_checkpoint(path: Path) -> None:
    from audition.tuning.runs.checkpoint import read

    read(path, seeds.FINGERPRINT)


def use_tuned(name: str, path: Path) -> None:
    """The folder of a tuned model with one file of its own in another's place; what is read is looked at."""
    from audition import load_tuned

    folder = path.parent / "tuned"
    if not folder.exists():
        shutil.copytree(tuned_seed(), folder)
    before = (tuned_seed() / name).read_bytes()
    (folder / name).write_bytes(path.read_bytes())
    try:
        found = load_tuned(folder)
        repr(found), found.metrics, found.classes_
    finally:
        (folder / name).write_bytes(before)


@cache
def labels_of_four() -> Path:
    """A file of labels for four rows."""
    folder = _made("labels")
    np.save(folder / "labels.npy", seeds.LABELS)
    return folder / "labels.npy"


@cache
def cache_seed() -> dict[str, bytes]:
    """The files of a cache by their names."""
    with tempfile.TemporaryDirectory() as folder:
        seeds.kept(Path(folder))
        return {path.name: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


@cache
def tuned_seed() -> Path:
    return seeds.tuned(_made("tuned") / "tuned")


def _made(name: str) -> Path:
    """A folder that is there until the process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"audition-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
