"""python -m benchmarks.finetuned run | status | truth | features | networks [PART ...] (see README.md)"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from benchmarks.assets import ABSENT, ASSETS
from benchmarks.finetuned.describe import write_networks
from benchmarks.finetuned.features import write_all
from benchmarks.finetuned.ledger import RESULTS
from benchmarks.finetuned.parts import PARTS, Part
from benchmarks.finetuned.run import run_all
from benchmarks.finetuned.truth import print_status, uncertain, write_truth

CLAIMS = Path("build") / "finetuned" / "claims"


def main(words: list[str]) -> None:
    options = _parser().parse_args(words)
    torch.set_num_threads(1)  # a process a core: two of them do more than one with two threads
    parts = [PARTS[name] for name in options.parts or PARTS]
    if options.what == "run":
        if not ASSETS.is_dir():
            sys.exit(ABSENT)
        seeds = _more_seeds(parts, options) if options.more_seeds else {}
        run_all(parts, options.results, options.claims, seeds)
    elif options.what == "features":
        write_all(parts)
    elif options.what == "networks":
        write_networks(options.results / "networks.csv")
    elif options.what == "status":
        print_status(parts, options.results)
    else:
        write_truth(parts, options.results)


def _more_seeds(parts: list[Part], options: argparse.Namespace) -> dict[tuple[str, str], int]:
    """By part and target, for those that want them."""
    weak = {(part.name, target) for part in parts for target in uncertain(part, options.results)}
    print(
        f"{options.more_seeds} seeds for: {', '.join(map(' '.join, sorted(weak))) or 'no target'}", flush=True
    )
    return dict.fromkeys(weak, options.more_seeds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.finetuned",
        description="Truth by real fine-tuning: run (again after it was stopped, and in as many processes as there "
        "are cores), status (what is done, what is left, how well seeds agree), truth (PART_truth.csv from the runs), "
        "features (what measures see, to build/finetuned/features), "
        "networks (networks.csv: their size, cost and origin).",
    )
    parser.add_argument("what", choices=("run", "status", "truth", "features", "networks"))
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder of the CSV files")
    parser.add_argument(
        "--claims", type=Path, default=CLAIMS, help="where processes tell each other what they run"
    )
    text = "N seeds for the targets on which two halves of the seeds order the networks alike by less than τ_w = 0.7"
    parser.add_argument("--more-seeds", type=int, metavar="N", help=text)
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
