"""The audit of a city whose store is InfluxDB: the same checks, read in another way."""

from datetime import datetime
from pathlib import Path

from ingest.calendar import ZONE
from ingest.records import UsageRecord
from ingest.store.opening import open_store
from simulators.truth import read_account
from tests.integration.audited_city import NOW, Audited, lived
from tests.integration.broker import Broker
from tests.integration.influx import Influx

TUESDAY = datetime(2026, 2, 10, 3, 7, tzinfo=ZONE)


def test_a_city_in_influxdb_balances_and_what_is_broken_is_named(
    influx: Influx, broker: Broker, tmp_path: Path
) -> None:
    city = lived(broker, tmp_path, influx.settings(tmp_path), 40)
    findings = city.audit()
    assert [check.name for check in findings.checks if not check.balances] == []
    sums = findings.of("sessions").figures
    assert sums["measured"] == sums["stored"] + sums["staged"] > 1000
    assert findings.of("windows").figures["stored"] == windows(city)
    assert findings.of("shares").figures["shares"] > 50

    store = open_store(city.settings.store, lambda: NOW)
    more = UsageRecord("BJ-CY-001", int(TUESDAY.timestamp()), "110105", 4, None, None, None, None)
    store.write([more])
    influx.ask("DELETE FROM session WHERE stations = 'BJ-DC-00'", "kiosk_raw")
    findings = city.audit()
    (added,) = findings.of("windows").differences
    assert (added.place, added.week, added.what) == ("BJ-CY-001", "2026-W07", "windows")
    expected = {
        (account.station, week, "0")
        for account in read_account(city.account)[1]
        if account.station.startswith("BJ-DC-00")
        for week in account.by_week or ()
    }
    gone = {(one.place, one.week, one.found) for one in findings.of("sessions").differences}
    assert gone == expected
    assert len(gone) >= 6


def windows(city: Audited) -> int:
    """How many the truth has."""
    lines = city.truth.read_text().splitlines()[1:]
    return sum(int(line.split('"windows":')[1].rstrip("}")) for line in lines)
