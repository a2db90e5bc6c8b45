"""One light station of the fleet: it numbers, sends, waits for receipts and sends again."""

import logging
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from ssl import SSLContext
from typing import Protocol

from pydantic import ValidationError

from contract.receipts import Outcome, ReceiptBatch
from contract.status import Agent, Kind, LedgerCount, Release, Status
from contract.topics import Stream, topic
from simulators.history import Logbook, Message
from simulators.mqtt_loop import Access, Address, Connection, Letter, Loop

logger = logging.getLogger(__name__)

_LONGEST_PATIENCE = 8  # a receipt is waited for at most this many times the first timeout
_JITTER = (0.9, 1.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOptions:
    """How every station of a fleet behaves; `window` is messages sent and not yet receipted.

    `passwords` and `tls` are for a broker that asks for them.
    """

    min_batch: int = 5
    window: int = 4
    receipt_timeout_seconds: float = 10.0
    heartbeat_seconds: float = 60.0
    session_expiry_seconds: int = 3600
    passwords: Mapping[str, str] = field(default_factory=dict)
    tls: SSLContext | None = None


def _letter(station: str, message: Message) -> Letter:
    return Letter(topic(station, message.stream), message.payload)


class Office(Protocol):
    """To whom a station reports."""

    def receipted(self, station: "FleetStation", message: Message, outcome: Outcome) -> None:
        """A message has reached its end."""

    def accepted(self, station: "FleetStation") -> None:
        """The broker has let the station in."""

    def lost(self, station: "FleetStation", reason: str) -> None:
        """The connection has ended without the station's wish."""


@dataclass(slots=True)
class _Sent:
    """A message on its way, when it is sent again, and how often it was sent."""

    message: Message
    due: float
    times: int = 1


class FleetStation:
    """A station with its own connection; a message is forgotten on its receipt and not before."""

    def __init__(
        self,
        loop: Loop,
        logbook: Logbook,
        rng: Random,
        options: StationOptions,
        office: Office,
    ) -> None:
        self.logbook = logbook
        self.loading = False
        self.is_connected = False
        self._loop = loop
        self._rng = rng
        self._options = options
        self._office = office
        self._boot = f"{rng.getrandbits(64):016x}"
        self._queue: deque[Message] = deque()
        self._source: Iterator[Message] = iter(())
        self._sent: dict[int, _Sent] = {}
        self._connection: Connection | None = None
        self._is_filling = False
        self._is_watching = False
        self._is_beating = False

    @property
    def id(self) -> str:
        """The station id, which is also its client id and user name."""
        return self.logbook.station.id

    @property
    def pending(self) -> int:
        """Messages that have a number and no receipt."""
        return len(self._sent) + len(self._queue)

    @property
    def has_finished(self) -> bool:
        """Whether everything it had to load was written and has its receipt."""
        return not (self.loading or self._sent or self._queue)

    @property
    def is_open(self) -> bool:
        """Whether a connection exists, accepted or not."""
        return self._connection is not None

    def open(self, address: Address) -> None:
        """Connect; raises BrokerUnavailable when nobody listens there."""
        connection = Connection(
            self._loop,
            self.id,
            topic(self.id, Stream.RECEIPTS),
            self._status(Kind.DEATH),
            self._options.session_expiry_seconds,
            self,
            Access(self._options.passwords.get(self.id), self._options.tls),
        )
        connection.open(address)
        self._connection = connection

    def load(self, source: Iterator[Message]) -> None:
        """Send the messages of `source`, drawing each only when there is room to send it."""
        self._source, self.loading = source, True
        self._fill_soon()

    def send(self, message: Message) -> None:
        """Send one message when its turn comes."""
        self._queue.append(message)
        self._fill_soon()

    def say_goodbye(self) -> None:
        """Publish the station's death, then disconnect normally."""
        if self._connection is not None:
            if self.is_connected:
                self._connection.publish(self._status(Kind.DEATH))
            self._connection.close()
            self.is_connected = False

    def connected(self) -> None:
        """Announce the birth and send again all that has no receipt: it may have been lost."""
        self.is_connected = True
        self._office.accepted(self)
        self._publish(self._status(Kind.BIRTH))
        for sent in self._sent.values():
            self._send_again(sent)
        self._watch()
        self._fill_soon()
        if not self._is_beating:
            self._is_beating = True
            self._beat_later()

    def received(self, payload: bytes) -> None:
        """Forget what the receipts name; a broken or foreign receipt changes nothing."""
        try:
            batch = ReceiptBatch.model_validate_json(payload)
        except ValidationError:
            logger.warning("%s got receipts that break the contract", self.id)
            return
        for receipt in batch.receipts:
            if receipt.epoch == self.logbook.epoch and receipt.seq in self._sent:
                message = self._sent.pop(receipt.seq).message
                self._office.receipted(self, message, receipt.outcome)
        self._fill_soon()

    def disconnected(self, reason: str) -> None:
        """Report the loss; the office decides when to connect again."""
        self.is_connected = False
        self._connection = None
        self._office.lost(self, reason)

    def _fill_soon(self) -> None:
        if not self._is_filling:
            self._is_filling = True
            self._loop.defer(self._fill)

    def _fill(self) -> None:
        """Send one message if the window has room, then let others have their turn."""
        self._is_filling = False
        if not self.is_connected or len(self._sent) >= self._options.window:
            return
        message = self._queue.popleft() if self._queue else next(self._source, None)
        if message is None:
            self.loading = False
            return
        self._sent[message.seq] = _Sent(message, self._due(1))
        self._publish(_letter(self.id, message))
        self._watch()
        self._fill_soon()

    def _watch(self) -> None:
        """Come back when the first receipt is overdue."""
        if self._sent and not self._is_watching:
            self._is_watching = True
            due = min(sent.due for sent in self._sent.values())
            self._loop.after(due - self._loop.clock(), self._check)

    def _check(self) -> None:
        self._is_watching = False
        now = self._loop.clock()
        if self.is_connected:
            for sent in self._sent.values():
                if sent.due <= now:
                    self._send_again(sent)
            self._watch()

    def _send_again(self, sent: _Sent) -> None:
        sent.times += 1
        sent.due = self._due(sent.times)
        self._publish(_letter(self.id, sent.message))

    def _due(self, times: int) -> float:
        patience = min(1 << (times - 1), _LONGEST_PATIENCE) * self._rng.uniform(*_JITTER)
        return self._loop.clock() + self._options.receipt_timeout_seconds * patience

    def _beat_later(self) -> None:
        seconds = self._options.heartbeat_seconds * self._rng.uniform(*_JITTER)
        self._loop.after(seconds, self._beat)

    def _beat(self) -> None:
        self._publish(self._status(Kind.HEARTBEAT))
        self._beat_later()

    def _publish(self, letter: Letter) -> None:
        if self._connection is not None and self.is_connected:
            self._connection.publish(letter)

    def _status(self, kind: Kind) -> Letter:
        alive = kind is not Kind.DEATH
        status = Status(
            station=self.id,
            kind=kind,
            boot=self._boot,
            ledger=self._ledger() if alive else None,
            agent=self._agent() if alive else None,
        )
        payload = status.model_dump_json(by_alias=True, exclude_none=True)
        return Letter(topic(self.id, Stream.STATUS), payload, retain=True)

    def _ledger(self) -> LedgerCount:
        return LedgerCount(
            epoch=self.logbook.epoch,
            numbered=self.logbook.numbered,
            pending=self.pending,
            dropped=0,
        )

    def _agent(self) -> Agent:
        return Agent(
            version="simulated",
            min_batch=self._options.min_batch,
            release=Release.WHEN_FULL,
            heartbeat_seconds=self._options.heartbeat_seconds,
        )
