"""When each type of visitor comes and how long each stays, cut to a station's opening times."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from simulators.city import CityStation, Opening
from simulators.population import PERSON_TYPES, PersonType, visit_shares

_HOURS = range(6, 23)

# fmt: off
_WEIGHTS: Mapping[str, tuple[float, ...]] = MappingProxyType({
    "delivery_rider": (
        1.1, 1.6, 2.2, 4.8, 6.5, 2.7, 2.2, 5.4, 11.8,
        15.1, 12.9, 7.0, 3.2, 3.2, 6.5, 8.6, 5.4,
    ),
    "courier": (
        4.3, 7.4, 4.3, 3.2, 3.7, 5.3, 10.6, 11.7, 8.5,
        6.4, 6.9, 5.9, 4.3, 5.3, 6.4, 4.3, 1.6,
    ),
    "sanitation": (
        9.2, 11.2, 7.1, 8.7, 7.1, 8.7, 10.2, 8.7, 7.1,
        6.6, 5.6, 3.6, 2.0, 2.0, 1.5, 0.5, 0.0,
    ),
    "other_outdoor": (
        3.0, 6.0, 6.0, 6.0, 6.0, 8.0, 13.0, 12.0, 8.0,
        7.0, 6.5, 5.0, 4.0, 3.5, 3.0, 2.0, 1.0,
    ),
    "resident_public": (
        2.0, 5.0, 8.9, 11.9, 10.9, 6.9, 4.0, 4.0, 6.9,
        10.9, 9.9, 6.9, 4.0, 4.0, 3.0, 1.0, 0.0,
    ),
})
# fmt: on

HOUR_WEIGHTS: Mapping[str, Mapping[int, float]] = MappingProxyType(
    {code: MappingProxyType(dict(zip(_HOURS, row, strict=True))) for code, row in _WEIGHTS.items()}
)
"""Percent of a type's visits by local hour, from 6 to 23 o'clock; by night nobody comes.

An assumption shaped on press reports: street sweepers rest at 6 and 9, couriers at noon, riders in
their lull from 14 to 17 (Ningbo riders study, 2026;38(1):93).
"""

STAY_MINUTES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "delivery_rider": (9, 0.6),
        "courier": (8, 0.6),
        "sanitation": (18, 0.6),
        "other_outdoor": (14, 0.6),
        "resident_public": (20, 0.5),
    }
)
"""Median minutes of a stay and its log-normal sigma by type: assumptions; the press saw winter
stops "under ten minutes" at bank branches."""

LULL = (22.0, 0.7)
"""A rider's stay that begins between 14 and 17."""

_LULL_HOURS = range(14, 17)
_SALE_COURIERS = 1.3  # in the sales couriers come more often and rest shorter: assumptions
_SALE_STAY = 0.75


class Slot(NamedTuple):
    """When people of one type may come: part of an hour, in minutes from local midnight.

    A stay that begins in it is over at `closes` at the latest; its minutes are log-normal with
    `mu` and `sigma`.
    """

    kind: PersonType
    hour: int
    start: int
    end: int
    closes: int
    mu: float
    sigma: float


class Rhythm(NamedTuple):
    """The slots of a day, running totals of their weights, and the shares of PERSON_TYPES."""

    slots: tuple[Slot, ...]
    cumulative: tuple[float, ...]
    shares: tuple[float, ...]

    def draw(self, rng: Random, count: int) -> list[Slot]:
        """When `count` people come, and who they are; nobody while there are no slots."""
        if not self.slots:
            return []
        return rng.choices(self.slots, cum_weights=self.cumulative, k=count)


def rhythm_of(station: CityStation, *, sale: bool = False) -> Rhythm:
    """The rhythm of a station's open days; `sale` is that of the days of the great sales."""
    return _rhythm(station.venue, station.hours, sale)


def open_parts(openings: Iterable[Opening], hour: int) -> Iterator[tuple[Opening, int]]:
    """The parts of an hour in which a station is open, and when it closes after each."""
    for opens, closes in openings:
        start, end = max(opens, hour * 60), min(closes, hour * 60 + 60)
        if start < end:
            yield Opening(start, end), closes


@lru_cache(256)
def _rhythm(venue: str, openings: tuple[Opening, ...], sale: bool) -> Rhythm:
    slots: list[Slot] = []
    weights: list[float] = []
    by_type = dict.fromkeys((kind.code for kind in PERSON_TYPES), 0.0)
    for kind, share in zip(PERSON_TYPES, visit_shares(venue), strict=True):
        hurried = sale and kind.code == "courier"
        for hour, percent in HOUR_WEIGHTS[kind.code].items():
            is_lull = kind.code == "delivery_rider" and hour in _LULL_HOURS
            median, sigma = LULL if is_lull else STAY_MINUTES[kind.code]
            mu = math.log(median * (_SALE_STAY if hurried else 1))
            for (start, end), closes in open_parts(openings, hour):
                weight = share * percent * (end - start) * (_SALE_COURIERS if hurried else 1)
                slots.append(Slot(kind, hour, start, end, closes, mu, sigma))
                weights.append(weight)
                by_type[kind.code] += weight
    whole = sum(weights) or 1.0
    return Rhythm(
        tuple(slots), tuple(accumulate(weights)), tuple(one / whole for one in by_type.values())
    )
