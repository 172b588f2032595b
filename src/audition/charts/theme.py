"""The colours of figures, and the rules that give them to what is drawn; the same on paper and on screens."""

from __future__ import annotations

import re

LIGHT = {
    "paper": "#ffffff", "ink": "#1b2027", "soft": "#59636f", "line": "#dde1e6", "rule": "#b9c1ca", "dim": "#87919d",
    "accent": "#0a6c93", "tint": "#9dc6d8", "warm": "#a8500a", "plus": "#2f8fb8", "minus": "#c9701a",
    "k0": "#0072b2", "k1": "#b85500", "k2": "#00805d", "k3": "#a23b72", "k4": "#6a6a00", "k5": "#5b4fb5",
    "k6": "#8a4b2a", "k7": "#5a6470",
}  # fmt: skip
DARK = {
    "paper": "#14181d", "ink": "#e8ebef", "soft": "#a3adb8", "line": "#2b323a", "rule": "#4a545f", "dim": "#6f7b88",
    "accent": "#5cbfe4", "tint": "#2c6a84", "warm": "#f0a562", "plus": "#1b7ea6", "minus": "#a85f17",
    "k0": "#56b4e9", "k1": "#f0954a", "k2": "#3fc49b", "k3": "#e58bb6", "k4": "#c9c24f", "k5": "#a79df0",
    "k6": "#d69a74", "k7": "#b4bdc7",
}  # fmt: skip
HUES = 8
"""How many colours classes have; each class has its name beside it, too."""

FONT = (
    "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "'Liberation Sans',system-ui,sans-serif"
)

RULES = f"""
text{{font:11px {FONT};fill:var(--ink)}}
.s{{fill:var(--soft)}}.b{{font-weight:600}}.c{{fill:var(--accent);font-weight:600}}
.grid{{stroke:var(--line);fill:none}}.axis{{stroke:var(--rule);fill:none}}
.dot{{fill:var(--dim)}}.span{{stroke:var(--dim);stroke-width:2;fill:none}}
.on.dot{{fill:var(--accent)}}.on.span{{stroke:var(--accent)}}
.way{{stroke:var(--dim);stroke-width:1.5;fill:none}}.up{{stroke:var(--accent);stroke-width:2}}
.down{{stroke:var(--warm);stroke-width:2}}
.trace{{stroke:var(--accent);stroke-width:1.75;fill:none;stroke-linejoin:round}}
.band{{fill:var(--tint);fill-opacity:.35}}.bar{{fill:var(--tint)}}.few{{fill:var(--minus)}}
.front{{stroke:var(--accent);stroke-width:1;stroke-dasharray:3 3;fill:none}}
.plus{{fill:var(--plus)}}.minus{{fill:var(--minus)}}
.name{{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}}
.page{{fill:var(--paper)}}
""" + "".join(f".k{i}{{fill:var(--k{i})}}" for i in range(HUES))  # fmt: skip


def variables(colours: dict[str, str]) -> str:
    """The colours as CSS variables."""
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def plain_rules() -> str:
    """The rules with the light colours written out, for a file on its own."""
    return re.sub(r"var\(--(\w+)\)", lambda found: LIGHT[found[1]], RULES)
