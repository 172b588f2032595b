"""python -m benchmarks.faults fuzz|atheris|soak; `python -m benchmarks.faults fuzz --help` and so on say more."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2] / "tests"


def main(words: list[str]) -> int:
    options = _parser().parse_args(words)
    if options.what == "soak":
        from benchmarks.faults.soak import soak

        return soak(options.candidates, options.runs, kept=options.kept)
    sys.path.insert(0, str(TESTS))
    if options.what == "atheris":
        from benchmarks.faults.guided import guided

        return guided(options.only, options.seconds, options.kept)
    os.environ["AUDITION_FUZZ"] = str(options.examples)  # before the suite's settings are read
    from benchmarks.faults.fuzz import fuzz

    return fuzz(options.only)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.faults", description=__doc__)
    kinds = parser.add_subparsers(dest="what", required=True)
    fuzzing = kinds.add_parser(
        "fuzz", help="every reader on generated inputs: what each did, and what it took"
    )
    fuzzing.add_argument("--examples", type=int, default=500, help="inputs a reader")
    fuzzing.add_argument("--only", default="", help="readers with this in their names")
    guiding = kinds.add_parser("atheris", help="the same, guided by what inputs reach; needs atheris")
    guiding.add_argument("only", nargs="?", default="", help="readers with this in their names")
    guiding.add_argument("--seconds", type=int, default=60, help="of each reader")
    guiding.add_argument("--kept", type=Path, help="a folder in which inputs stay, and are gone on with")
    soaking = kinds.add_parser(
        "soak", help="many candidates, several runs: memory and open files stay where they are"
    )
    soaking.add_argument("--candidates", type=int, default=1000)
    soaking.add_argument("--runs", type=int, default=3)
    soaking.add_argument(
        "--kept", action="store_true", help="keep the features in a cache, which the later runs read"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
