"""python -m benchmarks.claims [topic ...] [--page]: measures the claims, or writes docs/claims.md from what is kept."""

from __future__ import annotations

import argparse
import sys
import time
import warnings

from threadpoolctl import threadpool_limits

from benchmarks.claims.claim import RESULTS, Claim, Result, read, write
from benchmarks.claims.page import PAGE, page
from benchmarks.claims.topics import TOPICS
from benchmarks.machine import machine_line
from benchmarks.timing import say


def main(words: list[str]) -> None:
    parser = _parser()
    options = parser.parse_args(words)
    if unknown := sorted(set(options.topics) - set(TOPICS)):
        parser.error(f"no topic {', '.join(unknown)}; there are {', '.join(TOPICS)}")
    if not options.page:
        for topic in options.topics or TOPICS:
            _measure(topic)
    PAGE.write_text(page(kept()), encoding="utf-8")
    say(f"wrote {PAGE}")


def kept() -> dict[str, Result]:
    """The committed results of all topics that have some."""
    return {topic: read(topic) for topic in TOPICS if (RESULTS / f"{topic}.json").exists()}


def _measure(topic: str) -> None:
    began = time.perf_counter()
    with warnings.catch_warnings(), threadpool_limits(1):
        machine = machine_line().partition(", load average")[0]
        warnings.simplefilter("ignore")  # scores at the edge of what they are made for are what is looked at
        claims: tuple[Claim, ...] = TOPICS[topic]()
    write(topic, Result(machine, claims))
    say(f"{topic}: {time.perf_counter() - began:.0f} s")
    for claim in claims:
        say(f"  {claim.verdict}: {claim.claim}\n    {claim.measured}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.claims", description="The claims of the papers, measured."
    )
    parser.add_argument("topics", nargs="*", metavar="topic", help=f"of {', '.join(TOPICS)}; all by default")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing: write the page from kept results"
    )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
