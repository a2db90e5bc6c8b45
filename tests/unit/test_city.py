"""The simulated city has the right stations, and a right number of people come to them."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean, median, pvariance

import pytest

from contract.envelope import is_station_id
from contract.places import DISTRICTS, VENUES
from contract.usage import Level, level
from simulators.city import (
    BEIJING_TIME,
    CODES,
    CityStation,
    Opening,
    largest_remainder,
    stations,
    write_stations_csv,
)
from simulators.population import PERSON_TYPES, seeded
from simulators.rhythms import HOUR_WEIGHTS
from simulators.visits import Stay, stays, usage_windows, visits

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 8)
RIDER = PERSON_TYPES[0]
LUNCH_BREAK = (Opening(510, 660), Opening(810, 1080))

NINETY_SIX = {
    "110101": 5,
    "110102": 6,
    "110105": 10,
    "110106": 8,
    "110107": 4,
    "110108": 10,
    "110109": 4,
    "110111": 6,
    "110112": 7,
    "110113": 6,
    "110114": 8,
    "110115": 7,
    "110116": 4,
    "110117": 4,
    "110118": 4,
    "110119": 3,
}


def station_of(venue: str, *, mean_visits: float = 40.0, seats: int = 4) -> CityStation:
    found = next(one for one in stations(96, seeded(1)) if one.venue == venue)
    hours = LUNCH_BREAK if venue == "community" else found.hours
    return replace(found, mean_visits=mean_visits, seats=seats, hours=hours)


def clock(minute: float) -> int:
    midnight = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=BEIJING_TIME)
    return int((midnight + timedelta(minutes=minute)).timestamp())


def test_ninety_six_stations_are_spread_over_the_districts_by_population() -> None:
    assert Counter(one.district for one in stations(96, seeded(1))) == NINETY_SIX


@pytest.mark.parametrize("count", [1, 16, 31, 32, 240, 3000])
def test_any_number_of_stations_is_spread_with_ids_of_their_own(count: int) -> None:
    city = stations(count, seeded(2))
    assert len({one.id for one in city}) == count
    assert all(is_station_id(one.id) for one in city)
    assert all(one.id.startswith(f"BJ-{CODES[one.district]}-") for one in city)


def test_every_district_has_a_code_of_its_own() -> None:
    assert set(CODES) == set(DISTRICTS)
    assert len(set(CODES.values())) == 16


def test_the_venues_have_their_shares_of_the_stations() -> None:
    shares = Counter(one.venue for one in stations(1000, seeded(3)))
    assert shares == {
        "convenience": 280,
        "community": 220,
        "bank": 180,
        "supermarket": 100,
        "gas": 100,
        "hub": 80,
        "pharmacy": 40,
    }
    assert set(shares) == set(VENUES)


def test_the_same_seed_builds_the_same_city() -> None:
    assert stations(96, seeded(4)) == stations(96, seeded(4))
    assert stations(96, seeded(4)) != stations(96, seeded(5))


def test_a_station_is_named_in_both_languages() -> None:
    station = next(one for one in stations(96, seeded(1)) if one.id == "BJ-CY-010")
    kind = VENUES[station.venue]
    assert station.name.zh == f"朝阳区{kind.zh}暖心驿站 010"
    assert station.name.en == f"Chaoyang {kind.en.lower()} station 010"
    fuel = next(one for one in stations(96, seeded(1)) if one.venue == "gas")
    assert fuel.name.en == f"{DISTRICTS[fuel.district].name.en} petrol station {fuel.id[-3:]}"


def test_the_largest_remainders_are_rounded_up() -> None:
    assert largest_remainder(10, {"a": 1, "b": 1, "c": 1.1}) == {"a": 3, "b": 3, "c": 4}
    assert sum(largest_remainder(97, dict.fromkeys("abcdefg", 1)).values()) == 97


def test_the_list_of_stations_is_written_as_csv(tmp_path: Path) -> None:
    city = stations(96, seeded(1))
    write_stations_csv(tmp_path / "stations.csv", city)
    with (tmp_path / "stations.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["id", "name_zh", "name_en", "district", "venue", "seats"]
    assert len(lines) == 96
    assert lines[11] == {
        "id": city[11].id,
        "name_zh": city[11].name.zh,
        "name_en": city[11].name.en,
        "district": city[11].district,
        "venue": city[11].venue,
        "seats": str(city[11].seats),
    }


def test_daily_visits_scatter_more_than_by_pure_chance() -> None:
    hub = station_of("hub")
    rng = seeded(6)
    totals = [sum(visits(rng, hub, MONDAY).values()) for _ in range(4_000)]
    assert fmean(totals) == pytest.approx(40, abs=1)
    assert pvariance(totals) == pytest.approx(40 + 40**2 / 6, rel=0.08)


def test_weekends_are_quieter_and_banks_close_on_sunday() -> None:
    rng = seeded(7)
    bank = station_of("bank", mean_visits=10.0)
    saturday = [sum(visits(rng, bank, SUNDAY - timedelta(1)).values()) for _ in range(2_000)]
    assert fmean(saturday) == pytest.approx(6, abs=0.4)
    assert visits(rng, bank, SUNDAY) == {}
    assert usage_windows(bank, SUNDAY, stays(rng, bank, SUNDAY)) == ()


def test_visits_follow_the_hours_of_a_venues_visitors_cut_to_the_opening_times() -> None:
    rng = seeded(8)
    hub = station_of("hub")
    hours: Counter[int] = Counter()
    for _ in range(1_000):
        hours.update(visits(rng, hub, MONDAY))
    assert set(hours) == set(range(7, 21))
    weights = {  # a hub draws twice as many riders as the city
        hour: sum(
            kind.share * (2 if kind is RIDER else 1) * HOUR_WEIGHTS[kind.code][hour]
            for kind in PERSON_TYPES
        )
        for hour in range(7, 21)
    }
    for hour in (7, 12, 15, 18):
        expected = weights[hour] / sum(weights.values())
        assert hours[hour] / hours.total() == pytest.approx(expected, rel=0.08)


def test_nobody_comes_or_stays_while_a_centre_is_closed_for_lunch() -> None:
    rng = seeded(9)
    centre = station_of("community", mean_visits=30.0)
    for _ in range(100):
        for stay in stays(rng, centre, MONDAY):
            assert any(
                opens <= stay.arrive <= stay.leave <= closes for opens, closes in centre.hours
            )
    starts = [window.start for window in usage_windows(centre, MONDAY, ())]
    assert starts == [clock(minute) for minute in (*range(510, 660, 15), *range(810, 1080, 15))]


def test_riders_rest_longer_in_their_afternoon_lull() -> None:
    rng = seeded(10)
    hub = station_of("hub")
    lull: list[float] = []
    other: list[float] = []
    for _ in range(300):
        for arrive, leave, kind in stays(rng, hub, MONDAY):
            if kind is RIDER:
                (lull if 14 * 60 <= arrive < 17 * 60 else other).append(leave - arrive)
    assert median(lull) == pytest.approx(22, rel=0.1)
    assert median(other) == pytest.approx(9, rel=0.1)


def test_windows_tell_who_came_and_how_full_it_was() -> None:
    shop = station_of("hub", seats=2)
    people = (Stay(421, 433, RIDER), Stay(425, 440, RIDER), Stay(430, 431, RIDER))
    first, second, third, *_ = usage_windows(shop, MONDAY, people)
    assert first.model_dump() == {
        "start": clock(420),
        "entries": 3,
        "occupied": 14.0,
        "mean": 1.53,  # (12 + 10 + 1) of 15 minutes
        "peak": 3,
        "level": Level.FULL,
    }
    assert (second.entries, second.occupied, second.mean, second.peak) == (0, 5.0, 0.33, 1)
    assert third.model_dump() == {
        "start": clock(450),
        "entries": 0,
        "occupied": 0.0,
        "mean": 0.0,
        "peak": 0,
        "level": Level.FREE,
    }


def test_no_visit_and_no_minute_is_lost_between_windows() -> None:
    rng = seeded(11)
    hub = station_of("hub")
    people = stays(rng, hub, MONDAY)
    windows = usage_windows(hub, MONDAY, people)
    assert len(windows) == (1260 - 420) // 15
    assert sum(window.entries or 0 for window in windows) == len(people)
    minutes = sum(stay.leave - stay.arrive for stay in people)
    assert sum((window.mean or 0) * 15 for window in windows) == pytest.approx(minutes, abs=5)


def test_the_present_window_grows_until_its_quarter_is_over() -> None:
    hub = station_of("hub", seats=4)
    people = (Stay(421, 433, RIDER), Stay(428, 440, RIDER))
    assert usage_windows(hub, MONDAY, people, until=420) == ()
    (early,) = usage_windows(hub, MONDAY, people, until=425)
    assert (early.entries, early.occupied, early.mean, early.peak) == (1, 4.0, 0.8, 1)
    (later,) = usage_windows(hub, MONDAY, people, until=430)
    assert (later.entries, later.peak) == (2, 2)
    both = usage_windows(hub, MONDAY, people, until=450)
    assert both == usage_windows(hub, MONDAY, people)[:2]


@pytest.mark.parametrize(
    ("peak", "seats", "expected"),
    [
        (0, 3, Level.FREE),
        (1, 3, Level.SOME),
        (2, 3, Level.BUSY),
        (3, 3, Level.FULL),
        (4, 3, Level.FULL),
        (5, 20, Level.FREE),
        (6, 20, Level.SOME),
        (10, 20, Level.SOME),
        (11, 20, Level.BUSY),
    ],
)
def test_a_station_looks_full_when_its_seats_are_taken(
    peak: int, seats: int, expected: Level
) -> None:
    assert level(peak, seats) is expected
