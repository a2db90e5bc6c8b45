"""Which messages leave now: new ones at once, older ones slowly, none twice without need.

What was numbered during this connection is new. What waited for it is older: it begins at a
random moment, so that a thousand stations do not begin together, and leaves at a limited rate.
Nothing here grows with the outbox: it is read page by page.
"""

from collections.abc import Callable, Iterable
from math import inf
from random import Random

from contract.errors import OutboxUnavailable
from contract.topics import Stream
from edge_agent.broker_answers import FORMAT_INVALID, NO_SUBSCRIBERS, is_refused, publication
from edge_agent.flights import LONGEST_PATIENCE_SECONDS, Flights, Key
from edge_agent.outbox import Message, Outbox
from edge_agent.pacing import Backoff, Pacer
from edge_agent.release import halves
from edge_agent.settings import MqttSection
from edge_agent.telemetry import Telemetry

_PAGE = 64
_MOST_BYTES_AT_ONCE = 2**20
_MOST_TOO_LARGE = 256
_FIRST_REFUSAL_SECONDS = 10.0
_SUPPLY_AGAIN_SECONDS = 60.0
_MOST_RECEIPTED = 1000
_SHORTEST_SECONDS = 0.001

DISK_SECONDS = 2.0
"""How long to wait after the disk has refused something."""


