"""A report as one HTML file: figures, tables, and the little that moves; nothing is fetched."""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from audition.charts.cloud import placed
from audition.charts.theme import DARK, LIGHT, RULES, variables
from audition.ranking.standings import NO_VOTE
from audition.ranking.words import heading
from audition.reporting import plots, rows
from audition.reporting.costs import competing, figure_name
from audition.reporting.motion import Motion
from audition.reporting.table import caveats, table
from audition.reporting.value import Report

NETWORKS = 100  # with pictures of their layers; the table has all
OPEN = 8  # of them as they are, the others packed, so that the file stays small
ROWS = 100  # likewise of the table
FIGURES = 12


def as_html(report: Report) -> str:
    """The page; every name in it is escaped."""
    from jinja2 import Environment, PackageLoader

    places = Environment(
        loader=PackageLoader("audition.reporting", "page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = places.get_template("report.html")
    text = template.render(
        report=report,
        ranking=report.ranking,
        heading=heading(report.ranking),
        caveats=caveats(report.ranking),
        table=table(report.ranking),
        plots=plots,
        absent=dict(report.absent),
        style=Markup(_style()),
        script=Markup(_read("report.js")),
        moving=_embedded(_moving(report)),
        measures=[metric for metric in report.ranking.metrics if metric != NO_VOTE],
        NETWORKS=NETWORKS,
        OPEN=OPEN,
        ROWS=ROWS,
        packed=packed,
        FIGURES=FIGURES,
        trade_rows=rows.trade_rows,
        tau_rows=rows.tau_rows,
        place_rows=rows.place_rows,
        energy_rows=rows.energy_rows,
    )
    return "\n".join(line for line in text.splitlines() if line)


def packed(markup: str) -> str:
    """Markup in a tenth of the letters, which the page unpacks as it opens."""
    return base64.b64encode(gzip.compress(markup.encode(), 9, mtime=0)).decode()


@cache
def _read(name: str) -> str:
    return (files("audition.reporting") / "page" / name).read_text(encoding="utf-8")


def _style() -> str:
    light, dark = variables(LIGHT), variables(DARK)
    return "".join((
        f":root{{color-scheme:light;{light}}}",
        f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}",
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}",
        f"@media print{{:root,:root[data-theme],:root:not([data-theme=light]){{color-scheme:light;{light}}}}}",
        RULES, _read("report.css"),
    ))  # fmt: skip


def _embedded(value: Any) -> Markup:
    """JSON inside a script element, in which no text can close it."""
    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(text)


def _moving(report: Report) -> dict[str, Any]:
    """The numbers that the page moves things by."""
    found: dict[str, Any] = {}
    if report.motion is not None:
        found["motion"] = _steps(report.motion)
    if report.shifts:
        found["places"] = _places(report)
    if report.agreement is not None:
        taus = [[None if tau is None else round(tau, 3) for tau in row] for row in report.agreement.taus]
        found["agreement"] = {"measures": report.agreement.measures, "taus": taus}
    return found


def _steps(motion: Motion) -> dict[str, Any]:
    """Rows and then centres in px, by way of drawing and step."""
    ways = [
        [
            [number for point in placed((*rows, *centres)) for number in point]
            for rows, centres in zip(frames.rows, frames.centres, strict=True)
        ]
        for frames in motion.frames
    ]
    return {"ways": ways, "energy": [float(f"{energy:.4g}") for energy in motion.energy]}


def _places(report: Report) -> dict[str, list[int | None]]:
    """measure -> the place of each candidate in the bump chart, in its order; None where it has no score."""
    by_name = {figure_name(report.ranking, row): row for row in competing(report.ranking)}
    shown = [
        by_name[move.name]
        for move in sorted(report.shifts[0].moves, key=lambda move: move.before)[: plots.SHOWN]
    ]
    found = {}
    for metric in report.ranking.metrics:
        scores = [row.scores.get(metric) for row in shown]
        order = sorted(
            (i for i, score in enumerate(scores) if score is not None), key=lambda i: -(scores[i] or 0.0)
        )
        places = {i: place for place, i in enumerate(order, start=1)}
        found[metric] = [places.get(i) for i in range(len(shown))]
    return found
