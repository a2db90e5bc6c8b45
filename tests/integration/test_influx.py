"""The production store on a real influxd: what is kept, refused and waited out."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.errors import Reason, StoreUnavailable
from ingest.calendar import ZONE, week_of
from ingest.records import SessionRecord, UsageRecord, identity
from ingest.settings import StoreSection
from ingest.store.influx import InfluxStore
from ingest.store.influx_buckets import RAW, TRENDS, USAGE
from ingest.store.opening import open_store
from ingest.windows import Level, block_of
from tests.contract.test_store_trends import cells
from tests.integration.influx import TOKEN, Influx

NOW = datetime(2026, 2, 20, 12, 0, tzinfo=ZONE)
DAY = NOW.date()


def opened(settings: StoreSection) -> InfluxStore:
    store = open_store(settings, lambda: NOW)
    assert isinstance(store, InfluxStore)
    return store


@pytest.fixture
def store(influx: Influx, tmp_path: Path) -> Iterator[InfluxStore]:
    opened_store = opened(influx.settings(tmp_path))
    yield opened_store
    opened_store.close()


def sessions(n: int, days_ago: int = 0, seq: int = 1) -> list[SessionRecord]:
    day = DAY - timedelta(days=days_ago)
    return [
        SessionRecord(
            station=f"S{row % 50}", district="110105", measure="bp",
            at=identity(day, f"S{row % 50}", 7, seq, row), day=day, category="normal",
            subtype=None, systolic=110, diastolic=70, pulse=60, single=True, venue="hub",
        )
        for row in range(n)
    ]  # fmt: skip


def window(number: int, **changes: Any) -> UsageRecord:
    start = int(NOW.timestamp()) // 900 * 900 + 900 * number
    return UsageRecord("S1", start, "110105", 3, 10.0, 0.5, 2, "some")._replace(**changes)


def test_every_kind_of_value_arrives_with_its_type(influx: Influx, store: InfluxStore) -> None:
    store.write([*sessions(1), window(0)])
    fields = {
        tuple(row)
        for bucket in (RAW, USAGE)
        for row in influx.ask("SHOW FIELD KEYS", bucket)["series"][0]["values"]
    }
    assert fields == {
        ("category", "string"), ("single", "boolean"), ("systolic", "integer"),
        ("diastolic", "integer"), ("pulse", "integer"), ("windows", "integer"),
        ("entries", "integer"), ("occupied", "float"), ("mean", "float"), ("peak", "integer"),
        ("level", "string"), ("venue", "string"), ("station", "string"), ("district", "string"),
        ("measure", "string"),
    }  # fmt: skip
    points = influx.ask('SELECT * FROM "usage"', USAGE)["series"][0]
    assert dict(zip(points["columns"], points["values"][0], strict=True)) == {
        "time": window(0).start * 10**9, "district": "110105", "station": "S1", "windows": 1,
        "entries": 3, "occupied": 10.0, "mean": 0.5, "peak": 2, "level": "some",
    }  # fmt: skip


def test_one_bad_point_among_five_thousand_is_found_and_all_others_are_stored(
    influx: Influx, store: InfluxStore
) -> None:
    records = sessions(5_000)
    records[3_210] = records[3_210]._replace(pulse=2**70)
    (refused,) = store.write(records)
    assert (refused.position, refused.reason) == (3_210, Reason.STORE_REFUSED)
    assert influx.count(RAW, "single", "session") == 4_999


def test_a_value_of_another_type_than_the_database_has_is_refused_alone(
    influx: Influx, store: InfluxStore
) -> None:
    influx.ask(f'CREATE DATABASE "{USAGE}"')
    store.write([window(0, mean=None)])
    influx.ask("DROP MEASUREMENT usage", USAGE)
    store._connection.write(USAGE, "s", [f"usage,station=S1 peak=1.5 {window(0).start}"])
    refused = store.write([window(1), window(2, peak=None), window(3)])
    assert [(one.position, one.detail) for one in refused] == [
        (0, "a field has another type in the database"),
        (2, "a field has another type in the database"),
    ]
    assert influx.count(USAGE, "windows", "usage") >= 1


def test_writes_are_compressed_and_no_larger_than_told(influx: Influx, tmp_path: Path) -> None:
    before = len(influx.requests())
    opened(influx.settings(tmp_path, lines_per_write=400)).write(sessions(1_000))
    writes = influx.writes(since=before, number=3)
    assert [(method, encoding, status) for method, _, encoding, _, status in writes] == [
        ("POST", "gzip", "204")
    ] * 3
    assert all(int(length) < 400 * 80 for _, _, _, length, _ in writes)
    assert influx.count(RAW, "single", "session") == 1_000


def test_what_was_acknowledged_survives_kill_9(influx: Influx, store: InfluxStore) -> None:
    store.write(sessions(20_000))
    influx.kill()
    influx.start()
    assert sum(store.trends.session_counts(week_of(DAY)).values()) == 20_000


def test_written_three_times_counts_once(influx: Influx, store: InfluxStore) -> None:
    for _ in range(3):
        store.write([*sessions(500), *sessions(500, seq=2), window(0)])
    assert influx.count(RAW, "single", "session") == 1_000
    assert influx.count(USAGE, "windows", "usage") == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"token": "another"}, "HTTP 401: the token is refused; set [store.influx] token"),
        ({"url": "http://127.0.0.1:9"}, "the connection is refused"),
    ],
)
def test_a_wrong_setting_is_unavailable_in_a_clear_sentence(
    influx: Influx, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    store = opened(influx.settings(tmp_path, **changes))
    with pytest.raises(StoreUnavailable) as caught:
        store.write(sessions(1))
    assert sentence in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert "another" not in str(caught.value)
    with pytest.raises(StoreUnavailable):
        store.trends.released_weeks()


def test_a_bucket_that_is_not_there_is_unavailable_for_reading_and_writing(
    influx: Influx, store: InfluxStore
) -> None:
    influx.ask(f'DROP DATABASE "{RAW}"')
    with pytest.raises(StoreUnavailable, match=r"404: .*run: health-kiosk ingest init"):
        store.write(sessions(1))
    influx.ask(f'DROP DATABASE "{TRENDS}"')
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.trends.released_weeks()


def test_a_database_that_hangs_is_unavailable_within_its_time(
    influx: Influx, tmp_path: Path
) -> None:
    store = opened(influx.settings(tmp_path, timeout_seconds=0.2))
    influx.hang()
    try:
        with pytest.raises(StoreUnavailable, match=r"no answer within 0\.2 s"):
            store.write(sessions(1))
    finally:
        influx.resume()


def test_a_full_disk_is_unavailable_and_refuses_nothing_for_good(tmp_path: Path) -> None:
    """As influxd answers when its file system is full: 500 and the error of the write."""
    with answering(b"500", b'{"error":"engine: error writing WAL entry: no space left"}') as url:
        store = opened(_at(url, tmp_path))
        with pytest.raises(StoreUnavailable, match="500: engine: error writing WAL entry: no sp"):
            store.write(sessions(10))


def test_a_proxy_that_says_400_is_not_believed_to_speak_of_points(tmp_path: Path) -> None:
    with answering(b"400", b"<html>The plain HTTP request was sent to HTTPS port") as url:
        store = opened(_at(url, tmp_path))
        with pytest.raises(StoreUnavailable, match="HTTP 400"):
            store.write(sessions(10))


def test_what_is_older_than_the_database_keeps_is_not_sent(influx: Influx, tmp_path: Path) -> None:
    store = opened(influx.settings(tmp_path, raw_days=60))
    # 60 days before that noon is a Monday's noon, so that week has begun to expire.
    refused = store.write([*sessions(2, 53), *sessions(2, 54), *sessions(2, 46)])
    assert [(one.position, one.reason) for one in refused] == [
        (2, Reason.EXPIRED),
        (3, Reason.EXPIRED),
    ]
    assert influx.count(RAW, "single", "session") == 4


def test_what_the_database_finds_expired_is_told_as_expired(
    influx: Influx, store: InfluxStore
) -> None:
    influx.ask(f'ALTER RETENTION POLICY "autogen" ON "{RAW}" DURATION 1d SHARD DURATION 1h')
    refused = store.write(sessions(3, days_ago=30))
    assert [one.reason for one in refused] == [Reason.EXPIRED] * 3


def test_a_session_that_comes_again_after_its_station_moved_is_one_session(
    influx: Influx, store: InfluxStore
) -> None:
    (one,) = sessions(1)
    store.write([one])
    store.write([one._replace(venue="bank", district="110101")])
    assert influx.count(RAW, "single", "session") == 1
    (found,) = store.trends.sessions(week_of(DAY), ["S0"])
    assert (found.district, found.venue) == ("110101", "bank")


def test_a_population_is_one_point_that_a_dashboard_can_draw(
    influx: Influx, store: InfluxStore
) -> None:
    published = cells(Level.STATION, "S1", block_of(week_of(DAY), 4))
    store.trends.publish(published, {"S1": "110105"})
    store.trends.mark_released(week_of(DAY))
    points = influx.ask("SELECT * FROM trend_station", TRENDS)["series"][0]
    (values,) = points["values"]
    row = dict(zip(points["columns"], values, strict=True))
    tags = {"audience": "internal", "level": "station", "area": "S1", "measure": "bp"}
    assert row.items() >= {
        **tags, "weeks": "4", "district": "110105", "n": 85, "low_precision": True,
        "high_state": "shown", "high_count": 40, "high_share": 47, "high_low": 35, "high_high": 59,
        "normal_state": "small", "normal_rule": "small_part", "grade3_per_thousand": 0,
        "systolic_p50": 131.0, "systolic_p25_rule": "tells_a_small_part",
    }.items()  # fmt: skip
    assert "normal_count" not in row
    assert row["time"] == int(datetime(2026, 1, 26, tzinfo=ZONE).timestamp()) * 10**9
    tags_there = influx.ask("SHOW TAG KEYS FROM trend_station", TRENDS)["series"][0]["values"]
    assert [key for (key,) in tags_there] == [
        "area", "audience", "district", "level", "measure", "weeks",
    ]  # fmt: skip
    (mark,) = influx.ask("SELECT released FROM release", TRENDS)["series"][0]["values"]
    assert mark == [int(datetime(2026, 2, 16, tzinfo=ZONE).timestamp()) * 10**9, True]


def test_questions_about_thousands_of_stations_fit_into_an_address(
    influx: Influx, store: InfluxStore
) -> None:
    week = week_of(DAY)
    names = [f"BJ-CY-{number:05}-站" for number in range(1_000)]
    store.write(
        [one._replace(station=name) for name, one in zip(names, sessions(1_000), strict=True)]
    )
    before = len(influx.requests())
    found = list(store.trends.sessions(week, names))
    assert sorted(one.station for one in found) == names
    asked = [line for line in influx.requests()[before:] if line[1] == "/query"]
    assert all(int(length) < 8_192 for *_, length, _ in asked)
    assert len(asked) <= 20


@contextmanager
def answering(status: bytes, body: bytes) -> Iterator[str]:
    """A server that answers one request so, whatever it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                length = str(len(body)).encode()
                connection.sendall(
                    b"HTTP/1.1 " + status + b" So\r\nConnection: close\r\nContent-Length: "
                    + length + b"\r\n\r\n" + body
                )  # fmt: skip

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def _at(url: str, directory: Path) -> StoreSection:
    return StoreSection.model_validate(
        {
            "kind": "influx",
            "operations_url": f"sqlite:///{directory}/operations.sqlite",
            "influx": {"url": url, "token": TOKEN},
            "retention": {"raw_days": 0},
        }
    )
