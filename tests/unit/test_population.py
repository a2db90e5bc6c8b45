"""The simulated people are the same for the same seed and fit the figures they were built for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from statistics import fmean, pstdev, quantiles

import pytest

from contract.screening import CHINESE_CATEGORIES, HYPERTENSIVE, classify_blood_pressure
from simulators.population import (
    PERSON_TYPES,
    PersonType,
    Reading,
    Sex,
    draw_person,
    draw_person_of,
    draw_readings,
    hour_offset,
    readings,
    season_offset,
    seeded,
    session_value,
    usual_pressure,
)

SPRING = date(2026, 4, 21)  # the season's offset is nil, and so is the hour's at noon
NOON = 12
SESSIONS_OF_A_TYPE = 8_000

# By type: mean and SD of the first reading, systolic then diastolic; percent at or above 140/90
# mmHg by usual pressure, by first reading and by the mean of two readings.
CALIBRATION = {
    "delivery_rider": ((125.4, 15.1), (78.5, 10.6), 9.9, 23.5, 20.2),
    "courier": ((126.0, 15.7), (79.0, 10.8), 11.7, 25.4, 22.1),
    "sanitation": ((133.6, 17.5), (82.1, 10.7), 24.2, 41.3, 37.3),
    "other_outdoor": ((130.9, 17.1), (81.8, 10.9), 20.1, 36.5, 32.6),
    "resident_public": ((138.9, 20.4), (81.3, 10.6), 34.1, 49.8, 46.3),
}


def percent_high(pressures: Sequence[tuple[float, float]]) -> float:
    return 100 * fmean(classify_blood_pressure(*pair) in HYPERTENSIVE for pair in pressures)


def mean_of_two(first: Reading, second: Reading) -> tuple[float, float]:
    return fmean((first.systolic, second.systolic)), fmean((first.diastolic, second.diastolic))


def percentiles(values: Iterable[float]) -> list[float]:
    hundredths = quantiles(values, n=100)
    return [hundredths[percent - 1] for percent in (5, 10, 25, 50, 75, 90, 95, 99)]


def visitors_means_of_two(seed: int, when: date, sessions: int) -> list[tuple[float, float]]:
    rng = seeded(seed)
    drawn = (draw_readings(rng, draw_person(rng), when, NOON) for _ in range(sessions))
    return [mean_of_two(*both) for both in drawn if len(both) == 2]


def test_the_same_seed_gives_the_same_people_bit_for_bit() -> None:
    def life(seed: int) -> list[object]:
        rng = seeded(seed, "BJ-CY-001")
        people = [draw_person(rng, "bank") for _ in range(200)]
        return [(person, draw_readings(rng, person, SPRING, NOON)) for person in people]

    assert life(7) == life(7)
    assert life(7) != life(8)
    assert seeded(7, "a").random() != seeded(7, "b").random()


@pytest.mark.parametrize("kind", PERSON_TYPES, ids=lambda kind: kind.code)
def test_each_type_of_visitor_measures_as_calibrated(kind: PersonType) -> None:
    rng = seeded(1, kind.code)
    people = [draw_person_of(rng, kind) for _ in range(SESSIONS_OF_A_TYPE)]
    sessions = [draw_readings(rng, person, SPRING, NOON) for person in people]
    first = [session[0] for session in sessions]
    twice = [mean_of_two(*session) for session in sessions if len(session) == 2]

    systolic, diastolic, usual_high, first_high, twice_high = CALIBRATION[kind.code]
    assert fmean(reading.systolic for reading in first) == pytest.approx(systolic[0], abs=0.6)
    assert pstdev([reading.systolic for reading in first]) == pytest.approx(systolic[1], abs=0.5)
    assert fmean(reading.diastolic for reading in first) == pytest.approx(diastolic[0], abs=0.4)
    assert pstdev([reading.diastolic for reading in first]) == pytest.approx(diastolic[1], abs=0.4)
    usual = [(person.usual_systolic, person.usual_diastolic) for person in people]
    assert percent_high(usual) == pytest.approx(usual_high, abs=1.5)
    assert percent_high([reading[:2] for reading in first]) == pytest.approx(first_high, abs=1.8)
    assert percent_high(twice) == pytest.approx(twice_high, abs=2.5)


def test_the_city_as_a_whole_falls_into_the_calibrated_classes() -> None:
    means = visitors_means_of_two(2, SPRING, 40_000)
    classes = Counter(classify_blood_pressure(*pair) for pair in means)
    percent = [100 * classes[name] / len(means) for name in CHINESE_CATEGORIES]
    assert percent == pytest.approx([28.5, 43.6, 21.8, 5.2, 0.9], abs=1.0)
    # The 5th, 10th, 25th, 50th, 75th, 90th, 95th and 99th percentiles show the skew.
    assert percentiles(systolic for systolic, _ in means) == pytest.approx(
        [103, 108, 116, 126, 138, 150, 158, 175], abs=1.2
    )
    assert percentiles(diastolic for _, diastolic in means) == pytest.approx(
        [63, 66, 72, 80, 87, 94, 98, 105], abs=1.2
    )


def test_winter_raises_and_summer_lowers_the_share_of_high_sessions() -> None:
    january = percent_high(visitors_means_of_two(3, date(2026, 1, 15), 25_000))
    july = percent_high(visitors_means_of_two(3, date(2026, 7, 15), 25_000))
    assert january == pytest.approx(35.4, abs=1.2)
    assert july == pytest.approx(21.2, abs=1.2)


def test_the_season_swings_by_eight_and_four_millimetres() -> None:
    coldest, warmest = season_offset(date(2026, 1, 20)), season_offset(date(2026, 7, 21))
    assert coldest == (4.0, 2.0)
    assert warmest == pytest.approx((-4.0, -2.0), abs=0.01)
    assert season_offset(SPRING) == pytest.approx((0, 0), abs=0.05)


def test_mornings_read_higher_than_late_evenings() -> None:
    assert [hour_offset(hour)[0] for hour in (7, 9, 12, 15, 19, 22)] == [0, 2, 0, 1, 0, -2]
    assert hour_offset(9)[1] == pytest.approx(1.2)


def test_usual_pressure_follows_sex_and_age() -> None:
    assert usual_pressure(Sex.MALE, 30) == (119.5, 76.0)
    assert usual_pressure(Sex.MALE, 65) == pytest.approx((138.45, 81.94))
    assert usual_pressure(Sex.FEMALE, 30) == (109.0, 69.5)
    assert usual_pressure(Sex.FEMALE, 65) == pytest.approx((137.2, 77.84))


def test_nearly_half_of_the_sessions_have_a_second_and_lower_reading() -> None:
    rng = seeded(4)
    sessions = [draw_readings(rng, draw_person(rng), SPRING, NOON) for _ in range(8_000)]
    twice = [session for session in sessions if len(session) == 2]
    assert len(twice) / len(sessions) == pytest.approx(0.45, abs=0.02)
    assert fmean(a.systolic - b.systolic for a, b in twice) == pytest.approx(3.0, abs=0.3)
    assert fmean(a.diastolic - b.diastolic for a, b in twice) == pytest.approx(1.0, abs=0.3)


def test_a_riders_pulse_is_faster_on_the_first_reading_only() -> None:
    rng = seeded(5)

    def mean_drop(kind: PersonType) -> float:
        people = [draw_person_of(rng, kind) for _ in range(2_000)]
        sessions = [draw_readings(rng, person, SPRING, NOON) for person in people]
        return fmean(s[0].pulse - s[1].pulse for s in sessions if len(s) == 2)

    rider, sweeper = PERSON_TYPES[0], PERSON_TYPES[2]
    assert mean_drop(rider) == pytest.approx(6.0, abs=0.1)
    assert mean_drop(sweeper) == pytest.approx(0.0, abs=0.1)


def test_a_session_counts_without_its_first_reading() -> None:
    assert session_value((Reading(142, 91, 80),)) == (142, 91, 80)
    assert session_value((Reading(188, 112, 90), Reading(176, 104, 80))) == (176, 104, 80)
    three = (Reading(142, 91, 80), Reading(136, 87, 72), Reading(134, 86, 71))
    assert session_value(three) == (135, 86.5, 71.5)


def test_a_person_is_what_the_usual_pressure_says_and_not_what_the_cuff_says() -> None:
    person = draw_person(seeded(6))
    expected = classify_blood_pressure(person.usual_systolic, person.usual_diastolic)
    assert person.category == expected


@pytest.mark.parametrize(
    ("venue", "code", "share"),
    [
        (None, "delivery_rider", 0.38),
        ("gas", "other_outdoor", 0.24 / 1.12),
        ("bank", "sanitation", 0.44 / 1.42),
        ("hub", "delivery_rider", 0.76 / 1.38),
    ],
)
def test_a_venue_draws_its_own_visitors(venue: str | None, code: str, share: float) -> None:
    rng = seeded(7)
    drawn = Counter(draw_person(rng, venue).kind.code for _ in range(4_000))
    assert drawn[code] / 4_000 == pytest.approx(share, abs=0.025)


def test_a_cuff_measures_one_visitor_after_another() -> None:
    noon = datetime(2026, 4, 21, NOON, tzinfo=UTC)
    measured = list(islice(readings(seeded(8), lambda: noon), 500))
    assert measured == list(islice(readings(seeded(8), lambda: noon), 500))
    for reading in measured:
        assert reading.systolic_mmhg is not None
        assert reading.diastolic_mmhg is not None
        assert reading.mean_arterial_mmhg is not None
        assert reading.diastolic_mmhg < reading.mean_arterial_mmhg < reading.systolic_mmhg
        assert reading.device_time is None
    assert fmean(reading.systolic_mmhg or 0 for reading in measured) == pytest.approx(128, abs=4)
