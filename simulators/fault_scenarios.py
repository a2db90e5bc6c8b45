"""Scenarios: rules that say which stations of a city suffer which faults, and when."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from simulators.fault_kinds import FaultKind


class ScenarioError(ValueError):
    """A scenario cannot be used; the message names file, rule, key, and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault for some stations; rules of one `group` draw the same ones.

    `stations`, `districts` and `venues` each narrow down who is meant unless they are empty, and
    `share` is the part of those that is drawn. `start` is a moment, a day, or a number of days
    after the run's first, and `at` the time of that day. Without `duration` a fault lasts until
    the run ends. With `every`, faults come at random instead: from start to start on average so
    far apart, each with a length between the two of `lasting`.
    """

    fault: FaultKind
    amount: float
    stations: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    share: float = 1.0
    group: str | None = None
    start: datetime | date | int = 0
    at: time = time()
    duration: timedelta | None = None
    every: timedelta | None = None
    lasting: tuple[timedelta, timedelta] = (timedelta(0), timedelta(0))


@dataclass(frozen=True, slots=True)
class Scenario:
    """The rules of one file, which `place` names in errors."""

    name: str
    place: str
    rules: tuple[Rule, ...]

    def error(self, rule: int, key: str, problem: str) -> ScenarioError:
        """The error to raise for a key of a rule, counted from 1."""
        return ScenarioError(f"{self.place}, rule {rule}, {key}: {problem}")
