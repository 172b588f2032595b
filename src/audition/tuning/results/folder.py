"""The folder of a tuned model: written whole or not at all, read without running anything in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from audition.cache.key import file_digest
from audition.errors import AuditionError, InputError
from audition.models.torch.library import check_device, opening_on
from audition.models.trainable import check_place
from audition.tuning.networks.blueprint import Blueprint, draw, rebuild
from audition.tuning.networks.blueprint_files import NETWORK
from audition.tuning.networks.network import Head, Network
from audition.tuning.results.card import card
from audition.tuning.results.config import CONFIG, SCHEMA, VERSION, Plain, damaged, read_config, read_json
from audition.tuning.results.outcome import Outcome
from audition.tuning.results.whole import folder_written_whole
from audition.tuning.rows.answers import Answers
from audition.tuning.runs.curve import Curve
from audition.version import __version__

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

WEIGHTS, METRICS, CONFUSION, CARD = "model.safetensors", "metrics.json", "confusion.csv", "README.md"
CURVE, PICTURE = "curve.csv", "curve.svg"
OWN = (CONFIG, WEIGHTS, METRICS, CONFUSION, CARD, CURVE, PICTURE, NETWORK)
SHOWN = 3

PLAIN = re.compile(r"\w[\w.\-]*", re.ASCII)


def write(tuned: TunedModel, folder: Path, extra: Mapping[str, str]) -> None:
    """Writes a tuned model, and more files of text by their names, to a new folder; see `TunedModel.save`."""
    _check_names(extra)
    with folder_written_whole(folder) as part:
        blueprint = draw(tuned.model, tuned.network.body, part)
        _write_weights(tuned.network, part / WEIGHTS)
        _write_json(part / CONFIG, _config(tuned, blueprint, file_digest(part / WEIGHTS)))
        _write_json(part / METRICS, tuned.metrics | {"curve": _curve_json(tuned.curve)})
        judged = tuned.test or tuned.held_out
        if judged is not None and judged.confusion is not None:
            (part / CONFUSION).write_text(judged.confusion_csv(), encoding="utf-8", newline="")
        if tuned.curve is not None:
            tuned.curve.to_csv(part / CURVE)
            tuned.curve.to_svg(part / PICTURE)
        (part / CARD).write_text(card(tuned, own=not blueprint.spec), encoding="utf-8", newline="")
        for name, text in extra.items():
            (part / name).write_text(text, encoding="utf-8", newline="")


def _check_names(names: Iterable[str]) -> None:
    """Raises InputError for a name that is no plain one, or of a file that the folder has anyway."""
    for name in names:
        if not PLAIN.fullmatch(name):
            raise InputError(
                f"{name!r} cannot be the name of a further file: give letters, digits, '-', '_' and '.'."
            )
        if name.casefold() in {own.casefold() for own in OWN}:
            raise InputError(
                f"The folder of a tuned model has a {name} of its own: give the file another name."
            )


def needs_module(folder: Path) -> bool:
    """Whether a tuned model is loaded only with a module of the user's own, which no file describes."""
    return not _parts(folder, read_config(folder))[1].spec


