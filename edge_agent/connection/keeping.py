"""Keeps a station connected: one line after another, with growing pauses, for ever.

Each line has a client and certificates of its own, so nothing of paho's outlives it, and what is
sent again is decided by the publisher alone. The event loop reads and writes the socket; a thread
of its own looks up the name, connects and does the TLS handshake, for these block.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from time import monotonic
from typing import NamedTuple

from contract.errors import BrokerUnavailable
from edge_agent.broker_answers import BROKEN, Problem, network
from edge_agent.connection.letters import Letter, Listener
from edge_agent.connection.line import Line
from edge_agent.pacing import Backoff
from edge_agent.settings import MqttSection

# A PUBLISH beyond topic and payload: header and length 5, topic length 2, packet id 2,
# property length 1, content type 3 + 16.
_PUBLISH_BYTES = 29

_MANY = 3
# Not every broker says why it hangs up when a second client comes with the same id.
_BROKEN_AGAIN = Problem(
    "the connection breaks soon after each start; does another agent use this station's id?"
)


class Timing(NamedTuple):
    """How long things may take and how long to wait after them, in seconds."""

    connect: float = 10.0
    connack: float = 10.0
    first_pause: float = 1.0
    lasting_pauses: float = 10.0
    """How many times `reconnect_max_seconds` to wait when a retry alone will not help."""
    steady: float = 30.0
    """A connection that lasted so long was a good one: the next pause is short again."""


class Connection:
    """Keeps one station connected; run it as a task."""

    def __init__(
        self,
        settings: MqttSection,
        station: str,
        will: Letter,
        subscriptions: Sequence[str],
        listener: Listener,
        *,
        rng: Random,
        timing: Timing,
    ) -> None:
        self._settings = settings
        self._station = station
        self._will = will
        self._subscriptions = subscriptions
        self._listener = listener
        self._timing = timing
        most = settings.reconnect_max_seconds
        self._backoff = Backoff(timing.first_pause, most, rng)
        self._lasting = Backoff(most * timing.lasting_pauses / 2, most * timing.lasting_pauses, rng)
        self._line: Line | None = None
        self._short_lines = 0

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted the connection that is open now."""
        return self._line is not None and self._line.limits is not None

    @property
    def room(self) -> int:
        """How many messages the broker takes now before it has acknowledged others."""
        if self._line is None or self._line.limits is None:
            return 0
        return max(0, self._line.limits.at_once - self._line.unacknowledged)

    def largest(self, topic: str) -> int:
        """The most bytes of payload that the broker takes in a message for `topic`."""
        if self._line is None or self._line.limits is None:
            return 0
        return self._line.limits.packet_bytes - _PUBLISH_BYTES - len(topic.encode())

    def publish(self, letter: Letter) -> int:
        """Send a message; the ticket under which its acknowledgement will be told.

        Raises BrokerUnavailable if there is no connection.
        """
        if self._line is None or self._line.limits is None:
            raise BrokerUnavailable("there is no connection to the broker")
        return self._line.publish(letter)

    def drop(self, problem: Problem) -> None:
        """End the connection that is open, as if it had been lost for this reason."""
        if self._line is not None:
            self._line.end(problem)

    def close(self) -> None:
        """Disconnect in good order, without a will; `run` goes on, so cancel it after this."""
        if self._line is not None:
            self._line.close()

    async def run(self) -> None:
        """Connect, and connect again whenever the connection is lost, until cancelled."""
        while True:
            began = monotonic()
            problem = await self._once()
            if monotonic() - began >= self._timing.steady:
                self._backoff.reset()
                self._short_lines = 0
            if problem is BROKEN:
                self._short_lines += 1
                problem = problem if self._short_lines < _MANY else _BROKEN_AGAIN
            self._listener.disconnected(problem)
            pauses = self._lasting if problem.is_lasting else self._backoff
            await asyncio.sleep(pauses.next())

    async def _once(self) -> Problem:
        password = self._settings.password
        line = Line(
            self._station,
            None if password is None else password.get_secret_value(),
            self._will,
            self._subscriptions,
            self._listener,
        )
        try:
            await _in_thread(partial(line.open, self._settings, self._timing.connect))
        except asyncio.CancelledError:
            line.abandon()
            raise
        except UnicodeError:
            return Problem("[mqtt] host is not the name of a host", is_lasting=True)
        except OSError as error:
            return network(error)
        self._line = line
        try:
            return await line.serve(self._timing.connack)
        finally:
            line.hang_up()
            self._line = None


async def _in_thread(work: Callable[[], None]) -> None:
    """Do what blocks in a thread of its own, which nobody waits for if this is cancelled."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="connecting")
    try:
        await asyncio.get_running_loop().run_in_executor(executor, work)
    finally:
        executor.shutdown(wait=False)
