"""The simulated city: rest stations spread over Beijing's districts and kinds of venue."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from contract.places import DISTRICTS, VENUES, Name

BEIJING_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Local time of every station; China keeps no summer time."""

CODES: Mapping[str, str] = MappingProxyType(
    {
        "110101": "DC",
        "110102": "XC",
        "110105": "CY",
        "110106": "FT",
        "110107": "SJ",
        "110108": "HD",
        "110109": "MT",
        "110111": "FS",
        "110112": "TZ",
        "110113": "SY",
        "110114": "CP",
        "110115": "DX",
        "110116": "HR",
        "110117": "PG",
        "110118": "MY",
        "110119": "YQ",
    }
)
"""Two pinyin initials of each district, by adcode; no two districts share a pair."""

_EVERY_DAY = (1.0, 1.0, 1.0, 1.0, 1.0, 0.95, 0.90)
_NOT_ON_SUNDAY = (1.0, 1.0, 1.0, 1.0, 1.0, 0.95, 0.0)
_WORKING_DAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
_BANKING_DAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.60, 0.0)

# How stations of one kind differ in size and in visitors: assumptions.
_SEATS_FACTOR = (0.7, 1.3)
_VISITS_SIGMA = 0.3


class Opening(NamedTuple):
    """One stretch of opening time, in minutes from local midnight, on quarters of an hour."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class _Venue:
    """What stations of one kind of venue have in common; `share` is their part of all stations."""

    share: float
    hours: tuple[Opening, ...]
    weekdays: tuple[float, ...]
    seats: int
    visits: float
    uptake: float
    glucose: float = 0.0


# One visit in so many has its glucose tested where somebody of the staff is there to help: an
# assumption. Elsewhere nobody is pricked.
_STAFFED = 0.012

# Hours and seats follow press portraits of single stations (Workers' Daily, 2021-01-26: a shop of
# ten square metres with three chairs). The mean of 16.3 visits a day lies between the national
# averages of 2024 and 2023, 12.4 and 17.8. Shares, factors and uptake are assumptions.
_VENUES: Mapping[str, _Venue] = MappingProxyType(
    {
        "convenience": _Venue(0.28, (Opening(420, 1350),), _EVERY_DAY, 3, 15, 0.08),
        "supermarket": _Venue(0.10, (Opening(480, 1290),), _EVERY_DAY, 6, 18, 0.08),
        "bank": _Venue(0.18, (Opening(540, 1020),), _BANKING_DAYS, 6, 10, 0.08),
        "gas": _Venue(0.10, (Opening(0, 1440),), _EVERY_DAY, 4, 12, 0.04),
        "community": _Venue(0.22, (Opening(510, 1080),), _NOT_ON_SUNDAY, 10, 15, 0.10, _STAFFED),
        "hub": _Venue(0.08, (Opening(420, 1260),), _EVERY_DAY, 20, 40, 0.12, _STAFFED),
        "pharmacy": _Venue(0.04, (Opening(480, 1320),), _EVERY_DAY, 4, 20, 0.08, _STAFFED),
    }
)

# Some stations keep other hours than their kind: shops open at six, centres close over noon.
_OTHER_HOURS: Mapping[str, tuple[Opening, ...]] = MappingProxyType(
    {
        "convenience": (Opening(360, 1350),),
        "community": (Opening(510, 660), Opening(810, 1080)),
    }
)
_OTHER_HOURS_SHARE = 0.15
_WEEKDAYS_ONLY_SHARE = 0.10  # of the centres; Shanghai has such stations


@dataclass(frozen=True, slots=True)
class CityStation:
    """A station: where it is, when it opens, and how it is used.

    `district` is an adcode and `venue` a code of `contract.places`. `weekdays` holds, from Monday,
    a factor of `mean_visits` a day that is 0 when the station is closed. `uptake` is the share of
    visits with a blood-pressure session, `glucose` that with a glucose test.
    """

    id: str
    name: Name
    district: str
    venue: str
    seats: int
    hours: tuple[Opening, ...]
    weekdays: tuple[float, ...]
    mean_visits: float
    uptake: float
    glucose: float = 0.0

    def opening(self, day: date) -> tuple[Opening, ...]:
        """The opening times of one day, in order; none when closed."""
        return self.hours if self.weekdays[day.weekday()] else ()


def largest_remainder(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """`total` whole things shared out by weight, the largest remainders rounded up."""
    whole = sum(weights.values())
    exact = {key: total * weight / whole for key, weight in weights.items()}
    shares = {key: int(value) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: shares[key] - exact[key])
    for key in by_remainder[: total - sum(shares.values())]:
        shares[key] += 1
    return shares


def stations(count: int, rng: Random) -> tuple[CityStation, ...]:
    """`count` stations: two in each district, the others by population to the power 0.75.

    Fewer than 32 stations are all shared out by that weight.
    """
    weights = {adcode: district.population**0.75 for adcode, district in DISTRICTS.items()}
    each = 2 if count >= 2 * len(DISTRICTS) else 0
    numbers = largest_remainder(count - each * len(DISTRICTS), weights)
    kinds = largest_remainder(count, {code: venue.share for code, venue in _VENUES.items()})
    venues = [code for code, number in kinds.items() for _ in range(number)]
    rng.shuffle(venues)
    places = [
        (adcode, number)
        for adcode, others in numbers.items()
        for number in range(1, each + others + 1)
    ]
    return tuple(
        _station(rng, adcode, number, venue)
        for (adcode, number), venue in zip(places, venues, strict=True)
    )


def write_stations_csv(path: Path, stations: Iterable[CityStation]) -> None:
    """Write the list of stations as UTF-8 with a header line, one station a line."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("id", "name_zh", "name_en", "district", "venue", "seats"))
        for station in stations:
            names = (station.name.zh, station.name.en)
            lines.writerow((station.id, *names, station.district, station.venue, station.seats))


def _station(rng: Random, adcode: str, number: int, code: str) -> CityStation:
    venue = _VENUES[code]
    district, kind = DISTRICTS[adcode].name, VENUES[code]
    other = _OTHER_HOURS.get(code)
    habit = rng.random()
    keeps_other_hours = habit < _OTHER_HOURS_SHARE
    rests_on_weekends = code == "community" and habit >= 1 - _WEEKDAYS_ONLY_SHARE
    return CityStation(
        id=f"BJ-{CODES[adcode]}-{number:03d}",
        name=Name(
            f"{district.zh}{kind.zh}暖心驿站 {number:03d}",
            f"{district.en} {kind.en.lower().removesuffix(' station')} station {number:03d}",
        ),
        district=adcode,
        venue=code,
        seats=max(2, round(venue.seats * rng.uniform(*_SEATS_FACTOR))),
        hours=other if other and keeps_other_hours else venue.hours,
        weekdays=_WORKING_DAYS if rests_on_weekends else venue.weekdays,
        mean_visits=venue.visits * rng.lognormvariate(-(_VISITS_SIGMA**2) / 2, _VISITS_SIGMA),
        uptake=venue.uptake,
        glucose=venue.glucose,
    )
