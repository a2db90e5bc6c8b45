"""What the page says in words and rows, from what ingest answered."""

from datetime import timedelta

import pytest

from dashboard.web import screening_panels, views
from dashboard.web.answers import Overview, Trend
from dashboard.web.station_answers import LedgerSummary, StationList
from dashboard.web.station_rows import station_rows
from dashboard.web.texts import EN, ZH
from dashboard.web.tiles import Tile, city_now
from tests.fake_city import example_overview, example_stations
from tests.fake_fleet import example_ledger
from tests.fake_trends import example_trend

OVERVIEW = Overview.model_validate(example_overview())
STATIONS = StationList.model_validate({"stations": example_stations()}).stations
LEDGER = LedgerSummary.model_validate(example_ledger(example_stations()))
TREND = Trend.model_validate(example_trend())


def tile(ledger: LedgerSummary | None, label: str) -> Tile:
    """One tile of the strip, by its label."""
    return next(t for t in city_now(OVERVIEW, ledger, EN) if t.label == label)


def unbalanced(*names: str) -> LedgerSummary:
    """The ledger, if these stations did not balance."""
    wrong = [{"station": name} for name in names]
    return LedgerSummary.model_validate(LEDGER.model_dump() | {"unbalanced": wrong})


def test_the_ledger_light_is_green_only_if_every_ledger_balances() -> None:
    green = tile(unbalanced(), "Ledger")
    assert (green.tone, green.value) == ("good", "All balanced")
    assert green.note == "236 stations, no message missing"
    light = tile(LEDGER, "Ledger")
    assert (light.tone, light.value, light.note) == ("warn", "1 not balanced", "BJ-SH-160")


def test_the_ledger_light_is_not_green_when_nobody_has_reported() -> None:
    silent = LedgerSummary.model_validate(LEDGER.model_dump() | {"stations": 0, "unbalanced": ()})
    for unknown in (None, silent):
        assert tile(unknown, "Ledger").tone == "plain"


def test_the_ledger_light_names_three_stations_and_says_that_there_are_more() -> None:
    many = unbalanced(*(f"S-{n}" for n in range(5)), "S-0")  # in two epochs
    assert tile(many, "Ledger").value == "5 not balanced"
    assert tile(many, "Ledger").note == "S-0, S-1, S-2 …"


def test_an_open_week_with_few_sessions_says_only_that() -> None:
    assert OVERVIEW.open_window is not None
    week = OVERVIEW.open_window.model_copy(update={"sessions": None})
    overview = OVERVIEW.model_copy(update={"open_window": week})
    assert city_now(overview, LEDGER, EN)[-1].value == "under 20"
    assert city_now(OVERVIEW, LEDGER, EN)[-1] == Tile(
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
    tiles = city_now(overview, None, EN)
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


def test_stations_that_need_attention_come_first() -> None:
    rows = station_rows(STATIONS, OVERVIEW, EN, "en")
    assert len(rows) == len(STATIONS)
    first = ["BJ-HA-100", "BJ-SH-080", "BJ-SH-160"]
    assert sorted(row.id for row in rows[:3]) == first
    assert rows[3].id == "BJ-CH-020"
    assert {row.troubles for row in rows[:3]} == {("Clock: waiting for the time",), ()}


def test_a_word_that_a_newer_station_says_is_shown_as_it_is() -> None:
    condition = STATIONS[0].condition
    assert condition is not None
    newer = condition.model_copy(update={"storage": "melted"})
    station = STATIONS[0].model_copy(update={"condition": newer})
    (row,) = station_rows((station,), OVERVIEW, ZH, "zh")
    assert row.troubles == ("存储: melted",)


def test_a_station_is_found_by_either_of_its_names() -> None:
    (row,) = station_rows(STATIONS[:1], OVERVIEW, ZH, "zh")
    assert "东城区超市1号驿站" in row.found_by
    assert "dongcheng supermarket no. 1" in row.found_by


def test_a_district_or_venue_that_this_version_does_not_know_is_shown_by_its_code() -> None:
    station = STATIONS[0].model_copy(update={"venue": "school", "district": "119999"})
    (row,) = station_rows((station,), OVERVIEW, EN, "en")
    assert row.place == "119999 · school"
