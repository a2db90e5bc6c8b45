"""What a simulated fleet needs to live on a broker: stations, files, passwords, whom to believe."""

import argparse
import csv
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from health_kiosk.failure import Failure
from simulators.city import CityStation, stations, write_stations_csv
from simulators.open_files import allow_files


def city_to_live(options: argparse.Namespace) -> tuple[CityStation, ...] | None:
    """The stations of the options' seed; None if only their inventory was asked for, and written.

    Raises Failure without a broker, or if this machine cannot open so many connections.
    """
    city = stations(options.stations, Random(options.seed))  # noqa: S311  # a game
    if options.write_inventory is not None:
        write_stations_csv(options.write_inventory, city)
        return None
    if options.broker is None:
        raise Failure("name a broker with --broker HOST:PORT, or a file with --write-inventory")
    try:
        allow_files(len(city))
    except ValueError as error:
        raise Failure(str(error)) from error
    return city


def passwords(file: Path | None, city: Sequence[CityStation]) -> Mapping[str, str]:
    """The password of each station from a CSV of ids and passwords, none without a file.

    Raises Failure for a file that lacks a station.
    """
    if file is None:
        return {}
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


def encryption(ca_file: Path | None) -> ssl.SSLContext | None:
    """TLS that believes the certificates in a file, none without a file; raises Failure."""
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Failure(f"cannot use {ca_file} as an authority: {error}") from error
