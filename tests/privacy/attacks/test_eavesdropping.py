"""Who knows the hour of a visit finds no class on the broker, in usage, or by joining the two."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import comb
from pathlib import Path
from random import Random

import pytest

from contract.quantities import SYSTOLIC
from contract.screening_batch import BloodPressureRow
from contract.topics import topic
from contract.usage import UsageWindow
from edge_agent.settings import PrivacySection
from ingest.calendar import ZONE
from tests.machine import Machine
from tests.privacy.attacks.belief import Finding, Report, reported, told
from tests.privacy.attacks.eavesdropping import (
    HOUR,
    Counted,
    Trace,
    counted,
    eavesdropper,
    join_with_occupancy,
    joined,
    traces_of,
    two_views,
)
from tests.privacy.attacks.traffic import (
    CARELESS,
    IN_FORCE,
    STATION,
    Seen,
    Sitting,
    sittings,
    traffic,
)
from tests.privacy.attacks.view import START, Released, Visit, prior, visits_of
from tests.travelling import Station as Furnished
from tests.trends_city import SPRING, Site

PRIOR = prior()
DAILY_SESSIONS = 1.2
BATCH = PrivacySection().min_batch
DAYS = 120
STREAMS = ("screening", "usage")
WAIT = timedelta(days=40)  # until the last batch has found its five

HERE = Site("A0", "110101", "bank")
DISTRICT = [HERE, *(Site(f"A{number}", "110101", "bank") for number in range(1, 10))]


def all_alike(sessions: int, *, high: bool) -> float:
    """The chance that so many random sessions are all of one class."""
    return float((PRIOR if high else 1 - PRIOR) ** sessions)


def highest_share(sessions: int) -> float:
    """The share of high ones that 95 % of random groups of at least this size do not exceed."""
    return max(_highest_of(size) for size in range(sessions, 4 * sessions))


def _highest_of(size: int) -> float:
    below, high = 0.0, -1
    while below < 0.95:
        high += 1
        below += comb(size, high) * PRIOR**high * (1 - PRIOR) ** (size - high)
    return high / size


def lives(
    directory: Path, privacy: PrivacySection, stations: int
) -> Iterator[tuple[list[Seen], list[Sitting]]]:
    for seed in range(stations):
        people = sittings(Random(seed), SPRING, DAYS, ZONE, DAILY_SESSIONS)
        until = people[-1].moment + WAIT
        yield traffic(directory / str(seed), people, privacy, until, seed), people


def overheard(directory: Path, privacy: PrivacySection, stations: int) -> Report:
    findings = [
        (eavesdropper(seen, one.moment, PRIOR), one.high)
        for seen, people in lives(directory, privacy, stations)
        for one in people
    ]
    return reported(findings, PRIOR)


def test_the_broker_tells_no_more_than_five_shuffled_rows(tmp_path: Path) -> None:
    findings: list[tuple[Finding, bool]] = []
    for seen, people in lives(tmp_path, IN_FORCE, 4):
        for one in people:
            finding = eavesdropper(seen, one.moment, PRIOR)
            morning, night = (one.moment.replace(hour=hour) for hour in (0, 23))
            # The hour, which is what he knows, is worth nothing.
            assert finding == eavesdropper(seen, morning, PRIOR)
            assert finding == eavesdropper(seen, night, PRIOR)
            findings.append((finding, one.high))
    report = told("F broker", reported(findings, PRIOR))
    learnt_high = sum(found.posterior == 1.0 for found, _ in findings) / len(findings)
    assert learnt_high <= all_alike(BATCH, high=True), learnt_high
    assert report.learnt <= all_alike(BATCH, high=True) + all_alike(BATCH, high=False), report
    assert report.mistaken == 0, report
    assert report.highest <= highest_share(BATCH), report


def test_a_station_that_sends_each_session_at_once_tells_everybody_s_class(tmp_path: Path) -> None:
    report = told("F broker, weakened", overheard(tmp_path, CARELESS, 1))
    assert report.learnt >= 0.99, report


def test_every_reading_is_one_row_of_one_message_of_one_stream(tmp_path: Path) -> None:
    seen, measured = furnished(tmp_path / "outbox.sqlite")
    told_by = {name: [one for one in seen if one.topic.endswith(name)] for name in STREAMS}
    assert sum(len(found) for found in told_by.values()) == len(seen)
    assert all(told_by.values())
    traces = traces_of(told_by["screening"])
    assert sorted(one.bins[0] or 0 for one in traces) == [SYSTOLIC.bin(one) for one in measured]
    assert traces_of(told_by["usage"]) == []
    for message in told_by["usage"]:
        for window in json.loads(message.payload)["windows"]:
            assert set(window) <= set(UsageWindow.model_fields)
    assert joined(traces) == 0
    moment = seen[0].at
    while moment < seen[-1].at:
        assert two_views(traces, STATION, moment, PRIOR) == Finding(PRIOR)
        moment += HOUR


def furnished(path: Path) -> tuple[list[Seen], list[int]]:
    """Two days of a station with cuff and sensors: its messages, and what was measured, sorted."""
    machine = Machine(datetime(2026, 4, 8, 9, 0, tzinfo=ZONE))
    station = Furnished(path, machine, privacy=IN_FORCE)
    seen, measured = [], []
    for quarter in range(2 * 96):
        if quarter % 96 < 48 and quarter % 5 == 0:
            measured.append(101 + quarter // 2)
            station.measure(measured[-1])
        station.live(timedelta(minutes=15), step=timedelta(minutes=5))
        pending = station.outbox.pending(99)
        seen += [Seen(topic(STATION, one.stream), machine.real, one.payload) for one in pending]
        station.outbox.settle(station.outbox.epoch, [one.seq for one in pending])
    station.close()
    return seen, sorted(measured)


def test_a_city_without_rows_of_hours_tells_who_joins_nothing() -> None:
    visits = visits_of(Random(3), DISTRICT, 4, 6, 11)
    traces = [in_two_streams(visit)[0] for visit in visits]
    findings = [
        (two_views(traces, one.site.station, one.moment, PRIOR), one.high) for one in visits
    ]
    report = told("J two views", reported(findings, PRIOR))
    assert (report.learnt, report.moved) == (0, 0), report


def test_two_streams_of_the_same_rows_are_joined() -> None:
    visits = visits_of(Random(3), DISTRICT, 4, 6, 11)
    traces = [trace for visit in visits for trace in in_two_streams(visit)]
    findings = [
        (two_views(traces, one.site.station, one.moment, PRIOR), one.high) for one in visits
    ]
    report = told("J two views, weakened", reported(findings, PRIOR))
    assert joined(traces) >= 0.5
    assert report.learnt >= 0.9, report


def in_two_streams(visit: Visit) -> tuple[Trace, Trace]:
    """A row of the station's week, and the same row of the district's hour."""
    row, hour = visit.row, visit.moment.replace(minute=0)
    assert isinstance(row, BloodPressureRow)
    monday = hour.replace(hour=0) - timedelta(days=hour.weekday())
    bins = (row.s, row.d, row.p)
    return (
        Trace(visit.site.station, monday, monday + timedelta(weeks=1), bins, visit.high),
        Trace(visit.site.district, hour, hour + HOUR, bins, visit.high),
    )


def lonely(seed: int) -> tuple[list[Visit], Visit]:
    """A station's four weeks, and somebody who came in an hour in which nobody else did."""
    visits = visits_of(Random(seed), [HERE], 4, 6, 11)
    return visits, next(
        one for one in visits if sum(of_hour(one.moment, [two]) for two in visits) == 1
    )


