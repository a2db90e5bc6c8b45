"""Alert rules about stations, asked of a real InfluxDB that holds what ingest has written."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.calendar import ZONE
from ingest.fleet import COUNTED, FLEET
from ingest.store.fleet import Point
from ingest.store.influx_buckets import FLEET as BUCKET
from ingest.store.opening import open_store
from tests.grafana_alerts import WRITTEN, cases
from tests.integration.influx import Influx

NOW = datetime(2026, 2, 6, 10, 0, tzinfo=ZONE)
MIYUN, CHAOYANG, CITY = "110118", "110105", "110000"


class Grafana:
    """Asks the questions of rules as Grafana does."""

    def __init__(self, influx: Influx, directory: Path) -> None:
        self._influx = influx
        self._room = open_store(influx.settings(directory), lambda: NOW).fleet

    def write(self, district: str, minutes_ago: float, **fields: int) -> None:
        """What ingest wrote of a district some time ago; what is not named is 0."""
        at = int((NOW - timedelta(minutes=minutes_ago)).timestamp())
        told = dict.fromkeys(COUNTED, 0) | fields
        self._room.write([Point(FLEET, {"district": district}, told, at)])

    def fired(self, uid: str, now: datetime = NOW) -> dict[str, bool]:
        """Whether a rule fires, for each district that it knows of."""
        return cases(uid, dict(self._answers(uid, now)))

    def _answers(self, uid: str, now: datetime) -> Iterable[tuple[str, dict[str, list[float]]]]:
        for one in WRITTEN[uid]["data"]:
            if "query" in one["model"]:
                until = int(now.timestamp())
                since = until - one["relativeTimeRange"]["from"]
                span = f"time >= {since}s AND time <= {until}s"
                found = self._influx.ask(one["model"]["query"].replace("$timeFilter", span), BUCKET)
                yield (
                    one["refId"],
                    {
                        series["tags"]["district"]: [row[1] for row in series["values"]]
                        for series in found.get("series", ())
                    },
                )


@pytest.fixture
def grafana(influx: Influx, tmp_path: Path) -> Grafana:
    return Grafana(influx, tmp_path)


def test_the_district_that_is_silent_is_named_and_no_other(grafana: Grafana) -> None:
    for ago, silent in ((11, 0), (6, 12), (1, 13)):
        grafana.write(MIYUN, ago, registered=120, never_heard=20, silent=silent)
        grafana.write(CHAOYANG, ago, registered=100, silent=1)
        grafana.write(CITY, ago, registered=220, never_heard=20, silent=silent + 1)
    assert grafana.fired("kiosk-stations-silent") == {MIYUN: True, CHAOYANG: False}
    assert grafana.fired("kiosk-city-silent") == {CITY: False}


def test_a_silent_city_is_one_alarm_more(grafana: Grafana) -> None:
    grafana.write(CITY, 1, registered=220, never_heard=20, silent=50)
    assert grafana.fired("kiosk-city-silent") == {CITY: True}


def test_a_backlog_that_grows_is_told_from_one_that_is_high(grafana: Grafana) -> None:
    for ago in range(1, 180, 5):
        grafana.write(MIYUN, ago, registered=100, backlog_messages=300 - ago)
        grafana.write(CHAOYANG, ago, registered=100, backlog_messages=300)
    assert grafana.fired("kiosk-backlog-growing") == {MIYUN: True, CHAOYANG: False}


def test_a_gap_in_a_ledger_is_its_districts(grafana: Grafana) -> None:
    grafana.write(MIYUN, 1, ledger_gap=1)
    grafana.write(CHAOYANG, 1)
    assert grafana.fired("kiosk-ledger-gap") == {MIYUN: True, CHAOYANG: False}


def test_what_ingest_does_not_write_is_no_answer_and_not_health(grafana: Grafana) -> None:
    grafana.write(MIYUN, 30, registered=120, silent=120, ledger_gap=3)
    grafana.write(CITY, 30, registered=120, silent=120)
    for uid in ("kiosk-stations-silent", "kiosk-city-silent", "kiosk-ledger-gap"):
        assert grafana.fired(uid) == {}, "no data: the last state is kept"
    assert grafana.fired("kiosk-ledger-gap", NOW - timedelta(minutes=15)) == {MIYUN: True}
