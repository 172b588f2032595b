"""Writes src/audition/shortlisting/timm.csv: every network that timm has weights for, its size and its licence.

    python -m tools.timm_sizes

Networks are built without memory for their weights (torch's meta device) and counted; nothing is downloaded. What the
table holds already is not counted again, so that a run that was stopped goes on; a family after the other gives one.
"""

from __future__ import annotations

import csv
import io
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from audition.files import written_whole

TABLE = Path(__file__).parents[1] / "src" / "audition" / "shortlisting" / "timm.csv"
EVERY = 20  # networks, after which the table is written
Counts = dict[str, int | None]


def known(path: Path = TABLE) -> Counts:
    """The sizes that a table holds."""
    if not path.is_file():
        return {}
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {row["model"]: int(row["parameters"]) for row in rows if row["parameters"]}


def as_table(licences: dict[str, str], counts: Counts) -> str:
    """The text of the table, a row a model, sorted."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["model", "parameters", "licence"])
    writer.writerows([name, counts.get(name) or "", licences[name]] for name in sorted(licences))
    return file.getvalue()


def count(name: str) -> int:
    """The parameters of a network with the head that its weights have."""
    import timm
    import torch

    with torch.device("meta"):
        return sum(weights.numel() for weights in timm.create_model(name, pretrained=False).parameters())


def in_turn(names: Iterable[str]) -> Iterator[str]:
    """The names, one of each family after the other, so that a table that is not whole knows of all."""
    families: dict[str, list[str]] = defaultdict(list)
    for name in names:
        families[name.partition("_")[0]].append(name)
    for some in zip_longest(*families.values()):
        yield from filter(None, some)


def shape_of(name: str) -> tuple[Any, ...]:
    """Equal for networks of one size: weights of another training are no other network."""
    from timm.models import get_pretrained_cfg

    one: Any = get_pretrained_cfg(name)
    return one.architecture, one.num_classes, one.input_size, one.fixed_input_size


def write(licences: dict[str, str], counts: Counts) -> None:
    with written_whole(TABLE) as part:
        part.write_text(as_table(licences, counts), encoding="utf-8")


def main() -> None:
    from timm import list_models
    from timm.models import get_pretrained_cfg

    warnings.simplefilter("ignore")
    names = list_models(pretrained=True)
    licences = {name: str(getattr(get_pretrained_cfg(name), "license", "") or "") for name in names}
    counts: Counts = known()
    shapes = {shape_of(name): counts[name] for name in names if name in counts}
    for done, name in enumerate(in_turn(name for name in names if name not in counts), start=1):
        shape = shape_of(name)
        if shape not in shapes:
            shapes[shape] = count(name)
        counts[name] = shapes[shape]
        if done % EVERY == 0:
            write(licences, counts)
    write(licences, counts)
    print(f"{len(names)} networks, {sum(name in counts for name in names)} sizes known", file=sys.stderr)


if __name__ == "__main__":
    main()
