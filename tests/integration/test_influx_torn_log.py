"""What influxd 1.6 does after a power cut in the middle of a write, and what keeps data safe.

A torn entry at the end of a write-ahead log is what a full disk leaves as well.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.store.influx_connection import Connection
from tests.integration.influx import Influx, running_influx

_TORN = b"\x01\x00\x00\x00\x80abc"
"""The beginning of an entry: a write of 128 bytes, of which three came."""


@pytest.fixture
def torn(tmp_path: Path) -> Iterator[tuple[Influx, Connection]]:
    """An influxd that is down, with one point in a log whose end is torn."""
    with running_influx(tmp_path) as influx:
        influx.reset()
        connection = Connection(influx.settings(tmp_path).influx)
        write(connection, 1)
        influx.kill()
        (log,) = (tmp_path / "wal" / "kiosk_raw").glob("*/*/*.wal")
        with log.open("ab") as file:
            file.write(_TORN)
        yield influx, connection
        connection.close()


def write(connection: Connection, number: int) -> None:
    """Commit a point; an error is raised."""
    line = f"session,station=S{number} v={number} {1_700_000_000 + number}"
    assert connection.write("kiosk_raw", "s", [line]) == []


def numbers(influx: Influx) -> list[int]:
    """The points that are there."""
    (series,) = influx.ask("SELECT v FROM session", "kiosk_raw")["series"]
    return [value for _, value in series["values"]]


def test_started_twice_influxd_keeps_what_it_takes_after_a_torn_log(
    torn: tuple[Influx, Connection],
) -> None:
    influx, connection = torn
    influx.start()
    influx.kill()
    influx.start()
    write(connection, 2)
    influx.kill()
    influx.start()
    assert numbers(influx) == [1, 2]


def test_started_once_influxd_loses_what_it_takes_after_a_torn_log(
    torn: tuple[Influx, Connection],
) -> None:
    """If this fails, influxd has been mended, and the advice to start it twice may go."""
    influx, connection = torn
    influx.start()
    write(connection, 2)
    assert numbers(influx) == [1, 2]
    influx.kill()
    influx.start()
    assert numbers(influx) == [1]
