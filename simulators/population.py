"""The people who measure themselves at a station, drawn at random to fit published surveys.

A person has a usual blood pressure that depends on sex and age and is spread with a mild right
skew. A visit, a season, an hour and a single inflation of the cuff each add to it. Coefficients
were chosen so that the drawn sessions agree with "Hypertension Burden and Control in Mainland
China" (China Hypertension Survey 2012-15, Circulation 2018), China PEACE Million Persons Project
(Lancet 2017;390:2549) and May Measurement Month China 2017-23.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from contract.quantities import DIASTOLIC, PULSE, PULSE_PRESSURE, SYSTOLIC, Range
from contract.screening import classify_blood_pressure
from edge_agent.devices.blood_pressure import BloodPressureReading

SECOND_READING_SHARE = 0.45
"""Share of sessions in which the person measures twice."""


class Sex(StrEnum):
    """Sex as the surveys record it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class PersonType:
    """A kind of visitor; `share` is its part of all visits, ages are years.

    `diabetes` is the share of those who have it, known or not.
    """

    code: str
    share: float
    male: float
    age_mean: float
    age_sd: float
    age_low: int
    age_high: int
    rides: bool
    diabetes: float


PERSON_TYPES: tuple[PersonType, ...] = (
    PersonType("delivery_rider", 0.38, 0.94, 31, 7.5, 18, 55, rides=True, diabetes=0.05),
    PersonType("courier", 0.20, 0.85, 34, 8, 18, 58, rides=True, diabetes=0.06),
    PersonType("sanitation", 0.22, 0.55, 51, 7.5, 25, 65, rides=False, diabetes=0.14),
    PersonType("other_outdoor", 0.12, 0.80, 44, 10, 18, 65, rides=False, diabetes=0.10),
    PersonType("resident_public", 0.08, 0.45, 58, 13, 18, 85, rides=False, diabetes=0.18),
)
"""Who visits. Riders: 92 % male in a national report of 2018 and 95.9 % male, 27.8 ± 8.0 years in
Ningbo (Ningbo riders study, 2026;38(1):93); shares and the other rows are assumptions."""

