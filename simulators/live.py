"""What one station has to tell as its day goes by."""

from collections.abc import Iterator
from datetime import date, datetime, time

from contract.usage import WINDOW_SECONDS, UsageWindow
from simulators.city import BEIJING_TIME
from simulators.history import Logbook, Message, StationDay, station_day
from simulators.visits import usage_windows


def _minute(local: datetime) -> float:
    """Minutes since local midnight."""
    return (local - datetime.combine(local.date(), time(), BEIJING_TIME)).total_seconds() / 60


def _is_partial(windows: tuple[UsageWindow, ...], day: date, until: float | None) -> bool:
    """Whether the last window is not over yet."""
    if until is None or not windows:
        return False
    midnight = datetime.combine(day, time(), BEIJING_TIME).timestamp()
    return windows[-1].start + WINDOW_SECONDS > midnight + until * 60


class LiveDay:
    """Reveals a station's simulated days as the clock reaches them.

    With `growing`, the window of the current quarter of an hour is told again and again while it
    fills up, each copy correcting the one before; otherwise a window is told once it is over.
    """

    def __init__(self, logbook: Logbook, seed: int, *, growing: bool) -> None:
        self._logbook = logbook
        self._seed = seed
        self._growing = growing
        self._today: StationDay | None = None
        self._sessions_told = 0
        self._windows_over = 0  # how many of today's windows were told after their end
        self._last_told: tuple[UsageWindow, ...] = ()

    def messages(self, now: datetime) -> Iterator[Message]:
        """What has become known by `now` and was not told before."""
        local = now.astimezone(BEIJING_TIME)
        if self._today is not None and self._today.day != local.date():
            yield from self._tell(self._today, None)
            self._today = None
        if self._today is None:
            self._today = station_day(self._seed, self._logbook.station, local.date())
            self._sessions_told, self._windows_over = 0, 0
        yield from self._tell(self._today, _minute(local))

    def _tell(self, today: StationDay, until: float | None) -> Iterator[Message]:
        over = [session for session in today.sessions if until is None or session.minute <= until]
        fresh = sorted(over, key=lambda session: session.minute)[self._sessions_told :]
        self._sessions_told += len(fresh)
        for session in fresh:
            self._logbook.stage(today.day, (session.row,), session.measure)
            yield from self._logbook.release_all()
        windows = usage_windows(self._logbook.station, today.day, today.stays, until)
        over_count = len(windows) - _is_partial(windows, today.day, until)
        news = windows[self._windows_over : None if self._growing else over_count]
        self._windows_over = over_count
        if news and news != self._last_told:
            self._last_told = news
            yield self._logbook.usage(news)
