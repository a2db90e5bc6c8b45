"""A city that lives its days on a clock of its own, on a real broker, and keeps the books."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from math import inf
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

from contract.errors import Unavailable
from simulators.city import BEIJING_TIME, CityStation
from simulators.city_clock import CityClock
from simulators.city_network import Network
from simulators.fault_kinds import Fault
from simulators.fleet import Fleet, FleetOptions
from simulators.population import seeded
from simulators.station_life import BACKLOG_WINDOWS, Rules, StationLife, account_of
from simulators.truth import StationAccount, StationWeek
from simulators.truth_book import TruthBook

_JITTER_SECONDS = 120.0  # a real station speaks within two minutes after the quarter
_SLICE_SECONDS = 0.02  # the longest run of waking stations before sockets get their turn
_LONGEST_TURN_SECONDS = 0.2
_TOLD_SECONDS = 0.5
_LEAST_HOLD = 200
_LATE_SECONDS = 300.0  # of the city's: so far behind the clock may lives be until it waits
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class CityOptions:
    """What a run of a city is; days are from `first` to `last`, both included.

    `speed` is a limit: the clock holds while `hold_at` messages and more are under way without a
    receipt (by default half as many as there are stations, and 200 at least). A backlog leaves in
    messages of `windows_at_once`. `faults` are by station id.
    """

    fleet: FleetOptions
    first: date
    last: date
    speed: float = 1.0
    hold_at: int | None = None
    windows_at_once: int = BACKLOG_WINDOWS
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)


class Progress(NamedTuple):
    """How a run is going; `pending` messages are numbered, `unnumbered` windows are not."""

    moment: datetime
    stations: int
    connected: int
    messages: int
    pending: int
    unnumbered: int
    is_held: bool


def _ignore(_progress: Progress) -> None:
    pass


def _never() -> bool:
    return False


class CityRun:
    """Use it as a context manager, so that the stations say goodbye.

    `fleet` has the counts and the histograms of waiting times, `options` is what it was made of,
    and `clock` may be run at another speed between two calls.
    """

    def __init__(self, stations: Sequence[CityStation], options: CityOptions) -> None:
        """Raises ValueError when this process may not open enough sockets, or for a bad speed."""
        self.fleet = Fleet(stations, options.fleet)
        start = datetime.combine(options.first, time(), BEIJING_TIME)
        self.clock = CityClock(start, options.speed, monotonic)
        self.clock.hold()
        self.options = options
        self._hold_at = options.hold_at or max(_LEAST_HOLD, len(stations) // 2)
        self._book = TruthBook(stations, options.first, options.last)
        self._lives = self._make_lives(options)
        self._to_wake = [(life.begins, place) for place, life in enumerate(self._lives)]
        heapq.heapify(self._to_wake)
        self._network = Network(self.fleet, self.clock, options.faults, options.fleet.seed)
        self._last_news = ((-1, -1), self.fleet.loop.clock())
        self._ends = start.timestamp() + ((options.last - options.first).days + 1) * _DAY_SECONDS
        self._told_at = 0.0
        self._is_living = False
        self._until = inf

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.fleet.close()

    @property
    def progress(self) -> Progress:
        """How it is going."""
        return Progress(
            self.clock.now(),
            len(self._lives),
            self.fleet.connected,
            self.fleet.messages,
            self.fleet.pending,
            sum(life.unnumbered for life in self._lives),
            self.clock.is_held,
        )

    @property
    def is_over(self) -> bool:
        """Whether every station has lived its last day, and that day has ended."""
        return not self._to_wake and self.clock.now().timestamp() >= self._ends

    def connect(
        self, told: Callable[[Progress], None] = _ignore, stop: Callable[[], bool] = _never
    ) -> None:
        """Connect all stations that a fault does not keep away, before the clock runs.

        Raises BrokerUnavailable when nobody answers or the broker refuses.
        """
        self._network.pass_time()
        self._connect_first()
        self._go_on_until(lambda: self.fleet.connected >= self._network.reachable, told, stop)

    def live(
        self,
        until: datetime | None = None,
        told: Callable[[Progress], None] = _ignore,
        stop: Callable[[], bool] = _never,
    ) -> None:
        """Live until a moment of the city's clock and hold it; or until the last day has ended.

        `told` is called twice a second. Raises Unavailable when the clock is held and no receipt
        comes for `stalled_after_seconds`.
        """
        self._connect_first()
        self._until = inf if until is None else until.timestamp()
        if self._has_lived():
            return
        self._is_living = True
        self.clock.stop_at(until)
        self.clock.go_on()
        self._go_on_until(lambda: self.is_over or self._has_lived(), told, stop)
        self._is_living = False
        self.clock.hold()

    def finish(
        self, told: Callable[[Progress], None] = _ignore, stop: Callable[[], bool] = _never
    ) -> None:
        """Wait until everything that has happened has reached its end.

        Raises Unavailable when receipts stop coming for `stalled_after_seconds`.
        """
        self._go_on_until(self._has_told_all, told, stop)

    def weeks(self) -> Iterator[StationWeek]:
        """The truth, ordered by station and week."""
        return self._book.weeks()

    def accounts(self) -> Iterator[StationAccount]:
        """What became of every station's messages, ordered by station."""
        for life in sorted(self._lives, key=lambda life: life.station.id):
            yield account_of(life.station, life.unnumbered)

    def _connect_first(self) -> None:
        if self._network.reachable:
            self.fleet.connect()

    def _go_on_until(
        self,
        happened: Callable[[], bool],
        told: Callable[[Progress], None],
        stop: Callable[[], bool],
    ) -> None:
        self._last_news = ((-1, -1), self.fleet.loop.clock())
        while not (happened() or stop()):
            self._turn()
            now = self.fleet.loop.clock()
            if now - self._told_at >= _TOLD_SECONDS:
                self._told_at = now
                self._check_receipts(now)
                told(self.progress)

    def _turn(self) -> None:
        """Wake whom it is time to wake, then let the sockets have their turn."""
        self._network.pass_time()
        now = self.clock.now().timestamp()
        until = self.fleet.loop.clock() + _SLICE_SECONDS
        while self._to_wake and self._to_wake[0][0] <= now and self.fleet.loop.clock() < until:
            _, place = self._to_wake[0]
            following = self._lives[place].wake(now)
            if following is None:
                heapq.heappop(self._to_wake)
            else:
                heapq.heapreplace(self._to_wake, (following, place))
        self.fleet.loop.turn(self._patience())
        self._press_back()

    def _patience(self) -> float:
        now = self.clock.now().timestamp()
        if self._next_wake <= now:
            return 0.0
        if self.clock.is_held:
            return _LONGEST_TURN_SECONDS
        following = min(self._next_wake, self._network.next_change, self._ends, self._until)
        return min(max(self.clock.seconds(following - now), 0.0), _LONGEST_TURN_SECONDS)

    def _press_back(self) -> None:
        """Hold the clock while receipts, or this process itself, are behind it."""
        late = self.clock.now().timestamp() - self._next_wake
        if late > _LATE_SECONDS or self.fleet.under_way >= self._hold_at:
            self.clock.hold()
        elif self._is_living and self.fleet.under_way <= self._hold_at // 2 and late <= 0:
            self.clock.go_on()

    @property
    def _next_wake(self) -> float:
        return self._to_wake[0][0] if self._to_wake else inf

    def _has_lived(self) -> bool:
        """Whether everything until the moment asked for has happened."""
        now = self.clock.now().timestamp()
        return now >= self._until and self._next_wake > now

    def _has_told_all(self) -> bool:
        return not self.fleet.pending and not any(life.unnumbered for life in self._lives)

    def _check_receipts(self, now: float) -> None:
        """Give up when there is no news although something is waited for."""
        news, since = (self.fleet.messages, self.fleet.connected), self._last_news[1]
        is_waiting = self.fleet.under_way > 0 or not self._is_living
        if news != self._last_news[0] or not is_waiting:
            self._last_news = (news, now)
        elif now - since >= self.options.fleet.stalled_after_seconds:
            host, port = self.options.fleet.address
            raise Unavailable(
                f"no receipt has come for {now - since:.0f} s after {self.fleet.messages} "
                f"messages; is ingest running and connected to {host}:{port}?"
            )

    def _make_lives(self, options: CityOptions) -> list[StationLife]:
        seed = options.fleet.seed
        rules = Rules(seed, options.first, options.last, options.windows_at_once)
        return [
            StationLife(
                station,
                place,
                rules,
                tuple(options.faults.get(station.id, ())),
                self._book,
                delay_seconds=seeded(seed, station.id, "delay").uniform(0, _JITTER_SECONDS),
            )
            for place, station in enumerate(self.fleet.stations)
        ]
