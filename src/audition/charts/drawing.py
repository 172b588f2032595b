"""A figure, and its two forms: inside a page, and as a file of its own."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from audition.charts.svg import el
from audition.charts.theme import plain_rules

MARGIN = 16


@dataclass(frozen=True)
class Drawing:
    """A figure of `width` × `height` px. title: what it shows, in a sentence, for who cannot see it."""

    width: float
    height: float
    title: str
    body: Markup

    def inline(self, kind: str = "") -> Markup:
        """The `<svg>` for a page, which brings the colours; it is as wide as there is room."""
        box = f"0 0 {round(self.width)} {round(self.height)}"
        return el("svg", self.body, viewBox=box, role="img", aria_label=self.title, class_=kind or None)

    def standalone(self) -> str:
        """The text of an .svg file, with its own colours and a white page around it."""
        wide, high = self.size
        page = el("rect", x=-MARGIN, y=-MARGIN, width=wide, height=high, class_="page")
        inside = Markup("").join(
            [el("title", self.title), el("style", Markup(plain_rules())), page, self.body]
        )
        box = f"{-MARGIN} {-MARGIN} {wide} {high}"
        space = "http://www.w3.org/2000/svg"
        return f"{el('svg', inside, viewBox=box, xmlns=space, width=wide, height=high)}\n"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the file, margins included."""
        return round(self.width) + 2 * MARGIN, round(self.height) + 2 * MARGIN
