"""One claim of a paper beside what we measured of it, and the files that keep such claims."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Verdict = Literal["confirmed", "confirmed in part", "not confirmed", "cannot be checked here"]
VERDICTS: tuple[Verdict, ...] = (
    "confirmed",
    "confirmed in part",
    "not confirmed",
    "cannot be checked here",
)
RESULTS = Path(__file__).with_name("results")
LOGME, TRANSRATE, PED = "LogME", "TransRate", "PED"
PAPERS = {
    LOGME: "You, Liu, Wang and Long, ICML 2021; You et al., Ranking and Tuning Pre-trained Models, JMLR 2022",
    TRANSRATE: "Huang et al., Frustratingly Easy Transferability Estimation, ICML 2022",
    PED: "Li et al., Exploring Model Transferability through the Lens of Potential Energy, ICCV 2023",
}


@dataclass(frozen=True)
class Claim:
    """paper: a key of PAPERS. claim: in our words. measured: in a sentence or two, with the numbers.

    source: the command or the files that the numbers come from. numbers: the same to full precision, by name.
    """

    paper: str
    claim: str
    measured: str
    verdict: Verdict
    source: str
    numbers: Mapping[str, float | list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The claims of one topic, and the machine they were measured on."""

    machine: str
    claims: tuple[Claim, ...]


def of_rule(held: bool, in_part: bool) -> Verdict:
    """What two conditions make of a claim; the second counts where the first does not hold."""
    return "confirmed" if held else "confirmed in part" if in_part else "not confirmed"


def write(topic: str, result: Result, folder: Path = RESULTS) -> None:
    """Replaces the results of a topic."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(result), indent=1, ensure_ascii=False)
    (folder / f"{topic}.json").write_text(text + "\n", encoding="utf-8")


def read(topic: str, folder: Path = RESULTS) -> Result:
    """The committed results of a topic."""
    kept = json.loads((folder / f"{topic}.json").read_text(encoding="utf-8"))
    return Result(kept["machine"], tuple(Claim(**claim) for claim in kept["claims"]))


def shown(values: Sequence[float], digits: int = 2) -> str:
    """ "0.51, 0.48, -0.20", with a true minus sign."""
    return ", ".join(f"{value:.{digits}f}" for value in values).replace("-", "−")
