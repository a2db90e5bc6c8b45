"""One benchmark from the command line: its options, its progress, its table, its JSON."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import facts, load, taken_since, ticks
from benchmarks.report import Figure, table, write_json

Say = Callable[[str], None]
"""Takes a line of progress."""


def _no_facts(_: argparse.Namespace) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is measured, with which options, and how.

    `measure` is given the options, an empty directory that is deleted afterwards, and somebody to
    tell how far it is. `facts` of the options are told beside those of the machine.
    """

    name: str
    about: str
    examples: str
    add_options: Callable[[argparse.ArgumentParser], None]
    measure: Callable[[argparse.Namespace, Path, Say], Sequence[Figure]]
    facts: Callable[[argparse.Namespace], Mapping[str, str]] = _no_facts


def alone(benchmark: Benchmark, arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table; exits with 1 if a goal was missed and `--strict` was given."""
    options = parser(benchmark).parse_args(arguments)
    if options.directory:
        options.directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=options.directory, prefix=f"{benchmark.name}-benchmark-") as name:
        machine = {**facts(Path(name)), **benchmark.facts(options), "load before": load()}
        before = ticks()
        figures = list(benchmark.measure(options, Path(name), say))
        machine |= {"load after": load(), "taken by its host": taken_since(before)}
    print(table(machine, figures))
    if options.json:
        write_json(options.json, machine, figures)
    if options.strict and any(figure.verdict == "NO" for figure in figures):
        sys.exit(1)


def say(line: str) -> None:
    """Tell whoever waits how far it is."""
    print(line, file=sys.stderr, flush=True)


def parser(benchmark: Benchmark) -> argparse.ArgumentParser:
    """Its own options, and those that all benchmarks have."""
    made = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{benchmark.name}",
        description=benchmark.about,
        epilog=benchmark.examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    benchmark.add_options(made)
    made.add_argument(
        "--directory", type=Path, help="where the files go: on the disk to be measured"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    made.add_argument("--strict", action="store_true", help="fail if a goal is missed")
    return made
