"""A station's past becomes messages of the contract that say exactly what happened, and no more."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from contract.batch import MEASURES
from contract.glucose_batch import GlucoseRow
from contract.screening_batch import BloodPressureRow
from contract.screening_message import AnyBatch, ScreeningMessage
from contract.topics import Stream
from contract.usage import UsageBatch, UsageWindow
from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.history import (
    Logbook,
    Message,
    Session,
    Truth,
    history,
    iso_week,
    station_day,
)
from simulators.population import seeded
from simulators.visits import usage_windows

SEED = 1
EPOCH = 77
FIRST = date(2026, 3, 4)  # a Wednesday
LAST = FIRST + timedelta(days=27)
DAYS = [FIRST + timedelta(offset) for offset in range(28)]


def logbook_of(station: CityStation, min_batch: int = 5) -> Logbook:
    return Logbook(station, EPOCH, seeded(SEED, station.id, "shuffle"), min_batch)


def station_of(venue: str) -> CityStation:
    return next(one for one in stations(96, seeded(SEED)) if one.venue == venue)


def sessions_of(station: CityStation) -> list[Session]:
    return [s for day in DAYS for s in station_day(SEED, station, day).sessions]


def batches(messages: list[Message]) -> list[AnyBatch]:
    return [
        ScreeningMessage.model_validate_json(message.payload).root
        for message in messages
        if message.stream is Stream.SCREENING
    ]


def usage(messages: list[Message]) -> list[UsageBatch]:
    return [
        UsageBatch.model_validate_json(message.payload)
        for message in messages
        if message.stream is Stream.USAGE
    ]


def local_day(window: UsageWindow) -> date:
    return datetime.fromtimestamp(window.start, BEIJING_TIME).date()


@pytest.mark.parametrize("venue", ["hub", "convenience", "bank", "supermarket"])
def test_every_session_is_sent_once_or_still_staged(venue: str) -> None:
    station = station_of(venue)
    logbook = logbook_of(station)
    sent = Counter(
        (batch.measure, row)
        for batch in batches(list(history(logbook, SEED, FIRST, LAST)))
        for row in batch.rows
    )
    happened = Counter((session.measure, session.row) for session in sessions_of(station))
    waiting = happened - sent
    assert waiting.total() == logbook.staged
    for measure in MEASURES:
        assert sum(count for (one, _), count in waiting.items() if one == measure) < 5
    assert not sent - happened
    assert sent.total() > 0


def test_no_batch_leaves_with_fewer_sessions_than_the_station_must_mix() -> None:
    hub = station_of("hub")
    messages = list(history(logbook_of(hub, min_batch=9), SEED, FIRST, LAST))
    sizes = [len(batch.rows) for batch in batches(messages)]
    assert min(sizes) >= 9
    at_once = list(history(logbook_of(hub, min_batch=1), SEED, FIRST, LAST))
    assert sum(len(batch.rows) for batch in batches(at_once)) == len(sessions_of(hub))


def test_a_batch_is_dated_by_the_days_of_its_sessions() -> None:
    station = station_of("bank")
    days = {
        day: [session.row for session in station_day(SEED, station, day).sessions] for day in DAYS
    }
    messages = list(history(logbook_of(station), SEED, FIRST, LAST))
    end = FIRST - timedelta(1)
    for batch in batches(messages):
        inside = [row for day, rows in days.items() if end < day <= batch.to for row in rows]
        assert Counter(batch.rows) == Counter(inside)
        measured = [day for day, rows in days.items() if rows and end < day <= batch.to]
        assert (batch.from_, batch.to) == (measured[0], measured[-1])
        end = batch.to


def test_the_order_of_people_is_lost() -> None:
    hub = station_of("hub")
    messages = list(history(logbook_of(hub, min_batch=20), SEED, FIRST, LAST))
    sent = [row for batch in batches(messages) if batch.measure == "bp" for row in batch.rows]
    happened = [one.row for one in sessions_of(hub) if one.measure == "bp"][: len(sent)]
    assert Counter(sent) == Counter(happened)
    in_place = sum(a == b for a, b in zip(sent, happened, strict=True))
    assert in_place < len(sent) / 3


def test_messages_are_numbered_in_order_from_one() -> None:
    logbook = logbook_of(station_of("hub"))
    messages = list(history(logbook, SEED, FIRST, LAST))
    assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
    assert logbook.numbered == len(messages)
    for message, batch in zip(messages, [*batches(messages), *usage(messages)], strict=False):
        assert batch.epoch == message.epoch == EPOCH
    numbers = sorted(batch.seq for batch in [*batches(messages), *usage(messages)])
    assert numbers == [message.seq for message in messages]


def test_windows_go_week_by_week_and_all_of_them_go() -> None:
    gas = station_of("gas")
    sent = usage(list(history(logbook_of(gas), SEED, FIRST, LAST)))
    assert [len(batch.windows) for batch in sent] == [480, 672, 672, 672, 192]
    for batch in sent:
        assert len({iso_week(local_day(window)) for window in batch.windows}) == 1
    expected = [
        window
        for day in DAYS
        for window in usage_windows(gas, day, station_day(SEED, gas, day).stays)
    ]
    assert [window for batch in sent for window in batch.windows] == expected


def test_the_truth_is_what_the_messages_say() -> None:
    truth = Truth()
    sessions: Counter[tuple[str, str]] = Counter()
    windows: Counter[tuple[str, str]] = Counter()
    messages = 0
    for station in stations(20, seeded(2)):
        told = list(history(logbook_of(station), SEED, FIRST, LAST))
        messages += len(told)
        for message in told:
            truth.add(station, message)
        for batch in batches(told):
            sessions[station.district, iso_week(batch.to)] += len(batch.rows)
        for group in usage(told):
            for window in group.windows:
                windows[station.district, iso_week(local_day(window))] += 1
    assert truth.sessions == sessions
    assert truth.windows == windows
    assert truth.messages == messages


def test_a_day_does_not_depend_on_the_days_before_it() -> None:
    hub = station_of("hub")
    whole = list(history(logbook_of(hub), SEED, FIRST, LAST))
    assert list(history(logbook_of(hub), SEED, FIRST, LAST)) == whole
    assert station_day(SEED, hub, LAST) == station_day(SEED, hub, LAST)
    tail = usage(list(history(logbook_of(hub), SEED, LAST, LAST)))
    assert usage(whole)[-1].windows[-len(tail[0].windows) :] == tail[0].windows
    assert station_day(SEED + 1, hub, LAST) != station_day(SEED, hub, LAST)


def test_a_payload_names_its_first_day_as_the_contract_does() -> None:
    (message, *_) = history(logbook_of(station_of("hub")), SEED, FIRST, LAST)
    (batch,) = batches([message])
    assert f'"from":"{batch.from_}","to":"{batch.to}"' in message.payload
    assert "null" not in message.payload


def test_more_sessions_than_fit_into_a_message_go_in_several() -> None:
    logbook = logbook_of(station_of("hub"))
    row = BloodPressureRow(c="normal", s=110, d=70, p=70)
    logbook.stage(FIRST, [row] * 259)
    first = logbook.release()
    assert first is not None
    assert first.sessions == 256
    assert logbook.release() is None
    assert logbook.staged == 3


def test_a_corrected_window_is_not_counted_again() -> None:
    logbook = logbook_of(station_of("gas"))
    hour = usage_windows(logbook.station, FIRST, (), until=60)
    assert logbook.usage(hour[:2]).windows == 2
    assert logbook.usage(hour[1:3]).windows == 1
    assert logbook.usage(hour[2:3]).windows == 0


def test_each_measure_leaves_in_a_batch_of_its_own_when_it_has_company() -> None:
    logbook = logbook_of(station_of("hub"))
    pressure = BloodPressureRow(c="normal", s=110, d=70, p=70)
    casual = GlucoseRow(c="usual", g=5.6, single=True)
    fasting = GlucoseRow(c="raised", g=6.1, single=True)
    logbook.stage(FIRST, [fasting] * 5, "glu_fasting")
    logbook.stage(FIRST, [pressure] * 4)
    logbook.stage(FIRST, [casual] * 4, "glu_casual")
    logbook.stage(LAST, [casual, casual], "glu_casual")
    logbook.stage(LAST, [fasting] * 4, "glu_postprandial_2h")
    messages = list(logbook.release_all())
    assert [(message.measure, message.sessions) for message in messages] == [
        ("glu_casual", 6),
        ("glu_fasting", 5),
    ]
    first, second = batches(messages)
    assert (first.measure, first.from_, first.to, first.rows) == (
        "glu_casual",
        FIRST,
        LAST,
        (casual,) * 6,
    )
    assert (second.measure, second.from_, second.to) == ("glu_fasting", FIRST, FIRST)
    assert (first.seq, second.seq) == (1, 2)
    assert logbook.release() is None
    assert logbook.staged == 8


def test_a_staffed_station_tells_of_glucose_and_no_other_does() -> None:
    told: dict[str, set[str]] = {}
    for venue in ("hub", "community", "pharmacy", "bank", "gas", "convenience", "supermarket"):
        sent = batches(list(history(logbook_of(station_of(venue), 1), SEED, FIRST, LAST)))
        told[venue] = {batch.measure for batch in sent}
    staffed = {venue for venue, measures in told.items() if "glu_casual" in measures}
    assert staffed == {"hub", "community", "pharmacy"}
    assert all(measures == {"bp"} for venue, measures in told.items() if venue not in staffed)
