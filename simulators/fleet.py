"""A whole city of light stations in one process: loads their past, then lives their present."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Self

from contract.errors import BrokerUnavailable, Unavailable
from contract.receipts import Outcome
from simulators.city import BEIJING_TIME, CityStation
from simulators.fleet_dialler import Dialler
from simulators.fleet_forecast import expected_messages
from simulators.fleet_office import Departure, Sent
from simulators.fleet_office import FleetOptions as FleetOptions
from simulators.fleet_station import FleetStation
from simulators.histogram import Histogram
from simulators.history import Logbook, Message, Truth, history
from simulators.live import LiveDay
from simulators.mqtt_loop import Loop
from simulators.mqtt_socket import nobody
from simulators.open_files import allow_files
from simulators.population import seeded

_LOOK_SECONDS = 60.0  # how often a live station looks whether a window is over
_QUARTER_SECONDS = 900.0
_PROGRESS_SECONDS = 0.2
_GOODBYES_PER_SECOND = 500
_GOODBYES_AT_ONCE = 200


def _now() -> datetime:
    return datetime.now(UTC)


def _ignore(_receipted: int, _total: int) -> None:
    pass


def _never() -> bool:
    return False


def _plainly(_station: FleetStation, _message: Message) -> Departure:
    return Departure()


class Fleet:
    """Stations that share one loop; use it as a context manager, so that they say goodbye.

    `truth` counts what ingest has acknowledged as stored, `quarantined` the messages it refused.
    `waits` are the seconds from a message's departure to its receipt, and `live_waits` those of
    messages that were not of a backlog. `departure` may be replaced: it says how one leaves.
    """

    def __init__(
        self,
        stations: Sequence[CityStation],
        options: FleetOptions,
        now: Callable[[], datetime] = _now,
    ) -> None:
        allow_files(len(stations))
        self.truth = Truth()
        self.quarantined = 0
        self.connected = 0
        self.pending = 0
        self.under_way = 0
        self.waits, self.live_waits = Histogram(), Histogram()
        self.departure: Callable[[FleetStation, Message], Departure] = _plainly
        self._options = options
        self._now = now
        self._loop = Loop()
        self._rng = seeded(options.seed, "fleet", str(options.life))
        self.stations = tuple(self._make_station(station) for station in stations)
        self._dialler = Dialler(self._loop, options.address, self._rng)
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
    def loop(self) -> Loop:
        """What runs everything: whoever lives with the fleet sets timers and takes turns here."""
        return self._loop

    def dial(self) -> None:
        """Begin to connect every station that has no connection and may have one."""
        self._dialler.add(s for s in self.stations if not (s.is_open or s.is_barred))

    def connect(self) -> None:
        """Begin to connect; return when a first station was accepted.

        Raises BrokerUnavailable when nobody answers, or the broker refuses, before that; later
        losses are mended by trying again.
        """
        if not self._dialler.has_connected:
            self.dial()
        give_up = self._loop.clock() + self._options.stalled_after_seconds
        while not self._dialler.has_connected:
            self._loop.turn()
            if self._loop.clock() >= give_up:
                raise BrokerUnavailable(self._silence())

    def bar(self, station: FleetStation) -> None:
        """Take a station off the network without a word, until `let_in`."""
        if not station.is_barred:
            station.is_barred = True
            if station.is_connected:
                self._left(station)
            self._dialler.forget(station)
            station.hang_up()

    def let_in(self, station: FleetStation) -> None:
        """Let a barred station connect again."""
        if station.is_barred:
            station.is_barred = False
            self._dialler.add((station,))

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
        for station in self.stations:
            station.load(history(station.logbook, self._options.seed, first, last))
        days, shown = (last - first).days + 1, 0.0
        unfinished = deque(self.stations)
        while unfinished and not stop():
            if unfinished[0].has_finished:
                unfinished.popleft()
                continue
            self._loop.turn()
            self._check_receipts()
            if self._loop.clock() - shown >= _PROGRESS_SECONDS:
                shown = self._loop.clock()
                progress(
                    self.messages,
                    self._expected(days),
                )
        progress(self.messages, self._expected(days))
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
            for station in self.stations:
                day = LiveDay(station.logbook, self._options.seed, growing=growing)
                self._observe_later(station, day, every, self._rng.uniform(0, every))
        while not stop():
            self._loop.turn()

    def close(self) -> None:
        """Publish every station's death and disconnect normally; gives up after a while."""
        self._is_leaving = True
        patience = self._options.goodbye_seconds + len(self.stations) / _GOODBYES_PER_SECOND
        give_up = self._loop.clock() + patience
        open_ones = deque(station for station in self.stations if station.is_open)
        leaving: deque[FleetStation] = deque()
        while (open_ones or leaving) and self._loop.clock() < give_up:
            while open_ones and len(leaving) < _GOODBYES_AT_ONCE:
                leaving.append(open_ones.popleft())
                leaving[-1].say_goodbye()
            self._loop.turn()
            leaving = deque(station for station in leaving if station.is_open)
        for station in self.stations:
            station.hang_up()
        self._loop.close()

    def numbered(self, _station: FleetStation) -> None:
        """Count a message that has got its number."""
        self.pending += 1

    def departs(self, station: FleetStation, message: Message) -> Departure:
        """Count a message that leaves for the first time; say how."""
        self.under_way += 1
        return self.departure(station, message)

    def receipted(self, station: FleetStation, sent: Sent, outcome: Outcome) -> None:
        """Count the end of a message."""
        self._last_receipt = now = self._loop.clock()
        self.pending -= 1
        self.under_way -= 1
        self.waits.add(now - sent.since)
        if not sent.is_backlog:
            self.live_waits.add(now - sent.since)
        if outcome is Outcome.STORED:
            self.truth.add(station.logbook.station, sent.message)
        else:
            self.quarantined += 1

    def accepted(self, station: FleetStation) -> None:
        """Count a station that is in."""
        self.connected += 1
        self.under_way += station.under_way
        self._dialler.accepted(station)

    def lost(self, station: FleetStation, reason: str, *, refused: bool) -> None:
        """Dial a lost station again, or give up when the broker never let anybody in."""
        if station.is_connected:
            self._left(station)
        if self._is_leaving:
            return
        if not self._dialler.has_connected:
            raise self._nobody_is_in(station, reason, refused=refused)
        if refused:
            self._dialler.refused(station)
        else:
            self._dialler.lost(station)

    @property
    def messages(self) -> int:
        """How many messages have reached their end."""
        return self.truth.messages + self.quarantined

    def _left(self, station: FleetStation) -> None:
        self.connected -= 1
        self.under_way -= station.under_way

    def _nobody_is_in(
        self, station: FleetStation, reason: str, *, refused: bool
    ) -> BrokerUnavailable:
        host, port = self._options.address
        if not refused:
            return nobody(self._options.address, OSError(reason))
        return BrokerUnavailable(
            f"the MQTT broker at {host}:{port} refused {station.id} ({reason}); "
            "let the broker accept the stations' client ids and user names"
        )

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
            f"no receipt has come for {patience:g} s after {self.messages} messages; "
            f"is ingest running and connected to {host}:{port}?"
        )

    def _silence(self) -> str:
        host, port = self._options.address
        return (
            f"the MQTT broker at {host}:{port} has let no station in for "
            f"{self._options.stalled_after_seconds:g} s; see what it logs, or restart it"
        )

    def _expected(self, days: int) -> int:
        return expected_messages(self.stations, days, self._options.station.min_batch)

    def _make_station(self, station: CityStation) -> FleetStation:
        seed, life = self._options.seed, str(self._options.life)
        epoch = seeded(seed, station.id, "epoch", life).randrange(1, 2**53)
        shuffler = seeded(seed, station.id, "shuffle")
        logbook = Logbook(station, epoch, shuffler, self._options.station.min_batch)
        return FleetStation(self._loop, logbook, self._rng, self._options.station, self)
