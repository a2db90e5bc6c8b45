"""The quarantine of both engines, counted by station."""

from datetime import datetime

from contract.errors import Reason
from ingest.calendar import ZONE
from ingest.operations import Operations, Refused

NOW = datetime(2026, 2, 10, tzinfo=ZONE)


def test_the_quarantine_is_counted_by_the_station_whose_topic_it_came_on(
    operations: Operations,
) -> None:
    assert operations.quarantine.by_station() == {}
    sent = [("BJ-CY-012", b"1"), ("BJ-CY-012", b"2"), ("BJ-DC-001", b"1"), ("", b"3")]
    refused = [
        Refused(f"kiosk/{station}", payload, Reason.SCHEMA, "broken", station)
        for station, payload in sent
    ]
    for _ in range(2):  # what is refused again is there once
        operations.record(refused=refused, now=NOW)
    assert operations.quarantine.by_station() == {"BJ-CY-012": 2, "BJ-DC-001": 1, "": 1}