def read(folder: Path, *, device: str = "auto", module: Any = None) -> TunedModel:
    """The tuned model in a folder; see `TunedModel.load`."""
    from audition.tuning.results.tuned import TunedModel

    check_device(device)
    check_place(module, device)
    config = read_config(folder)
    answers, blueprint = _parts(folder, config)
    with opening_on(device):
        model, body = rebuild(blueprint, folder, module=module)
    network = Network(body, Head(body.width, len(answers.classes)))
    _fit_weights(network, folder / WEIGHTS, config.get("weights"))
    network.to(next(body.parameters()).device).eval()
    metrics = read_json(folder / METRICS)
    try:
        held_out, test = (
            None if metrics.get(part) is None else Outcome.from_json(metrics[part], answers)
            for part in ("held_out", "test")
        )
        curve = _curve_of(metrics.get("curve"))
        settings, provenance = dict(config["settings"]), dict(config["provenance"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        damaged(folder / METRICS, error)
    return TunedModel(
        network, model, answers, held_out, test, curve, settings=settings, provenance=provenance
    )


def _config(tuned: TunedModel, blueprint: Blueprint, digest: str) -> Plain:
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "audition": __version__,
        "kind": tuned.kind,
        "blueprint": asdict(blueprint),
        "answers": tuned.answers.to_json(),
        "preprocess": str(tuned.model.preprocess),
        "settings": dict(tuned.settings),
        "provenance": {"model": tuned.name, **tuned.provenance},
        "weights": digest,
    }


def _write_json(path: Path, plain: Mapping[str, Any]) -> None:
    try:
        text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path.name} cannot be written: {error}.") from error
    shown = "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)
    path.write_text(shown + "\n", encoding="utf-8", newline="")


def _escaped(letter: str) -> str:
    """A letter that a terminal would obey, or no file can hold, as JSON writes it; line breaks of ours stay."""
    return letter if letter == "\n" else json.dumps(letter)[1:-1]


def _write_weights(network: Network, path: Path) -> None:
    """Each tensor by itself: some networks use one twice, which a safetensors file does not know of."""
    from safetensors.torch import save_file

    tensors = {
        name: tensor.detach().cpu().contiguous().clone() for name, tensor in network.state_dict().items()
    }
    save_file(tensors, path, metadata={"format": "pt"})


def _curve_json(curve: Curve | None) -> Plain | None:
    """A curve as JSON takes it: NaN is None."""
    if curve is None:
        return None
    rows = [{key: value if value == value else None for key, value in row.items()} for row in curve.records()]
    return {"score": curve.score_name, "rows": rows}


def _curve_of(plain: Any) -> Curve | None:
    if plain is None:
        return None
    rows = [
        {key: float("nan") if value is None else value for key, value in row.items()} for row in plain["rows"]
    ]
    return Curve.of(rows, plain["score"])


def _parts(folder: Path, config: Plain) -> tuple[Answers, Blueprint]:
    try:
        answers = Answers.from_json(config["answers"])
        blueprint = _blueprint(config["blueprint"])
    except (AuditionError, KeyError, TypeError, ValueError) as error:
        damaged(folder / CONFIG, error)
    return answers, blueprint


def _blueprint(plain: Mapping[str, Any]) -> Blueprint:
    """The blueprint as it was written, each part of its own type."""
    known = {each.name for each in fields(Blueprint)}
    if set(plain) != known:
        raise InputError(f"a blueprint has {', '.join(sorted(known))}")
    files = plain["files"]
    texts = [plain["spec"], plain["layer"], plain["beyond"], *files]
    if not isinstance(files, list) or not all(isinstance(text, str) for text in texts):
        raise InputError("a part of the blueprint is no text")
    return Blueprint(**{**plain, "files": tuple(files), "width": int(plain["width"])})


def _fit_weights(network: Network, path: Path, digest: Any) -> None:
    """Fills a network with the weights of a file; raises InputError where they are not those that were written."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise InputError(f"{str(path.parent)!r} holds no {WEIGHTS}: the weights are missing.")
    if file_digest(path) != digest:
        raise InputError(
            f"{str(path)!r} is damaged: it is not the file that was written (its digest differs)."
        )
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        damaged(path, error)
    wanted = network.state_dict()
    wrong = sorted({*wanted} ^ {*tensors})
    wrong += sorted(name for name in {*wanted} & {*tensors} if wanted[name].shape != tensors[name].shape)
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise InputError(
            f"The weights in {str(path)!r} do not fit the network in {CONFIG}: {', '.join(wrong[:SHOWN])}{more}."
        )
    with torch.no_grad():
        network.load_state_dict(tensors)
