"""Two days of a small city in which each station suffers a fault of its own, on real parts."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract import topics
from contract.receipts import Outcome
from contract.topics import Stream
from ingest.api import Service
from ingest.operations import Station
from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.city_run import CityOptions, CityRun
from simulators.fault_effects import Suffered, suffered
from simulators.faults import Fault, FaultKind, load_scenario, plan
from simulators.fleet import FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address
from simulators.population import seeded
from simulators.station_days import station_day
from simulators.truth import StationAccount
from simulators.visits import usage_windows
from tests.integration.broker import Broker, running_broker
from tests.integration.ingest import running_ingest, until

SEED = 7
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 3)
SPEED = 20_000
HUBS = [one for one in stations(300, seeded(SEED)) if one.venue == "hub"]
SOUND, *SUFFERING = HUBS[: len(FaultKind) + 1]
STATION = dict(zip(FaultKind, SUFFERING, strict=True))

RULES = {
    FaultKind.POWER_CUT: "at = 11:00:00\nduration = '3 hours'",
    FaultKind.OFFLINE: "at = 10:00:00\nduration = '30 hours'",
    FaultKind.FLAPPING: "at = 09:00:00\nduration = '6 hours'\namount = 1800",
    FaultKind.CLOCK_JUMP: "at = 09:00:00\nduration = '3 hours'\namount = 6",
    FaultKind.SENSOR_SILENT: "at = 10:00:00\nduration = '4 hours'",
    FaultKind.CUFF_ERROR: "amount = 1.0",
    FaultKind.DUPLICATED: "amount = 1.0",
    FaultKind.REORDERED: "amount = 1.0",
    FaultKind.POISON: "amount = 1.0",
    FaultKind.FULL_DISK: "at = 12:00:00\nduration = '28 hours'\namount = 3",
    FaultKind.EXPIRED_CERTIFICATE: "start = 1\nat = 09:00:00",
}


@dataclass
class Heard:
    """What went over the broker: content by station and stream, in order."""

    messages: dict[tuple[str, Stream], list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def take(self, message: MQTTMessage) -> None:
        """Keep a message; one that is no JSON is poison."""
        try:
            content = json.loads(message.payload)
        except ValueError:
            return
        self.messages[topics.parse(message.topic)].append(content)

    def of(self, station: CityStation, *streams: Stream) -> list[dict[str, Any]]:
        """All of a station; those of its own streams came in this order."""
        return [one for stream in streams for one in self.messages[station.id, stream]]

    def says_goodbye(self) -> bool:
        """Whether the last word of every station is its death."""
        last = [self.of(one, Stream.STATUS)[-1:] for one in HUBS[: len(STATION) + 1]]
        return all(said and said[0]["kind"] == "death" for said in last)


@dataclass(frozen=True)
class Aftermath:
    """What there is after the run: at the centre, on the wire, in the fleet's account."""

    windows: dict[str, dict[int, tuple[int | None, str | None]]]
    sessions: Counter[str]
    pressures: Counter[str]
    quarantine: dict[str, int]
    ended: dict[str, Counter[Outcome]]
    heard: Heard
    accounts: dict[str, StationAccount]
    suffered: dict[str, list[Suffered]]

    def starts(self, station: CityStation) -> set[int]:
        """When the station's windows at the centre begin."""
        return set(self.windows[station.id])


def _scenario(directory: Path) -> dict[str, tuple[Fault, ...]]:
    file = directory / "each.toml"
    rules = [
        f'[[rule]]\nfault = "{kind}"\nstations = ["{STATION[kind].id}"]\n{rule}\n'
        for kind, rule in RULES.items()
    ]
    away = f'[[rule]]\nfault = "offline"\nstations = ["{STATION[FaultKind.FULL_DISK].id}"]\n'
    rules.append(away + "at = 10:00:00\nduration = '30 hours'")
    file.write_text("\n".join(rules))
    return plan(load_scenario(file), (SOUND, *SUFFERING), SEED, FIRST, LAST)


@contextmanager
def _listening(broker: Broker) -> Iterator[Heard]:
    heard = Heard()
    client = Client(CallbackAPIVersion.VERSION2, "listener", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_connect = lambda client, *_: client.subscribe("kiosk/v1/#", 1)
    client.on_message = lambda _client, _data, message: heard.take(message)
    client.max_inflight_messages_set(0)
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        until(client.is_connected)
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


def _lived(faults: Sequence[Fault], station: CityStation) -> list[Suffered]:
    days = (station_day(SEED, station, day) for day in (FIRST, LAST))
    return [suffered(day, usage_windows(station, day.day, day.stays), faults) for day in days]


def lived_through(directory: Path) -> Aftermath:
    """Two days of that city, as fast as it goes."""
    city = (SOUND, *SUFFERING)
    faults = _scenario(directory)
    with (
        running_broker(directory) as broker,
        running_ingest(broker, directory) as ingest,
        _listening(broker) as heard,
    ):
        ingest.operations.inventory.register(map(_registered, city))
        options = CityOptions(
            fleet=FleetOptions(
                address=Address(broker.host, broker.port),
                seed=SEED,
                station=StationOptions(receipt_timeout_seconds=2.0),
            ),
            first=FIRST,
            last=LAST,
            speed=SPEED,
            faults=faults,
        )
        with CityRun(city, options) as run:
            run.connect()
            run.live()
            run.finish()
            accounts = {one.station: one for one in run.accounts()}
        until(heard.says_goodbye)
        return _looked_at(
            directory,
            ingest,
            heard,
            accounts,
            {one.id: _lived(faults[one.id], one) for one in city},
        )


def _registered(one: CityStation) -> Station:
    return Station(one.id, one.name.zh, one.name.en, one.district, one.venue, one.seats)


def _looked_at(
    directory: Path,
    ingest: Service,
    heard: Heard,
    accounts: dict[str, StationAccount],
    expected: dict[str, list[Suffered]],
) -> Aftermath:
    windows: dict[str, dict[int, tuple[int | None, str | None]]] = defaultdict(dict)
    with sqlite3.connect(directory / "store.sqlite") as database:
        query = "SELECT station, start, entries, level FROM usage"
        for station, start, entries, level in database.execute(query):
            windows[station][start] = entries, level
    sessions, pressures = Counter[str](), Counter[str]()
    (path,) = directory.glob("store*session*.sqlite")
    with sqlite3.connect(path) as database:
        query = "SELECT station, measure, count(*) FROM sessions GROUP BY 1, 2"
        for station, measure, count in database.execute(query):
            sessions[station] += count
            pressures[station] += count * (measure == "bp")
    ended: dict[str, Counter[Outcome]] = {}
    for station, account in accounts.items():
        spans = ingest.operations.book.spans(station, account.epoch)
        ended[station] = Counter()
        for span in spans:
            ended[station][span.outcome] += span.last - span.first + 1
    by_station = ingest.operations.quarantine.by_station()
    return Aftermath(windows, sessions, pressures, by_station, ended, heard, accounts, expected)


def at(hour: float, day: date = FIRST) -> int:
    """A moment of a day, in seconds since 1970."""
    midnight = datetime.combine(day, time(), BEIJING_TIME)
    return int((midnight + timedelta(hours=hour)).timestamp())
