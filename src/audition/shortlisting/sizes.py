"""How large a network is, told by its name alone."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from audition.models.zoo import manifest
from audition.recommendation import known_as


def parameters_of(model: str) -> int | None:
    """The number of parameters of a network of the zoo or of torchvision; None where the name tells none.

    >>> parameters_of("torchvision:resnet18"), parameters_of("timm:no_such")
    (11689512, None)
    """
    source, _, name = model.partition(":")
    if source == "zoo":
        known = manifest().get(name, {}).get("parameters")
        return known if isinstance(known, int) else None
    return _published().get(known_as(model))


@cache
def _published() -> dict[str, int]:
    text = (files("audition") / "recommendation" / "pretrained.csv").read_text(encoding="utf-8")
    return {row["model"]: int(row["parameters"]) for row in csv.DictReader(text.splitlines())}
