"""A computer with a clock that can be wrong, unsynchronised, set, or lost in a restart."""

from datetime import UTC, datetime, timedelta

from contract.condition import Clock
from edge_agent.station_clock import StationClock

NEVER_SET = datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)


class Machine:
    """What a station's computer counts and shows, and how much time really passes."""

    def __init__(self, real: datetime, *, source: Clock = Clock.SYNCHRONISED) -> None:
        self.real = real.astimezone(UTC)
        self.shown = self.real
        self.source = source
        self.uptime = 60.0
        self.boots = 1

    def clock(self) -> StationClock:
        """The line of time of an agent that is started now."""
        clock = StationClock(
            lambda: self.shown, lambda: self.uptime, lambda: self.source, f"boot {self.boots}"
        )
        clock.look()
        return clock

    def pass_time(self, span: timedelta) -> None:
        """Time passes, for everybody."""
        self.real += span
        self.shown += span
        self.uptime += span.total_seconds()

    def restart(self, *, after: timedelta = timedelta(0), shown: datetime | None = None) -> None:
        """Without power for so long; without `shown` the clock has gone on all the time."""
        self.pass_time(after)
        self.uptime = 20.0
        self.boots += 1
        if shown is not None:
            self.shown = shown
            self.source = Clock.WAITING

    def synchronise(self) -> None:
        """The network tells what time it is."""
        self.shown = self.real
        self.source = Clock.SYNCHRONISED
