"""A station's side of MQTT: statuses, messages until their receipts come, and configurations."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random
from time import monotonic

from pydantic import ValidationError

from contract.condition import Condition
from contract.errors import BrokerUnavailable, OutboxUnavailable
from contract.receipts import ReceiptBatch
from contract.status import Kind, Status
from contract.topics import Stream, topic
from edge_agent.broker_answers import (
    PACKET_TOO_LARGE,
    RECEIVE_MAXIMUM_EXCEEDED,
    Problem,
    is_refused,
    publication,
)
from edge_agent.connection import Connection, Letter, Timing
from edge_agent.departures import DISK_SECONDS, Departures
from edge_agent.outbox import Message, Outbox
from edge_agent.settings import MqttSection
from edge_agent.statuses import Identity as Identity
from edge_agent.statuses import death, living
from edge_agent.telemetry import Telemetry

LONGEST_TURN_SECONDS = 10.0
"""The loop turns at least so often, whatever happens."""

_GOODBYE_SECONDS = 2.0
_STALLED_TIMEOUTS = 2


class Publisher:
    """Says that the station lives, sends what is in its outbox, and deletes it on receipt alone.

    Everything here is done by the event loop's thread. See `Departures` for what leaves when.
    """

    def __init__(
        self,
        settings: MqttSection,
        identity: Identity,
        outbox: Outbox,
        telemetry: Telemetry,
        *,
        condition: Callable[[], Condition | None],
        supply: Callable[[], bool],
        on_config: Callable[[bytes], None] | None,
        rng: Random,
        beat: Callable[[], None] = lambda: None,
        timing: Timing = Timing(),  # noqa: B008 -- frozen
    ) -> None:
        """`supply` numbers the next windows of the backlog and says whether there were any.

        `on_config` gets each desired configuration, empty if it was taken back; without it the
        station does not ask for any. `beat` is called at each turn.
        """
        self._settings = settings
        self._identity = identity
        self._outbox = outbox
        self._telemetry = telemetry
        self._condition = condition
        self._on_config = on_config
        self._beat = beat
        min_batch = identity.agent.min_batch
        self._departures = Departures(
            settings, outbox, telemetry, min_batch=min_batch, supply=supply, rng=rng
        )
        self._connection = self._new_connection(rng, timing)
        self.has_been_connected = asyncio.Event()  # a broker has acknowledged this life's birth
        self._news = asyncio.Event()
        self._next_status = 0.0
        self._birth: int | None = None
        self._unanswered: set[int] = set()
        self._answered_at = 0.0
        self._at_once = settings.window * 2 + 2
        self._told: str | None = None
        self._settle_at = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted the connection."""
        return self._connection.is_connected

    def wake(self) -> None:
        """Look at the outbox again now: something was added."""
        self._departures.added()
        self._news.set()

    def say_how_it_is(self) -> None:
        """Send a heartbeat now: something has changed that somebody waits for."""
        self._next_status = 0.0
        self._news.set()

    async def run(self) -> None:
        """Publish until cancelled; then say goodbye with a death and disconnect."""
        async with asyncio.TaskGroup() as tasks:
            connecting = tasks.create_task(self._connection.run(), name="connection")
            try:
                while True:
                    self._beat()
                    await self._wait(self._turn(monotonic()))
            finally:
                await self._say_goodbye()
                connecting.cancel()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()

    def _turn(self, now: float) -> float:
        """Do what is due; how long to wait for news before the next turn."""
        self._settle(now)
        if not self.is_connected:
            return LONGEST_TURN_SECONDS
        try:
            self._send(now)
        except OutboxUnavailable:
            self._telemetry.disk_refused()
            self._departures.look_again()
            return DISK_SECONDS
        except BrokerUnavailable:
            return LONGEST_TURN_SECONDS  # it is just ending, and `disconnected` will be called
        return self._seconds_left(now)

    def _settle(self, now: float) -> None:
        """Delete what was receipted; while the disk refuses, the station goes on without."""
        if now < self._settle_at:
            return
        try:
            self._departures.settle()
            self._settle_at = 0.0
        except OutboxUnavailable:
            self._telemetry.disk_refused()
            self._settle_at = now + DISK_SECONDS

    def _send(self, now: float) -> None:
        """Screening before status before usage."""
        if self._unanswered and now - self._answered_at > self._stalled_seconds:
            self._connection.drop(Problem("the broker does not acknowledge messages any more"))
            return
        chosen = self._departures.choose(now, self._room - 1, self._largest)
        batches = [one for one in chosen if one.stream is Stream.SCREENING]
        for message in batches:
            self._send_message(message, now)
        if now >= self._next_status and self._room > 0:
            self._send_status(Kind.HEARTBEAT, now)
        for message in chosen[len(batches) :]:
            self._send_message(message, now)
        if chosen:
            self._telemetry.messages_published(len(chosen))

    def _seconds_left(self, now: float) -> float:
        moments = [LONGEST_TURN_SECONDS, max(0.0, self._next_status - now)]
        if self._room > 1:
            moments.append(self._departures.seconds_left(now))
        if self._settle_at:
            moments.append(self._settle_at - now)
        if self._unanswered:
            moments.append(self._answered_at + self._stalled_seconds - now)
        return max(0.001, min(moments))

    @property
    def _room(self) -> int:
        """How many messages may be sent now; one is kept for a status."""
        return min(self._connection.room, self._at_once - len(self._unanswered))

    @property
    def _stalled_seconds(self) -> float:
        return self._settings.receipt_timeout_seconds * _STALLED_TIMEOUTS

    def _largest(self, stream: Stream) -> int:
        return self._connection.largest(self._topic(stream))

    def _topic(self, stream: Stream) -> str:
        return topic(self._identity.station, stream)

    def _send_message(self, message: Message, now: float) -> None:
        ticket = self._post(Letter(self._topic(message.stream), message.payload), now)
        self._departures.sent(message, ticket, now)

    def _send_status(self, kind: Kind, now: float) -> int:
        status = living(kind, self._identity, self._outbox, self._condition())
        self._next_status = now + self._settings.heartbeat_seconds
        return self._post(_letter(self._topic(Stream.STATUS), status), now)

    def _post(self, letter: Letter, now: float) -> int:
        ticket = self._connection.publish(letter)
        if not self._unanswered:
            self._answered_at = now
        self._unanswered.add(ticket)
        return ticket

    def _new_connection(self, rng: Random, timing: Timing) -> Connection:
        streams = (
            (Stream.RECEIPTS,) if self._on_config is None else (Stream.RECEIPTS, Stream.CONFIG)
        )
        topics = [self._topic(stream) for stream in streams]
        station, will = self._identity.station, self._death()
        return Connection(self._settings, station, will, topics, self, rng=rng, timing=timing)

    def _death(self) -> Letter:
        return _letter(self._topic(Stream.STATUS), death(self._identity))

    async def _say_goodbye(self) -> None:
        if not self.is_connected:
            return
        with suppress(BrokerUnavailable, TimeoutError):
            ticket = self._connection.publish(self._death())
            self._unanswered.add(ticket)
            async with asyncio.timeout(_GOODBYE_SECONDS):
                while ticket in self._unanswered and self.is_connected:
                    self._news.clear()
                    await self._news.wait()
        self._connection.close()

    # What the connection tells; see `edge_agent.connection.Listener`.

    def connected(self) -> None:
        """The broker has accepted the connection."""
        now = monotonic()
        self._telemetry.broker_connected()
        self._told = None
        self._unanswered.clear()
        try:
            self._departures.begin(now)
            self._birth = self._send_status(Kind.BIRTH, now)
        except OutboxUnavailable:
            self._connection.drop(Problem("the station's file cannot be read now"))
        self._news.set()

    def acknowledged(self, ticket: int, code: int) -> None:
        """The broker answered a message."""
        now = monotonic()
        self._answered_at = now
        self._unanswered.discard(ticket)
        self._departures.answered(ticket, code, now)
        if ticket == self._birth:
            self._birth = None
            if is_refused(code):
                self._telemetry.message_refused(publication(code))
            else:
                self.has_been_connected.set()
        self._news.set()

    def received(self, name: str, payload: bytes) -> None:
        """A message has arrived: receipts or a desired configuration."""
        if name == self._topic(Stream.RECEIPTS):
            self._take_receipts(payload)
        elif self._on_config is not None and name == self._topic(Stream.CONFIG):
            self._on_config(payload)

    def not_subscribed(self, name: str, code: int) -> None:
        """The broker refused a subscription: without receipts there is no use in going on."""
        self._telemetry.subscription_refused(name.rpartition("/")[2], publication(code))
        if name == self._topic(Stream.RECEIPTS):
            problem = "the broker does not let this station have its receipts"
            self._connection.drop(Problem(problem, is_lasting=True))

    def disconnected(self, problem: Problem) -> None:
        """The connection has ended or was never made."""
        if problem.code == PACKET_TOO_LARGE:
            self._departures.learn_limit()
        if problem.code == RECEIVE_MAXIMUM_EXCEEDED:
            self._at_once = max(2, len(self._unanswered) // 2)
        self._unanswered.clear()
        if problem.text != self._told:
            self._told = problem.text
            self._telemetry.broker_lost(problem.text)
        self._news.set()

    def _take_receipts(self, payload: bytes) -> None:
        try:
            batch = ReceiptBatch.model_validate_json(payload)
        except ValidationError as error:
            self._telemetry.receipts_refused(f"{error.error_count()} problem(s)")
            return
        now = monotonic()
        for epoch in {one.epoch for one in batch.receipts}:
            seqs = [one.seq for one in batch.receipts if one.epoch == epoch]
            self._departures.receipted(epoch, seqs, now)
        self._news.set()


def _letter(name: str, status: Status) -> Letter:
    return Letter(name, status.model_dump_json(exclude_none=True).encode(), retain=True)