# Which visitors a venue draws twice as strongly as the city does: an assumption.
_DRAWN_BY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "gas": frozenset({"other_outdoor"}),
        "bank": frozenset({"sanitation", "courier"}),
        "convenience": frozenset({"delivery_rider"}),
        "hub": frozenset({"delivery_rider"}),
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated person; usual pressures are mmHg, `category` is what they truly are."""

    kind: PersonType
    sex: Sex
    age: int
    usual_systolic: float
    usual_diastolic: float

    @property
    def category(self) -> str:
        """The Chinese category of the usual pressure, free of every measuring effect."""
        return classify_blood_pressure(self.usual_systolic, self.usual_diastolic)


class Reading(NamedTuple):
    """What a cuff shows: mmHg, mmHg and beats per minute."""

    systolic: int
    diastolic: int
    pulse: int


class SessionValue(NamedTuple):
    """What a session of one or more readings counts as, unrounded."""

    systolic: float
    diastolic: float
    pulse: float


def seeded(seed: int, *names: str) -> Random:
    """A stream of randomness of its own for every seed and list of names, always the same one."""
    return Random("/".join((str(seed), *names)))


def visit_shares(venue: str | None) -> tuple[float, ...]:
    """The weights of PERSON_TYPES among the visits to a kind of venue, or to the whole city."""
    drawn = _DRAWN_BY.get(venue or "", frozenset())
    return tuple(kind.share * (2 if kind.code in drawn else 1) for kind in PERSON_TYPES)


def draw_person(rng: Random, venue: str | None = None) -> Person:
    """A visitor of a kind of venue, or of the city as a whole."""
    return draw_person_of(rng, rng.choices(PERSON_TYPES, visit_shares(venue))[0])


def draw_person_of(rng: Random, kind: PersonType) -> Person:
    """A visitor of a given type.

    Spread between people: SD 10.5 + 0.13 (age − 20) systolic and 8.3 diastolic, correlated 0.7,
    each shaped as a standardised log-normal.
    """
    sex = Sex.MALE if rng.random() < kind.male else Sex.FEMALE
    age = round(min(max(rng.gauss(kind.age_mean, kind.age_sd), kind.age_low), kind.age_high))
    systolic, diastolic = usual_pressure(sex, age)
    a, b = _correlated(rng, 0.70)
    return Person(
        kind,
        sex,
        age,
        systolic + (10.5 + 0.13 * (age - 20)) * _skewed(a, 0.22),
        diastolic + 8.3 * _skewed(b, 0.10),
    )


def usual_pressure(sex: Sex, age: float) -> tuple[float, float]:
    """Mean usual systolic and diastolic mmHg of people of one sex and age.

    Systolic rises through life, diastolic peaks in the fifties (Emory blood-pressure study,
    arXiv 2402.01598; China National Health Survey 1982-2015).
    """
    older = max(age - 45, 0) ** 2
    if sex is Sex.MALE:
        return (
            119.5 + 0.45 * (age - 30) + 0.008 * older,
            76.0 + 0.36 * min(age - 30, 22) - 0.18 * max(age - 54, 0),
        )
    return (
        109.0 + 0.76 * (age - 30) + 0.004 * older,
        69.5 + 0.34 * min(age - 30, 26) - 0.10 * max(age - 60, 0),
    )


def season_offset(when: date) -> tuple[float, float]:
    """Winter's rise and summer's fall in mmHg: 8/4 from trough to peak, coldest on 20 January.

    The urban amplitude of Lewington et al., J Hypertens 2012;30:1383 (China Kadoorie Biobank).
    """
    systolic = 4 * math.cos(2 * math.pi * (when.timetuple().tm_yday - 20) / 365)
    return systolic, systolic / 2


def hour_offset(hour: int) -> tuple[float, float]:
    """The seated daytime rhythm in mmHg by hour of the day.

    Flattened from ambulatory rhythms (Am J Hypertens 1992;5:386), an assumption for sitters.
    """
    systolic = 2.0 if 8 <= hour <= 10 else 1.0 if 14 <= hour <= 17 else -2.0 if hour >= 21 else 0.0
    return systolic, systolic * 0.6


COLD_SNAP = (2.0, 1.0)
"""What the first days of sudden cold add, in mmHg: an assumption."""


def draw_readings(
    rng: Random, person: Person, when: date, hour: int, *, cold_snap: bool = False
) -> tuple[Reading, ...]:
    """One session of one or two readings on a local day and hour.

    A just-arrived visitor reads +3.0/+1.5 (kiosk cuff against ambulatory pressure, J Am Soc
    Hypertens 2015;9:123) and the first reading another +3/+1 (Swiss pharmacies, May Measurement
    Month 2017-18: +2.8/+0.9). Visits scatter by 7.0/5.0 and readings by 4.0/3.0 (SD).
    """
    a, b = _correlated(rng, 0.6)
    season, daily = season_offset(when), hour_offset(hour)
    systolic = person.usual_systolic + 7.0 * a + season[0] + daily[0] + 3.0
    diastolic = person.usual_diastolic + 5.0 * b + season[1] + daily[1] + 1.5
    if cold_snap:
        systolic, diastolic = systolic + COLD_SNAP[0], diastolic + COLD_SNAP[1]
    pulse = rng.gauss(76 if person.sex is Sex.MALE else 79, 10)
    count = 2 if rng.random() < SECOND_READING_SHARE else 1
    readings = []
    for index in range(count):
        first = index == 0
        c, d = _correlated(rng, 0.5)
        readings.append(
            _shown(
                systolic + 4.0 * c + (3.0 if first else 0.0),
                diastolic + 3.0 * d + (1.0 if first else 0.0),
                pulse + (6.0 if first and person.kind.rides else 0.0),
            )
        )
    return tuple(readings)


def session_value(readings: Sequence[Reading]) -> SessionValue:
    """The mean of all readings but the first, or the only one there is."""
    counted = readings[1:] or readings
    systolic, diastolic, pulse = (
        sum(values) / len(counted) for values in zip(*counted, strict=True)
    )
    return SessionValue(systolic, diastolic, pulse)


def readings(
    rng: Random, now: Callable[[], datetime], venue: str | None = None
) -> Iterator[BloodPressureReading]:
    """What a cuff measures as one visitor after another sits down, without end.

    `now` gives the local time of each session, which decides its season and hour.
    """
    while True:
        moment = now()
        person = draw_person(rng, venue)
        for systolic, diastolic, pulse in draw_readings(rng, person, moment.date(), moment.hour):
            mean = round(diastolic + (systolic - diastolic) / 3)
            yield BloodPressureReading(systolic, diastolic, mean, pulse_bpm=pulse)


def _correlated(rng: Random, correlation: float) -> tuple[float, float]:
    a, b = rng.gauss(0, 1), rng.gauss(0, 1)
    return a, correlation * a + math.sqrt(1 - correlation**2) * b


def _skewed(normal: float, sigma: float) -> float:
    """A standard normal value reshaped to a log-normal of mean 0 and SD 1."""
    mean = math.exp(sigma**2 / 2)
    return (math.exp(sigma * normal) - mean) / (mean * math.sqrt(math.exp(sigma**2) - 1))


def _shown(systolic: float, diastolic: float, pulse: float) -> Reading:
    """Whole numbers that a working cuff can show."""
    upper = _clipped(systolic, SYSTOLIC.plausible)
    gap = Range(upper - PULSE_PRESSURE.high, upper - PULSE_PRESSURE.low)
    lower = _clipped(_clipped(diastolic, DIASTOLIC.plausible), gap)
    return Reading(upper, lower, _clipped(pulse, PULSE.plausible))


def _clipped(value: float, limits: Range) -> int:
    return round(min(max(value, limits.low), limits.high))
