"""The days of one station on the city's clock: drawn one at a time, told as they pass."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import NamedTuple

from contract.usage import MAX_WINDOWS
from simulators import packed_windows
from simulators.city import BEIJING_TIME
from simulators.fault_effects import suffered
from simulators.fault_kinds import Fault
from simulators.fleet_station import FleetStation
from simulators.history import Message
from simulators.packed_windows import SIZE
from simulators.station_days import Session, station_day
from simulators.truth import StationAccount
from simulators.truth_book import TruthBook
from simulators.visits import usage_windows

BACKLOG_WINDOWS = 192
"""How many windows one message carries when a backlog leaves: two days, as at a real station."""


class Rules(NamedTuple):
    """What all lives of a city have in common; days run from `first` to `last`, both included."""

    seed: int
    first: date
    last: date
    windows_at_once: int = BACKLOG_WINDOWS


class _Kept(NamedTuple):
    """A session that the station keeps: when it ended, and the day it is put on."""

    moment: float
    day: date
    session: Session


class StationLife:
    """Makes windows and sessions of each day known when the city's clock has reached them.

    A window that cannot leave at once has no number yet: it waits with others for one message.
    """

    __slots__ = (
        "_backlog", "_book", "_day", "_delay", "_faults", "_place", "_rules", "_sessions",
        "_told", "_windows", "station",
    )  # fmt: skip

    def __init__(
        self,
        station: FleetStation,
        place: int,
        rules: Rules,
        faults: tuple[Fault, ...],
        book: TruthBook,
        *,
        delay_seconds: float,
    ) -> None:
        """`delay_seconds` after each quarter of an hour is the station's moment to speak."""
        self.station = station
        self._place = place
        self._rules = rules
        self._faults = faults
        self._book = book
        self._delay = delay_seconds
        self._day = rules.first - timedelta(days=1)  # the day that was drawn last
        self._windows = b""
        self._told = 0  # how many of its windows were told
        self._sessions: list[_Kept] = []  # still to come, the next one last
        self._backlog = bytearray()
        station.draw_from(self._number_backlog)

    @property
    def unnumbered(self) -> int:
        """How many windows wait for a message."""
        return len(self._backlog) // SIZE

    @property
    def begins(self) -> float:
        """When it has to be woken first, in seconds since 1970."""
        return _midnight(self._rules.first) + self._delay

    def wake(self, now: float) -> float | None:
        """Tell what has happened by `now`; when to wake it next, None if its last day is over."""
        while True:
            self._tell_windows(now)
            self._tell_sessions(now)
            if (following := self._next()) is not None:
                return following
            if self._day >= self._rules.last:
                return None
            begins = _midnight(self._day + timedelta(days=1)) + self._delay
            if begins > now:
                return begins
            self._draw(self._day + timedelta(days=1))

    def _draw(self, day: date) -> None:
        city_station = self.station.logbook.station
        drawn = station_day(self._rules.seed, city_station, day)
        windows = usage_windows(city_station, day, drawn.stays)
        kept = suffered(drawn, windows, self._faults)
        midnight = _midnight(day)
        self._day = day
        self._windows = packed_windows.pack(kept.windows, kept.made_at)
        self._told = 0
        self._sessions = [
            _Kept(midnight + session.minute * 60, dated, session)
            for session, dated in zip(kept.sessions, kept.days, strict=True)
        ][::-1]

    def _next(self) -> float | None:
        moments = [self._sessions[-1].moment] if self._sessions else []
        if self._told * SIZE < len(self._windows):
            following = next(packed_windows.facts(self._windows, self._told))
            moments.append(following.made_at + self._delay)
        return min(moments, default=None)

    def _tell_sessions(self, now: float) -> None:
        logbook = self.station.logbook
        while self._sessions and self._sessions[-1].moment <= now:
            _, day, session = self._sessions.pop()
            self._book.session(self._place, day, session)
            logbook.stage(day, (session.row,), session.measure)
            for batch in logbook.release_all():
                self.station.send(batch)

    def _tell_windows(self, now: float) -> None:
        begin = self._told * SIZE
        over = takewhile(
            lambda one: one.made_at + self._delay <= now,
            packed_windows.facts(self._windows, self._told),
        )
        for window in over:
            self._told += 1
            self._book.window(self._place, window.start, window.entries)
        news = self._windows[begin : self._told * SIZE]
        at_once = min(self._rules.windows_at_once, MAX_WINDOWS) * SIZE
        while news and self.station.has_room:
            self.station.send(self._number(news[:at_once]))
            news = news[at_once:]
        if news:
            self._backlog += news
            self.station.look_again()

    def _number_backlog(self) -> Message | None:
        if not self._backlog:
            return None
        leaving = self._backlog[: self._rules.windows_at_once * SIZE]
        del self._backlog[: len(leaving)]
        return self._number(leaving)

    def _number(self, packed: bytes | bytearray) -> Message:
        windows = packed_windows.unpack(packed)
        message = self.station.logbook.usage(windows)
        if message.windows != len(windows):  # a wrong clock makes them in another order
            message = replace(message, windows=len(windows))
        return message


def account_of(station: FleetStation, unnumbered: int = 0) -> StationAccount:
    """What became of a station's messages; `unnumbered` windows wait for one."""
    return StationAccount(
        station=station.id,
        epoch=station.logbook.epoch,
        numbered=station.logbook.numbered,
        stored=station.fates.stored,
        quarantined=station.fates.quarantined,
        dropped=station.dropped,
        pending=station.pending,
        staged=station.logbook.staged,
        unnumbered=unnumbered,
        sessions=sum(station.fates.sessions.values()),
        by_week=station.fates.sessions,
        windows=station.fates.windows,
        poisoned=station.poisoned,
    )


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), BEIJING_TIME).timestamp()
