"""python -m benchmarks.quality_page [scores] (docs/quality.md from the committed results, or those results)"""

from __future__ import annotations

import argparse
import sys


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality_page", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("page", "scores"), default="page")
    parser.add_argument(
        "parts", nargs="*", metavar="part", help="of images, layers, text, zoo; all by default"
    )
    options = parser.parse_args(words)
    if options.what == "scores":
        from benchmarks.quality_page.compute import compute_all  # which wants torch and the sample assets

        compute_all(options.parts)
    else:
        from benchmarks.quality_page.page import write_page

        write_page()


if __name__ == "__main__":
    main(sys.argv[1:])
