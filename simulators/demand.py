"""How holidays, sales and the weather of a day change how many people come, and who."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from simulators.climate import Weather

_SPRING_FESTIVALS: Mapping[int, tuple[int, int]] = MappingProxyType(
    {
        2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29),
        2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23),
        2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
    }
)  # fmt: skip
"""Month and day of the lunar new year; a year that is not here has no Spring Festival."""

_SPRING_FESTIVAL = 0.35
_NATIONAL_DAY = 0.7
_EXTREME = 1.25
_WET = 0.9

_SALES = ((6, 18), (11, 11))
_SALE_DAYS = 2  # around each


def holiday_factor(day: date) -> float:
    """0.35 in the seven days from Spring Festival's eve, 0.7 from 1 to 7 October, else 1.

    Assumptions: workers go home for the first, and fewer do for the second.
    """
    if day.month == 10 and day.day <= 7:
        return _NATIONAL_DAY
    if day.year in _SPRING_FESTIVALS:
        eve = date(day.year, *_SPRING_FESTIVALS[day.year]) - timedelta(1)
        if 0 <= (day - eve).days < 7:
            return _SPRING_FESTIVAL
    return 1.0


def demand(day: date, weather: Weather) -> float:
    """The factor of a station's usual visits on a day.

    Heat from 35 °C and frost from -8 °C drive people in (1.25), steady rain keeps them away (0.9):
    assumptions.
    """
    factor = holiday_factor(day)
    if weather.is_extreme:
        factor *= _EXTREME
    return factor * _WET if weather.is_wet else factor


def is_sale(day: date) -> bool:
    """Whether couriers carry the parcels of the sales of 18 June or 11 November."""
    return any(
        abs((day - date(day.year, month, first)).days) <= _SALE_DAYS for month, first in _SALES
    )
