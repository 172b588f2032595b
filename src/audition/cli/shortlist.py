"""`audition shortlist`: a hub narrowed to candidates before any download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audition import listing
from audition.cli.app import as_command
from audition.cli.given import check_given, whole
from audition.cli.options import Data, DataOptions, Json
from audition.cli.output import check_output, say_written, write_json
from audition.cli.rank import History, past_results
from audition.cli.words import all_models

EXAMPLES = """Examples:
  audition shortlist -d ./my-images --from 'timm:*'
  audition shortlist -d ./my-images --from 'timm:*' --license permissive
  audition shortlist -d reviews.csv --from hf:task=fill-mask --max-download 2GB
  audition shortlist -d ./my-images --from 'timm:*' --out candidates.toml
  audition rank -d ./my-images -m @candidates.toml
"""

READING = DataOptions()

From = Annotated[
    list[str],
    Parameter(
        name="--from",
        consume_multiple=True,
        negative=(),
        help="Where to look: 'timm:*', 'torchvision:*', hf:task=image-classification, 'hf:facebook/*'.",
    ),
]
License = Annotated[
    list[str] | None,
    Parameter(
        name="--license",
        consume_multiple=True,
        negative=(),
        help="Licences to take: apache-2.0, mit, 'cc-*', or permissive for all that only want to be named.",
    ),
]


def shortlist(
    *,
    data: Data,
    sources: From,
    max_params: Annotated[
        str | None, Parameter(help="How large one may be: 30M, 1.5B; else 100M.", show_default=False)
    ] = None,
    max_download: Annotated[
        str | None, Parameter(help="What all of them may take: 500MB, 2GB.", show_default=False)
    ] = None,
    licences: License = None,
    per_family: Annotated[int, Parameter(converter=whole(1), help="So many of one family at most.")] = 3,
    most: Annotated[
        int, Parameter(name=["--most", "-k"], converter=whole(1), help="So many candidates at most.")
    ] = 12,
    history: History = None,
    out: Annotated[
        Path | None, Parameter(help="Write them to a new candidates file, which rank -m @FILE reads.")
    ] = None,
    json: Json = None,
    reading: DataOptions = READING,
) -> int:
    """Narrow a hub to a few candidates for your data; nothing is downloaded."""
    from audition.ranking.candidates_file import check_candidates_file
    from audition.shortlisting import shortlist as narrow
    from audition.shortlisting.words import print_shortlist

    check_given(**{"from": sources, "license": licences})
    check_output(json)
    if out is not None:
        check_candidates_file(out)
    found = narrow(
        reading.open(data),
        all_models(sources),
        max_params=max_params,
        max_download=max_download,
        licences=licences or (),
        per_family=per_family,
        most=most,
        history=past_results(history, None),
    )
    if json == "-":
        write_json(found.to_json(), json)
    else:
        print_shortlist(found, listing.console())
    if json not in (None, "-"):
        write_json(found.to_json(), str(json))
    if out is not None:
        found.save(out)
        say_written(str(out))
    return 0 if len(found) else 1


command = as_command(shortlist, EXAMPLES)
