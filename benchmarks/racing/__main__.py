"""python -m benchmarks.racing features | repeats"""

from __future__ import annotations

import argparse


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.racing", description=__doc__)
    parser.add_argument("what", choices=("features", "repeats"))
    what = parser.parse_args().what
    if what == "features":
        from benchmarks.racing.features import compute

        compute()
    else:
        from benchmarks.racing.repeats import run

        run()


if __name__ == "__main__":
    main()
