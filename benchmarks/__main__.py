"""python -m benchmarks [topic ...] [--quick] [--markdown] [--repeats N] [--one-thread]"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable

from benchmarks import (
    all_measures,
    evidence,
    heap,
    importing,
    measures,
    motion,
    networks,
    quality,
    shared,
    streaming,
    transrate_timing,
    tuning_speed,
)
from benchmarks.machine import machine_line
from benchmarks.report import Table, as_markdown, as_text, summary
from benchmarks.settings import Settings
from benchmarks.timing import say

TOPICS: dict[str, Callable[[Settings], Table]] = {
    "import": importing.run,
    "logme": evidence.run,
    "direct": measures.direct,
    "h-scores": measures.h_scores,
    "measures": all_measures.run,
    "ped": motion.run,
    "statistics": shared.run,
    "streaming": streaming.run,
    "networks": networks.run,
    "heap": heap.run,
    "quality": quality.run,
    "against-finetuning": transrate_timing.run,
    "tuning": tuning_speed.run,
}
QUICK = "--quick: every size is a tenth, so the targets, which are for the full sizes, say nothing here."
ONE_THREAD = "--one-thread: processor time of one BLAS thread; the targets are for two, and time on the wall."


def main(words: list[str]) -> None:
    parser = _parser()
    options = parser.parse_args(words)
    if unknown := sorted(set(options.topics) - set(TOPICS)):
        parser.error(f"no topic {', '.join(unknown)}; there are {', '.join(TOPICS)}")
    settings = Settings(options.quick, options.repeats, options.one_thread)
    _print_head(options.markdown, words)
    if options.quick:
        print(QUICK, end="\n\n")
    if options.one_thread:
        print(ONE_THREAD, end="\n\n")
    tables: list[Table] = []
    for topic in options.topics or TOPICS:
        say(f"{topic} ...")
        tables.append(TOPICS[topic](settings))
        print(as_markdown(tables[-1]) if options.markdown else as_text(tables[-1]), flush=True)
    if not options.quick and any(row.met is not None for table in tables for row in table.rows):
        print(summary(tables))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed and memory, as ratios.")
    parser.add_argument("topics", nargs="*", metavar="topic", help=f"of {', '.join(TOPICS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="every size a tenth: does it run, not how fast")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown, for docs/benchmarks.md")
    parser.add_argument("--repeats", type=int, default=3, help="rounds, of which the best counts (3)")
    text = "processor time of one BLAS thread, which other jobs on the machine lengthen less"
    parser.add_argument("--one-thread", action="store_true", help=text)
    return parser


def _print_head(markdown: bool, words: list[str]) -> None:
    command = shlex.join(["python", "-m", "benchmarks", *words])
    if markdown:
        how = "Times are the best of a few rounds in which the contenders take turns; ratios are of one run."
        print(f"# Benchmarks\n\nMachine: {machine_line()}.\n\nCommand: `{command}`. {how}\n")
    else:
        print(f"{machine_line()}\n{command}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
