"""The ranking of stations, by value: who is in it, in which order, and what is not told."""

import pytest

from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest.ranking import RANKS, Standing, ranking_points, standing
from ingest.store.fleet import Point
from ingest.usage import DAY_SECONDS, Hour, Kind

DAY = 1_770_307_200
AREAS = (CITY_ADCODE, "110105", "bank")
NOBODY = {"station": "", "entries": 0, "stay": -1.0, "full_percent": -1}


def day(number: int, entries: int | None, *, mean: bool = True, levels: int = 10) -> Hour:
    return Hour(
        Kind.STATION_DAY, "S1", DAY + number * DAY_SECONDS, "110105", "bank",
        stations=1, windows=40, in_hours=40, entries=entries, occupied=1.0,
        mean_sum=20.0 if mean else 0.0, mean_windows=40 if mean else 0, peak=3, full=levels // 4,
        levels=levels, stay=90.0 if mean else 0.0, stay_entries=entries or 0 if mean else 0,
    )  # fmt: skip


def placed(name: str, entries: int, areas: tuple[str, ...] = AREAS) -> Standing:
    return Standing(name, areas, entries, 20.5, 7)


def ranked(points: list[Point], area: str) -> list[tuple[str, object]]:
    """The ranks and stations of an area, without ranks of nobody."""
    return [
        (one.tags["rank"], one.fields["station"])
        for one in points
        if one.tags["area"] == area and one.fields["station"]
    ]


def test_a_standing_is_made_of_all_days_and_rounded() -> None:
    found = standing("S1", AREAS, [day(number, 6) for number in range(7)])
    assert found == Standing("S1", AREAS, 40, 15.0, 20)


@pytest.mark.parametrize(("entries", "expected"), [(7, None), (8, 10), (0, None), (None, None)])
def test_a_station_of_almost_no_entries_has_no_rank(
    entries: int | None, expected: int | None
) -> None:
    found = standing("S1", AREAS, [day(0, entries)])
    assert (found and found.entries) == expected


def test_what_is_too_little_or_not_told_is_not_known() -> None:
    assert standing("S1", AREAS, [day(0, 90, levels=0)]) == Standing("S1", AREAS, 90, None, None)
    (point, *_) = ranking_points([Standing("S1", AREAS, 90, None, None)], DAY)
    assert point.fields == {"station": "S1", "entries": 90, "stay": -1.0, "full_percent": -1}
    assert isinstance(point.fields["stay"], float), "InfluxDB refuses a field of another type"


def test_every_rank_of_every_area_has_a_point_of_the_day() -> None:
    points = list(ranking_points([placed("S1", 40)], DAY))
    assert len(points) == (1 + len(DISTRICTS) + len(VENUES)) * RANKS
    assert len({(one.tags["area"], one.tags["rank"]) for one in points}) == len(points)
    assert {(one.measurement, one.time) for one in points} == {("ranking", DAY)}
    assert [one.fields for one in points if not one.fields["station"]] == [NOBODY] * (
        len(points) - 3
    )


def test_the_most_come_first_and_equals_in_the_order_of_their_names() -> None:
    found = [placed("S2", 40), placed("S9", 95), placed("S1", 40)]
    points = list(ranking_points(found, DAY))
    for area in AREAS:
        assert ranked(points, area) == [("01", "S9"), ("02", "S1"), ("03", "S2")]
    assert ranked(points, "110101") == []


def test_an_area_ranks_its_own_stations_and_no_more_than_there_are_ranks() -> None:
    many = [placed(f"S{number:02d}", 500 - 5 * number) for number in range(30)]
    points = list(ranking_points([*many, placed("T", 5, (CITY_ADCODE, "110101", "hub"))], DAY))
    assert [name for _, name in ranked(points, CITY_ADCODE)] == [
        f"S{number:02d}" for number in range(RANKS)
    ]
    assert ranked(points, "hub") == [("01", "T")]
    assert [rank for rank, _ in ranked(points, "bank")] == [f"{one:02d}" for one in range(1, 21)]
