"""What boards fold in the browser is what the API says of the same hours."""

import json
from random import Random
from typing import Any

import pytest

from contract.disclosure import band, rounded
from dashboard.grafana.render import RENDERED
from dashboard.grafana.wording import FEW
from ingest.usage import HOUR_SECONDS, Presence
from ingest.usage_measures import peak_hour, typical_week
from tests.unit.grafana_browser import Frame, transformed

MIDNIGHT = 1_790_524_800  # Monday, 28 September 2026 in Beijing
WEEK, BUSIEST, DAY = 5, 7, 6
SATURDAY_NIGHT = 5 * 24 + 23


def _panel(board: str, number: int) -> Any:
    document = json.loads((RENDERED / f"en/{board}-en.json").read_text(encoding="utf-8"))
    return next(panel for panel in document["panels"] if panel["id"] == number)


@pytest.fixture(params=["kiosk-usage", "kiosk-station"])
def board(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hours() -> list[Presence]:
    """Eight weeks, of which the last hour of Saturday was seen three times only."""
    rng = Random(7)
    found = []
    for number in range(8 * 7 * 24):
        if number % (7 * 24) == SATURDAY_NIGHT and number > 3 * 7 * 24:
            continue
        windows = rng.randint(1, 40)
        start = MIDNIGHT + number * HOUR_SECONDS
        found.append(Presence(start, 3, windows * rng.random() * 2, windows))
    return found


def _answer(hours: list[Presence]) -> Frame:
    return {
        "Time": [one.start * 1000 for one in hours],
        "mean_sum": [one.mean_sum for one in hours],
        "mean_windows": [one.mean_windows for one in hours],
    }


def test_a_typical_week_on_a_board_is_that_of_the_api(board: str, hours: list[Presence]) -> None:
    (week,) = transformed([_answer(hours)], _panel(board, WEEK)["transformations"])
    weekdays = week.pop("weekday\\hour")
    assert weekdays == list("1234567")
    assert list(week) == [f"{hour:02d}" for hour in range(24)]
    shown = {
        (int(weekday), int(hour)): mean
        for hour, means in week.items()
        for weekday, mean in zip(weekdays, means, strict=True)
        if mean is not None
    }
    expected = {(one.weekday, one.hour): one.mean for one in typical_week(hours)}
    assert shown.keys() == expected.keys()
    assert (6, 23) not in shown
    assert shown == pytest.approx(expected)


def test_the_first_of_the_peak_hours_is_the_apis(board: str, hours: list[Presence]) -> None:
    (found,) = transformed([_answer(hours)], _panel(board, BUSIEST)["transformations"])
    peak = peak_hour(typical_week(hours))
    assert peak is not None
    assert list(found) == ["weekday", "hour", "mean"]
    assert (int(found["weekday"][0]), int(found["hour"][0])) == (peak.weekday, peak.hour)
    assert found["mean"][0] == pytest.approx(peak.mean)
    assert found["mean"] == sorted(found["mean"], reverse=True)
    assert len(found["mean"]) == 10


def test_an_hour_of_the_day_is_the_mean_of_all_its_windows(
    board: str, hours: list[Presence]
) -> None:
    (found,) = transformed([_answer(hours)], _panel(board, DAY)["transformations"])
    noon = [one for one in hours if (one.start - MIDNIGHT) // HOUR_SECONDS % 24 == 12]
    mean = sum(one.mean_sum for one in noon) / sum(one.mean_windows for one in noon)
    assert found["hour"] == [f"{hour:02d}" for hour in range(24)]
    assert found["mean"][12] == pytest.approx(mean)


def test_uptake_leaves_out_weeks_that_hide_entries_or_sessions() -> None:
    steps = _panel("kiosk-equity", 5)["transformations"]
    entries = {"Time": [1, 2, 3], "entries": [200, 400, 100]}
    sessions = {"Time": [2, 3, 4], "sessions": [20, 25, 30]}
    (found,) = transformed([entries, sessions], steps)
    assert found == {"Time": [2, 3], "uptake": [0.05, 0.25]}


def test_a_week_that_is_released_and_shows_nothing_has_a_row() -> None:
    steps = _panel("kiosk-screening", 7)["transformations"]
    shown: Frame = {"Time": [1, 3], "n": [120, 85]}
    released: Frame = {"Time": [1, 2, 3], "released": [True, True, True]}
    (found,) = transformed([shown, released], steps)
    assert found["Time"] == [3, 2, 1]
    assert found["n"] == [85, None, 120]


@pytest.mark.parametrize("count", range(20))
def test_a_rounded_count_is_shown_as_the_api_shows_it(count: int) -> None:
    shown = str(rounded(count))
    assert (FEW[shown].en if shown in FEW else shown) == band(count)
