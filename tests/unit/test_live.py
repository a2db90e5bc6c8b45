"""A station's present is told as the clock reaches it, and ends up the same as its history."""

from collections import Counter
from datetime import date, datetime, timedelta

from contract.screening_batch import BloodPressureRow, ScreeningBatch
from contract.topics import Stream
from contract.usage import UsageBatch, UsageWindow
from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.history import Logbook, Message, station_day
from simulators.live import LiveDay
from simulators.population import seeded
from simulators.station_days import Row
from simulators.visits import usage_windows

SEED = 3
DAY = date(2026, 3, 4)
MIDNIGHT = datetime(2026, 3, 4, tzinfo=BEIJING_TIME)
HUB: CityStation = next(one for one in stations(96, seeded(1)) if one.venue == "hub")


def live(*, growing: bool, min_batch: int = 5) -> tuple[LiveDay, Logbook]:
    logbook = Logbook(HUB, 1, seeded(SEED, "shuffle"), min_batch)
    return LiveDay(logbook, SEED, growing=growing), logbook


def at(minute: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def told_windows(messages: list[Message]) -> list[tuple[UsageWindow, ...]]:
    return [
        UsageBatch.model_validate_json(message.payload).windows
        for message in messages
        if message.stream is Stream.USAGE
    ]


def told_rows(messages: list[Message]) -> list[tuple[BloodPressureRow, ...]]:
    return [
        ScreeningBatch.model_validate_json(message.payload).rows
        for message in messages
        if message.stream is Stream.SCREENING
    ]


def test_before_opening_there_is_nothing_to_tell() -> None:
    day, _ = live(growing=True)
    assert list(day.messages(at(419))) == []


def test_the_first_word_of_the_day_catches_up_with_it() -> None:
    day, _ = live(growing=False)
    (windows,) = told_windows(list(day.messages(at(600))))
    assert windows == usage_windows(HUB, DAY, station_day(SEED, HUB, DAY).stays)[:12]


def test_a_window_is_told_when_it_is_over_and_once() -> None:
    day, _ = live(growing=False)
    list(day.messages(at(600)))
    assert told_windows(list(day.messages(at(614)))) == []
    (windows,) = told_windows(list(day.messages(at(615))))
    assert [window.start for window in windows] == [int(at(600).timestamp())]
    assert told_windows(list(day.messages(at(616)))) == []


def test_a_growing_window_is_told_again_until_it_is_right() -> None:
    day, logbook = live(growing=True)
    stays = station_day(SEED, HUB, DAY).stays
    list(day.messages(at(900)))
    copies = [
        windows[0]
        for minute in range(901, 916)
        for windows in told_windows(list(day.messages(at(minute))))
    ]
    assert {window.start for window in copies} == {int(at(900).timestamp())}
    assert len(copies) > 5
    assert copies[-1] == usage_windows(HUB, DAY, stays)[32]
    entries = [window.entries or 0 for window in copies]
    assert entries == sorted(entries)
    assert logbook.numbered > len(copies)


def test_a_window_without_news_is_not_told_again() -> None:
    day, _ = live(growing=True)
    assert len(list(day.messages(at(421)))) == 1
    assert list(day.messages(at(421))) == []


def test_sessions_leave_as_soon_as_there_are_enough() -> None:
    day, logbook = live(growing=False)
    messages = [m for minute in range(0, 1440, 2) for m in day.messages(at(minute))]
    batches = told_rows(messages)
    assert [len(rows) for rows in batches] == [5] * len(batches)
    happened = Counter(session.row for session in station_day(SEED, HUB, DAY).sessions)
    sent: Counter[Row] = Counter(row for rows in batches for row in rows)
    assert not sent - happened
    assert sent.total() + logbook.staged == happened.total()


def test_the_end_of_a_day_is_told_after_midnight() -> None:
    day, logbook = live(growing=False, min_batch=1)
    list(day.messages(at(1200)))
    messages = list(day.messages(at(1440 + 60)))
    (windows,) = told_windows(messages)
    assert windows == usage_windows(HUB, DAY, station_day(SEED, HUB, DAY).stays)[-4:]
    assert logbook.staged == 0
    (tomorrow,) = told_windows(list(day.messages(at(1440 + 480))))
    assert tomorrow[0].start == int(at(1440 + 420).timestamp())


def test_any_rhythm_of_looking_tells_the_same_day_in_the_end() -> None:
    final: list[dict[int, UsageWindow]] = []
    for step in (7, 31, 200):
        day, _ = live(growing=True)
        messages = [m for minute in range(0, 1441, step) for m in day.messages(at(minute))]
        messages += day.messages(at(1441))
        final.append({w.start: w for windows in told_windows(messages) for w in windows})
    assert final[0] == final[1] == final[2]
    expected = usage_windows(HUB, DAY, station_day(SEED, HUB, DAY).stays)
    assert tuple(final[0].values()) == expected
