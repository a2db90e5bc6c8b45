"""What the page says in words and rows, from what ingest answered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.web import panels, screening_panels, views
from dashboard.web.answers import Overview, Station, StationList, Trend, WeekProfile
from dashboard.web.texts import EN, ZH
from tests.fake_ingest import example_overview, example_profile, example_stations
from tests.fake_trends import example_trend

OVERVIEW = Overview.model_validate(example_overview())
STATIONS = StationList.model_validate(example_stations()).stations
TREND = Trend.model_validate(example_trend())
PROFILE = WeekProfile.model_validate(example_profile())
BALANCED = tuple(s for s in STATIONS if s.ledger is not None and s.ledger.balanced)


def tile(stations: tuple[Station, ...] | None, label: str) -> views.Tile:
    """One tile of the strip, by its label."""
    return next(t for t in views.city_now(OVERVIEW, stations, EN) if t.label == label)


def test_the_ledger_light_is_green_only_if_every_ledger_balances() -> None:
    assert (tile(BALANCED, "Ledger").tone, tile(BALANCED, "Ledger").value) == (
        "good",
        "All balanced",
    )
    light = tile(STATIONS, "Ledger")
    assert (light.tone, light.value, light.note) == ("warn", "1 not balanced", "BJ-SH-160")


def test_the_ledger_light_is_not_green_when_nobody_has_reported() -> None:
    silent = tuple(s.model_copy(update={"ledger": None}) for s in STATIONS)
    for unknown in (None, (), silent):
        assert tile(unknown, "Ledger").tone == "plain"


def test_the_ledger_light_names_three_stations_and_says_that_there_are_more() -> None:
    wrong = next(s for s in STATIONS if s.id == "BJ-SH-160")
    many = tuple(wrong.model_copy(update={"id": f"S-{n}"}) for n in range(5))
    assert tile(many, "Ledger").value == "5 not balanced"
    assert tile(many, "Ledger").note == "S-0, S-1, S-2 …"


def test_an_open_week_with_few_sessions_says_only_that() -> None:
    assert OVERVIEW.open_window is not None
    week = OVERVIEW.open_window.model_copy(update={"sessions": None})
    overview = OVERVIEW.model_copy(update={"open_window": week})
    assert views.city_now(overview, STATIONS, EN)[-1].value == "under 20"
    assert views.city_now(OVERVIEW, STATIONS, EN)[-1] == views.Tile(
        "Sessions this week", "≈ 1,250", "2026-W47, released from 24 Nov"
    )


def test_a_city_whose_databases_are_away_shows_what_is_known_and_what_is_wrong() -> None:
    nothing = {
        "stations": {"registered": None, "online": None},
        "messages": {"stored": None, "quarantined": None, "last_stored_at": None},
        "open_window": None,
        "problems": [
            {"code": "not_storing", "since": "2026-11-22T03:41:00Z"},
            {"code": "radio_deaf", "count": 1200},
            {"code": "of_a_later_version"},
        ],
    }
    overview = Overview.model_validate(example_overview() | nothing)
    assert views.problems(overview, EN) == [
        "Nothing has been stored since 11:41: a database does not take it."
        " Stations keep their data and send it again",
        "Stations whose Bluetooth hears nothing: 1,200",
        "Unknown problem: of_a_later_version",
    ]
    assert views.problems(overview, ZH)[1] == "蓝牙收不到信号的站点：1,200 个"
    tiles = views.city_now(overview, None, EN)
    assert {(tile.value, tile.note) for tile in tiles} == {("–", EN.section_unavailable)}
    empty = TREND.model_copy(update={"windows": ()})
    assert screening_panels.blood_pressure(overview, empty, EN, "en").shape == "unavailable"
    assert screening_panels.blood_pressure(overview, TREND, EN, "en").shape == "charts"


def test_reduced_privacy_is_announced_and_full_privacy_is_not() -> None:
    assert views.notices(OVERVIEW, EN) == [
        EN.demo,
        "Reduced privacy: a station sends batches of only 2 sessions (the rule is at least 5)",
    ]
    for smallest in (5, 8, None):
        rules = OVERVIEW.privacy.model_copy(update={"smallest_min_batch": smallest})
        full = OVERVIEW.model_copy(update={"privacy": rules, "demo": False})
        assert views.notices(full, EN) == []


@pytest.mark.parametrize(
    ("age", "text", "fresh"),
    [
        (timedelta(seconds=-3), "0 秒前", True),
        (timedelta(seconds=59), "59 秒前", True),
        (timedelta(minutes=20), "20 分钟前", True),
        (timedelta(minutes=21), "21 分钟前", False),
        (timedelta(hours=5), "5 小时前", False),
        (timedelta(days=3), "3 天前", False),
    ],
)
def test_data_is_fresh_for_as_long_as_a_usage_window_takes(
    age: timedelta, text: str, fresh: bool
) -> None:
    stored = OVERVIEW.messages.model_copy(update={"last_stored_at": OVERVIEW.now - age})
    found = views.freshness(OVERVIEW.model_copy(update={"messages": stored}), ZH)
    assert (found.text, found.fresh) == (text, fresh)


def test_before_the_first_message_there_is_no_age() -> None:
    nothing = OVERVIEW.messages.model_copy(update={"last_stored_at": None})
    found = views.freshness(OVERVIEW.model_copy(update={"messages": nothing}), EN)
    assert found == views.Freshness(None, "No data yet", fresh=False)


def test_times_are_the_citys_whatever_zone_they_were_sent_in() -> None:
    now = OVERVIEW.now
    assert views.clock(None, now, EN) == "never"
    utc = example_overview() | {"now": "2026-11-22T03:59:00Z"}
    assert views.clock(Overview.model_validate(utc).now, now, EN) == "11:59"
    assert views.clock(now - timedelta(hours=13), now, EN) == "11/21 23:00"


def test_occupancy_names_the_busiest_hour() -> None:
    panel = panels.occupancy(PROFILE, EN)
    assert panel.lead == "Busiest: Fri 12:00–13:00, 1.9 people per station on average"
    assert panel.rows[12][5] == "1.94"
    assert panel.rows[20][-1] == "–"


def test_stations_that_need_attention_come_first_and_only_those_of_the_area() -> None:
    rows = panels.station_rows(STATIONS, "110000", OVERVIEW, EN, "en")
    assert len(rows) == len(STATIONS)
    assert [row.id for row in rows[:3]] == ["BJ-SH-080", "BJ-SH-160", "BJ-CH-020"]
    shunyi = panels.station_rows(STATIONS, "110113", OVERVIEW, EN, "en")
    assert {row.place.partition(" ")[0] for row in shunyi} == {"Shunyi"}
    assert len(shunyi) == 14


def test_a_station_is_found_by_either_of_its_names() -> None:
    (row,) = panels.station_rows(STATIONS[:1], "110000", OVERVIEW, ZH, "zh")
    assert "东城区超市1号驿站" in row.found_by
    assert "dongcheng supermarket no. 1" in row.found_by


def test_districts_count_their_stations_and_an_unknown_code_stands_for_itself() -> None:
    stray = STATIONS[0].model_copy(update={"district": "119999", "online": False})
    rows = panels.district_rows((*STATIONS, stray), "en")
    assert [r for r in rows if r.name == "Shunyi"] == [
        panels.DistrictRow("110113", "Shunyi", 13, 14)
    ]
    assert rows[-1] == panels.DistrictRow("119999", "119999", 0, 1)


def test_a_venue_that_this_version_does_not_know_is_shown_by_its_code() -> None:
    station = STATIONS[0].model_copy(update={"venue": "school"})
    (row,) = panels.station_rows((station,), "110000", OVERVIEW, EN, "en")
    assert replace(row, found_by="").place == "Dongcheng · school"
