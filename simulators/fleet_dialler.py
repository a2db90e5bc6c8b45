"""How a fleet connects: few stations at a time, and one to try whether a broker is back."""

from collections import deque
from collections.abc import Callable, Iterable
from random import Random

from contract.errors import BrokerUnavailable
from simulators.fleet_station import FleetStation
from simulators.mqtt_loop import Address, Loop

MOST_AT_ONCE = 50
"""How many stations wait for a broker's answer at once: half the usual backlog of its socket, so
that the centre's own dial is not lost in it."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 15.0


class Dialler:
    """Connects stations; a broker that was lost is tried by one, then by two, by four …

    Stations on their own would come back spread out over a minute. Here one thread dials for all
    of them, so the spread is by number: never more than MOST_AT_ONCE are between dial and answer.
    """

    def __init__(self, loop: Loop, address: Address, rng: Random) -> None:
        self.has_connected = False
        self._loop = loop
        self._address = address
        self._rng = rng
        self._waiting: deque[FleetStation] = deque()
        self._opening: set[FleetStation] = set()
        self._at_once = MOST_AT_ONCE
        self._pause = _FIRST_PAUSE_SECONDS
        self._is_due = False

    def add(self, stations: Iterable[FleetStation]) -> None:
        """Dial these stations soon. Raises BrokerUnavailable if none ever connected."""
        self._waiting += stations
        self._dial_after(0.0)

    def accepted(self, station: FleetStation) -> None:
        """A station is in: the broker works, so more may try."""
        self.has_connected = True
        self._opening.discard(station)
        self._at_once = min(2 * self._at_once, MOST_AT_ONCE)
        self._pause = _FIRST_PAUSE_SECONDS
        if self._waiting:
            self._dial_after(0.0)

    def lost(self, station: FleetStation) -> None:
        """A station was lost, or did not come in: it is dialled again."""
        self._waiting.append(station)
        self._at_once = 1
        if station in self._opening:
            self._opening.discard(station)
            self._back_off()
        else:
            self._dial_after(self._pause * self._rng.uniform(0.5, 1.0))

    def refused(self, station: FleetStation) -> None:
        """The broker works but does not want this station: it tries again much later."""
        self._opening.discard(station)
        self._loop.after(
            _LONGEST_PAUSE_SECONDS * self._rng.uniform(0.5, 1.0), lambda: self.add((station,))
        )

    def forget(self, station: FleetStation) -> None:
        """A station hung up while it was dialled."""
        self._opening.discard(station)

    def _dial_after(self, seconds: float) -> None:
        if not self._is_due:
            self._is_due = True
            self._later(seconds, self._dial)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        if seconds:
            self._loop.after(seconds, action)
        else:
            self._loop.defer(action)

    def _dial(self) -> None:
        self._is_due = False
        while self._waiting and len(self._opening) < self._at_once:
            station = self._waiting.popleft()
            if station.is_open or station.is_barred:
                continue
            try:
                station.open(self._address)
            except BrokerUnavailable:
                if not self.has_connected:
                    raise
                self._waiting.appendleft(station)
                self._back_off()
                return
            self._opening.add(station)

    def _back_off(self) -> None:
        self._dial_after(self._pause * self._rng.uniform(0.5, 1.0))
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
