"""When staged rows may leave, and what is left of them when they do."""

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from contract.errors import Reason
from contract.glucose_batch import glucose_row
from contract.screening import GlucoseLimit, Meal
from contract.screening_batch import blood_pressure_row
from contract.status import Release
from edge_agent.outbox import Staged
from edge_agent.release import Policy, compose, next_daily

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = Policy(5, Release.DAILY, time(0, 10), 600)


def staged(days: list[int]) -> list[Staged]:
    return [
        Staged(
            number,
            date(2026, 2, day),
            blood_pressure_row(100 + 5 * number, 70, 70, single=True).model_dump_json(),
        )
        for number, day in enumerate(days)
    ]


def test_a_daily_release_is_due_after_the_next_midnight_at_a_random_moment() -> None:
    now = datetime(2026, 2, 6, 15, 0, tzinfo=ZONE)
    moments = {next_daily(date(2026, 2, 6), POLICY, now, Random(seed)) for seed in range(20)}
    earliest = datetime(2026, 2, 7, 0, 10, tzinfo=ZONE)
    assert all(earliest <= moment <= earliest + timedelta(minutes=10) for moment in moments)
    assert len(moments) == 20


def test_a_station_that_slept_through_its_release_makes_up_for_it() -> None:
    now = datetime(2026, 2, 9, 8, 0, tzinfo=ZONE)
    due = next_daily(date(2026, 2, 6), POLICY, now, Random(1))
    assert now <= due <= now + timedelta(minutes=10)


def test_a_batch_is_dated_by_its_first_and_last_day_and_nothing_finer() -> None:
    payload = json.loads(compose("S1", 7, 3, "bp", staged([6, 2, 4, 4, 3]), Counter(), Random(1)))
    assert (payload["from"], payload["to"]) == ("2026-02-02", "2026-02-06")
    assert set(payload) == {
        "v", "station", "epoch", "seq", "measure", "from", "to", "rows", "rejects",
    }  # fmt: skip
    assert all(set(row) <= {"c", "sub", "s", "d", "p", "single"} for row in payload["rows"])


def test_rows_leave_in_an_order_that_says_nothing_about_visits() -> None:
    orders = {
        tuple(row["s"] for row in json.loads(payload)["rows"])
        for payload in (
            compose("S1", 7, 3, "bp", staged([2] * 5), Counter(), Random(seed))
            for seed in range(50)
        )
    }
    assert len(orders) > 30
    assert all(sorted(order) == [100, 105, 110, 115, 120] for order in orders)


def test_rejects_travel_as_bands() -> None:
    rejects = Counter({Reason.BODY_MOVED: 7, Reason.OUT_OF_RANGE: 12})
    payload = json.loads(compose("S1", 7, 3, "bp", staged([2]), rejects, Random(1)))
    assert payload["rejects"] == {"body_moved": "<8", "out_of_range": "10"}


def test_glucose_leaves_in_a_batch_of_its_own_measure() -> None:
    values = (5.2, 7.4, GlucoseLimit.HI)
    rows = [
        Staged(number, date(2026, 2, 2), row.model_dump_json())
        for number, row in enumerate(glucose_row(v, Meal.FASTING, single=True) for v in values)
    ]
    payload = json.loads(compose("S1", 7, 3, "glu_fasting", rows, Counter(), Random(1)))
    assert payload["measure"] == "glu_fasting"
    assert sorted((row["c"], row["g"]) for row in payload["rows"]) == [
        ("high", 7.0), ("usual", 4.7), ("very_high", 16.7),
    ]  # fmt: skip
    with pytest.raises(ValidationError):
        compose("S1", 7, 3, "glu_casual", rows, Counter(), Random(1))


def test_the_clock_of_the_release_is_the_local_one() -> None:
    now = datetime(2026, 2, 6, 17, 0, tzinfo=UTC).astimezone(ZONE)  # 01:00 on the 7th
    due = next_daily(date(2026, 2, 6), POLICY, now, Random(1))
    assert due.date() == date(2026, 2, 7)
