"""The city's network: which stations are cut off now, and what faults do to leaving messages."""

import heapq
from collections.abc import Mapping
from datetime import datetime
from math import inf

from simulators.city_clock import CityClock
from simulators.fault_effects import copies, has_power, held_back, is_poisoned, next_change
from simulators.fault_effects import reachable as can_speak
from simulators.fault_kinds import Fault, FaultKind
from simulators.fault_poison import poison
from simulators.fleet import Fleet
from simulators.fleet_office import Departure
from simulators.fleet_station import FleetStation
from simulators.history import Message
from simulators.population import seeded

_ON_MESSAGES = frozenset({FaultKind.DUPLICATED, FaultKind.REORDERED, FaultKind.POISON})
_PLAIN = Departure()


class Network:
    """Applies the faults of all stations to their connections as the city's clock passes.

    What it draws decides nothing but the way of messages, so that the truth does not depend on it.
    """

    def __init__(
        self, fleet: Fleet, clock: CityClock, faults: Mapping[str, tuple[Fault, ...]], seed: int
    ) -> None:
        self._fleet = fleet
        self._clock = clock
        self._faults = faults
        self._rng = seeded(seed, "network")
        self._has_power = [True] * len(fleet.stations)
        self._barred = 0
        begin = clock.now().timestamp()
        self._changes = [
            (begin, place) for place, one in enumerate(fleet.stations) if faults.get(one.id)
        ]
        if any(one.kind in _ON_MESSAGES for each in faults.values() for one in each):
            fleet.departure = self._departure

    @property
    def reachable(self) -> int:
        """How many stations no fault keeps away."""
        return len(self._fleet.stations) - self._barred

    @property
    def next_change(self) -> float:
        """When some station may be cut off or come back, in seconds since 1970."""
        return self._changes[0][0] if self._changes else inf

    def pass_time(self) -> None:
        """Cut off and let in whoever it is time for."""
        now = self._clock.now()
        while self.next_change <= now.timestamp():
            _, place = heapq.heappop(self._changes)
            station = self._fleet.stations[place]
            self._apply(station, place, now)
            following = next_change(self._faults[station.id], now)
            if following is not None:
                heapq.heappush(self._changes, (following.timestamp(), place))

    def _apply(self, station: FleetStation, place: int, now: datetime) -> None:
        faults = self._faults[station.id]
        powered, self._has_power[place] = self._has_power[place], has_power(faults, now)
        if not powered and self._has_power[place]:
            station.restart()
        if can_speak(faults, now) == station.is_barred:
            self._barred += -1 if station.is_barred else 1
            if station.is_barred:
                self._fleet.let_in(station)
            else:
                self._fleet.bar(station)

    def _departure(self, station: FleetStation, message: Message) -> Departure:
        faults = self._faults.get(station.id)
        if not faults:
            return _PLAIN
        now, rng = self._clock.now(), self._rng
        is_poisoned_now = is_poisoned(faults, now, rng)
        return Departure(
            copies(faults, now, rng),
            held_back(faults, now, rng),
            poison(rng, message.payload, station.id) if is_poisoned_now else None,
        )
