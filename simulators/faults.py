"""The plan of a run's faults: what each station of a city will suffer, from a scenario and a seed.

The same scenario, stations, seed and days give the same plan. Which stations a rule draws, and
what each of them suffers, depends on no other rule.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from contract.usage import WINDOW_SECONDS
from simulators.city import BEIJING_TIME, CityStation
from simulators.fault_files import find_scenario as find_scenario
from simulators.fault_files import load_scenario as load_scenario
from simulators.fault_files import scenario_names as scenario_names
from simulators.fault_kinds import AMOUNTS as AMOUNTS
from simulators.fault_kinds import Fault as Fault
from simulators.fault_kinds import FaultKind as FaultKind
from simulators.fault_scenarios import Rule as Rule
from simulators.fault_scenarios import Scenario as Scenario
from simulators.fault_scenarios import ScenarioError as ScenarioError
from simulators.population import seeded

Span = tuple[datetime, datetime]

_DAY = timedelta(days=1)


def plan(
    scenario: Scenario, stations: Sequence[CityStation], seed: int, first: date, last: date
) -> dict[str, tuple[Fault, ...]]:
    """The faults of every station, by station id, from `first` to `last`, both included.

    They are in order of their start and lie within the run. Raises ScenarioError for a rule about
    a station that is not in this city, or a time that is not in this run.
    """
    run = _midnight(first), _midnight(last + _DAY)
    found: dict[str, list[Fault]] = {station.id: [] for station in stations}
    for number, rule in enumerate(scenario.rules, start=1):
        for station in _chosen(scenario, number, stations, seed):
            for start, end in _spans(scenario, number, station.id, seed, run):
                found[station.id].append(Fault(rule.fault, start, end, rule.amount))
    return {
        station: tuple(sorted(faults, key=lambda one: (one.start, one.kind, one.end)))
        for station, faults in found.items()
    }


def _chosen(
    scenario: Scenario, number: int, stations: Sequence[CityStation], seed: int
) -> list[CityStation]:
    """The stations of a rule, in their order; of some there are, at least one is drawn."""
    rule = scenario.rules[number - 1]
    known = {station.id for station in stations}
    for one in rule.stations:
        if one not in known:
            problem = f"there is no station {one} in this city; its first is {stations[0].id}"
            raise scenario.error(number, "stations", problem)
    meant = [
        station
        for station in stations
        if (not rule.stations or station.id in rule.stations)
        and (not rule.districts or station.district in rule.districts)
        and (not rule.venues or station.venue in rule.venues)
    ]
    if rule.share >= 1 or not meant:
        return meant
    draw = ("group", rule.group) if rule.group else ("rule", str(number))
    luck = {one.id: seeded(seed, "faults", *draw, one.id).random() for one in meant}
    count = max(1, round(rule.share * len(meant)))
    drawn = set(sorted(luck, key=luck.__getitem__)[:count])
    return [station for station in meant if station.id in drawn]


def _spans(scenario: Scenario, number: int, station: str, seed: int, run: Span) -> Iterator[Span]:
    """When a rule's faults are at a station, within the run."""
    rule = scenario.rules[number - 1]
    if rule.every is not None:
        rng = seeded(seed, "faults", "when", rule.group or str(number), station)
        spans = _random_spans(rng, rule.every, rule.lasting, run)
    else:
        start = _start(scenario, number, run)
        spans = iter([(start, run[1] if rule.duration is None else start + rule.duration)])
    for start, end in spans:
        if rule.fault is FaultKind.CLOCK_JUMP:  # so that a window has one clock only
            start, end = _quarter(start), _quarter(end)
        start, end = max(start, run[0]), min(end, run[1])
        if start < end:
            yield start, end


def _start(scenario: Scenario, number: int, run: Span) -> datetime:
    rule = scenario.rules[number - 1]
    if isinstance(rule.start, datetime):
        start = rule.start
    else:
        day = rule.start
        if isinstance(day, int):
            day = run[0].date() + day * _DAY
        start = datetime.combine(day, rule.at, BEIJING_TIME)
    if not run[0] <= start < run[1]:
        problem = (
            f"{start:%Y-%m-%d %H:%M} is not in the run, which is from {run[0]:%Y-%m-%d} to "
            f"{run[1] - _DAY:%Y-%m-%d}; write a day of it, or a number of days after its first"
        )
        raise scenario.error(number, "start", problem)
    return start


def _random_spans(
    rng: Random, every: timedelta, lasting: tuple[timedelta, timedelta], run: Span
) -> Iterator[Span]:
    """Faults and the time between them, one after another, as if they had always been coming."""
    shortest, longest = lasting
    mean = (shortest + longest) / 2
    moment = run[0]
    if rng.random() < mean / every:  # in the middle of one when the run begins
        length = _between(rng, shortest, longest)
        while rng.random() * longest > length:  # a long one is met more often
            length = _between(rng, shortest, longest)
        moment += length * rng.random()
        yield run[0], moment
    while True:
        moment += (every - mean) * rng.expovariate(1)
        if moment >= run[1]:
            return
        start, moment = moment, moment + _between(rng, shortest, longest)
        yield start, moment


def _between(rng: Random, shortest: timedelta, longest: timedelta) -> timedelta:
    return shortest + (longest - shortest) * rng.random()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING_TIME)


def _quarter(moment: datetime) -> datetime:
    """The quarter of an hour that is next to a moment."""
    quarters = round(moment.timestamp() / WINDOW_SECONDS)
    return datetime.fromtimestamp(quarters * WINDOW_SECONDS, BEIJING_TIME)
