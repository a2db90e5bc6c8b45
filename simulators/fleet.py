"""A whole city of light stations in one process: loads their past, then lives their present."""

import resource
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Self

from contract.errors import BrokerUnavailable, Unavailable
from contract.receipts import Outcome
from simulators.city import BEIJING_TIME, CityStation
from simulators.fleet_station import FleetStation, StationOptions
from simulators.history import Logbook, Message, Truth, history
from simulators.live import LiveDay
from simulators.mqtt_loop import Address, Loop
from simulators.population import seeded

_DIALS_AT_ONCE = 50  # half of the usual backlog of a listening socket
_FIRST_REDIAL_SECONDS = 0.5
_LONGEST_REDIAL_SECONDS = 30.0
_LOOK_SECONDS = 60.0  # how often a live station looks whether a window is over
_QUARTER_SECONDS = 900.0
_SPARE_FILES = 64
_PROGRESS_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """Where the fleet connects and how it behaves.

    The same `seed` and `life` give the same messages with the same numbers. Loading a history
    twice in one life is therefore harmless; a run that goes live needs a `life` of its own.
    """

    address: Address
    seed: int = 1
    life: int = 1
    station: StationOptions = field(default_factory=StationOptions)
    stalled_after_seconds: float = 60.0
    goodbye_seconds: float = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


def _ignore(_receipted: int, _total: int) -> None:
    pass


def _never() -> bool:
    return False