def of_hour(hour: datetime, visits: list[Visit]) -> int:
    """How many came in that hour."""
    start = hour.replace(minute=0)
    return sum(start <= visit.moment < start + HOUR for visit in visits)


def by_hour(visits: list[Visit]) -> list[Counted]:
    """Exact health counts of each hour of a station: what is not done."""
    found = {}
    for visit in visits:
        start = visit.moment.replace(minute=0)
        mine = [one.high for one in visits if start <= one.moment < start + HOUR]
        found[start] = Counted(start, start + HOUR, (len(mine),) * 2, (sum(mine),) * 2)
    return list(found.values())


@pytest.mark.parametrize("weakened", [False, True], ids=["in force", "weakened"])
def test_one_visitor_in_an_hour_is_not_one_session_in_an_hour(weakened: bool) -> None:
    findings = []
    for seed in range(60):
        visits, victim = lonely(seed)
        view = Released(visits)
        counts = (
            by_hour(visits)
            if weakened
            else counted(view.cells(START + timedelta(weeks=20)), HERE.station, view.rules)
        )
        entries = of_hour(victim.moment, visits)
        findings.append((join_with_occupancy(entries, counts, victim.moment, PRIOR), victim.high))
    report = told("I occupancy" + ", weakened" * weakened, reported(findings, PRIOR))
    assert report.mistaken == 0
    if weakened:
        assert report.learnt >= 0.99, report
    else:
        assert report.learnt == 0, report
        assert report.highest <= PRIOR + 1.645 * (PRIOR * (1 - PRIOR) / 34) ** 0.5, report
