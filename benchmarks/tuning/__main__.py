"""python -m benchmarks.tuning run | reasons | search | page

The comparison, what lies behind it, the search for the best model, and docs/tuning.md of their results.
"""

from __future__ import annotations

import argparse
import sys


def main(words: list[str]) -> None:
    options = _parser().parse_args(words)
    if options.what == "page":
        from benchmarks.tuning.page import write_page

        write_page()
        return
    import torch

    from benchmarks.assets import ABSENT, ASSETS

    if not ASSETS.is_dir():
        sys.exit(ABSENT)
    torch.set_num_threads(1)  # processor time is what is counted
    from benchmarks.tuning.networks import STUDENTS

    students = options.student or list(STUDENTS)
    if options.what == "run":
        from benchmarks.tuning.compare import at_one_rate, compare

        if options.one_rate:
            at_one_rate(students)
        else:
            compare(students, weaker=options.weaker)
    elif options.what == "reasons":
        from benchmarks.tuning.reasons import find_reasons

        find_reasons(students)
    else:
        from benchmarks.tuning.searching import search_all

        search_all()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tuning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("run", "reasons", "search", "page"))
    parser.add_argument(
        "--student", action="append", help="of `run` and `reasons`: this one alone; may be given again"
    )
    parser.add_argument("--weaker", action="store_true", help="for `run`: B-Tuning of smaller λ, too")
    parser.add_argument(
        "--one-rate", action="store_true", help="for `run`: then all contenders at the same rate"
    )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
