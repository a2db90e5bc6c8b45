"""Reading scenarios from TOML; every mistake is told at once, with what to write instead."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SkipValidation,
    ValidationError,
)

from contract.mistakes import Mistake, mistakes
from contract.places import DISTRICTS, VENUES
from simulators.city import BEIJING_TIME
from simulators.fault_kinds import AMOUNTS, FaultKind
from simulators.fault_scenarios import Rule, Scenario, ScenarioError

_PACKAGED = Path(__file__).parent / "scenarios"
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?")
_LONGEST_SECONDS = 100 * 365 * 86_400
_NO_TIME = timedelta(0)


def scenario_names() -> list[str]:
    """The names of the scenarios that come with the package."""
    return sorted(path.stem for path in _PACKAGED.glob("*.toml"))


def find_scenario(name_or_path: str) -> Path:
    """The file of a scenario given by its path, or by its name if it comes with the package.

    Raises ScenarioError listing the known names.
    """
    if name_or_path in scenario_names():
        return _PACKAGED / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.is_file():
        return path
    raise ScenarioError(
        f"there is no scenario {name_or_path}; write the path of a TOML file, or one of "
        + ", ".join(scenario_names())
    )


def load_scenario(path: Path) -> Scenario:
    """The scenario in a file; raises ScenarioError with every mistake in it, a line for each."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path} is not UTF-8: save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path} is not TOML: {error}") from error
    try:
        rules = _Content.model_validate(content).rule
    except ValidationError as error:
        raise _error(path, map(_words, mistakes(error, _Content))) from error
    problems = [
        f"rule {number}, {key}: {problem}"
        for number, rule in enumerate(rules, start=1)
        for key, problem in _contradictions(rule)
    ]
    if problems:
        raise _error(path, problems)
    return Scenario(path.stem, str(path), tuple(map(_rule, rules)))


def _error(path: Path, problems: Iterable[str]) -> ScenarioError:
    return ScenarioError("\n".join(f"{path}, {problem}" for problem in problems))


def _words(mistake: Mistake) -> str:
    """Where a mistake is, rules counted from 1, and what it is."""
    where = ", ".join(mistake.place[:1])
    if len(mistake.place) > 1:
        where = ", ".join([f"rule {int(mistake.place[1]) + 1}", *mistake.place[2:3]])
    return f"{where}: {mistake.problem}"


def _known(thing: str, names: Iterable[str]) -> AfterValidator:
    known = list(names)

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"there is no {thing} {value}; write one of {', '.join(known)}")
        return value

    return AfterValidator(check)


def _length(value: object) -> timedelta:
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise ValueError(f'{value!r} is no length of time; write one such as "90 minutes"')
    return timedelta(seconds=seconds)


def _start(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | date):  # a datetime is a date
        raise ValueError(  # noqa: TRY004 - pydantic reports this kind only
            f"{value!r} is no start; write 2026-11-02 or 2026-11-02T08:00:00 without quotes, "
            "or a number of days after the run's first, such as 1"
        )
    if isinstance(value, int) and value < 0:
        raise ValueError(f"{value} is before the run; write 0 for its first day")
    return value


def _at(value: object) -> object:
    if not isinstance(value, time):
        raise ValueError(  # noqa: TRY004 - pydantic reports this kind only
            f"{value!r} is no time of day; write one without quotes, such as 18:30:00"
        )
    return value


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


_Length = Annotated[timedelta, BeforeValidator(_length)]
_District = Annotated[str, _known("district", DISTRICTS)]
_Venue = Annotated[str, _known("kind of venue", VENUES)]


class _Rule(BaseModel):
    """A rule as it is written."""

    model_config = ConfigDict(extra="forbid")

    fault: Annotated[str, _known("fault", FaultKind)]
    amount: float | None = None
    stations: Annotated[list[str], Field(min_length=1)] | None = None
    district: Annotated[list[_District], BeforeValidator(_several)] = []
    venue: Annotated[list[_Venue], BeforeValidator(_several)] = []
    share: float = 1.0
    group: str | None = None
    start: Annotated[SkipValidation[datetime | date | int], BeforeValidator(_start)] = 0
    at: Annotated[SkipValidation[time], BeforeValidator(_at)] = time()
    duration: _Length | None = None
    every: _Length | None = None
    lasting: Annotated[list[_Length], Field(min_length=2, max_length=2)] | None = None


class _Content(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid")

    rule: Annotated[list[_Rule], Field(min_length=1)]


def _contradictions(rule: _Rule) -> Iterator[tuple[str, str]]:
    """Each key whose value does not fit its fault or the other keys, and what to write."""
    if not 0 < rule.share <= 1:
        yield "share", f"{rule.share:g} is no share of stations; write more than 0 and at most 1"
    amount = AMOUNTS.get(FaultKind(rule.fault))
    if rule.amount is not None:
        problem = amount.problem(rule.amount) if amount else "leave it out, this fault has none"
        if problem:
            yield "amount", problem
    if isinstance(rule.start, datetime) and "at" in rule.model_fields_set:
        yield "at", "leave it out, `start` has a time already"
    yield from _wrong_times(rule)


def _wrong_times(rule: _Rule) -> Iterator[tuple[str, str]]:
    if rule.every is None:
        if rule.lasting:
            yield "lasting", "write `duration`, or `every` for faults that come at random"
        return
    for key in ("start", "at", "duration"):
        if key in rule.model_fields_set:
            yield key, "leave it out, with `every` faults come at random"
    if rule.lasting is None:
        yield "lasting", 'is missing; write the shortest and the longest, ["2 hours", "30 hours"]'
    elif rule.lasting[0] > rule.lasting[1]:
        yield "lasting", "write the shorter length first"
    elif sum(rule.lasting, _NO_TIME) / 2 >= rule.every:
        yield "every", "write a longer time than a fault lasts on average"


def _rule(written: _Rule) -> Rule:
    amount = AMOUNTS.get(kind := FaultKind(written.fault))
    start = written.start
    if isinstance(start, datetime):
        local = start.replace(tzinfo=BEIJING_TIME) if start.tzinfo is None else start
        start = local.astimezone(BEIJING_TIME)
    shortest, longest = written.lasting or (_NO_TIME, _NO_TIME)
    usual = 1.0 if amount is None else amount.usual
    return Rule(
        fault=kind,
        amount=usual if written.amount is None else written.amount,
        stations=tuple(written.stations or ()),
        districts=tuple(written.district),
        venues=tuple(written.venue),
        share=written.share,
        group=written.group,
        start=start,
        at=written.at,
        duration=written.duration,
        every=written.every,
        lasting=(shortest, longest),
    )
