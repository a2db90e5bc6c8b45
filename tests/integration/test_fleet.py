"""The fleet of light stations against a real mosquitto, and an ingest that only writes receipts."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.errors import BrokerUnavailable, Unavailable
from contract.receipts import Outcome
from contract.status import Kind, Status
from contract.topics import Stream, topic
from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address
from simulators.population import seeded
from tests.integration.broker import Broker, running_broker
from tests.integration.receipting import PATIENCE_SECONDS, Identity, Ingest, running_ingest

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=BEIJING_TIME)
LAST = date(2026, 3, 3)
FIRST = LAST - timedelta(13)
CITY = stations(12, seeded(1))


def options(
    broker: Broker,
    *,
    heartbeat_seconds: float = 60.0,
    window: int = 4,
) -> FleetOptions:
    return FleetOptions(
        address=Address(broker.host, broker.port),
        station=StationOptions(
            receipt_timeout_seconds=0.4, heartbeat_seconds=heartbeat_seconds, window=window
        ),
        stalled_after_seconds=PATIENCE_SECONDS,
    )


def fleet_of(
    broker: Broker, city: tuple[CityStation, ...] = CITY, *, heartbeat_seconds: float = 60.0
) -> Fleet:
    return Fleet(city, options(broker, heartbeat_seconds=heartbeat_seconds), lambda: NOON)


def until(happened: Callable[[], bool]) -> Callable[[], bool]:
    """A stop for the fleet: when it has happened, or when nobody believes in it any more."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    return lambda: happened() or time.monotonic() > give_up


def kinds(ingest: Ingest, station: CityStation) -> list[Kind]:
    return [status.kind for status in ingest.statuses[station.id]]


def all_dead(ingest: Ingest) -> bool:
    return all(kinds(ingest, station)[-1] is Kind.DEATH for station in CITY)


def everything_arrived(ingest: Ingest, fleet: Fleet) -> None:
    """What ingest has is what the fleet believes it has, and no number is missing."""
    sessions = sum(len(batch.rows) for batch in ingest.screening.values())
    assert sessions == fleet.truth.sessions.total() > 0
    windows = {
        (batch.station, window.start) for batch in ingest.usage.values() for window in batch.windows
    }
    assert len(windows) == fleet.truth.windows.total() > 0
    by_station: defaultdict[str, set[int]] = defaultdict(set)
    for station, _epoch, seq in (*ingest.screening, *ingest.usage):
        by_station[station].add(seq)
    assert set(by_station) == {station.id for station in CITY}
    for numbers in by_station.values():
        assert numbers == set(range(1, max(numbers) + 1))


def test_a_history_is_loaded_once_although_first_copies_get_lost(broker: Broker) -> None:
    def every_seventh_first_copy(identity: Identity, copy: int) -> bool:
        return copy == 1 and identity[2] % 7 == 3

    with running_ingest(broker, every_seventh_first_copy) as ingest:
        progress: list[tuple[int, int]] = []
        with fleet_of(broker) as fleet:
            truth = fleet.load_history(FIRST, LAST, lambda *now: progress.append(now))
            assert fleet.pending == 0
        everything_arrived(ingest, fleet)
        assert progress[-1] == (truth.messages, truth.messages)
        assert truth.messages == len(ingest.screening) + len(ingest.usage)
        lost = [identity for identity in ingest.copies if identity[2] % 7 == 3]
        assert len(lost) > 10
        assert min(ingest.copies[identity] for identity in lost) == 2
        assert ingest.content_types == {"application/json"}


def test_a_killed_broker_costs_no_message(broker: Broker) -> None:
    kills: list[int] = []

    def kill_once(receipted: int, _total: int) -> None:
        if receipted > 10 and not kills:
            kills.append(broker.pid)
            broker.kill()
            broker.start()

    earlier = FIRST - timedelta(56)  # so that much is left to send after the kill
    with running_ingest(broker) as ingest, fleet_of(broker) as fleet:
        fleet.load_history(earlier, LAST, kill_once)
        assert kills != [broker.pid]
        everything_arrived(ingest, fleet)
        assert fleet.connected == len(CITY)


def test_a_station_is_born_lives_and_dies_in_order(broker: Broker) -> None:
    with running_ingest(broker) as ingest:
        with fleet_of(broker, heartbeat_seconds=0.2) as fleet:
            fleet.live(until(lambda: all(len(kinds(ingest, one)) >= 3 for one in CITY)))
        assert ingest.has_seen(lambda: all_dead(ingest))
        for station in CITY:
            told = kinds(ingest, station)
            assert told[0] is Kind.BIRTH
            assert set(told[1:-1]) == {Kind.HEARTBEAT}
            assert told[-1] is Kind.DEATH
            birth = ingest.statuses[station.id][0]
            assert birth.ledger is not None
            assert birth.agent is not None
            assert birth.agent.min_batch == 5
            assert {status.boot for status in ingest.statuses[station.id]} == {birth.boot}


