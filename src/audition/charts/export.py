"""A figure in a file: .svg as it is, .pdf and .png through Typst, which brings its own letters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audition.charts.drawing import Drawing
from audition.errors import InputError, MissingExtraError
from audition.files import check_new, written_whole

FORMATS = (".svg", ".png", ".pdf")
DENSITY = 216  # dots an inch, where a px of the figure is a point: three for each


def check_figure(path: Path) -> None:
    """Raises InputError for a file that cannot be made, or that is none of FORMATS."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"A figure is written as {', '.join(FORMATS)}; {str(path)!r} is named otherwise.")
    check_new(path)


def save(drawing: Drawing, path: str | Path) -> None:
    """Writes a new .svg, .png or .pdf file.

    Raises InputError for another name and a file that exists; MissingExtraError without the extra `plot`,
    which .png and .pdf need.
    """
    where = Path(path)
    check_figure(where)
    svg = drawing.standalone().encode()
    data = svg if where.suffix.lower() == ".svg" else _typeset(svg, drawing, where.suffix.lower()[1:])
    with written_whole(where) as part:
        part.write_bytes(data)


def _typeset(svg: bytes, drawing: Drawing, form: str) -> bytes:
    try:
        import typst
    except ImportError:
        raise MissingExtraError(f"A .{form} figure", "plot", needs="typst") from None
    wide, high = drawing.size
    page = f"width: {wide}pt, height: {high}pt, margin: 0pt"
    source = f'#set page({page})\n#image(bytes(sys.inputs.figure), format: "svg", width: 100%)\n'
    compile_: Any = typst.compile  # whose types are there only where it is installed
    return bytes(compile_(source.encode(), format=form, ppi=DENSITY, sys_inputs={"figure": svg.decode()}))
