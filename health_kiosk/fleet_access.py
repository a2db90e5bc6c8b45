"""What a simulated fleet needs to be let in by a broker: passwords, and whom to believe."""

import csv
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path

from health_kiosk.failure import Failure
from simulators.city import CityStation


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
