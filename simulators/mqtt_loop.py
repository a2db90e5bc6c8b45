"""One thread that waits for many sockets and timers at once."""

import heapq
import itertools
import select
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple, Protocol

_SLICE_SECONDS = 0.01  # the longest run of deferred work before sockets get their turn
_MOST_EVENTS = 512

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
"""What a socket may be ready for; a broken one is told to whoever waits for either."""


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int


class Served(Protocol):
    """Whose socket the loop waits for."""

    def serve(self, events: int) -> None:
        """The socket is ready: some of READ and WRITE."""

    def flush(self) -> None:
        """What was written in this turn may leave now."""


class Loop:
    """Waits for sockets and timers; everything runs in the thread that calls `turn`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self._poll = select.epoll()
        self._served: dict[int, Served] = {}
        self._unflushed: list[Served] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._deferred: deque[Callable[[], None]] = deque()

    def watch(self, number: int, served: Served, events: int) -> None:
        """Tell `served` when the socket of this file number is ready for one of `events`."""
        if number in self._served:
            self._poll.modify(number, events)
        else:
            self._poll.register(number, events)
        self._served[number] = served

    def forget(self, number: int) -> None:
        """Watch a socket no more; call it before the socket is closed."""
        del self._served[number]
        self._poll.unregister(number)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` once, `seconds` from now."""
        heapq.heappush(self._timers, (self.clock() + seconds, next(self._order), action))

    def defer(self, action: Callable[[], None]) -> None:
        """Call `action` once, when the sockets have had their turn."""
        self._deferred.append(action)

    def flush_later(self, served: Served) -> None:
        """Call its `flush` at the end of this turn, so that many packets leave at once."""
        self._unflushed.append(served)

    def turn(self, at_most_seconds: float = 0.2) -> None:
        """Wait for what happens next and see to it."""
        self._flush()  # what was written between two turns
        for number, events in self._poll.poll(self._patience(at_most_seconds), _MOST_EVENTS):
            if (served := self._served.get(number)) is not None:
                served.serve(events)
        now = self.clock()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
        while self._deferred and self.clock() - now < _SLICE_SECONDS:
            self._deferred.popleft()()
        self._flush()

    def close(self) -> None:
        """Give the poll's file back."""
        self._poll.close()

    def _flush(self) -> None:
        unflushed, self._unflushed = self._unflushed, []
        for served in unflushed:
            served.flush()

    def _patience(self, at_most_seconds: float) -> float:
        if self._deferred:
            return 0
        if self._timers:
            return max(0, min(at_most_seconds, self._timers[0][0] - self.clock()))
        return at_most_seconds
