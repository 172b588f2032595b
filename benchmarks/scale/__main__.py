"""python -m benchmarks.scale measure [PART ...] | simulate | page

What costs what, racing on a published table, and docs/scale.md of their results.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from benchmarks.machine import machine_line
from benchmarks.scale import candidates, disk, driver, passes, pieces, statistics_costs, steps, workers
from benchmarks.scale.ledger import Measured, replace_part, stamped
from benchmarks.timing import say

PARTS: dict[str, Callable[[], Iterator[Measured]]] = {
    "rows": statistics_costs.rows,
    "columns": statistics_costs.columns,
    "classes": statistics_costs.classes,
    "steps": steps.steps,
    "merges": statistics_costs.merges,
    "scores": statistics_costs.scores,
    "candidates": candidates.candidates,
    "orders": candidates.orders,
    "kept": candidates.kept,
    "driver": driver.driver,
    "passes": passes.passes,
    "pieces": pieces.pieces,
    "disk": disk.disk,
    "disk-wall": disk.disk_wall,
    "workers": workers.workers,
}


def main() -> None:
    parser = _parser()
    options = parser.parse_args()
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    if options.what == "page":
        from benchmarks.scale.page import write_page

        write_page()
    elif options.what == "simulate":
        from benchmarks.scale.simulate import simulate

        simulate()
    else:
        for part in options.parts or PARTS:
            measure(part)


def measure(part: str) -> None:
    """Measures a part and keeps its numbers."""
    say(f"{part} ...")
    machine, lines = machine_line(), []
    for line in PARTS[part]():
        lines.append(stamped(line, machine))
        print(shown(lines[-1]), flush=True)
    replace_part(part, lines)


def shown(line: Measured) -> str:
    """A line for the terminal."""
    sizes = {"N": line.rows, "D": line.columns, "C": line.classes, "candidates": line.candidates}
    said = ", ".join(f"{name} = {value}" for name, value in sizes.items() if value)
    return f"{line.part:11} {line.what}{f' ({said})' if said else ''}: {line.value:.4g} {line.unit}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("measure", "simulate", "page"))
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"of `measure`: {', '.join(PARTS)}; all by default"
    )
    return parser


if __name__ == "__main__":
    main()