def test_a_late_dashboard_sees_that_the_stations_are_gone(broker: Broker) -> None:
    with running_ingest(broker) as ingest:
        with fleet_of(broker) as fleet:
            fleet.live(until(lambda: all(kinds(ingest, one) for one in CITY)))
        assert ingest.has_seen(lambda: all_dead(ingest))
    last_words: dict[str, tuple[Kind, bool]] = {}
    everyone = threading.Event()

    def on_message(_client: Client, _userdata: object, message: MQTTMessage) -> None:
        status = Status.model_validate_json(message.payload)
        last_words[status.station] = (status.kind, message.retain)
        if len(last_words) == len(CITY):
            everyone.set()

    late = Client(CallbackAPIVersion.VERSION2, "late", protocol=MQTTProtocolVersion.MQTTv5)
    late.on_connect = lambda client, *_: client.subscribe(topic("+", Stream.STATUS), 1)
    late.on_message = on_message
    late.connect(broker.host, broker.port)
    late.loop_start()
    assert everyone.wait(PATIENCE_SECONDS)
    late.disconnect()
    late.loop_stop()
    assert set(last_words.values()) == {(Kind.DEATH, True)}


def test_a_station_that_vanishes_is_declared_dead_and_born_again(broker: Broker) -> None:
    station = CITY[0]
    intruder = Client(CallbackAPIVersion.VERSION2, station.id, protocol=MQTTProtocolVersion.MQTTv5)
    expected = [Kind.BIRTH, Kind.DEATH, Kind.BIRTH]

    def take_over_once() -> bool:
        if kinds(ingest, station) == [Kind.BIRTH] and not intruder.is_connected():
            intruder.connect(broker.host, broker.port)
            intruder.loop_start()
        return kinds(ingest, station) == expected

    with running_ingest(broker) as ingest, fleet_of(broker) as fleet:
        intruder.reconnect_delay_set(60, 60)
        fleet.live(until(take_over_once))
        assert kinds(ingest, station) == expected
        intruder.disconnect()
        intruder.loop_stop()


def test_the_present_is_told_window_by_window_while_it_grows(broker: Broker) -> None:
    start = time.monotonic()

    def quick_clock() -> datetime:
        """A minute passes every tenth of a second."""
        return NOON + timedelta(minutes=(time.monotonic() - start) * 10)

    with running_ingest(broker) as ingest:
        with Fleet(CITY, options(broker), quick_clock) as fleet:
            fleet.live(until(lambda: quick_clock() > NOON + timedelta(minutes=20)), 0.1)
            fleet.live(until(lambda: fleet.pending == 0))
        copies = Counter(
            (batch.station, window.start) for batch in ingest.arrivals for window in batch.windows
        )
        busy = [one.id for one in CITY if copies[one.id, int(NOON.timestamp())] >= 3]
        assert len(busy) > len(CITY) / 3
        final = {
            (batch.station, window.start): window
            for batch in ingest.arrivals
            for window in batch.windows
        }
        assert len(final) == fleet.truth.windows.total()


def test_quarantined_messages_leave_the_station_too(broker: Broker) -> None:
    with running_ingest(broker) as ingest, fleet_of(broker) as fleet:
        ingest.outcome = Outcome.QUARANTINED
        truth = fleet.load_history(LAST, LAST)
        assert fleet.pending == 0
        assert fleet.quarantined == len(ingest.usage) + len(ingest.screening) > 0
        assert truth.messages == 0


def test_no_station_has_more_than_its_window_under_way(broker: Broker) -> None:
    most: Counter[str] = Counter()
    seen: defaultdict[str, set[int]] = defaultdict(set)

    def answers_nothing(identity: Identity, _copy: int) -> bool:
        seen[identity[0]].add(identity[2])
        most[identity[0]] = len(seen[identity[0]])
        return True

    with running_ingest(broker, answers_nothing) as ingest:
        with Fleet(CITY, options(broker, window=2), lambda: NOON) as fleet:
            enough = 4 * len(CITY)
            fleet.load_history(FIRST, LAST, stop=until(lambda: ingest.copies.total() >= enough))
            assert fleet.pending == sum(most.values()) == 2 * len(CITY)
        assert set(most.values()) == {2}


def test_a_missing_broker_is_named(broker: Broker) -> None:
    broker.kill()
    with (
        fleet_of(broker) as fleet,
        pytest.raises(BrokerUnavailable, match=rf"no MQTT broker answers at .*:{broker.port}"),
    ):
        fleet.load_history(FIRST, LAST)


def test_a_broker_that_refuses_stations_is_named(tmp_path: Path) -> None:
    with (
        running_broker(tmp_path, extra="allow_anonymous false") as broker,
        fleet_of(broker) as fleet,
        pytest.raises(BrokerUnavailable, match=r"refused BJ-.*Not authorized"),
    ):
        fleet.load_history(FIRST, LAST)


def test_a_missing_ingest_is_named(broker: Broker) -> None:
    impatient = FleetOptions(address=Address(broker.host, broker.port), stalled_after_seconds=1.0)
    with (
        Fleet(CITY, impatient, lambda: NOON) as fleet,
        pytest.raises(Unavailable, match="is ingest running") as caught,
    ):
        fleet.load_history(FIRST, LAST)
    assert not isinstance(caught.value, BrokerUnavailable)


def test_history_may_not_reach_into_the_present(broker: Broker) -> None:
    with fleet_of(broker) as fleet, pytest.raises(ValueError, match="yesterday"):
        fleet.load_history(FIRST, NOON.date())
