"""Sessions: readings of one device taken shortly after each other, and their one value. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from statistics import fmean, mean
from types import MappingProxyType
from typing import TypeVar

from contract.errors import Reason
from contract.screening import GlucoseLimit, Meal
from edge_agent import visits
from edge_agent.frame import Frame
from edge_agent.memory import Memory
from edge_agent.plausibility import Pressures
from edge_agent.reading import DatedReading, Glucose


@dataclass(frozen=True, slots=True)
class BloodPressureSession:
    """One person's exact value: personal, held in memory only until it is anonymised."""

    device: str
    started_at: datetime
    systolic_mmhg: float
    diastolic_mmhg: float
    pulse_bpm: float | None
    single: bool


@dataclass(frozen=True, slots=True)
class GlucoseSession:
    """One person's exact value in mmol/L, or the meter's LO or HI: just as personal."""

    device: str
    started_at: datetime
    value: float | GlucoseLimit
    meal: Meal
    single: bool


Session = BloodPressureSession | GlucoseSession

_Value = TypeVar("_Value")

_HOUR = timedelta(hours=1)
_NOTHING: Mapping[str, Iterable[datetime]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Closed:
    """What a look at the journal found finished: sessions, rejects, and the frames used up.

    `memories` is what to remember from now on of each device that had a visit.
    """

    sessions: tuple[Session, ...]
    rejects: Counter[Reason]
    used: tuple[int, ...]
    memories: Mapping[str, Memory]


def close(
    frames: Iterable[Frame],
    *,
    now: datetime,
    gap: timedelta,
    memories: Mapping[str, Memory],
    zone: tzinfo,
) -> Closed:
    """Every session of every visit in `frames` whose last frame is more than `gap` old.

    Frames of visits still open are left alone, so calling this again later, or after a restart,
    gives the same sessions. `memories` is what is remembered of the devices; one that is missing
    is met for the first time.
    """
    rejects: Counter[Reason] = Counter()
    sessions: list[Session] = []
    used: list[int] = []
    remembered: dict[str, Memory] = {}
    for frames_of_visit in visits.split(frames, gap):
        last = frames_of_visit[-1]
        if abs(now - last.received_at) <= gap:
            continue
        known = remembered.get(last.device) or memories.get(last.device) or Memory()
        visit = visits.read(frames_of_visit, known, zone)
        used.extend(frame.number for frame in frames_of_visit)
        rejects += visit.rejects
        remembered[last.device] = visit.memory
        sessions.extend(_sessions(last.device, visit.readings, gap))
    return Closed(tuple(sessions), rejects, tuple(used), remembered)


class SessionCap:
    """At most `limit` sessions per device within an hour, so that nobody can fill a batch alone.

    `admitted` are the moments, by device, of sessions that an earlier run has counted.
    """

    def __init__(self, limit: int, admitted: Mapping[str, Iterable[datetime]] = _NOTHING) -> None:
        self._limit = limit
        self._admitted = {device: list(moments) for device, moments in admitted.items()}

    def admits(self, session: Session) -> bool:
        """Whether `session` is within the cap; it counts if it is."""
        admitted = self._admitted.setdefault(session.device, [])
        # Also those that seem to come later: the clock was set back, or this one was stored.
        near = [at for at in admitted if abs(at - session.started_at) < _HOUR]
        if len(near) >= self._limit:
            return False
        admitted.append(session.started_at)
        return True

    def admitted(self, device: str) -> tuple[datetime, ...]:
        """What to remember of `device`: the sessions within an hour of its latest."""
        moments = sorted(self._admitted.get(device, ()))
        return tuple(at for at in moments if moments[-1] - at < _HOUR)


def _sessions(device: str, readings: Iterable[DatedReading], gap: timedelta) -> list[Session]:
    """The sessions in one visit: pressures apart from glucose, and each meal apart."""
    pressures: list[tuple[datetime, Pressures]] = []
    by_meal: dict[Meal, list[tuple[datetime, Glucose]]] = {}
    for reading in readings:
        if isinstance(reading.value, Pressures):
            pressures.append((reading.moment, reading.value))
        else:
            by_meal.setdefault(reading.value.meal, []).append((reading.moment, reading.value))
    found: list[Session] = [_blood_pressure(device, *group) for group in _grouped(pressures, gap)]
    for records in by_meal.values():
        found += [_glucose(device, *group) for group in _grouped(records, gap)]
    return sorted(found, key=lambda session: session.started_at)


def _grouped(
    dated: Iterable[tuple[datetime, _Value]], gap: timedelta
) -> Iterator[tuple[datetime, list[_Value]]]:
    """The moment and the values of each run of readings no more than `gap` apart."""
    ordered = sorted(dated, key=itemgetter(0))
    starts = [
        number
        for number, (moment, _) in enumerate(ordered)
        if number == 0 or moment - ordered[number - 1][0] > gap
    ]
    for start, end in pairwise([*starts, len(ordered)]):
        yield ordered[start][0], [value for _, value in ordered[start:end]]


def _blood_pressure(
    device: str, started_at: datetime, taken: Sequence[Pressures]
) -> BloodPressureSession:
    """Its value is the mean without the first reading when there are two or more."""
    counted = taken[1:] or taken
    pulses = [values.pulse for values in counted if values.pulse is not None]
    return BloodPressureSession(
        device=device,
        started_at=started_at,
        systolic_mmhg=fmean(values.systolic for values in counted),
        diastolic_mmhg=fmean(values.diastolic for values in counted),
        pulse_bpm=fmean(pulses) if pulses else None,
        single=len(taken) == 1,
    )


def _glucose(device: str, started_at: datetime, taken: Sequence[Glucose]) -> GlucoseSession:
    """Its value is the mean, or the last limit if the meter reached any: a limit is no number."""
    limits = [one.mmol_l for one in taken if isinstance(one.mmol_l, GlucoseLimit)]
    # In decimals, so that a mean of 6.95 is still one when a guideline rounds it up.
    numbers = [Decimal(str(one.mmol_l)) for one in taken if isinstance(one.mmol_l, float)]
    value = limits[-1] if limits else float(mean(numbers))
    return GlucoseSession(device, started_at, value, taken[0].meal, single=len(taken) == 1)
