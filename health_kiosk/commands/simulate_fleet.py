"""`health-kiosk simulate fleet`: a city of light stations that live on a real broker."""

import argparse
import csv
import signal
import ssl
import sys
from pathlib import Path
from random import Random, SystemRandom

from health_kiosk.failure import Failure
from simulators.city import CityStation, stations, write_stations_csv
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_station import StationOptions
from simulators.mqtt_loop import Address


def run(options: argparse.Namespace) -> None:
    """Live until the process is told to end, or only write the inventory."""
    city = stations(options.stations, Random(options.seed))  # noqa: S311  # a game
    if options.write_inventory is not None:
        write_stations_csv(options.write_inventory, city)
        return
    if options.broker is None:
        raise Failure("name a broker with --broker HOST:PORT, or a file with --write-inventory")
    passwords = {} if options.passwords is None else _passwords(options.passwords, city)
    station = StationOptions(passwords=passwords, tls=_tls(options.ca_file))
    life = SystemRandom().randrange(1, 2**31)  # numbers begin anew with each start
    fleet = FleetOptions(
        address=Address(*options.broker), seed=options.seed, life=life, station=station
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Fleet(city, fleet) as living:
        living.connect()
        print(f"{len(city)} stations live", file=sys.stderr)
        living.live(lambda: False)


def _passwords(file: Path, city: tuple[CityStation, ...]) -> dict[str, str]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            known = dict(line for line in csv.reader(lines) if len(line) == 2)
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from error
    if lacking := [station.id for station in city if station.id not in known]:
        raise Failure(
            f"{file} has no password for {len(lacking)} stations such as {lacking[0]}; run"
            " deploy/secrets.sh stations with their inventory (--write-inventory)"
        )
    return known


def _tls(ca_file: Path | None) -> ssl.SSLContext | None:
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Failure(f"cannot use {ca_file} as an authority: {error}") from error
