"""Figures as SVG: a few small functions, each from plain numbers to a `Drawing`."""

from audition.charts.bars import bars
from audition.charts.bump import Change, bump
from audition.charts.cloud import Cloud, cloud
from audition.charts.dots import Panel, dots
from audition.charts.drawing import Drawing
from audition.charts.export import FORMATS, save
from audition.charts.heat import heat
from audition.charts.lines import Line, lines
from audition.charts.scatter import Point, scatter

__all__ = [
    "FORMATS",
    "Change",
    "Cloud",
    "Drawing",
    "Line",
    "Panel",
    "Point",
    "bars",
    "bump",
    "cloud",
    "dots",
    "heat",
    "lines",
    "save",
    "scatter",
]
