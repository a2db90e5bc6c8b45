"""What the simulator says of a fault against the agent of a real station that suffers the same."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from contract.errors import Reason
from contract.screening_batch import blood_pressure_row
from contract.usage import Level, UsageWindow
from simulators.city import BEIJING_TIME
from simulators.fault_effects import Suffered, suffered
from simulators.faults import Fault, FaultKind
from simulators.station_days import Session, StationDay
from tests.machine import Machine
from tests.travelling import Station

DAY = date(2026, 11, 3)
MIDNIGHT = datetime.combine(DAY, time(), BEIJING_TIME)
HOUR, STEP = timedelta(hours=1), timedelta(minutes=3)
OPENS, CLOSES = 8, 20
MEASURED = (9.5, 11.5, 13.5, 15.5, 17.5, 19.5)
CUT, SILENT, JUMP, AWAY = (
    FaultKind.POWER_CUT, FaultKind.SENSOR_SILENT, FaultKind.CLOCK_JUMP, FaultKind.OFFLINE,
)  # fmt: skip


def at(hour: float) -> datetime:
    return MIDNIGHT + hour * HOUR


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    one = Station(tmp_path / "o.sqlite", Machine(at(OPENS)))
    yield one
    one.close()


class Real:
    """Leads a real station through a day with its faults."""

    def __init__(self, station: Station, faults: Sequence[Fault]) -> None:
        self._station = station
        self._faults = faults
        self._wrong = timedelta(0)

    def live(self) -> None:
        edges = {moment for one in self._faults for moment in (one.start, one.end)}
        events = sorted({*edges, *map(at, MEASURED), at(CLOSES)})
        for moment in events:
            self._until(moment)
            self._set_clock(moment)
            if moment in map(at, MEASURED) and not self._has(CUT, moment):
                self._station.measure()
        self._station.connected = True
        self._station.live(STEP * 5, step=STEP)
        self._station.finish()

    def _until(self, moment: datetime) -> None:
        now = self._station.machine.real
        if self._has(CUT, now):
            self._station.restart_machine(after=moment - now)
        elif self._has(SILENT, now):
            self._station.idle(moment - now, step=STEP)
        else:
            self._station.connected = not self._has(AWAY, now)
            self._station.live(moment - now, step=STEP)

    def _set_clock(self, moment: datetime) -> None:
        jumps = [one for one in self._faults if one.kind is JUMP and one.holds(moment)]
        wrong = timedelta(hours=jumps[-1].amount) if jumps else timedelta(0)
        self._station.machine.shown += wrong - self._wrong
        self._wrong = wrong

    def _has(self, kind: FaultKind, moment: datetime) -> bool:
        return any(one.kind is kind and one.holds(moment) for one in self._faults)


def simulated(faults: Sequence[Fault]) -> Suffered:
    row = blood_pressure_row(120, 80, 70, single=True)
    sessions = tuple(Session(hour * 60, row, "normal") for hour in MEASURED)
    starts = range(int(at(OPENS).timestamp()), int(at(CLOSES).timestamp()), 900)
    windows = [UsageWindow(start=start, entries=5, level=Level.FREE) for start in starts]
    return suffered(StationDay(DAY, (), sessions), windows, faults)


def fault(kind: FaultKind, start: float, end: float, amount: float = 1.0) -> Fault:
    return Fault(kind, at(start), at(end), amount)


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [fault(AWAY, 9, 16)],
        [fault(CUT, 11.01, 12.75)],
        [fault(CUT, 10.1, 10.2), fault(CUT, 12.4, 14.1)],
        [fault(JUMP, 10, 12, 4)],
        [fault(JUMP, 12, 15, -1)],
        [fault(JUMP, 12, 18, -3)],
        [fault(JUMP, 8.5, 18, 1)],
        [fault(JUMP, 10, 16, 12)],
        [fault(JUMP, 12, 16, 12)],
        [fault(JUMP, 9, 11, 3), fault(JUMP, 14, 16, -2)],
        [fault(JUMP, 10, 12, 4), fault(CUT, 10.75, 11.25), fault(AWAY, 9, 18)],
    ],
    ids=lambda faults: " and ".join(f"{one.kind} {one.amount:g}" for one in faults) or "none",
)
def test_a_simulated_fault_does_what_it_does_to_a_real_station(
    station: Station, faults: list[Fault]
) -> None:
    Real(station, faults).live()
    told = simulated(faults)
    # Windows that tell nothing are left out: at a step the real agent closes one early.
    real = [one.start for one in station.windows if one.entries is not None]
    day = range(int(at(OPENS).timestamp()), int(at(CLOSES).timestamp()))
    later = {one.start for one in told.windows if one.start not in day}
    expected = {one.start for one in told.windows if one.entries is not None}
    assert {start for start in real if start in day or start in later} == expected
    assert len(set(real)) == len(real)
    empty = {one.start for one in told.windows if one.entries is None}
    assert empty <= {one.start for one in station.windows if one.entries is None}
    assert station.days == list(told.days)
    assert station.undated() == told.refused.get(Reason.UNDATED, 0)


def test_a_silent_sensor_is_noticed_by_a_real_station_ten_minutes_later(station: Station) -> None:
    faults = [fault(SILENT, 11, 13)]
    Real(station, faults).live()
    silent = {one.start for one in simulated(faults).windows if one.entries is None}
    assert len(silent) == 8
    assert silent == {one.start for one in station.windows if one.entries is None}
