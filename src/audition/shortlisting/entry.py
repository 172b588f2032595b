"""A model as a listing tells of it, before any of it is fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audition.models.origins import origin_of

FLOAT32 = 4  # bytes of a parameter
LONGEST = 200  # characters of a name
_NAME = re.compile(r"[\w.+-]+(?:/[\w.+-]+)*", re.ASCII)
_FAMILY = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Entry:
    """A model that may become a candidate. None, and "" in texts: not known.

    model: the name that `rank` takes. architecture, trained_on: what it is, and on which data it was trained.
    parameters: their number. download: bytes of its weights, 0 where they are here already. downloads: by
    others, in 30 days. barred: why it can be no candidate at all, in a few words; "" where it can.
    """

    model: str
    architecture: str = ""
    trained_on: str = ""
    parameters: int | None = None
    download: int | None = None
    licence: str = ""
    downloads: int | None = None
    barred: str = ""

    @property
    def family(self) -> str:
        """The letters that the architecture's name begins with, which its relatives share.

        >>> Entry("timm:convnextv2_nano.fcmae", "convnextv2_nano").family
        'convnextv'
        """
        found = _FAMILY.match(self.architecture.lower().rpartition("/")[2])
        return found.group() if found else self.architecture


@dataclass(frozen=True)
class Listing:
    """What one place lists. where: in words, e.g. "timm's own list". notes: what to bear in mind."""

    entries: Sequence[Entry]
    where: str
    notes: tuple[str, ...] = ()


def named(model: str, parameters: int | None = None, licence: str = "") -> Entry:
    """The entry of a name that tells what it is; its weights are taken to be float32."""
    origin = origin_of(model)
    size = None if parameters is None else FLOAT32 * parameters
    return Entry(model, origin.architecture, _data_of(origin.source), parameters, size, licence)


def _data_of(source: str) -> str:
    """The data that torchvision's name of weights stands for, IMAGENET1K_V1; other sources as they are."""
    if not source.startswith("IMAGENET1K"):
        return source
    return "Instagram-3.6B, then ImageNet-1k" if "SWAG" in source else "ImageNet-1k"


def is_plain(name: str) -> bool:
    """Whether a name is of letters, digits and the few signs that hubs allow, and short enough to print."""
    return len(name) <= LONGEST and _NAME.fullmatch(name) is not None
