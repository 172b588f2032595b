"""From numbers to places on paper, and the numbers to write beside an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """low..high to start..end; by logarithms where `log`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, number: float) -> float:
        """The place of a number; beyond the ends for one beyond the limits, the end for an infinite one."""
        if math.isinf(number):
            return self.end if number > 0 else self.start
        low, high, at = (self._unit(each) for each in (self.low, self.high, number))
        share = (at - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def _unit(self, number: float) -> float:
        return math.log10(max(number, 1e-300)) if self.log else number

    def ticks(self, number: int = 4) -> list[float]:
        """About so many round numbers between the limits."""
        if self.log and len(found := _log_ticks(self.low, self.high)) > 1:
            return found
        finer = (_ticks(self.low, self.high, each) for each in (number, number + 2, number + 4))
        return next((found for found in finer if len(found) > 2), _ticks(self.low, self.high, number))


def scale(
    numbers: Iterable[float | None], start: float, end: float, *, log: bool = False, room: float = 0.06
) -> Scale:
    """The scale that holds all finite numbers with some room at either end."""
    known = [number for number in numbers if number is not None and math.isfinite(number)] or [0.0, 1.0]
    low, high = min(known), max(known)
    if log:
        factor = (high / low) ** room if high > low else 2.0
        return Scale(low / factor, high * factor, start, end, True)
    margin = (high - low) * room if high > low else abs(high) * 0.1 or 1.0
    return Scale(low - margin, high + margin, start, end)


def _ticks(low: float, high: float, number: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten.

    >>> _ticks(0.03, 0.98, 5)
    [0.2, 0.4, 0.6, 0.8]
    """
    rough = (high - low) / max(number, 1)
    if not rough > 0:
        return [low]
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * nice for nice in NICE if size * nice >= 0.999 * rough)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    nice: Sequence[float] = (1.0,) if len(decades) > 4 else (1.0, 3.0)
    return [each for decade in decades for part in nice if low <= (each := part * 10.0**decade) <= high]


def short(number: float) -> str:
    """A number as an axis shows it.

    >>> short(0.25), short(-1200.0), short(3e6), short(2e-6)
    ('0.25', '−1.2k', '3M', '2e-06')
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.3g}{letter}".replace("-", "−")
    return f"{number:.3g}" if 0 < abs(number) < 1e-3 else f"{number:.3g}".replace("-", "−")


def place(number: float) -> str:
    """A place as an axis shows it: nothing where there is none.

    >>> place(5.0), place(0.0)
    ('5', '')
    """
    return short(number) if number >= 1 else ""


def milliseconds(seconds: float) -> str:
    """A time as an axis shows it.

    >>> milliseconds(0.0031), milliseconds(2.0)
    ('3.1 ms', '2 s')
    """
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"
