"""All benchmarks, one after the other, each several times: `docs/figures.md` is written of it."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.figures_page import missed, page
from benchmarks.machine import load
from benchmarks.parts import PARTS, Part
from benchmarks.results import Run, load_runs, read_figures, save_runs
from benchmarks.run import say
from benchmarks.versions import commit, versions

_ROOT = Path(__file__).parent.parent
_EXAMPLES = """\
examples:
  python -m benchmarks                          everything, {runs} runs of each part: {full}
  python -m benchmarks --continue               what a run that was broken off has left undone
  python -m benchmarks --only fleet --only edge these parts anew; the others stay as they are
  python -m benchmarks --report-only            write the report again, of what is there
  python -m benchmarks --quick                  a look at everything, into build/figures.md: {quick}

minutes of one run (a look):
{parts}
Each part is a process of its own, `python -m benchmarks.PART`, with --help. Leave the machine alone
meanwhile. What is measured is written after each run, so that nothing is lost by breaking off.
"""
_RUNS = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the report; exits with 1 if a part failed.

    Also if a goal was missed, with `--strict`.
    """
    options = _parser().parse_args(arguments)
    _place(options)
    parts = [PARTS[name] for name in options.only or PARTS]
    failed = [] if options.report_only else _measure(parts, options)
    _write(options)
    found = {part: load_runs(_file(part, options)) for part in PARTS.values()}
    if failed:
        say(f"failed: {', '.join(failed)}; their own words stand above")
        sys.exit(1)
    if options.strict and any(missed(runs) for runs in found.values()):
        say("a goal was missed")
        sys.exit(1)


def _measure(parts: Sequence[Part], options: argparse.Namespace) -> list[str]:
    """Run each part as often as asked for; returns those that failed."""
    options.results.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    measuring = commit()
    left = {part.name: _runs_left(part, options, measuring) for part in parts}
    each = {part.name: 60 * _minutes(part, options) for part in parts}
    for part in parts:
        while left[part.name]:
            remaining = sum(count * each[name] for name, count in left.items())
            number = options.runs - left[part.name] + 1
            say(
                f"== {part.name}, run {number} of {options.runs}: {_duration(each[part.name])};"
                f" in all {_duration(remaining)} are left"
            )
            run = _run(part, options, measuring)
            if run is None:
                failed.append(part.name)
                left[part.name] = 0
                break
            file = _file(part, options)
            save_runs(file, [*(load_runs(file) if number > 1 else []), run])
            _write(options)
            each[part.name] = run.seconds
            left[part.name] -= 1
    return failed


def _runs_left(part: Part, options: argparse.Namespace, measuring: str) -> int:
    """How many runs are to be made; those count that are of the same commit and options."""
    runs: int = options.runs
    if not options.go_on:
        return runs
    there = load_runs(_file(part, options))
    wanted = measuring, _arguments(part, options)
    if any((run.commit, run.options) != wanted for run in there):
        return runs
    return max(0, runs - len(there))


def _run(part: Part, options: argparse.Namespace, measuring: str) -> Run | None:
    """One run as a process of its own; None if it failed."""
    began, began_at, before = monotonic(), datetime.now(UTC), load()
    arguments = _arguments(part, options)
    with TemporaryDirectory(prefix="figures-") as place:
        file = Path(place) / "figures.json"
        where = ("--directory", str(options.directory)) if options.directory else ()
        command = (sys.executable, "-m", part.module, *arguments, *where, "--json", str(file))
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False, cwd=_ROOT)
        if done.returncode or not file.exists():
            return None
        machine, figures = read_figures(file)
    moment = f"{began_at:%Y-%m-%d %H:%M} UTC"
    machine = {"load before": before, "load after": load(), **machine, **versions()}
    return Run(measuring, arguments, moment, monotonic() - began, machine, figures)


def _write(options: argparse.Namespace) -> None:
    text = page({part: load_runs(_file(part, options)) for part in PARTS.values()})
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(text, encoding="utf-8")


def _place(options: argparse.Namespace) -> None:
    """Where results go, if it was not said: a look must not pass for a measurement."""
    options.runs = options.runs or (1 if options.quick else _RUNS)
    where = _ROOT / ("build" if options.quick else "docs")
    options.results = options.results or where / "figures"
    options.report = options.report or where / "figures.md"


def _arguments(part: Part, options: argparse.Namespace) -> tuple[str, ...]:
    return part.quick if options.quick else part.full


def _minutes(part: Part, options: argparse.Namespace) -> float:
    return part.quick_minutes if options.quick else part.minutes


def _file(part: Part, options: argparse.Namespace) -> Path:
    path: Path = options.results / f"{part.name}.json"
    return path


def _duration(seconds: float) -> str:
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"about {hours} h {minutes} min" if hours else f"about {minutes} min"


def _parser() -> argparse.ArgumentParser:
    full = 60 * _RUNS * sum(part.minutes for part in PARTS.values())
    quick = 60 * sum(part.quick_minutes for part in PARTS.values())
    lines = (f"  {one.name:<9} {one.minutes:>4g} ({one.quick_minutes:g})" for one in PARTS.values())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure everything, and write docs/figures.md.",
        epilog=_EXAMPLES.format(
            runs=_RUNS, full=_duration(full), quick=_duration(quick), parts="\n".join(lines) + "\n"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=PARTS, help="all parts by default")
    parser.add_argument("--runs", type=int, help=f"of each part; {_RUNS}, or 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="a look at a small scale")
    parser.add_argument(
        "--continue", action="store_true", dest="go_on", help="make only the runs that lack"
    )
    parser.add_argument("--report-only", action="store_true", help="measure nothing")
    parser.add_argument("--results", type=Path, metavar="DIR", help="default docs/figures")
    parser.add_argument("--report", type=Path, metavar="FILE", help="default docs/figures.md")
    parser.add_argument("--directory", type=Path, help="where files go: on the disk to be measured")
    parser.add_argument("--strict", action="store_true", help="fail if a goal is missed")
    return parser


if __name__ == "__main__":
    main()
