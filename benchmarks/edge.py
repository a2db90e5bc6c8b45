"""What a station costs: memory, processor, disk and time, each beside its goal."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.durable_puts import grouped_puts, single_puts, written
from benchmarks.machine import facts
from benchmarks.report import Figure, table, write_json
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table; exits with 1 if a goal was missed and `--strict` was given."""
    options = _parser().parse_args(arguments)
    parts = options.part or list(_PARTS)
    figures: list[Figure] = []
    with TemporaryDirectory(dir=options.directory, prefix="edge-benchmark-") as name:
        directory = Path(name)
        machine = facts(directory)
        for part in parts:
            _say(f"measuring: {part} …")
            (directory / part).mkdir()
            figures += _measure(part, directory / part, options)
    print(table(machine, figures))
    if options.json:
        write_json(options.json, machine, figures)
    if options.strict and any(figure.verdict == "NO" for figure in figures):
        sys.exit(1)


def _measure(part: str, directory: Path, options: argparse.Namespace) -> list[Figure]:
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
            return asyncio.run(draining(directory, options.drained, _say))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.edge",
        description="What a station costs: memory, processor, disk and time.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--part", action="append", choices=_PARTS, help="all of them by default")
    parser.add_argument(
        "--directory", type=Path, help="where the files go: on the disk to be measured"
    )
    parser.add_argument("--seconds", type=float, default=20, help="how long the agent rests")
    parser.add_argument("--queued", type=int, default=100_000, help="messages that wait")
    parser.add_argument("--puts", type=int, default=3000, help="single puts in each of 3 turns")
    parser.add_argument("--drained", type=int, default=20_000, help="messages to deliver")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--strict", action="store_true", help="fail if a goal is missed")
    return parser


if __name__ == "__main__":
    main()
