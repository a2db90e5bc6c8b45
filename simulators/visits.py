"""Who comes through a station's door on a day, for how long, and how that fills its seats."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from random import Random
from typing import NamedTuple

from contract.usage import WINDOW_SECONDS, UsageWindow, level
from simulators.city import BEIJING_TIME, CityStation
from simulators.population import PersonType
from simulators.rhythms import Slot, rhythm_of

_DISPERSION = 6  # k of the negative binomial across days: an assumption
_MINUTES = WINDOW_SECONDS // 60


class Stay(NamedTuple):
    """One visit: arrival and leaving in minutes from local midnight, and who came."""

    arrive: float
    leave: float
    kind: PersonType


def visits(
    rng: Random, station: CityStation, day: date, demand: float = 1.0, *, sale: bool = False
) -> dict[int, int]:
    """How many people come in during each opening hour of a day that has visitors.

    The day's total is negative-binomial (k = 6) around the station's mean for that weekday times
    `demand`; the hours are those of its rhythm.
    """
    counts = Counter(slot.hour for slot in _arrivals(rng, station, day, demand, sale=sale))
    return dict(sorted(counts.items()))


def stays(
    rng: Random, station: CityStation, day: date, demand: float = 1.0, *, sale: bool = False
) -> tuple[Stay, ...]:
    """The visits of a day in order of arrival; everybody has left by closing time."""
    drawn = [stay_in(rng, slot) for slot in _arrivals(rng, station, day, demand, sale=sale)]
    drawn.sort(key=lambda stay: stay.arrive)
    return tuple(drawn)


def stay_in(rng: Random, slot: Slot) -> Stay:
    """A stay of somebody who comes in a slot."""
    arrive = slot.start + (slot.end - slot.start) * rng.random()
    leave = arrive + math.exp(rng.gauss(slot.mu, slot.sigma))
    return Stay(arrive, min(leave, slot.closes), slot.kind)


def usage_windows(
    station: CityStation, day: date, stays: Sequence[Stay], until: float | None = None
) -> tuple[UsageWindow, ...]:
    """The quarter-hour windows of a day's opening times, in order.

    With `until`, in minutes from local midnight, only what has happened by then: the last window
    may be partial and grows until its quarter is over.
    """
    if until is not None:
        stays = [Stay(a, min(b, until), kind) for a, b, kind in stays if a < until]
    entries, parts = _by_window(stays)
    midnight = int(datetime.combine(day, time(), BEIJING_TIME).timestamp())
    return tuple(
        _window(
            station.seats,
            midnight + minute * 60,
            entries.get(minute, 0),
            parts.get(minute, ()),
            _MINUTES if until is None else min(_MINUTES, until - minute),
        )
        for opens, closes in station.opening(day)
        for minute in range(opens, closes, _MINUTES)
        if until is None or minute < until
    )


def _window(
    seats: int, start: int, entries: int, parts: Sequence[tuple[float, float]], minutes: float
) -> UsageWindow:
    if not parts:  # half of all windows: a quarter of a year of a city has a million of them
        return UsageWindow(
            start=start, entries=0, occupied=0.0, mean=0.0, peak=0, level=level(0, seats)
        )
    peak, occupied = _crowd(parts)
    return UsageWindow(
        start=start,
        entries=entries,
        occupied=round(occupied, 1),
        mean=round(sum([leave - arrive for arrive, leave in parts]) / minutes, 2),
        peak=peak,
        level=level(peak, seats),
    )


def _by_window(
    stays: Iterable[Stay],
) -> tuple[dict[int, int], dict[int, list[tuple[float, float]]]]:
    """By the minute at which a window starts: its arrivals, and the parts of stays inside it."""
    entries: dict[int, int] = {}
    parts: dict[int, list[tuple[float, float]]] = {}
    for arrive, leave, _ in stays:
        first = int(arrive) // _MINUTES * _MINUTES
        entries[first] = entries.get(first, 0) + 1
        for minute in range(first, math.ceil(leave), _MINUTES):
            part = (max(arrive, minute), min(leave, minute + _MINUTES))
            parts.setdefault(minute, []).append(part)
    return entries, parts


def _crowd(parts: Sequence[tuple[float, float]]) -> tuple[int, float]:
    """The most people present at once, and for how many minutes anybody was."""
    if len(parts) == 1:
        ((arrive, leave),) = parts
        return 1, leave - arrive
    changes = sorted(change for arrive, leave in parts for change in ((arrive, 1), (leave, -1)))
    here, peak, since, occupied = 0, 0, 0.0, 0.0
    for moment, change in changes:
        if here:
            occupied += moment - since
        here, since = here + change, moment
        peak = max(peak, here)
    return peak, occupied


def _arrivals(
    rng: Random, station: CityStation, day: date, demand: float, *, sale: bool
) -> list[Slot]:
    mean = station.mean_visits * station.weekdays[day.weekday()] * demand
    if not mean:
        return []
    total = _poisson(rng, rng.gammavariate(_DISPERSION, mean / _DISPERSION))
    return rhythm_of(station, sale=sale).draw(rng, total)


def _poisson(rng: Random, mean: float) -> int:
    """A Poisson count by multiplying uniforms; its time grows with the mean."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
