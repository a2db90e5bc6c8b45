"""`make chaos`: the kill tests for as long as it takes, with a line for each step."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.chaos.centre_kills import kill_the_worker
from tests.chaos.kills import PHASES, Say, kill_the_broker, kill_the_station
from tests.chaos.starvation import fill_the_disk, fill_the_quota
from tests.chaos.weather import cut_off

_EXAMPLES = """\
examples:
  python -m tests.chaos                              1,000 kills and the rest, about ten minutes
  python -m tests.chaos --only kill-station --rounds 100 --seed 7
  CHAOS_ROUNDS=50 make chaos
"""
_ROUNDS = 1000

Test = Callable[[Path, int, int, Say], str]


def _kill_station(directory: Path, rounds: int, seed: int, say: Say) -> str:
    deaths = kill_the_station(directory, rounds, seed, say)
    missing = set(PHASES) - set(deaths) if rounds >= 2 * len(PHASES) else set()
    assert not missing, f"no process ever died in {missing}"
    return f"{deaths.total()} kills: " + ", ".join(
        f"{phase} {count}" for phase, count in deaths.most_common()
    )


def _kill_broker(directory: Path, rounds: int, seed: int, say: Say) -> str:
    rounds = max(1, rounds // 10)
    kill_the_broker(directory, rounds, seed, say)
    return f"{rounds} kills of the broker"


def _kill_ingest(directory: Path, rounds: int, seed: int, say: Say) -> str:
    rounds = max(1, rounds // 10)
    kill_the_worker(directory, rounds, seed, say)
    return f"{rounds} kills of the ingest worker"


def _cut_line(directory: Path, rounds: int, seed: int, say: Say) -> str:
    rounds = max(6, rounds // 10)
    cut_off(directory, rounds, seed, say)
    return f"{rounds} spells of a bad line"


def _fill_quota(directory: Path, rounds: int, seed: int, say: Say) -> str:
    return _starve(fill_the_quota, directory, rounds, seed, say)


def _fill_disk(directory: Path, rounds: int, seed: int, say: Say) -> str:
    return _starve(fill_the_disk, directory, rounds, seed, say)


TESTS: dict[str, Test] = {
    "kill-station": _kill_station,
    "kill-broker": _kill_broker,
    "kill-ingest": _kill_ingest,
    "cut-line": _cut_line,
    "fill-quota": _fill_quota,
    "fill-disk": _fill_disk,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tests; an AssertionError ends them, and says the seed that shows it again."""
    options = _parser().parse_args(arguments)
    for name in options.only or TESTS:
        began = monotonic()
        _say(f"{name}, seed {options.seed}")
        with TemporaryDirectory(prefix="chaos-") as directory:
            outcome = TESTS[name](Path(directory), options.rounds, options.seed, _Progress().say)
        _say(f"{name}: nothing lost, nothing doubled; {outcome}; {monotonic() - began:.0f} s")


class _Progress:
    """At most a line a second."""

    def __init__(self) -> None:
        self._next = monotonic()

    def say(self, line: str) -> None:
        """Print `line`, unless one was printed just now."""
        if monotonic() >= self._next:
            self._next = monotonic() + 1
            _say(f"  {line}")


def _starve(
    fill: Callable[[Path, int], object], directory: Path, rounds: int, seed: int, say: Say
) -> str:
    times = max(1, rounds // 100)
    for number in range(times):
        say(f"file {number + 1} of {times}")
        place = directory / str(number)
        place.mkdir()
        fill(place, seed + number)
    return f"{times} files filled"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Kill, starve and cut off the station; nothing may be lost or doubled.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rounds = int(os.environ.get("CHAOS_ROUNDS", _ROUNDS))
    parser.add_argument("--rounds", type=int, default=rounds, help="how many kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=list(TESTS), help="all by default")
    return parser


if __name__ == "__main__":
    main()
