"""`make chaos`: kill, starve and cut off a station, then the whole platform, line by line."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.chaos.centre_kills import kill_the_worker
from tests.chaos.kills import PHASES, Say, kill_the_broker, kill_the_station
from tests.chaos.platform_tests import TRIALS, Trial, run
from tests.chaos.starvation import fill_the_disk, fill_the_quota
from tests.chaos.weather import cut_off

_EXAMPLES = """\
examples:
  python -m tests.chaos                              everything: about half an hour
  python -m tests.chaos --only kill-station --rounds 100 --seed 7
  python -m tests.chaos --only city-weather --rounds 30 --seed 4
  CHAOS_ROUNDS=50 make chaos                         a twentieth of everything
"""
_ROUNDS = 1000


class Test(NamedTuple):
    """What is run in a directory with rounds and a seed, and how many rounds are usual."""

    run: Callable[[Path, int, int, Say], str]
    rounds: int


def _kill_station(directory: Path, rounds: int, seed: int, say: Say) -> str:
    deaths = kill_the_station(directory, rounds, seed, say)
    missing = set(PHASES) - set(deaths) if rounds >= 2 * len(PHASES) else set()
    assert not missing, f"no process ever died in {missing}"
    return f"{deaths.total()} kills: " + ", ".join(
        f"{phase} {count}" for phase, count in deaths.most_common()
    )


def _kill_broker(directory: Path, rounds: int, seed: int, say: Say) -> str:
    kill_the_broker(directory, rounds, seed, say)
    return f"{rounds} kills of the broker"


def _kill_ingest(directory: Path, rounds: int, seed: int, say: Say) -> str:
    kill_the_worker(directory, rounds, seed, say)
    return f"{rounds} kills of the ingest worker"


def _cut_line(directory: Path, rounds: int, seed: int, say: Say) -> str:
    cut_off(directory, rounds, seed, say)
    return f"{rounds} spells of a bad line"


def _fill_quota(directory: Path, rounds: int, seed: int, say: Say) -> str:
    return _starve(fill_the_quota, directory, rounds, seed, say)


def _fill_disk(directory: Path, rounds: int, seed: int, say: Say) -> str:
    return _starve(fill_the_disk, directory, rounds, seed, say)


def _try_city(trial: Trial, directory: Path, rounds: int, seed: int, say: Say) -> str:
    done = run(trial, directory, rounds, seed, say)
    return ", ".join(f"{what} {count}" for what, count in sorted(done.items()))


TESTS: dict[str, Test] = {
    "kill-station": Test(_kill_station, _ROUNDS),
    "kill-broker": Test(_kill_broker, 100),
    "kill-ingest": Test(_kill_ingest, 100),
    "cut-line": Test(_cut_line, 100),
    "fill-quota": Test(_fill_quota, 10),
    "fill-disk": Test(_fill_disk, 10),
    **{trial.name: Test(partial(_try_city, trial), trial.rounds) for trial in TRIALS},
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tests; an AssertionError ends them, after the words that show it again."""
    options = _parser().parse_args(arguments)
    share = int(os.environ.get("CHAOS_ROUNDS", _ROUNDS)) / _ROUNDS
    for name in options.only or TESTS:
        rounds = options.rounds or max(1, round(share * TESTS[name].rounds))
        _run(name, rounds, options.seed)


def _run(name: str, rounds: int, seed: int) -> None:
    began = monotonic()
    _say(f"{name}, seed {seed}")
    directory = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-"))
    try:
        outcome = TESTS[name].run(directory, rounds, seed, _Progress().say)
    except BaseException:
        _say(f"{name}: failed; logs and files are in {directory}; to see it again:")
        _say(f"  {sys.executable} -m tests.chaos --only {name} --rounds {rounds} --seed {seed}")
        raise
    shutil.rmtree(directory)
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
    fill: Callable[[Path, int], object], directory: Path, times: int, seed: int, say: Say
) -> str:
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
        description="Kill, starve and cut off a station, then a whole platform that is audited.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, help="how many of each test; it has a usual number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=list(TESTS), help="all by default")
    return parser


if __name__ == "__main__":
    main()
