"""What can be measured, by topic, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.claims import (
    agreement,
    choosing,
    convergence,
    cost,
    dynamics,
    information,
    overfitting,
    potential,
    quoted,
    spectra,
    toys,
    unchecked,
)
from benchmarks.claims.claim import Claim

TOPICS: dict[str, Callable[[], tuple[Claim, ...]]] = {
    "toys": toys.run,
    "overfitting": overfitting.run,
    "convergence": convergence.run,
    "agreement": agreement.run,
    "cost": cost.run,
    "quoted": quoted.run,
    "spectra": spectra.run,
    "choosing": choosing.run,
    "information": information.run,
    "potential": potential.run,
    "dynamics": dynamics.run,
    "unchecked": unchecked.run,
}
