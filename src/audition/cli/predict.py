"""`audition predict`: what a tuned model says of new data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from audition import listing
from audition.cli.app import as_command
from audition.cli.options import Device, Quiet, SkipBad
from audition.cli.output import check_output, say, say_written
from audition.cli.said import in_options
from audition.errors import InputError
from audition.models.torch.library import AUTO

if TYPE_CHECKING:
    from audition.tuning.results.predictions import Predictions

EXAMPLES = """Examples:
  audition predict tuned/ ./new-images --out predictions.csv
  audition predict tuned/ one.jpg
  audition predict tuned/ reviews.csv --column text --out predictions.csv
  audition predict tuned/ ./new-images --top 3 --out -
"""

Folder = Annotated[Path, Parameter(help="A folder that 'audition tune' wrote.")]


def predict(
    folder: Folder,
    data: Annotated[
        str,
        Parameter(
            help="A folder of images (or sounds, texts), one such file, or a table; labels are not needed."
        ),
    ],
    /,
    *,
    out: Annotated[
        str | None,
        Parameter(
            name=["--out", "-o"],
            allow_leading_hyphen=True,
            help="A new CSV file; '-' is standard output. Without it, a table is printed.",
        ),
    ] = None,
    column: Annotated[
        str | None, Parameter(help="The column of a table with the texts, or paths of images or sounds.")
    ] = None,
    top: Annotated[
        int | None, Parameter(help="So many of the likeliest classes, in place of the probability of each.")
    ] = None,
    batch_size: Annotated[int | None, Parameter(help="Items that go through the network at once.")] = None,
    skip_bad: SkipBad = False,
    device: Device = AUTO,
    quiet: Quiet = False,
) -> int:
    """Predict with a tuned model, for new images, texts or sounds."""
    from audition.tuning.results.tuned import TunedModel

    check_output(out)
    with in_options():
        check_data(folder, data, column)
        tuned = TunedModel.load(folder, device=device)
        if top is not None and (tuned.task != "classification" or top < 1):
            raise InputError("--top takes a positive number, of a model that tells classes.")
        found = tuned.predictions(
            data,
            column=column,
            batch_size=batch_size,
            skip_bad=skip_bad,
            progress=not quiet and sys.stderr.isatty(),
        )
    _show(found, out, top)
    return 0


def check_data(folder: Path, data: str, column: str | None = None) -> None:
    """Data that cannot be used are found out before the network is built, which takes seconds."""
    from audition.data.unlabelled import open_unlabelled
    from audition.tuning.results.config import kind_in

    if (kind := kind_in(folder)) is not None:
        open_unlabelled(data, kind, column=column)


def _show(found: Predictions, out: str | None, top: int | None) -> None:
    """Prints predictions or writes them, and says which items have none."""
    if out is None:
        found.print_on(listing.console(), top)
    elif out == "-":
        sys.stdout.write(found.csv(top))
    else:
        found.to_csv(out, top=top)
        say_written(out)
    if found.skipped:
        one = len(found.skipped) == 1
        say(
            f"{'1 item' if one else f'{len(found.skipped)} items'} could not be read and {'was' if one else 'were'} "
            f"left out: {', '.join(found.skipped[:3])}{', ...' * (len(found.skipped) > 3)}"
        )


command = as_command(predict, EXAMPLES)
