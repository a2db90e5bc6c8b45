"""The city of a chaos platform: light stations in one process, and the books that it leaves."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from time import time

from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.faults import find_scenario
from simulators.truth import StationAccount, StationWeek, read_account, read_truth
from tests.chaos.books import account_of, from_json, weeks_of
from tests.chaos.city_process import Errand
from tests.chaos.platform_children import Child

_DAYS = 4
_RULE = "[[rule]]"
_HEAD_START_SECONDS = 2.0

Books = tuple[list[StationWeek], list[StationAccount]]
"""Lines of truth and account."""


@dataclass(frozen=True, slots=True)
class City:
    """Stations that send, the process in which they live, and `done`, which it writes at its end.

    One that may be killed sends the same messages in its next life.
    """

    stations: tuple[CityStation, ...]
    child: Child
    may_be_killed: bool
    done: Path
    books: Callable[[], Books]

    @property
    def has_sent(self) -> bool:
        """Whether all of its messages have their receipts."""
        return self.done.exists() and (self.may_be_killed or not self.child.runs)


def repeating(
    directory: Path,
    broker: tuple[str, int],
    before: Sequence[str],
    *,
    seed: int,
    count: int,
    seconds: float,
    day_seconds: float,
) -> City:
    """A fleet that begins anew when it was killed: `tests.chaos.city_process`."""
    days = max(1, round(seconds / day_seconds))
    first = datetime.now(BEIJING_TIME).date() - timedelta(days=days + 1)
    done = directory / "sent.json"
    errand = Errand(
        host=broker[0],
        port=broker[1],
        seed=seed,
        stations=count,
        first=first.isoformat(),
        days=days,
        starts=time() + _HEAD_START_SECONDS,
        day_seconds=day_seconds,
        file=str(done),
    )
    command = (*before, sys.executable, "-m", "tests.chaos.city_process", errand.as_json())
    city = errand.city()

    def books() -> Books:
        sent = from_json(done.read_text())
        where = {one.id: one for one in city}
        lines = [line for one, what in sent.items() for line in weeks_of(one, what, where[one])]
        return lines, [account_of(*one) for one in sent.items()]

    return City(city, Child("city", command, directory / "city.log", {}), True, done, books)


def _all_but_poison() -> str:
    """The faults of every kind but one: nobody insists on poison, so a cut road may lose it."""
    head, *rules = find_scenario("everything").read_text(encoding="utf-8").split(_RULE)
    return _RULE.join([head, *(rule for rule in rules if '"poison"' not in rule)])


def commanded(
    directory: Path,
    broker: tuple[str, int],
    before: Sequence[str],
    *,
    seed: int,
    count: int,
    seconds: float,
) -> City:
    """`health-kiosk simulate city`, whose stations have faults of their own; it cannot be killed.

    Each start would be another run, with numbers of its own.
    """
    scenario = directory / "scenario.toml"
    scenario.write_text(_all_but_poison())
    truth, account = directory / "truth-of-city.jsonl", directory / "account-of-city.jsonl"
    command = (
        *before, sys.executable, "-m", "health_kiosk", "simulate", "city",
        "--broker", f"{broker[0]}:{broker[1]}", "--stations", str(count), "--days", str(_DAYS),
        "--speed", str(_DAYS * 86_400 / seconds), "--seed", str(seed), "--scenario", str(scenario),
        "--truth", str(truth), "--account", str(account),
    )  # fmt: skip

    def books() -> Books:
        return list(read_truth(truth)[1]), list(read_account(account)[1])

    child = Child("city", command, directory / "city.log", {})
    return City(stations(count, Random(seed)), child, False, account, books)
