"""The state of the fleet reaches a real InfluxDB, is replaced there, and dashboards may read it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from contract.errors import StoreUnavailable
from contract.status import Status
from ingest import fleet_upkeep
from ingest.calendar import ZONE
from ingest.fleet_upkeep import MANY_STATIONS, FleetRounds
from ingest.operations import Operations, Station
from ingest.settings import StoreSection
from ingest.store.fleet import Fleet
from ingest.store.influx_buckets import FLEET
from ingest.store.opening import open_store
from ingest.telemetry import Telemetry
from tests.integration.broker import Broker
from tests.integration.grafana_questions import all_questions, ready
from tests.integration.influx import DASHBOARDS, TOKEN, Influx, running_influx
from tests.integration.ingest import until
from tests.integration.workers import Worker

NOW = datetime(2026, 2, 6, 10, 0, 20, tzinfo=ZONE)
MINUTE = int(datetime(2026, 2, 6, 10, 0, tzinfo=ZONE).timestamp()) * 10**9
MIDNIGHT = int(datetime(2026, 2, 6, tzinfo=ZONE).timestamp()) * 10**9


class Centre:
    """An operational database with stations, and the room of the fleet in InfluxDB."""

    def __init__(self, influx: Influx, directory: Path, stations: int = 3) -> None:
        self.influx = influx
        self.url = f"sqlite:///{directory}/operations.sqlite"
        self.operations = Operations(self.url)
        self.operations.inventory.register(
            Station(f"S{number}", "站", "station", "110105", "hub", 4) for number in range(stations)
        )
        self.fleet = open_store(influx.settings(directory), lambda: NOW).fleet
        self.telemetry = Telemetry()

    def worker(self) -> FleetRounds:
        return FleetRounds(Operations(self.url), self.fleet, self.telemetry)

    def speak(self, station: str, at: datetime, clock: str = "synchronised") -> None:
        """A station's heartbeat."""
        said = {
            "station": station,
            "kind": "heartbeat",
            "boot": "0" * 16,
            "ledger": {"epoch": 7, "numbered": 3, "pending": 1, "dropped": 0},
            "agent": {
                "version": "1.2.0", "min_batch": 5, "release": "daily", "heartbeat_seconds": 300,
            },
            "condition": {
                "backlog": {"messages": 1, "windows": 0, "oldest_hours": 0}, "clock": clock,
                "storage": "sound", "radio": "hearing", "space": "ample",
            },
        }  # fmt: skip
        self.operations.record(statuses=[Status.model_validate(said)], now=at)

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Every row that InfluxDB answers with."""
        return [
            dict(zip(one["columns"], row, strict=True))
            for one in self.influx.ask(statement, FLEET).get("series", ())
            for row in one["values"]
        ]


@pytest.fixture
def centre(influx: Influx, tmp_path: Path) -> Iterator[Centre]:
    made = Centre(influx, tmp_path)
    with closing(made.operations):
        yield made


class Recorder:
    """A room that says what was written, or that it is away."""

    keeps = True

    def __init__(self, room: Fleet) -> None:
        self._room = room
        self.written: list[list[str]] = []
        self.is_away = False

    def write(self, points: Any) -> None:
        if self.is_away:
            raise StoreUnavailable("it is away")
        self._room.write(points)
        self.written.append([one.tags["station"] for one in points if "station" in one.tags])


def test_the_fleet_arrives_by_the_minute_and_a_station_by_the_day(centre: Centre) -> None:
    centre.speak("S0", NOW - timedelta(minutes=1))
    centre.speak("S1", NOW - timedelta(minutes=16))
    assert centre.worker().go(NOW)
    for district in ("110000", "110105"):
        (row,) = centre.rows(f"SELECT * FROM fleet WHERE district = '{district}'")  # noqa: S608
        told = (row["registered"], row["online"], row["silent"], row["never_heard"])
        assert (row["time"], *told) == (MINUTE, 3, 1, 1, 1)
        assert (row["backlog_messages"], row["unbalanced"], row["ledger_gap"]) == (2, 2, 4)
    (version,) = centre.rows("SELECT version, stations FROM versions")
    assert version == {"time": MINUTE, "version": "1.2.0", "stations": 2}
    stations = centre.rows("SELECT station, online, silent, last_seen, clock FROM station")
    assert {one["time"] for one in stations} == {MIDNIGHT}
    seen = int((NOW - timedelta(minutes=1)).timestamp())
    seen_of = {one["station"]: list(one.values())[2:] for one in stations}
    assert seen_of["S0"] == [1, 0, seen, "synchronised"]
    assert seen_of["S1"] == [0, 1, seen - 900, "synchronised"]
    assert seen_of["S2"] == [0, 0, 0, ""]
    last = centre.telemetry.registry.get_sample_value("ingest_fleet_written_seconds")
    assert last == MINUTE / 10**9


def test_a_station_is_replaced_through_its_day_and_kept_after_it(centre: Centre) -> None:
    worker = centre.worker()
    centre.speak("S0", NOW)
    worker.go(NOW)
    centre.speak("S0", NOW + timedelta(minutes=1), clock="waiting")
    worker.go(NOW + timedelta(minutes=1))
    query = "SELECT clock FROM station WHERE station = 'S0'"
    assert [one["clock"] for one in centre.rows(query)] == ["waiting"]
    worker.go(NOW + timedelta(days=1))
    assert [one["time"] for one in centre.rows(query)] == [MIDNIGHT, MIDNIGHT + 86_400 * 10**9]
    fleet = centre.rows("SELECT clock_waiting FROM fleet WHERE district = '110000'")
    assert [one["clock_waiting"] for one in fleet] == [0, 1, 1]


def test_silent_stations_are_listed_until_they_speak(centre: Centre) -> None:
    """As the board asks: the longest unheard first, and nobody who speaks again."""
    (asked,) = [one for one in all_questions("en") if one.name == "kiosk-fleet/14/A"]

    def silent(now: datetime) -> list[Any]:
        return [one["station"] for one in centre.rows(ready(asked, {"district": "110105"}, now))]

    worker = centre.worker()
    for station, minutes in (("S2", 20), ("S0", 30), ("S1", 1)):
        centre.speak(station, NOW - timedelta(minutes=minutes))
    assert worker.go(NOW)
    assert silent(NOW) == ["S0", "S2"]
    later = NOW + timedelta(minutes=1)
    centre.speak("S0", later)
    assert worker.go(later)
    assert silent(later) == ["S2"]
    assert centre.worker().go(NOW + timedelta(days=1))
    assert silent(NOW + timedelta(days=1)) == ["S2", "S1", "S0"]


def test_a_worker_writes_what_changed_and_everything_once_an_hour(centre: Centre) -> None:
    room = Recorder(centre.fleet)
    worker = FleetRounds(centre.operations, room, centre.telemetry)
    for minute in range(62):
        centre.speak("S0", NOW + timedelta(minutes=minute))
        if minute == 5:
            centre.speak("S1", NOW + timedelta(minutes=minute))
        assert worker.go(NOW + timedelta(minutes=minute))
    everything = ["S0", "S1", "S2"]
    assert room.written[:6] == [everything, [], [], [], [], ["S1"]]
    assert room.written[60:] == [everything, []]
    # S1 goes off line after two and a half heartbeats, and is silent after a quarter of an hour.
    assert [minute for minute in range(6, 60) if room.written[minute]] == [18, 21]


def test_a_worker_that_takes_over_writes_everything_and_so_does_the_first_again(
    centre: Centre,
) -> None:
    room = Recorder(centre.fleet)
    one, two = (FleetRounds(centre.operations, room, centre.telemetry) for _ in range(2))
    assert one.go(NOW)
    assert not two.go(NOW)
    for minute, worker in enumerate((one, two, two, one), start=1):
        assert worker.go(NOW + timedelta(minutes=minute))
    assert [len(stations) for stations in room.written] == [3, 0, 3, 0, 3]


def test_a_minute_without_a_database_is_left_out_and_nothing_is_forgotten(centre: Centre) -> None:
    room = Recorder(centre.fleet)
    worker = FleetRounds(centre.operations, room, centre.telemetry)
    room.is_away = True
    with pytest.raises(StoreUnavailable):
        worker.go(NOW)
    room.is_away = False
    assert worker.go(NOW + timedelta(minutes=1))
    assert room.written == [["S0", "S1", "S2"]]
    room.is_away = True
    centre.speak("S1", NOW + timedelta(minutes=2))
    with pytest.raises(StoreUnavailable):
        worker.go(NOW + timedelta(minutes=2))
    room.is_away = False
    worker.go(NOW + timedelta(minutes=3))
    assert room.written[1:] == [["S1"]]


def test_who_went_the_last_round_comes_before_all_others(centre: Centre) -> None:
    one, two = centre.worker(), centre.worker()
    one.go(NOW)
    assert not two.go(NOW)
    assert one.seconds_until_next(NOW) == pytest.approx(40.5)
    assert two.seconds_until_next(NOW) == pytest.approx(70)


def test_a_large_fleet_is_looked_at_every_five_minutes(influx: Influx, tmp_path: Path) -> None:
    centre = Centre(influx, tmp_path, MANY_STATIONS)
    with closing(centre.operations):
        worker = centre.worker()
        assert worker.go(NOW + timedelta(minutes=1))
        went = [minute for minute in range(2, 12) if worker.go(NOW + timedelta(minutes=minute))]
    assert went == [5, 10]
    assert worker.seconds_until_next(NOW + timedelta(minutes=11)) == pytest.approx(240.5 - 20)
    rows = centre.rows("SELECT registered FROM fleet WHERE district = '110000'")
    assert [(one["time"] - MINUTE) // 60 // 10**9 for one in rows] == [1, 5, 10]


def test_rounds_go_on_by_themselves_over_an_absent_database(centre: Centre) -> None:
    room, stop = Recorder(centre.fleet), Event()
    room.is_away = True
    value = centre.telemetry.registry.get_sample_value
    with ThreadPoolExecutor(1) as threads:
        parts = (centre.operations, room, centre.telemetry, lambda: NOW, stop)
        job = threads.submit(fleet_upkeep.run, *parts)
        until(lambda: value("ingest_fleet_failures_total") == 1)
        stop.set()
        job.result(10)
    assert value("ingest_fleet_written_seconds") == 0


def test_a_worker_that_is_started_writes_the_fleet_by_itself(
    centre: Centre, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INGEST__STORE__KIND", "influx")
    monkeypatch.setenv("INGEST__STORE__INFLUX__URL", centre.influx.url)
    monkeypatch.setenv("INGEST__STORE__INFLUX__TOKEN", TOKEN)
    worker = Worker(tmp_path, broker.port, centre.url, "ingest-1")
    worker.start()
    try:
        until(lambda: centre.influx.count(FLEET, "registered", "fleet") >= 2)
    finally:
        worker.kill()
    rows = centre.rows("SELECT registered FROM fleet WHERE district = '110105'")
    assert {one["registered"] for one in rows} == {3}


def test_dashboards_may_read_the_fleet_and_write_nothing(tmp_path: Path) -> None:
    with running_influx(tmp_path, auth=True) as influx:
        centre = Centre(influx, tmp_path)
        with closing(centre.operations):
            centre.speak("S0", NOW)
            centre.worker().go(NOW)
        for measurement in ("fleet", "versions", "station"):
            answer = influx.ask_as(DASHBOARDS, f"SELECT * FROM {measurement}", FLEET)  # noqa: S608
            assert answer.json()["results"][0]["series"][0]["values"], measurement
        assert influx.write_as(DASHBOARDS, FLEET, "fleet online=9i").status_code == 403


def test_the_embedded_store_keeps_none_and_says_so(tmp_path: Path) -> None:
    store = open_store(StoreSection(path=tmp_path / "store.sqlite"), lambda: NOW)
    assert store.fleet.keeps is False
    store.fleet.write([])
