"""Who comes through a station's door on a day, for how long, and how that fills its seats."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import accumulate
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from contract.usage import WINDOW_SECONDS, UsageWindow, level
from simulators.city import BEIJING_TIME, CityStation, Opening
from simulators.population import PERSON_TYPES, PersonType, cumulative_shares

# fmt: off
HOUR_WEIGHTS: Mapping[int, float] = MappingProxyType({
    6: 3.8, 7: 5.7, 8: 4.7, 9: 6.1, 10: 6.4, 11: 5.5, 12: 7.1, 13: 8.0, 14: 9.3, 15: 10.2,
    16: 9.1, 17: 5.8, 18: 3.3, 19: 3.5, 20: 4.7, 21: 4.6, 22: 2.5,
})
# fmt: on
"""Percent of all visits by local hour: an assumption shaped on press reports of street sweepers'
breaks at 06 and 09, couriers' noon and riders' lull from 14 to 17 (Ningbo riders study, 2026)."""

_DISPERSION = 6  # k of the negative binomial across days: an assumption
_MINUTES = WINDOW_SECONDS // 60

# Median minutes of a stay and its log-normal sigma by type of visitor: assumptions; the press saw
# winter stops "under ten minutes" at bank branches.
_STAYS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "delivery_rider": (9, 0.6),
        "courier": (8, 0.6),
        "sanitation": (18, 0.6),
        "other_outdoor": (14, 0.6),
        "resident_public": (20, 0.5),
    }
)
_LULL = (22, 0.7)  # a rider's stay between 14 and 17


class Stay(NamedTuple):
    """One visit: arrival and leaving in minutes from local midnight, and who came."""

    arrive: float
    leave: float
    kind: PersonType


def visits(rng: Random, station: CityStation, day: date) -> dict[int, int]:
    """How many people come in during each opening hour of a day.

    The day's total is negative-binomial (k = 6) around the station's mean for that weekday; the
    hours follow HOUR_WEIGHTS, cut to the opening times.
    """
    openings = station.opening(day)
    weights = {
        hour: weight * sum(end - start for start, end in _open_parts(openings, hour))
        for hour, weight in HOUR_WEIGHTS.items()
    }
    counts = {hour: 0 for hour, weight in weights.items() if weight}
    if counts:
        mean = station.mean_visits * station.weekdays[day.weekday()]
        total = _poisson(rng, rng.gammavariate(_DISPERSION, mean / _DISPERSION))
        cumulative = tuple(accumulate(weights[hour] for hour in counts))
        for hour in rng.choices(tuple(counts), cum_weights=cumulative, k=total):
            counts[hour] += 1
    return counts


def stays(rng: Random, station: CityStation, day: date) -> tuple[Stay, ...]:
    """The visits of a day in order of arrival; everybody has left by closing time."""
    openings = station.opening(day)
    shares = cumulative_shares(station.venue)
    drawn: list[Stay] = []
    for hour, count in visits(rng, station, day).items():
        if count:
            parts = tuple(_open_parts(openings, hour))
            kinds = rng.choices(PERSON_TYPES, cum_weights=shares, k=count)
            drawn += [_stay(rng, openings, parts, kind) for kind in kinds]
    drawn.sort(key=lambda stay: stay.arrive)
    return tuple(drawn)


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


def _open_parts(openings: Iterable[Opening], hour: int) -> Iterator[Opening]:
    """The parts of an hour in which the station is open, in minutes from midnight."""
    for opens, closes in openings:
        start, end = max(opens, hour * 60), min(closes, hour * 60 + 60)
        if start < end:
            yield Opening(start, end)


def _stay(
    rng: Random, openings: Iterable[Opening], parts: Sequence[Opening], kind: PersonType
) -> Stay:
    part = parts[0]
    if len(parts) > 1:
        part = rng.choices(parts, weights=[part.closes - part.opens for part in parts])[0]
    arrive = rng.uniform(*part)
    lull = kind.code == "delivery_rider" and 14 * 60 <= arrive < 17 * 60
    median, sigma = _LULL if lull else _STAYS[kind.code]
    closes = next(opening.closes for opening in openings if arrive <= opening.closes)
    return Stay(arrive, min(arrive + median * rng.lognormvariate(0, sigma), closes), kind)


def _poisson(rng: Random, mean: float) -> int:
    """A Poisson count by multiplying uniforms; its time grows with the mean."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
