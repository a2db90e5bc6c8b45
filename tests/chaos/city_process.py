"""A light fleet as a process that may be killed: each life sends the same messages, same numbers.

`python -m tests.chaos.city_process '{"port": ..., ...}'` sends a number of days, each at its time,
and waits for every receipt; then it writes down what the stations sent, and ends.
"""

import json
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import time

from contract.receipts import Outcome
from simulators.city import CityStation, stations
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_office import Sent as OnItsWay
from simulators.fleet_office import StationOptions
from simulators.fleet_station import FleetStation
from simulators.history import history
from simulators.mqtt_loop import Address
from tests.chaos.books import Sent, to_json

_STATION = StationOptions(
    min_batch=5, window=8, receipt_timeout_seconds=3.0, heartbeat_seconds=5.0, keepalive_seconds=10
)


@dataclass(frozen=True, slots=True)
class Errand:
    """What one city sends where: `days` from `first` on, one every `day_seconds` from `starts`."""

    host: str
    port: int
    seed: int
    stations: int
    first: str
    days: int
    starts: float
    day_seconds: float
    file: str

    def city(self) -> tuple[CityStation, ...]:
        """Its stations."""
        return stations(self.stations, Random(self.seed))

    def as_json(self) -> str:
        """As one argument of a command."""
        return json.dumps(asdict(self))


class Recorder(Fleet):
    """A fleet that writes down what each station's receipted messages say."""

    def __init__(self, errand: Errand) -> None:
        self.sent: defaultdict[str, Sent] = defaultdict(Sent)
        address = Address(errand.host, errand.port)
        options = FleetOptions(address=address, seed=errand.seed, station=_STATION)
        super().__init__(errand.city(), options)

    def receipted(self, station: FleetStation, sent: OnItsWay, outcome: Outcome) -> None:
        """Count it, and what it says."""
        super().receipted(station, sent, outcome)
        self.sent[station.id].add(sent.message.stream, sent.message.payload, outcome)


def live(errand: Errand, fleet: Recorder) -> None:
    """Send each day at its time, those that are over at once; return when all is receipted."""
    fleet.dial()
    for number in range(errand.days):
        while time() < errand.starts + number * errand.day_seconds:
            fleet.loop.turn()
        day = date.fromisoformat(errand.first) + timedelta(days=number)
        for station in fleet.stations:
            for message in history(station.logbook, errand.seed, day, day):
                station.send(message)
    while fleet.pending:
        fleet.loop.turn()
    for station in fleet.stations:
        fleet.sent[station.id].finish(station.logbook.epoch, station.logbook.numbered)


def main() -> None:
    """One life; nothing is written before all messages have their receipts."""
    errand = Errand(**json.loads(sys.argv[1]))
    with Recorder(errand) as fleet:
        live(errand, fleet)
    whole = Path(errand.file)
    part = whole.with_suffix(".part")
    part.write_text(to_json(fleet.sent))
    part.rename(whole)


if __name__ == "__main__":
    main()
