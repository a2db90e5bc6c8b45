"""A small city in which each station suffers one kind of fault, on a real broker and ingest."""

from collections import Counter

import pytest

from contract.receipts import Outcome
from contract.topics import Stream
from contract.usage import UsageWindow
from simulators.faults import FaultKind
from simulators.station_days import station_day
from simulators.visits import usage_windows
from tests.integration.faulty_city import (
    FIRST,
    LAST,
    SEED,
    SOUND,
    STATION,
    Aftermath,
    at,
    lived_through,
)


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    return lived_through(tmp_path_factory.mktemp("faults"))


def test_the_centre_has_exactly_what_the_stations_could_make(after: Aftermath) -> None:
    assert len(after.suffered) == len(FaultKind) + 1
    for station, days in after.suffered.items():
        told: list[UsageWindow] = [window for one in days for window in one.windows]
        expected = {window.start: (window.entries, window.level) for window in told}
        assert after.windows[station] == expected, station
        kept = sum(len(one.sessions) for one in days)
        account = after.accounts[station]
        assert after.sessions[station] == account.sessions == kept - account.staged
        assert account.windows == len(expected)


def test_every_number_has_come_to_its_end(after: Aftermath) -> None:
    for station, account in after.accounts.items():
        assert account.numbered == account.stored > 0, station
        assert (account.pending, account.quarantined, account.unnumbered) == (0, 0, 0)
        assert after.ended[station] == {Outcome.STORED: account.numbered}


def test_a_sound_station_is_left_alone(after: Aftermath) -> None:
    births = [one for one in after.heard.of(SOUND, Stream.STATUS) if one["kind"] == "birth"]
    assert len(births) == 1
    assert after.quarantine.get(SOUND.id, 0) == 0


def test_a_power_cut_ends_one_life_and_begins_another(after: Aftermath) -> None:
    station = STATION[FaultKind.POWER_CUT]
    said = [(one["kind"], one["boot"]) for one in after.heard.of(station, Stream.STATUS)]
    first, second = dict.fromkeys(boot for _, boot in said)
    assert [kind for kind, boot in said if boot == first] == ["birth", "death"]
    assert ("birth", second) in said
    cut = set(range(at(10.75), at(14), 900))
    assert not cut & after.starts(station)
    assert cut <= {one.start for one in usage_windows(station, FIRST, ())}


@pytest.mark.parametrize("kind", [FaultKind.OFFLINE, FaultKind.EXPIRED_CERTIFICATE])
def test_what_waits_leaves_in_a_few_messages(after: Aftermath, kind: FaultKind) -> None:
    station = STATION[kind]
    numbers = {one["seq"]: one["windows"] for one in after.heard.of(station, Stream.USAGE)}
    largest = max(map(len, numbers.values()))
    waited = 70 if kind is FaultKind.OFFLINE else 40
    assert waited <= largest <= 192
    births = [one for one in after.heard.of(station, Stream.STATUS) if one["kind"] == "birth"]
    assert len(births) == 2


def test_a_flapping_connection_costs_nothing(after: Aftermath) -> None:
    status = after.heard.of(STATION[FaultKind.FLAPPING], Stream.STATUS)
    assert len([one for one in status if one["kind"] == "birth"]) >= 4
    assert len({one["boot"] for one in status}) == 1


def test_a_wrong_clock_puts_windows_where_they_do_not_belong(after: Aftermath) -> None:
    station = STATION[FaultKind.CLOCK_JUMP]
    true = usage_windows(station, FIRST, station_day(SEED, station, FIRST).stays)
    morning = {one.start: one.entries for one in true if at(9) <= one.start < at(12)}
    assert len(morning) == 12
    for start, entries in morning.items():
        assert start not in after.windows[station.id]
        assert after.windows[station.id][start + 6 * 3600][0] == entries
    starts = [
        window["start"]
        for one in after.heard.of(station, Stream.USAGE)
        for window in one["windows"]
        if window["start"] < at(0, LAST)
    ]
    assert starts != sorted(starts), "windows of the afternoon came before noon"


def test_a_silent_sensor_tells_nothing(after: Aftermath) -> None:
    station = STATION[FaultKind.SENSOR_SILENT]
    silent = {start for start, told in after.windows[station.id].items() if told == (None, None)}
    assert silent == set(range(at(10), at(14), 900))


def test_a_broken_cuff_gives_no_session(after: Aftermath) -> None:
    station = STATION[FaultKind.CUFF_ERROR]
    assert after.pressures[station.id] == 0
    assert sum(sum(one.refused.values()) for one in after.suffered[station.id]) > 0


def test_messages_come_twice_and_count_once(after: Aftermath) -> None:
    station = STATION[FaultKind.DUPLICATED]
    copies = Counter(one["seq"] for one in after.heard.of(station, Stream.USAGE, Stream.SCREENING))
    assert min(copies.values()) == 2
    assert len(copies) == after.accounts[station.id].numbered


def test_messages_come_in_another_order(after: Aftermath) -> None:
    station = STATION[FaultKind.REORDERED]
    came = [one["seq"] for one in after.heard.of(station, Stream.USAGE)]
    assert came != sorted(came)


def test_poison_is_in_quarantine_and_nowhere_else(after: Aftermath) -> None:
    station = STATION[FaultKind.POISON]
    account = after.accounts[station.id]
    assert account.poisoned == account.numbered
    assert after.quarantine == {station.id: account.poisoned}


def test_a_full_disk_loses_the_oldest_windows(after: Aftermath) -> None:
    station = STATION[FaultKind.FULL_DISK]
    made = {one.start for one in usage_windows(station, FIRST, ())}
    assert {start for start in made if start >= at(9.75)} & after.starts(station) == set()
    assert {start for start in made if start < at(9.75)} <= after.starts(station)
    # Room for three hours of the second day, until it came back at 16:00.
    second = {one.start for one in usage_windows(station, LAST, ())}
    gone = second - after.starts(station)
    assert gone == {start for start in second if start < at(12.75, LAST)}
    assert len(gone) == 23
