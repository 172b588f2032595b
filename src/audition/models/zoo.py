"""The networks that come inside the package: small, 32 pixels, no download."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from audition.errors import InputError, ModelError, UnknownNameError
from audition.models.base import ModelIdentity, library_of
from audition.models.onnx.network import OnnxModel, open_session
from audition.models.spec import ModelSpec


@dataclass(frozen=True, eq=False, kw_only=True)
class ZooModel(OnnxModel):
    """A network of the built-in zoo, and what is known of it.

    parameters, classes: how many; classes are those of its head, None without one.
    training_accuracy: on its own source, 0..1, where that was measured.
    """

    architecture: str
    source: str
    description: str
    parameters: int
    classes: int | None = None
    training_accuracy: float | None = None


def names() -> list[str]:
    """The names of all networks in the zoo, without the prefix."""
    return list(manifest())


@cache
def manifest() -> dict[str, dict[str, Any]]:
    """The record of each network in the zoo by its name."""
    records = json.loads((files("audition") / "zoo" / "manifest.json").read_text(encoding="utf-8"))
    return {record["name"]: record for record in records}


def load(spec: ModelSpec) -> ZooModel:
    """The network of a name; raises UnknownNameError, MissingExtraError without onnxruntime, ModelError."""
    record = manifest().get(spec.name)
    if record is None:
        known = (f"zoo:{name}" for name in names())
        raise UnknownNameError("model", f"zoo:{spec.name}", known, "'audition models' lists all.")
    if spec.revision or spec.options:
        raise InputError(f"The networks of the zoo have no revisions and options: write 'zoo:{spec.name}'.")
    network = _network(record)
    return ZooModel(
        name=str(spec),
        session=open_session(network, str(spec)),
        layers=tuple(record["layers"]),
        head=record["head"],
        identity=identity(spec),
        file=network,
        architecture=record["architecture"],
        source=record["source"],
        description=record["description"],
        parameters=record["parameters"],
        classes=record.get("classes"),
        training_accuracy=record.get("training_accuracy"),
    )


def identity(spec: ModelSpec) -> ModelIdentity | None:
    """The digest of a network's file, and what runs it."""
    record = manifest().get(spec.name)
    return ModelIdentity(record["sha256"], library_of("onnxruntime")) if record else None


def _network(record: dict[str, Any]) -> bytes:
    """The bytes of a network's file, proved to be those that were shipped."""
    try:
        network: bytes = files("audition").joinpath("zoo", record["file"]).read_bytes()
    except OSError as error:
        raise ModelError(f"zoo:{record['name']} cannot be read: {error}. Install audition again.") from error
    if hashlib.sha256(network).hexdigest() != record["sha256"]:
        raise ModelError(f"The file of zoo:{record['name']} is damaged. Install audition again.")
    return network
