"""Kill tests of the station: its process, and its broker, killed at random moments."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic

from simulators.mqtt_loop import Address
from tests.chaos.centre import Centre, running_centre
from tests.chaos.doom import Doom
from tests.chaos.judgement import judge
from tests.chaos.station import Ward, ward
from tests.chaos.station_process import Life
from tests.integration.broker import Broker, running_broker

Say = Callable[[str], None]

# The outbox's methods in which a process kills itself; in half of the rounds it is killed at any
# moment instead, most of which are spent in waiting for the disk.
PHASES = (
    "__init__",
    "journal_all",
    "stage",
    "release",
    "keep_window",
    "release_windows",
    "pending",
    "mark_sent",
    "settle",
)
MOVES = ("stage", "release", "release_windows", "settle")
_MOST_CALLS = 10  # to SQLite, in one of these steps
_LONGEST_LIFE_SECONDS = 0.5
_DOOM_SECONDS = 3.0


def silent(_: str) -> None:
    """Says nothing."""


def kill_the_station(directory: Path, rounds: int, seed: int, say: Say = silent) -> Counter[str]:
    """SIGKILL the station so often; returns how often it died in which step.

    Raises AssertionError if anything was lost, doubled or changed.
    """
    with _station(directory, Random(seed)) as (station, centre, _):
        for number in range(rounds):
            _one_life(station, Random(f"{seed}/{number}"), number)
            _progress(say, number, rounds, station, centre)
        station.start()
        judge(station, centre, station.settle())
        return station.deaths


def kill_at_every_call(directory: Path, seed: int) -> Counter[str]:
    """One life for each call to SQLite in the steps that move something from place to place.

    Raises AssertionError if anything was lost, doubled or changed.
    """
    with _station(directory, Random(seed)) as (station, centre, _):
        for phase in MOVES:
            for countdown in range(1, _MOST_CALLS + 1):
                station.start(Doom(phase, countdown, before=True))
                station.feed(_DOOM_SECONDS)
                station.kill()
        station.start()
        judge(station, centre, station.settle())
        return station.deaths


def kill_the_broker(directory: Path, rounds: int, seed: int, say: Say = silent) -> None:
    """SIGKILL the broker, which keeps nothing on disk, while the station works.

    Raises AssertionError if anything was lost, doubled or changed.
    """
    with _station(directory, Random(seed)) as (station, centre, broker):
        rng = Random(seed)
        station.start()
        for number in range(rounds):
            seen = centre.copies
            assert station.feed(rng.uniform(0.0, _LONGEST_LIFE_SECONDS))
            broker.kill()
            assert station.feed(rng.uniform(0.0, 0.1))
            broker.start()
            assert _hears_again(station, centre, seen)
            _progress(say, number, rounds, station, centre)
        judge(station, centre, station.settle())


def _one_life(station: Ward, rng: Random, number: int) -> None:
    doom = None
    if number % 2 == 0:
        phase = PHASES[number // 2 % len(PHASES)]
        doom = Doom(phase, rng.randrange(1, 9), before=rng.random() < 0.5)
    station.start(doom)
    seconds = _DOOM_SECONDS if doom else rng.uniform(0.0, _LONGEST_LIFE_SECONDS)
    station.feed(seconds, pause=rng.choice((0.002, 0.01, 0.05)))
    station.kill()


def _hears_again(station: Ward, centre: Centre, seen: int) -> bool:
    """Whether the connections come back and something new arrives."""
    until = monotonic() + 30
    while centre.copies <= seen and monotonic() < until:
        station.feed(0.05)
    return centre.copies > seen


def _progress(say: Say, number: int, rounds: int, station: Ward, centre: Centre) -> None:
    say(
        f"round {number + 1} of {rounds}: {len(station.accepted)} accepted,"
        f" {len(centre.stored)} messages delivered in {centre.copies} copies"
    )


@contextmanager
def _station(directory: Path, rng: Random) -> Iterator[tuple[Ward, Centre, Broker]]:
    with running_broker(directory) as broker:
        address = Address(broker.host, broker.port)
        life = Life(directory / "outbox.sqlite", address, seed=0)
        with running_centre(address) as centre, ward(life, rng) as station:
            yield station, centre, broker