class Departures:
    """Chooses from the outbox; the publisher sends what is chosen and tells what came of it."""

    def __init__(
        self,
        settings: MqttSection,
        outbox: Outbox,
        telemetry: Telemetry,
        *,
        min_batch: int,
        supply: Callable[[], bool],
        rng: Random,
    ) -> None:
        """`supply` numbers the next windows of the backlog and says whether there were any."""
        self._settings = settings
        self._outbox = outbox
        self._telemetry = telemetry
        self._min_batch = min_batch
        self._supply = supply
        self._rng = rng
        timeout = settings.receipt_timeout_seconds
        self._flights = Flights(timeout, rng)
        self._pacer = Pacer(settings.drain_per_second, rng)
        self._refusals = Backoff(
            min(timeout, _FIRST_REFUSAL_SECONDS), LONGEST_PATIENCE_SECONDS, rng
        )
        self._receipted: set[Key] = set()
        self._too_large: set[Key] = set()
        self._largest: int | None = None  # payload bytes, learned when a broker hung up
        self._numbered_before = 0
        self._look_for_new = False
        self._look_for_older = False
        self._paused_until = 0.0
        self._supply_at = 0.0
        self._is_nobody_told = False

    def begin(self, now: float) -> None:
        """A connection was made: what is in the outbox now is older, and begins in a while."""
        self._flights.forget_all()
        self._too_large.clear()
        self._numbered_before = self._outbox.ledger().numbered
        self._look_for_new = self._look_for_older = True
        self._supply_at = 0.0
        # A pause after a refusal stays: some brokers hang up after each one.
        self._pacer.start(now + self._rng.uniform(0, self._settings.drain_spread_seconds))

    def added(self) -> None:
        """Something was added to the outbox."""
        self._look_for_new = True

    def look_again(self) -> None:
        """What was chosen did not leave."""
        self._look_for_new = self._look_for_older = True

    def learn_limit(self) -> None:
        """The broker hung up because a message was too large: it was the largest one."""
        if (size := self._flights.largest_unanswered()) is not None:
            self._largest = min(size, self._largest or size) - 1

    def choose(self, now: float, room: int, largest: Callable[[Stream], int]) -> list[Message]:
        """What to send now, screening first: at most `room` messages of at most `largest` bytes.

        A message that is larger is split, or kept and reported. Raises OutboxUnavailable.
        """
        if now < self._paused_until or len(self._receipted) >= _MOST_RECEIPTED:
            return []
        if self._refusals.is_raised:
            room = min(room, 1 - self._flights.unanswered)  # one to try whether it is accepted now
        chosen = self._new(room)
        chosen += self._older(now, room - len(chosen))
        fitting = [one for one in chosen if self._fits(one, largest(one.stream), now)]
        return sorted(
            self._marked(fitting, now), key=lambda one: one.stream is not Stream.SCREENING
        )

    def sent(self, message: Message, ticket: int, now: float) -> None:
        """A chosen message was handed to the connection."""
        size, is_live = len(message.payload), self._is_new(message)
        self._flights.sent(_key(message), ticket, now, is_live=is_live, size=size)

    def answered(self, ticket: int, code: int, now: float) -> None:
        """The broker has acknowledged a message; only a receipt deletes it."""
        if (key := self._flights.answered(ticket)) is None:
            return
        if code == NO_SUBSCRIBERS:
            self._flights.unheard(key, now)
            if not self._is_nobody_told:
                self._is_nobody_told = True
                self._telemetry.nobody_ingests()
        if not is_refused(code):
            self._refusals.reset()
            return
        self._telemetry.message_refused(publication(code))
        if code == FORMAT_INVALID:
            self._refusals.reset()
            return  # this message alone: it is tried again ever more rarely
        self._flights.forget((key,))
        self.look_again()
        if now >= self._paused_until:
            self._paused_until = now + self._refusals.next()

    def receipted(self, epoch: int, seqs: Iterable[int], now: float) -> None:
        """Receipts have come; `settle` deletes the messages."""
        keys = [(epoch, seq) for seq in seqs]
        self._flights.landed(keys, now)
        if len(self._receipted) < _MOST_RECEIPTED:  # the others will be receipted again
            self._receipted.update(keys)
        self._is_nobody_told = False

    def settle(self) -> None:
        """Delete what was receipted. Raises OutboxUnavailable: then call it again later."""
        for epoch in {epoch for epoch, _ in self._receipted}:
            seqs = {seq for one, seq in self._receipted if one == epoch}
            self._outbox.settle(epoch, seqs)
            self._telemetry.messages_settled(len(seqs))
            self._receipted -= {(epoch, seq) for seq in seqs}
            self._too_large -= {(epoch, seq) for seq in seqs}

    def seconds_left(self, now: float) -> float:
        """How long until something may be due, as things stand."""
        if now < self._paused_until:
            return self._paused_until - now
        moments = []
        if self._look_for_new and self._flights.live < self._settings.window:
            moments.append(0.0)
        if self._look_for_older and self._free_for_older > 0:
            moments.append(self._pacer.seconds_left(now))
        if self._may_ask_for_more:
            moments.append(max(self._supply_at - now, self._pacer.seconds_left(now)))
        if (due := self._flights.next_due()) is not None:
            moments.append(max(due - now, self._pacer.seconds_left(now)))
        return max(_SHORTEST_SECONDS, min(moments, default=inf))

    @property
    def _free_for_older(self) -> int:
        return self._settings.window - len(self._flights) + self._flights.live

    @property
    def _may_ask_for_more(self) -> bool:
        """Whether nothing numbered waits, and what went before is heard of."""
        waiting = self._look_for_new or self._look_for_older or self._flights.is_silent
        return not waiting and len(self._flights) < self._settings.window

    def _new(self, room: int) -> list[Message]:
        free = min(room, self._settings.window - self._flights.live, _PAGE)
        if not self._look_for_new or free <= 0:
            return []
        page = self._page(free, after=self._numbered_before)
        found = [one for one in page if self._is_new(one) and self._waits(one)][:free]
        self._look_for_new = len(found) == free
        return self._bounded(found)

    def _older(self, now: float, room: int) -> list[Message]:
        free = min(room, self._pacer.allowed(now), _PAGE)
        if free <= 0:
            return []
        due = self._flights.due(now)
        fresh = self._free_for_older
        if not due and (fresh <= 0 or not self._look_for_older):
            self._ask_for_more(now)
            return []
        page = self._page(free)
        again = [one for one in page if _key(one) in due]
        self._forget(due.difference(_key(one) for one in again))
        first = [one for one in page if not self._is_new(one) and self._waits(one)]
        self._look_for_older = bool(first) or len(page) >= self._passed_over + free
        chosen = self._bounded((again + first[: max(0, fresh)])[:free])
        self._pacer.went(len(chosen) or 1, now)
        return chosen

    def _page(self, free: int, *, after: int = 0) -> list[Message]:
        return self._outbox.pending(self._passed_over + free, after=after)

    @property
    def _passed_over(self) -> int:
        return len(self._flights) + len(self._receipted) + len(self._too_large)

    def _waits(self, message: Message) -> bool:
        key = _key(message)
        return not (key in self._flights or key in self._receipted or key in self._too_large)

    def _is_new(self, message: Message) -> bool:
        return message.epoch == self._outbox.epoch and message.seq > self._numbered_before

    def _forget(self, keys: set[Key]) -> None:
        """They are due but not among the first: given up, or overtaken by more urgent ones."""
        if keys:
            self._flights.forget(keys)
            self.look_again()

    def _bounded(self, messages: list[Message]) -> list[Message]:
        """As many of them as memory should hold at once, and one at least."""
        size = self._flights.unacknowledged_bytes
        for place, message in enumerate(messages):
            size += len(message.payload)
            if size > _MOST_BYTES_AT_ONCE and (place or len(self._flights)):
                self.look_again()
                return messages[:place]
        return messages

    def _fits(self, message: Message, largest: int, now: float) -> bool:
        if self._largest is not None:
            largest = min(largest, self._largest)
        if len(message.payload) <= largest:
            return True
        self._flights.forget((_key(message),))
        parts = halves(message.payload, message.stream, self._min_batch)
        is_ours = message.epoch == self._outbox.epoch  # only then are there numbers for it
        try:
            if parts and is_ours and self._outbox.split(message.seq, parts):
                self._telemetry.message_split()
            elif len(self._too_large) < _MOST_TOO_LARGE:
                self._too_large.add(_key(message))
                self._telemetry.message_too_large()
        except OutboxUnavailable:
            self._wait_for_disk(now)
        self.look_again()
        return False

    def _marked(self, messages: list[Message], now: float) -> list[Message]:
        """The messages, once it is on disk that the batches among them may have been sent.

        While the disk takes nothing, a batch goes only if it could never be split anyway.
        """
        batches = [
            one
            for one in messages
            if one.stream is Stream.SCREENING
            and one.epoch == self._outbox.epoch
            and _key(one) not in self._flights
        ]
        try:
            self._outbox.mark_sent([one.seq for one in batches])
        except OutboxUnavailable:
            self._wait_for_disk(now)
            held = {
                _key(one) for one in batches if halves(one.payload, one.stream, self._min_batch)
            }
            return [one for one in messages if _key(one) not in held]
        return messages

    def _ask_for_more(self, now: float) -> None:
        """Let the next windows of the backlog be numbered, while what went before is heard of."""
        if now < self._supply_at or not self._may_ask_for_more:
            return
        self._supply_at = now + _SUPPLY_AGAIN_SECONDS
        try:
            if self._supply():
                self._pacer.went(1, now)
                self._look_for_new = True
                self._supply_at = 0.0
        except OutboxUnavailable:
            self._telemetry.disk_refused()

    def _wait_for_disk(self, now: float) -> None:
        self._telemetry.disk_refused()
        self._paused_until = now + DISK_SECONDS
        self.look_again()


def _key(message: Message) -> Key:
    return message.epoch, message.seq
