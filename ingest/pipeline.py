"""Validate, commit, then answer: what ingest does with a batch of messages, in that order."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple

from contract.disclosure import Band, least
from contract.errors import ContractError, Reason
from contract.receipts import Outcome
from contract.status import Status
from contract.usage import UsageBatch
from ingest import validation
from ingest.cycles import cycles_left
from ingest.operations import Entry, Operations, Refused
from ingest.operations.quarantine import Kept
from ingest.operations.sightings import require_fit
from ingest.receipts import Answer as Answer
from ingest.receipts import Key, answers
from ingest.records import Record, session_records, usage_records
from ingest.store import Refusal, Store
from ingest.telemetry import Stage, Telemetry
from ingest.usage import dirty_hours
from ingest.wire import Delivery as Delivery

_FRESH = timedelta(minutes=1)
_JUST_READ = timedelta(seconds=1)
_NO_TIME = timedelta()
_LONGEST_BAND = 6
_STORED, _QUARANTINED = Outcome.STORED, Outcome.QUARANTINED  # looked up once, not for each message


class _Origin(NamedTuple):
    """The message that records came from."""

    delivery: Delivery
    message: validation.Numbered


@dataclass(slots=True)
class _Verdicts:
    """What a batch of deliveries comes down to; `firsts` is where each origin's records begin.

    `ends` says of each numbered message why it is in quarantine; None is stored.
    """

    records: list[Record] = field(default_factory=list)
    origins: list[_Origin] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    ends: dict[Key, Reason | None] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    rejects: list[Mapping[Reason, Band]] = field(default_factory=list)

    def store(
        self, delivery: Delivery, message: validation.Numbered, records: Iterable[Record]
    ) -> None:
        self.origins.append(_Origin(delivery, message))
        self.firsts.append(len(self.records))
        self.records.extend(records)
        self.ends[message.station, message.epoch, message.seq] = None

    def quarantine(self, refusals: Iterable[Refusal]) -> None:
        """Keep whole, for its first refused record, each message that has one."""
        found: dict[int, Refusal] = {}
        for refusal in refusals:
            found.setdefault(bisect_right(self.firsts, refusal.position) - 1, refusal)
        for place, refusal in found.items():
            (topic, payload, _), message = self.origins[place]
            self.refused.append(
                Refused(topic, payload, refusal.reason, refusal.detail, message.station)
            )
            self.ends[message.station, message.epoch, message.seq] = refusal.reason

    def entries(self) -> Iterator[Entry]:
        """The lines of the ledger."""
        for (station, epoch, seq), reason in self.ends.items():
            yield Entry(station, epoch, seq, _STORED if reason is None else _QUARANTINED)


class Pipeline:
    """One worker's way from deliveries to receipts."""

    def __init__(
        self,
        store: Store,
        operations: Operations,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._operations = operations
        self._telemetry = telemetry
        self._clock = clock
        self._places: dict[str, tuple[str, str]] = {}
        self._places_of = datetime.min.replace(tzinfo=UTC)
        self.last_stored_at: datetime | None = None
        self.busy_seconds = 0.0
        """How long batches took so far, all of them together."""

    def settle(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Commit a batch and return its receipts; only then may it be acknowledged.

        Raises StoreUnavailable, having answered nothing: offer the same batch again later.
        """
        began = monotonic()
        try:
            with cycles_left():
                return self._settle(deliveries)
        finally:
            self.busy_seconds += monotonic() - began

    def _settle(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        verdicts = _Verdicts()
        now = self._clock()
        with self._telemetry.stage(Stage.VALIDATE):
            for delivery in deliveries:
                self._judge(delivery, verdicts, now)
        with self._telemetry.stage(Stage.STORE):
            refusals = self._store.write(verdicts.records)
        verdicts.quarantine(refusals)
        with self._telemetry.stage(Stage.LEDGER):
            self._operations.record(
                entries=verdicts.entries(),
                refused=verdicts.refused,
                statuses=verdicts.statuses,
                dirty=dirty_hours(verdicts.records),
                now=now,
            )
        stored = len(verdicts.records) - len(refusals)
        if stored:
            self.last_stored_at = now
        self._telemetry.batch_committed(len(deliveries), stored)
        self._telemetry.messages_quarantined(Counter(one.reason for one in verdicts.refused))
        self._telemetry.readings_rejected(_at_least(verdicts.rejects))
        return list(answers(verdicts.ends))

    def replay(self, kept: Kept, mended: bytes | None = None) -> None:
        """Store a message out of the quarantine after all, as it is or `mended`.

        Raises ContractError if it is still refused: then it stays where it is. A mended message
        keeps its number, because that is how its station's ledger knows it.
        """
        number = validation.salvage_number(kept.payload)
        payload = kept.payload if mended is None else mended
        if number is not None and validation.salvage_number(payload) != number:
            raise ContractError(Reason.SCHEMA, "a mended message keeps its `epoch` and `seq`")
        message = validation.parse(kept.topic, payload)
        verdicts = _Verdicts()
        now = self._clock()
        self._accept(Delivery(kept.topic, payload, packet=0), message, verdicts, now)
        for refusal in self._store.write(verdicts.records):
            raise ContractError(refusal.reason, refusal.detail)
        self._operations.record(
            # A status is out of date by now: it leaves the quarantine, and that is all.
            entries=verdicts.entries(),
            replayed=[kept.digest],
            dirty=dirty_hours(verdicts.records),
            now=now,
        )
        self._telemetry.message_replayed()

    def _judge(self, delivery: Delivery, verdicts: _Verdicts, now: datetime) -> None:
        try:
            message = validation.parse(delivery.topic, delivery.payload)
            self._accept(delivery, message, verdicts, now)
        except ContractError as error:
            self._refuse(delivery, error, verdicts)

    def _accept(
        self, delivery: Delivery, message: validation.Message, verdicts: _Verdicts, now: datetime
    ) -> None:
        district, venue = self._place(message.station, now)
        if isinstance(message, Status):
            require_fit(message)
            verdicts.statuses.append(message)
        elif isinstance(message, UsageBatch):
            verdicts.store(delivery, message, usage_records(message, district))
        else:
            verdicts.store(delivery, message, session_records(message, district, venue))
            if message.rejects:
                verdicts.rejects.append(message.rejects)

    def _refuse(self, delivery: Delivery, error: ContractError, verdicts: _Verdicts) -> None:
        # The sender is whoever may write on this topic, whatever the payload claims.
        unknown = error.reason is Reason.UNKNOWN_TOPIC
        station = "" if unknown else validation.address(delivery.topic).station
        verdicts.refused.append(
            Refused(delivery.topic, delivery.payload, error.reason, str(error), station)
        )
        if error.reason is Reason.NOT_JSON:
            return  # and so without a number
        number = validation.salvage_number(delivery.payload)
        if number is not None and station:
            verdicts.ends[station, number.epoch, number.seq] = error.reason

    def _place(self, station: str, now: datetime) -> tuple[str, str]:
        """The district and the venue type of a station."""
        age = now - self._places_of
        # A flood of messages from unknown stations must not read the inventory for each of them.
        # What was read in the future was read before the clock stepped back: it may be of any age.
        if not _NO_TIME <= age <= (_FRESH if station in self._places else _JUST_READ):
            self._places = self._operations.inventory.places()
            self._places_of = now
        try:
            return self._places[station]
        except KeyError:
            raise ContractError(
                Reason.UNKNOWN_STATION, "this station is not in the inventory"
            ) from None


def _at_least(rejects: Iterable[Mapping[Reason, Band]]) -> Counter[Reason]:
    """How many readings stations have refused, by reason: the least that their bands allow."""
    sums: Counter[Reason] = Counter()
    for told in rejects:
        for reason, count in told.items():
            if len(count) <= _LONGEST_BAND:  # more no station has refused
                sums[reason] += least(count)
    return sums
