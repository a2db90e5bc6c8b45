"""What a station costs: memory, processor, disk and time, each beside its goal."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from benchmarks.durable_puts import grouped_puts, single_puts, written
from benchmarks.report import Figure
from benchmarks.run import Benchmark, Say, alone
from benchmarks.whole_agent import at_rest, draining

_EXAMPLES = """\
examples:
  python -m benchmarks.edge                            everything, about two minutes
  python -m benchmarks.edge --part puts --part drain   only these
  python -m benchmarks.edge --directory /mnt/card      on another disk
  python -m benchmarks.edge --seconds 5 --queued 1000 --puts 500 --drained 1000    a quick look
  python -m benchmarks.edge --json edge.json

Absolute figures belong to the machine that is named with them; compare ratios.
"""
_PARTS = ("puts", "disk", "idle", "queued", "drain")


def _measure(options: argparse.Namespace, directory: Path, say: Say) -> list[Figure]:
    figures: list[Figure] = []
    for part in options.part or _PARTS:
        say(f"measuring: {part} …")
        (directory / part).mkdir()
        figures += _part(part, directory / part, options, say)
    return figures


def _part(part: str, directory: Path, options: argparse.Namespace, say: Say) -> Sequence[Figure]:
    match part:
        case "puts":
            return single_puts(directory, options.puts) + grouped_puts(directory, 10 * options.puts)
        case "disk":
            return written(directory, options.puts // 10)
        case "idle":
            return asyncio.run(at_rest(directory, options.seconds, queued=0))
        case "queued":
            return asyncio.run(at_rest(directory, options.seconds, queued=options.queued))
        case _:
            return asyncio.run(draining(directory, options.drained, say))


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--part", action="append", choices=_PARTS, help="all of them by default")
    parser.add_argument("--seconds", type=float, default=20, help="how long the agent rests")
    parser.add_argument("--queued", type=int, default=100_000, help="messages that wait")
    parser.add_argument("--puts", type=int, default=3000, help="single puts in each of 3 turns")
    parser.add_argument("--drained", type=int, default=20_000, help="messages to deliver")


BENCHMARK = Benchmark(
    "edge",
    "What a station costs: memory, processor, disk and time.",
    _EXAMPLES,
    _add_options,
    _measure,
)

if __name__ == "__main__":
    alone(BENCHMARK)
