"""What is on its way to the centre: sent, and no receipt yet. Pure, and bounded by its users."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

Key = tuple[int, int]
"""(`epoch`, `seq`): the name of a message for ever."""

LONGEST_PATIENCE_SECONDS = 900.0
_JITTER = 1.25
_UNHEARD_SECONDS = 2.0


@dataclass(slots=True)
class _Flight:
    is_live: bool
    size: int
    times: int
    due: float
    ticket: int | None


class Flights:
    """Remembers when each message has to be sent again.

    The time doubles with each copy of a message; any receipt brings all of them back to the
    first, for then somebody listens again. Times are seconds on the caller's clock.
    """

    def __init__(self, receipt_timeout: float, rng: Random) -> None:
        self._timeout = receipt_timeout
        self._rng = rng
        self._flights: dict[Key, _Flight] = {}
        self._tickets: dict[int, Key] = {}
        self._repeated: set[Key] = set()
        self._live = 0
        self.unacknowledged_bytes = 0

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, key: object) -> bool:
        return key in self._flights

    @property
    def live(self) -> int:
        """How many of them were numbered during this connection."""
        return self._live

    @property
    def unanswered(self) -> int:
        """How many the broker has not answered."""
        return len(self._tickets)

    @property
    def is_silent(self) -> bool:
        """Whether something was sent more than once and no receipt has come since."""
        return bool(self._repeated)

    def sent(self, key: Key, ticket: int, now: float, *, is_live: bool, size: int) -> None:
        """Note a message, or another copy of it, that waits for the answer to `ticket`."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(is_live, size, 0, 0.0, None)
            self._live += is_live
        else:
            self._repeated.add(key)
        flight.times += 1
        flight.ticket = ticket
        flight.due = now + self._patience(flight.times)
        self._tickets[ticket] = key
        self.unacknowledged_bytes += size

    def answered(self, ticket: int) -> Key | None:
        """The broker has answered; the message that it was about, None for any other."""
        key = self._tickets.pop(ticket, None)
        if key is not None and (flight := self._flights.get(key)) is not None:
            flight.ticket = None
            self.unacknowledged_bytes -= flight.size
        return key

    def unheard(self, key: Key, now: float) -> None:
        """Nobody had subscribed: it is sent again soon, and each time later, for nothing was kept.

        After a restart of the broker the centre is a moment behind the stations.
        """
        if (flight := self._flights.get(key)) is not None:
            doubled = _UNHEARD_SECONDS * 2.0 ** min(flight.times - 1, 32)
            flight.due = min(flight.due, now + doubled * self._rng.uniform(1, _JITTER))

    def due(self, now: float) -> set[Key]:
        """What has to be sent again: never while the broker still owes an answer to a copy."""
        return {
            key
            for key, flight in self._flights.items()
            if flight.ticket is None and flight.due <= now
        }

    def next_due(self) -> float | None:
        """When the first of them is due, None if none ever is as things stand."""
        return min((one.due for one in self._flights.values() if one.ticket is None), default=None)

    def largest_unanswered(self) -> int | None:
        """The size of the largest message that the broker has not answered."""
        sizes = (one.size for one in self._flights.values() if one.ticket is not None)
        return max(sizes, default=None)

    def landed(self, keys: Iterable[Key], now: float) -> None:
        """Receipts have come for these messages."""
        self.forget(keys)
        for key in self._repeated:
            flight = self._flights[key]
            flight.times = 1
            flight.due = min(flight.due, now + self._patience(1))
        self._repeated.clear()

    def forget(self, keys: Iterable[Key]) -> None:
        """Treat these messages as if they had not been sent."""
        for key in keys:
            if (flight := self._flights.pop(key, None)) is None:
                continue
            self._repeated.discard(key)
            self._live -= flight.is_live
            if flight.ticket is not None:
                self.unacknowledged_bytes -= flight.size
                del self._tickets[flight.ticket]

    def forget_all(self) -> None:
        """The connection is gone, and whatever was on its way may be lost."""
        self._flights.clear()
        self._tickets.clear()
        self._repeated.clear()
        self._live = self.unacknowledged_bytes = 0

    def _patience(self, times: int) -> float:
        longest = max(LONGEST_PATIENCE_SECONDS, self._timeout)
        doubled = min(longest, self._timeout * 2.0 ** min(times - 1, 32))
        return doubled * self._rng.uniform(1, _JITTER)
