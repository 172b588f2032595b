"""The curve of a run as a small SVG: losses on the left, the held-out score on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10

from audition.tuning.runs.curve import Curve, Look

WIDTH, HEIGHT, LEFT, TOP, PANEL, TALL, GAP = 760, 280, 56, 62, 300, 166, 68
STYLE = """
:root{--paper:#ffffff;--ink:#24292f;--faint:#6e7781;--grid:#e4e7eb;--line:#0b62d6;--other:#c2410c}
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--faint:#9aa4af;--grid:#272d35;--line:#6cb0ff;--other:#ffa657}}
text{font:11px system-ui,-apple-system,'Segoe UI',sans-serif;fill:var(--faint)}
.title{font-size:13px;font-weight:600;fill:var(--ink)}.end{text-anchor:end}.middle{text-anchor:middle}
.paper{fill:var(--paper)}.grid{stroke:var(--grid)}path{fill:none;stroke-width:2;stroke-linejoin:round}
.held{stroke:var(--line)}.train{stroke:var(--other);stroke-dasharray:5 3}.dot{fill:var(--line)}
.of-held{fill:var(--line)}.of-train{fill:var(--other)}
"""
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class _Frame:
    """A rectangle of the picture, and the numbers that its edges stand for."""

    left: float
    across: tuple[float, float]
    upward: tuple[float, float]

    def at(self, epoch: float, value: float) -> tuple[float, float]:
        (low, high), (bottom, top) = self.across, self.upward
        x = self.left + PANEL * (epoch - low) / (high - low)
        return x, TOP + TALL * (top - value) / (top - bottom)


def picture_of(curve: Curve, title: str) -> str:
    """The text of a whole SVG file, 760 × 280, in light and in dark."""
    said = title or "How tuning went"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(said)}. {escape(_described(curve))}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        _text(LEFT, 24, said, "title"),
        *_losses(curve),
        *_scores(curve),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _described(curve: Curve) -> str:
    best = curve.best
    if best is None:
        return "No look was taken."
    numbers = ((curve.score_name, best.held_out_score), ("loss", best.held_out_loss))
    said = ", ".join(f"{name} {value:.4g}" for name, value in numbers if isfinite(value))
    return f"{len(curve)} looks; the best at epoch {best.epoch:.3g}{': ' if said else ''}{said}."


def _losses(curve: Curve) -> Iterator[str]:
    train = _points(curve, lambda row: row.loss)
    held = _points(curve, lambda row: row.held_out_loss)
    frame = _frame(LEFT, curve, [value for _, value in (*train, *held)])
    yield from _axes(frame, "")
    yield _text(LEFT, TOP - 12, "training loss", "of-train")
    yield _text(LEFT + 90, TOP - 12, "held-out loss", "of-held")
    yield _line(frame, train, "train")
    yield _line(frame, held, "held")
    yield from _best(frame, curve, lambda row: row.held_out_loss)


def _scores(curve: Curve) -> Iterator[str]:
    held = _points(curve, lambda row: row.held_out_score)
    left = LEFT + PANEL + GAP
    frame = _frame(left, curve, [value for _, value in held])
    yield from _axes(frame, f"held-out {curve.score_name}")
    yield _line(frame, held, "held")
    yield from _best(frame, curve, lambda row: row.held_out_score)


def _points(curve: Curve, value: Callable[[Look], float]) -> Points:
    return [(row.epoch, value(row)) for row in curve if isfinite(value(row))]


def _frame(left: float, curve: Curve, values: Sequence[float]) -> _Frame:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.5 * abs(high) or 0.5
    last = curve.rows[-1].epoch if curve.rows else 1.0
    return _Frame(left, (0.0, last), (low - margin, high + margin))


def _axes(frame: _Frame, named: str) -> Iterator[str]:
    if named:
        yield _text(frame.left, TOP - 12, named, "of-held")
    for tick in _round_numbers(*frame.upward):
        _, y = frame.at(0, tick)
        yield f'<path class="grid" style="stroke-width:1" d="M{frame.left:.1f} {y:.1f}h{PANEL}"/>'
        yield _text(frame.left - 8, y + 4, f"{tick:.4g}", "end")
    for tick in _round_numbers(*frame.across):
        x, _ = frame.at(tick, frame.upward[0])
        yield _text(x, TOP + TALL + 18, f"{tick:.4g}", "middle")
    yield _text(frame.left + PANEL / 2, TOP + TALL + 36, "epoch", "middle")


def _line(frame: _Frame, points: Points, kind: str) -> str:
    if not points:
        return ""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (frame.at(*point) for point in points))
    return f'<path class="{kind}" d="M{path}"/>'


def _best(frame: _Frame, curve: Curve, value: Callable[[Look], float]) -> Iterator[str]:
    best = curve.best
    if best is not None and isfinite(value(best)):
        x, y = frame.at(best.epoch, value(best))
        yield f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _round_numbers(low: float, high: float, wanted: int = 5) -> list[float]:
    rough = (high - low) / wanted
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    return [step * place for place in range(ceil(low / step), floor(high / step) + 1)]
