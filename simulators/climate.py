"""Beijing's weather of any day: the same for the same seed, and for the whole city.

The months' mean temperatures are Beijing's. How a day departs from them, fronts, the span of a day
and rain are assumptions, chosen so that 8 to 15 days of a year reach 35 °C as they do.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from simulators.population import seeded

MONTHLY_MEANS = (-3.0, 0.0, 8.0, 15.0, 21.0, 25.0, 27.0, 26.0, 21.0, 13.0, 5.0, -1.0)
"""Mean temperature of each month in °C."""

SNAP_DROP = 8.0
"""A day whose mean is so many °C below that of the day before begins a cold snap."""

# Share of days with steady rain (or snow) by month.
_WET = (0.03, 0.04, 0.06, 0.08, 0.10, 0.15, 0.22, 0.20, 0.12, 0.08, 0.06, 0.03)

_MEMORY = tuple(0.7**age for age in range(7))  # how long a warm or cold spell is felt
_SPELL_SD = 2.6 / sum(weight**2 for weight in _MEMORY) ** 0.5
_FRONT_MONTHS = frozenset({10, 11, 12, 1, 2, 3, 4})
_FRONT_CHANCE = 0.025
_FRONT_DROP = (9.0, 13.0)
_FRONT_FADES = (1.0, 0.8, 0.6, 0.4, 0.2)
# What the fronts take away in a mean day, given back so that the months keep their means.
_FRONTS_MEAN = _FRONT_CHANCE * sum(_FRONT_DROP) / 2 * sum(_FRONT_FADES)
# At a month's middle the year is a little further out than its mean, or the months between two of
# those points would be too mild.
_MIDDLES = tuple(
    mean + (2 * mean - MONTHLY_MEANS[month - 1] - MONTHLY_MEANS[(month + 1) % 12]) / 7
    for month, mean in enumerate(MONTHLY_MEANS)
)
_HALF_SPAN, _SPAN_SD = 5.5, 1.5
_SNAP_DAYS = 3
_CACHED_DAYS = 4096


class Weather(NamedTuple):
    """One day of the city: temperatures in °C, steady rain, and whether a cold snap has begun.

    `cold_snap` is true on the first three days of one.
    """

    mean: float
    low: float
    high: float
    is_wet: bool
    cold_snap: bool

    @property
    def is_extreme(self) -> bool:
        """Whether people flee the street: 35 °C and more, or -8 °C and less."""
        return self.high >= 35 or self.low <= -8


class _Chance(NamedTuple):
    """What is drawn for a day, before the days before it have their say."""

    spell: float
    front: float
    below: float
    above: float
    is_wet: bool


@lru_cache(_CACHED_DAYS)
def weather(seed: int, day: date) -> Weather:
    """The weather of a day; it does not matter which days were asked for before."""
    mean, chance = mean_temperature(seed, day), _chance(seed, day)
    means = [mean_temperature(seed, day - timedelta(age)) for age in range(_SNAP_DAYS + 1)]
    return Weather(
        mean,
        mean - chance.below,
        mean + chance.above,
        chance.is_wet,
        any(means[age + 1] - means[age] >= SNAP_DROP for age in range(_SNAP_DAYS)),
    )


@lru_cache(_CACHED_DAYS)
def mean_temperature(seed: int, day: date) -> float:
    """The mean temperature of a day in °C."""
    spell = sum(
        weight * _chance(seed, day - timedelta(age)).spell for age, weight in enumerate(_MEMORY)
    )
    front = max(
        faded * _chance(seed, day - timedelta(age)).front for age, faded in enumerate(_FRONT_FADES)
    )
    given_back = _FRONTS_MEAN if day.month in _FRONT_MONTHS else 0.0
    return normal_temperature(day) + spell - front + given_back


def normal_temperature(day: date) -> float:
    """The usual temperature of a day: on the line between the middles of the two nearest months."""
    middle = day.replace(day=15)
    other = middle + timedelta(30 if day >= middle else -30)
    part = abs((day - middle).days) / 30
    return (1 - part) * _MIDDLES[day.month - 1] + part * _MIDDLES[other.month - 1]


@lru_cache(_CACHED_DAYS)
def _chance(seed: int, day: date) -> _Chance:
    rng = seeded(seed, "weather", day.isoformat())
    front = rng.random() < _FRONT_CHANCE and day.month in _FRONT_MONTHS
    return _Chance(
        rng.gauss(0, _SPELL_SD),
        rng.uniform(*_FRONT_DROP) if front else 0.0,
        max(1.0, rng.gauss(_HALF_SPAN, _SPAN_SD)),
        max(1.0, rng.gauss(_HALF_SPAN, _SPAN_SD)),
        rng.random() < _WET[day.month - 1],
    )
