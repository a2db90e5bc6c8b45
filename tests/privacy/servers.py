"""InfluxDB as a centre has it: sessions through the store, on one server or on one of their own."""

import tomllib
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

from ingest.records import SessionRecord, identity
from ingest.settings import StoreSection
from ingest.store.influx_buckets import FLEET, RAW, READABLE, TRENDS, USAGE
from ingest.store.influx_setup import prepare
from ingest.store.opening import open_store
from tests.integration.influx import (
    ADMIN_TOKEN,
    DASHBOARDS,
    DASHBOARDS_TOKEN,
    INGEST,
    TOKEN,
    Influx,
    running_influx,
)
from tests.privacy.attacks.dashboards import Door, oracles, readings, said

STATION = "BJ-MY-777"
DAY = date(2026, 2, 6)
NEW_YEAR = 1_767_196_800_000_000_000
HIGH, NORMAL = 23, 41
METRICS = "GET /metrics"


class Apart:
    """Two servers, prepared by the command, and what the first said before there were sessions."""

    def __init__(self, directory: Path, servers: ExitStack) -> None:
        self.first, self.sessions = (
            servers.enter_context(running_influx(directory / name, auth=True))
            for name in ("first", "sessions")
        )
        self.first.ask(f'DROP DATABASE "{RAW}"')
        self.sessions.ask(f"DROP USER {DASHBOARDS}")
        for bucket in READABLE:
            self.sessions.ask(f'DROP DATABASE "{bucket}"')
        prepare(self._settings(ADMIN_TOKEN))
        fill_readable(self.first)
        self.before = [asked(door) for door in doors(self.first)]
        fill_sessions(self._settings(TOKEN))

    def _settings(self, token: str) -> StoreSection:
        return self.first.settings(
            self.first.directory, token=token, raw_url=self.sessions.url, raw_token=token
        )


def fill_readable(influx: Influx) -> None:
    """Something to read in each of the buckets that may be read."""
    for bucket, measurement in ((TRENDS, "trend"), (FLEET, "alive"), (USAGE, "seen")):
        line = f"{measurement} n=35i {NEW_YEAR}"
        assert influx.write_as(INGEST, bucket, line).status_code == 204


def fill_sessions(settings: StoreSection) -> None:
    """Sessions, through the store."""
    store = open_store(settings, lambda: datetime(2026, 2, 9, tzinfo=UTC))
    sessions = [
        SessionRecord(
            STATION, "110118", "bp", identity(DAY, STATION, 7, 1, row), DAY,
            "grade2" if row < HIGH else "normal", None, 165, 105, 90, single=True, venue="hub",
        )
        for row in range(HIGH + NORMAL)
    ]  # fmt: skip
    assert not store.write(sessions)


def past_proxy(influx: Influx) -> str:
    """Where influxd itself listens."""
    configuration = tomllib.loads((influx.directory / "influxd.conf").read_text())
    return f"http://{configuration['http']['bind-address']}"


def doors(influx: Influx) -> list[Door]:
    """Past the proxy as the user, and through it with the token of the user."""
    return [
        Door(past_proxy(influx), user=DASHBOARDS, password=DASHBOARDS_TOKEN),
        Door(influx.url, token=DASHBOARDS_TOKEN),
    ]


def asked(door: Door) -> dict[str, str]:
    """Every question with its answer, less how the machine does and how long he has asked."""
    found = [*readings(door), *(one for pair in oracles(door) for one in pair)]
    return {
        one.tried: said(one) for one in found if one.tried != METRICS and "QUERIES" not in one.tried
    }
