"""One light station of the fleet: it numbers, sends, waits for receipts and sends again."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from math import inf
from random import Random

from pydantic import ValidationError

from contract.receipts import Outcome, ReceiptBatch
from contract.status import Kind, LedgerCount
from contract.topics import Stream, topic
from simulators.fleet_office import Fates, Office, Sent, StationOptions
from simulators.history import Logbook, Message
from simulators.mqtt_connection import Access, Connection, Greeting, Letter
from simulators.mqtt_loop import Address, Loop
from simulators.station_status import status_letter

logger = logging.getLogger(__name__)

Supply = Callable[[], Message | None]
"""Gives the next message of a backlog its number; None when there is no more for now."""

_LONGEST_PATIENCE = 8  # a receipt is waited for at most this many times the first timeout
_JITTER = (0.9, 1.1)
_LONGEST_HOLD_SECONDS = 1.0


class FleetStation:
    """A station with its own connection; a message is forgotten on its receipt and not before."""

    __slots__ = (
        "_boot", "_connection", "_held", "_is_beating", "_is_filling", "_is_watching", "_loop",
        "_office", "_options", "_queue", "_rests_until", "_rng", "_sent", "_supply", "dropped",
        "fates", "is_barred", "is_connected", "loading", "logbook", "poisoned",
    )  # fmt: skip

    def __init__(
        self,
        loop: Loop,
        logbook: Logbook,
        rng: Random,
        options: StationOptions,
        office: Office["FleetStation"],
    ) -> None:
        self.logbook = logbook
        self.loading = self.is_connected = self.is_barred = False
        self.fates = Fates()
        self.dropped = self.poisoned = 0
        self._loop = loop
        self._rng = rng
        self._options = options
        self._office = office
        self.restart()
        self._queue: deque[Message] = deque()
        self._supply: Supply | None = None
        self._sent: dict[int, Sent] = {}
        self._connection: Connection | None = None
        self._rests_until = 0.0
        self._held: list[Letter] | None = None
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
    def under_way(self) -> int:
        """Messages that were sent and have no receipt."""
        return len(self._sent)

    @property
    def has_room(self) -> bool:
        """Whether a message would leave at once."""
        return self.is_connected and self.pending < self._options.window

    @property
    def has_finished(self) -> bool:
        """Whether everything it had to load was written and has its receipt."""
        return not (self.loading or self._sent or self._queue)

    @property
    def is_open(self) -> bool:
        """Whether a connection exists, accepted or not."""
        return self._connection is not None

    def open(self, address: Address) -> None:
        """Begin to connect; raises BrokerUnavailable when nobody listens there."""
        connection = Connection(self._loop, self)
        connection.open(
            address,
            Greeting(
                identity=self.id,
                subscription=topic(self.id, Stream.RECEIPTS),
                will=self._status(Kind.DEATH),
                access=Access(self._options.passwords.get(self.id), self._options.tls),
                session_expiry_seconds=self._options.session_expiry_seconds,
                keepalive_seconds=self._options.keepalive_seconds,
            ),
        )
        self._connection = connection

    def load(self, source: Iterator[Message]) -> None:
        """Send the messages of `source`, drawing each only when there is room to send it."""
        self.loading = True
        self.draw_from(partial(next, source, None))

    def draw_from(self, supply: Supply) -> None:
        """Send what `supply` numbers whenever there is room and nothing else waits."""
        self._supply = supply
        self.look_again()

    def look_again(self) -> None:
        """There may be something to send."""
        if not self._is_filling:
            self._is_filling = True
            self._loop.defer(self._fill)

    def send(self, message: Message) -> None:
        """Send one message when its turn comes."""
        self._queue.append(message)
        self._office.numbered(self)
        self.look_again()

    def hang_up(self) -> None:
        """Lose the connection without a word, as in a power cut."""
        if self._connection is not None:
            self._connection.hang_up()
            self._connection = None
        self.is_connected = False

    def restart(self) -> None:
        """Be another run of the same station, as after a power cut: its messages are on disk."""
        self._boot = f"{self._rng.getrandbits(64):016x}"

    def say_goodbye(self) -> None:
        """Publish the station's death, then disconnect normally."""
        if self._connection is not None:
            if self.is_connected:
                self._connection.publish(self._status(Kind.DEATH))
            self.is_connected = False
            self._connection.close()

    def connected(self) -> None:
        """Announce the birth and send again all that has no receipt: it may have been lost."""
        self.is_connected = True
        self._office.accepted(self)
        self._publish(self._status(Kind.BIRTH))
        self.unheard()
        self._watch()
        if self._options.rest is not None and self._rests_until < inf:
            self._rest(self._rng.uniform(0, self._options.spread_seconds))
        self.look_again()
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
            if receipt.epoch != self.logbook.epoch:
                continue
            if (sent := self._sent.pop(receipt.seq, None)) is not None:
                self._settle(sent, receipt.outcome)
        self.look_again()

    def unheard(self) -> None:
        """Nobody listened at the centre, and nothing was kept there: say it all again."""
        for sent in self._sent.values():
            self._send_again(sent)

    def disconnected(self, reason: str, *, refused: bool) -> None:
        """Report the loss; the office decides when to connect again."""
        self._connection = None
        self._office.lost(self, reason, refused=refused)
        self.is_connected = False

    def _rest(self, seconds: float) -> None:
        """Let no message of the backlog leave for a while."""
        self._rests_until = self._loop.clock() + seconds
        self._loop.after(seconds, self.look_again)

    def _settle(self, sent: Sent, outcome: Outcome) -> None:
        self.fates.add(sent.message, outcome)
        if sent.is_backlog and self._options.rest is not None:
            # How long one that had to be sent again took says little about the centre.
            took = self._loop.clock() - sent.since if sent.times == 1 else 0.0
            self._rest(took * self._options.rest)
        self._office.receipted(self, sent, outcome)

    def _fill(self) -> None:
        """Send one message if the window has room, then let others have their turn."""
        self._is_filling = False
        if not self.is_connected or len(self._sent) >= self._options.window:
            return
        is_backlog = not self._queue
        if (message := self._number_more() if is_backlog else self._queue.popleft()) is None:
            return
        self._sent[message.seq] = Sent(message, self._loop.clock(), self._due(1), is_backlog)
        self._depart(message)
        self._watch()
        self.look_again()

    def _depart(self, message: Message) -> None:
        """Send a message for the first time, with whatever faults make of that."""
        departure = self._office.departs(self, message)
        letters = [self._letter(message)] * departure.copies
        if departure.poison is not None:
            letters.append(letters[0]._replace(payload=departure.poison))
            self.poisoned += 1
        if departure.is_held_back and self._held is None:
            self._held = letters
            self._loop.after(_LONGEST_HOLD_SECONDS, self._let_go)
            return
        for letter in letters:
            self._publish(letter)
        self._let_go()

    def _let_go(self) -> None:
        """Send what was held back for others to overtake it."""
        held, self._held = self._held, None
        for letter in held or ():
            self._publish(letter)

    def _number_more(self) -> Message | None:
        """The next message of the backlog; none before the one before has its receipt and rest."""
        if self._supply is None or self._loop.clock() < self._rests_until:
            return None
        message = self._supply()
        if message is None:
            self.loading = False
            return None
        if self._options.rest is not None:
            self._rests_until = inf
        self._office.numbered(self)
        return message

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

    def _send_again(self, sent: Sent) -> None:
        sent.times += 1
        sent.due = self._due(sent.times)
        self._publish(self._letter(sent.message))

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

    def _letter(self, message: Message) -> Letter:
        return Letter(topic(self.id, message.stream), message.payload)

    def _status(self, kind: Kind) -> Letter:
        ledger = LedgerCount(
            epoch=self.logbook.epoch,
            numbered=self.logbook.numbered,
            pending=self.pending,
            dropped=self.dropped,
        )
        return status_letter(kind, self.id, self._boot, ledger, self._options)
