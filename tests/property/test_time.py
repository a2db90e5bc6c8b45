"""Whatever a station's clock does: each reading has its own day once, each quarter one window."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.condition import Clock
from edge_agent.occupancy.made import Made
from tests.machine import NEVER_SET, Machine
from tests.travelling import Station

START = datetime(2026, 3, 28, 21, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # DST begins in the night
VISIT_MINUTES = 11  # longer than the gap that ends a session

Op = tuple[str, int]
OPS = st.one_of(
    st.tuples(st.just("live"), st.integers(1, 90)),
    st.tuples(st.just("visit"), st.just(0)),
    st.tuples(st.just("synchronise"), st.just(0)),
    st.tuples(st.just("network lost"), st.just(0)),
    st.tuples(st.just("clock set"), st.sampled_from([-1_700_000_000, -28_800, -60, 5, 28_800])),
    st.tuples(st.just("agent restarts"), st.just(0)),
    st.tuples(st.just("power cut"), st.integers(0, 120)),
)


class Story:
    """A station, and what must have become of each reading."""

    def __init__(self, directory: Path, *, synchronised: bool) -> None:
        self.machine = Machine(START, source=Clock.SYNCHRONISED)
        if not synchronised:
            self.machine.shown = NEVER_SET
            self.machine.source = Clock.WAITING
        self.station = Station(
            directory / "o.sqlite", self.machine, zone="Europe/Berlin", hold_hours=10_000
        )
        self.dated: list[date] = []
        self.waiting: list[date] = []
        self.undatable = 0

    def tell(self, op: Op) -> None:
        """One thing happens."""
        what, number = op
        happenings: dict[str, Callable[[int], None]] = {
            "live": lambda minutes: self.station.live(timedelta(minutes=minutes)),
            "visit": lambda _: self._visit(),
            "synchronise": lambda _: self._synchronise(),
            "network lost": lambda _: self._lose_network(),
            "clock set": self._set_clock,
            "agent restarts": lambda _: self.station.restart_agent(),
            "power cut": self._cut_power,
        }
        happenings[what](number)
        if self.station.clock.trusted:
            self.dated += self.waiting
            self.waiting.clear()

    def end(self) -> None:
        """The time is known at last, and everything leaves."""
        self.tell(("synchronise", 0))
        self.station.live(timedelta(minutes=31))
        self.station.catch_up()
        self.station.deliver()

    def _synchronise(self) -> None:
        self.machine.synchronise()
        self.station.look()

    def _lose_network(self) -> None:
        self.machine.source = Clock.WAITING

    def _set_clock(self, seconds: int) -> None:
        if self.machine.source is Clock.WAITING:
            self.machine.shown += timedelta(seconds=seconds)

    def _cut_power(self, minutes: int) -> None:
        if not self.station.clock.trusted:
            self.undatable += len(self.waiting)
            self.waiting.clear()
        self.station.restart_machine(after=timedelta(minutes=minutes), shown=NEVER_SET)

    def _visit(self) -> None:
        local = self.machine.real.astimezone(self.station.zone)
        if local.hour == 0 and local.minute < 3:  # nobody could say on which side of midnight
            self.station.live(timedelta(minutes=3))
            local = self.machine.real.astimezone(self.station.zone)
        self.waiting.append(local.date())
        self.station.measure()
        self.station.live(timedelta(minutes=VISIT_MINUTES))


@settings(max_examples=20, deadline=None)
@given(st.lists(OPS, max_size=8), st.booleans())
def test_every_reading_is_staged_once_on_its_day_and_no_minute_is_in_two_windows(
    story: Sequence[Op], synchronised: bool
) -> None:
    with TemporaryDirectory() as directory:
        told = Story(Path(directory), synchronised=synchronised)
        for op in story:
            told.tell(op)
        told.end()
        station = told.station
        assert sorted(station.days) == sorted(told.dated)
        assert station.undated() == told.undatable
        assert sum(len(batch.rows) for batch in station.batches) == len(told.dated)
        _check_windows(station)
        station.close()


def _check_windows(station: Station) -> None:
    starts = [window.start for window in sorted(station.windows, key=lambda one: one.start)]
    assert len(set(starts)) == len(starts)
    for window in station.windows:
        # One person comes in each minute; a window may lack one minute, and not have one more.
        assert window.entries in (None, 14, 15)
        assert START.timestamp() - 900 < window.start < station.machine.real.timestamp()


@given(st.lists(st.integers(0, 60).map(lambda quarter: quarter * 900), max_size=80))
def test_what_was_made_is_known_as_made_also_after_it_was_on_disk(starts: list[int]) -> None:
    made = Made(starts)
    for known in (made, Made.from_json(made.to_json())):
        assert [start in known for start in range(0, 61 * 900, 900)] == [
            start in set(starts) for start in range(0, 61 * 900, 900)
        ]
    assert Made(sorted(starts)).to_json() == made.to_json()


def test_years_of_outages_take_a_line_of_text() -> None:
    made = Made(range(0, 900 * 2000, 1800))
    assert len(made.to_json()) < 2000
    assert 900 * 1998 in made
    assert 900 * 1999 not in made
    assert 0 in made
