"""`audition compare`: two rankings side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audition import listing
from audition.cli.app import as_command
from audition.cli.options import Json
from audition.cli.output import check_output, write_json

EXAMPLES = """Examples:
  audition compare before.json after.json
  audition compare 500-rows.json 2000-rows.json --json -
"""


def compare(
    before: Annotated[Path, Parameter(help="A ranking (.json).")],
    after: Annotated[Path, Parameter(help="Another.")],
    /,
    *,
    json: Json = None,
) -> int:
    """Show two rankings side by side: who moved, which scores changed, who joined and who left."""
    from audition.reporting import compare as set_beside
    from audition.reporting.comparison_words import print_comparison

    check_output(json)
    found = set_beside(before, after)
    if json != "-":
        print_comparison(found, listing.console())
    if json is not None:
        write_json(found.to_json(), json)
    return 0


command = as_command(compare, EXAMPLES)