def _allow_files(count: int) -> None:
    """Raise the process's limit of open files to `count`, or raise ValueError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and count > hard:
        raise ValueError(f"{count} open files are needed and this machine allows {hard}")
    if count > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class Fleet:
    """Stations that share one loop; use it as a context manager, so that they say goodbye.

    `truth` counts what ingest has acknowledged as stored, `quarantined` the messages it refused.
    """

    def __init__(
        self,
        stations: Sequence[CityStation],
        options: FleetOptions,
        now: Callable[[], datetime] = _now,
    ) -> None:
        _allow_files(len(stations) + _SPARE_FILES)
        self.truth = Truth()
        self.quarantined = 0
        self._options = options
        self._now = now
        self._loop = Loop()
        self._stations = [self._make_station(station) for station in stations]
        self._to_dial: deque[FleetStation] = deque()
        self._redial_seconds = _FIRST_REDIAL_SECONDS
        self._rng = seeded(options.seed, "fleet")
        self._has_connected = False
        self._is_live = False
        self._is_leaving = False
        self._last_receipt = self._loop.clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pending(self) -> int:
        """Messages that have a number and no receipt."""
        return sum(station.pending for station in self._stations)

    @property
    def connected(self) -> int:
        """How many stations the broker has accepted."""
        return sum(station.is_connected for station in self._stations)

    def connect(self) -> None:
        """Connect every station that has no connection yet.

        Raises BrokerUnavailable when nobody answers, or the broker refuses, before a first station
        was accepted; later losses are mended by trying again.
        """
        waiting = set(map(id, self._to_dial))
        self._to_dial += [s for s in self._stations if not s.is_open and id(s) not in waiting]
        self._dial()
        give_up = self._loop.clock() + self._options.stalled_after_seconds
        while not self._has_connected:
            self._loop.turn()
            if self._loop.clock() >= give_up:
                raise BrokerUnavailable(self._silence())

    def load_history(
        self,
        first: date,
        last: date,
        progress: Callable[[int, int], None] = _ignore,
        stop: Callable[[], bool] = _never,
    ) -> Truth:
        """Send the days from `first` to `last`; return when every message has its receipt.

        `progress` is called with messages receipted and in all; the second is an estimate until
        the last message is written. `stop` ends it early. Raises Unavailable when receipts stop
        coming for `stalled_after_seconds`, ValueError when `last` is today or later.
        """
        if last >= self._now().astimezone(BEIJING_TIME).date():
            raise ValueError("history ends yesterday at the latest; today belongs to the live part")
        self.connect()
        self._last_receipt = self._loop.clock()
        for station in self._stations:
            station.load(history(station.logbook, self._options.seed, first, last))
        days, shown = (last - first).days + 1, 0.0
        unfinished = deque(self._stations)
        while unfinished and not stop():
            if unfinished[0].has_finished:
                unfinished.popleft()
                continue
            self._loop.turn()
            self._check_receipts()
            if self._loop.clock() - shown >= _PROGRESS_SECONDS:
                shown = self._loop.clock()
                progress(self._receipted, self._expected(days))
        progress(self._receipted, self._expected(days))
        return self.truth

    def live(self, stop: Callable[[], bool], usage_seconds: float = _QUARTER_SECONDS) -> None:
        """Live through the present until `stop()` says so.

        With `usage_seconds` under a quarter of an hour, stations tell the current window that
        often while it fills up; otherwise they tell a window when it is over. Called again, it
        goes on from where it stopped, at the first call's pace.
        """
        self.connect()
        if not self._is_live:
            self._is_live = True
            growing = usage_seconds < _QUARTER_SECONDS
            every = min(usage_seconds, _LOOK_SECONDS)
            for station in self._stations:
                day = LiveDay(station.logbook, self._options.seed, growing=growing)
                self._observe_later(station, day, every, self._rng.uniform(0, every))
        while not stop():
            self._loop.turn()

    def close(self) -> None:
        """Publish every station's death and disconnect normally; gives up after a while."""
        self._is_leaving = True
        for station in self._stations:
            station.say_goodbye()
        give_up = self._loop.clock() + self._options.goodbye_seconds
        while any(s.is_open for s in self._stations) and self._loop.clock() < give_up:
            self._loop.turn()
        self._loop.close()

    def receipted(self, station: FleetStation, message: Message, outcome: Outcome) -> None:
        """Count the end of a message."""
        self._last_receipt = self._loop.clock()
        if outcome is Outcome.STORED:
            self.truth.add(station.logbook.station, message)
        else:
            self.quarantined += 1

    def accepted(self, _station: FleetStation) -> None:
        """The broker works, so the next loss is redialled soon."""
        self._has_connected = True
        self._redial_seconds = _FIRST_REDIAL_SECONDS

    def lost(self, station: FleetStation, reason: str) -> None:
        """Dial a lost station again, or give up when the broker never let anybody in."""
        if self._is_leaving:
            return
        if not self._has_connected:
            host, port = self._options.address
            raise BrokerUnavailable(
                f"the MQTT broker at {host}:{port} refused {station.id} ({reason}); "
                "let the broker accept the stations' client ids and user names"
            )
        self._to_dial.append(station)
        if len(self._to_dial) == 1:
            self._dial_later()

    @property
    def _receipted(self) -> int:
        return self.truth.messages + self.quarantined

    def _dial(self) -> None:
        for _ in range(min(_DIALS_AT_ONCE, len(self._to_dial))):
            try:
                self._to_dial[0].open(self._options.address)
            except BrokerUnavailable:
                if not self._has_connected:
                    raise
                self._redial_seconds = min(2 * self._redial_seconds, _LONGEST_REDIAL_SECONDS)
                self._dial_later()
                return
            self._to_dial.popleft()
        if self._to_dial:
            self._loop.defer(self._dial)

    def _dial_later(self) -> None:
        self._loop.after(self._redial_seconds * self._rng.uniform(0.5, 1.0), self._dial)

    def _observe_later(
        self, station: FleetStation, day: LiveDay, every: float, wait: float
    ) -> None:
        def observe() -> None:
            for message in day.messages(self._now()):
                station.send(message)
            self._observe_later(station, day, every, every)

        self._loop.after(wait, observe)

    def _check_receipts(self) -> None:
        patience = self._options.stalled_after_seconds
        if self._loop.clock() - self._last_receipt < patience:
            return
        if not self.connected:
            raise BrokerUnavailable(self._silence())
        host, port = self._options.address
        raise Unavailable(
            f"no receipt has come for {patience:g} s after {self._receipted} messages; "
            f"is ingest running and connected to {host}:{port}?"
        )

    def _silence(self) -> str:
        host, port = self._options.address
        return (
            f"the MQTT broker at {host}:{port} has let no station in for "
            f"{self._options.stalled_after_seconds:g} s; see what it logs, or restart it"
        )

    def _expected(self, days: int) -> int:
        """An estimate of all messages; exact for stations that have written their last one."""
        return sum(
            station.logbook.numbered
            if not station.loading
            else max(station.logbook.numbered, self._guess(station.logbook.station, days))
            for station in self._stations
        )

    def _guess(self, station: CityStation, days: int) -> int:
        sessions_a_day = station.mean_visits * station.uptake * sum(station.weekdays) / 7
        # A batch leaves at a day's end, on average half a day's sessions larger than it must be.
        days_a_batch = max(1.0, self._options.station.min_batch / sessions_a_day + 0.5)
        return round(days / days_a_batch + days / 7)

    def _make_station(self, station: CityStation) -> FleetStation:
        seed, life = self._options.seed, str(self._options.life)
        epoch = seeded(seed, station.id, "epoch", life).randrange(1, 2**53)
        shuffler = seeded(seed, station.id, "shuffle")
        logbook = Logbook(station, epoch, shuffler, self._options.station.min_batch)
        timing = seeded(seed, station.id, "timing", life)
        return FleetStation(self._loop, logbook, timing, self._options.station, self)
