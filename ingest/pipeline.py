"""Validate, commit, then answer: what ingest does with a batch of messages, in that order."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from contract.envelope import Envelope
from contract.errors import ContractError, Reason
from contract.receipts import MAX_RECEIPTS, Outcome, Receipt, ReceiptBatch
from contract.status import Status
from contract.topics import Stream, parse, topic
from contract.usage import UsageBatch
from ingest import validation
from ingest.operations import Entry, Operations, Refused
from ingest.operations.quarantine import Kept
from ingest.records import Record, session_records, usage_records
from ingest.store import Refusal, Store
from ingest.telemetry import Telemetry

_FRESH = timedelta(minutes=1)
_JUST_READ = timedelta(seconds=1)


class Delivery(NamedTuple):
    """A message as the broker handed it over; `packet` is what acknowledges it."""

    topic: str
    payload: bytes
    packet: int


class Answer(NamedTuple):
    """A message to publish: receipts for one station."""

    topic: str
    payload: str


class _Origin(NamedTuple):
    """The message that records came from."""

    delivery: Delivery
    station: str
    number: validation.Number


@dataclass(slots=True)
class _Verdicts:
    """What a batch of deliveries comes down to; `firsts` is where each origin's records begin."""

    records: list[Record] = field(default_factory=list)
    origins: list[_Origin] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    entries: dict[tuple[str, int, int], tuple[Entry, Reason | None]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)

    def settle(self, station: str, number: validation.Number, reason: Reason | None) -> None:
        outcome = Outcome.STORED if reason is None else Outcome.QUARANTINED
        entry = Entry(station, number.epoch, number.seq, outcome)
        self.entries[station, number.epoch, number.seq] = (entry, reason)

    def store(self, delivery: Delivery, message: Envelope, records: Iterable[Record]) -> None:
        number = validation.Number(message.epoch, message.seq)
        self.origins.append(_Origin(delivery, message.station, number))
        self.firsts.append(len(self.records))
        self.records.extend(records)
        self.settle(message.station, number, None)

    def quarantine(self, refusals: Iterable[Refusal]) -> None:
        """Keep whole, for its first refused record, each message that has one."""
        found: dict[int, Refusal] = {}
        for refusal in refusals:
            found.setdefault(bisect_right(self.firsts, refusal.position) - 1, refusal)
        for place, refusal in found.items():
            delivery, station, number = self.origins[place]
            self.refused.append(
                Refused(delivery.topic, delivery.payload, refusal.reason, refusal.detail, station)
            )
            self.settle(station, number, refusal.reason)


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
        self._districts: dict[str, str] = {}
        self._districts_of = datetime.min.replace(tzinfo=UTC)
        self.last_stored_at: datetime | None = None

    def settle(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Commit a batch and return its receipts; only then may it be acknowledged.

        Raises StoreUnavailable, having answered nothing: offer the same batch again later.
        """
        verdicts = _Verdicts()
        for delivery in deliveries:
            self._judge(delivery, verdicts)
        now = self._clock()
        refusals = self._store.write(verdicts.records)
        verdicts.quarantine(refusals)
        self._operations.record(
            entries=[entry for entry, _ in verdicts.entries.values()],
            refused=verdicts.refused,
            statuses=verdicts.statuses,
            now=now,
        )
        stored = len(verdicts.records) - len(refusals)
        if stored:
            self.last_stored_at = now
        self._telemetry.batch_committed(len(deliveries), stored)
        for refused in verdicts.refused:
            self._telemetry.message_quarantined(refused.reason)
        return list(_answers(verdicts.entries.values()))

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
        self._accept(Delivery(kept.topic, payload, packet=0), message, verdicts)
        for refusal in self._store.write(verdicts.records):
            raise ContractError(refusal.reason, refusal.detail)
        self._operations.record(
            # A status is out of date by now: it leaves the quarantine, and that is all.
            entries=[entry for entry, _ in verdicts.entries.values()],
            replayed=[kept.digest],
            now=self._clock(),
        )
        self._telemetry.message_replayed()

    def _judge(self, delivery: Delivery, verdicts: _Verdicts) -> None:
        try:
            message = validation.parse(delivery.topic, delivery.payload)
            self._accept(delivery, message, verdicts)
        except ContractError as error:
            self._refuse(delivery, error, verdicts)

    def _accept(self, delivery: Delivery, message: validation.Message, verdicts: _Verdicts) -> None:
        district = self._district(message.station)
        if isinstance(message, Status):
            verdicts.statuses.append(message)
        elif isinstance(message, UsageBatch):
            verdicts.store(delivery, message, usage_records(message, district))
        else:
            verdicts.store(delivery, message, session_records(message, district))

    def _refuse(self, delivery: Delivery, error: ContractError, verdicts: _Verdicts) -> None:
        # The sender is whoever may write on this topic, whatever the payload claims.
        station = "" if error.reason is Reason.UNKNOWN_TOPIC else parse(delivery.topic).station
        verdicts.refused.append(
            Refused(delivery.topic, delivery.payload, error.reason, str(error), station)
        )
        number = validation.salvage_number(delivery.payload)
        if number is not None and station:
            verdicts.settle(station, number, error.reason)

    def _district(self, station: str) -> str:
        now = self._clock()
        age = now - self._districts_of
        # A flood of messages from unknown stations must not read the inventory for each of them.
        if age > (_FRESH if station in self._districts else _JUST_READ):
            self._districts = {one.id: one.district for one in self._operations.inventory.all()}
            self._districts_of = now
        try:
            return self._districts[station]
        except KeyError:
            raise ContractError(
                Reason.UNKNOWN_STATION, "this station is not in the inventory"
            ) from None


def _answers(settled: Iterable[tuple[Entry, Reason | None]]) -> Iterator[Answer]:
    by_station: dict[str, list[Receipt]] = {}
    for entry, reason in settled:
        receipt = Receipt(epoch=entry.epoch, seq=entry.seq, outcome=entry.outcome, reason=reason)
        by_station.setdefault(entry.station, []).append(receipt)
    for station, receipts in by_station.items():
        for start in range(0, len(receipts), MAX_RECEIPTS):
            batch = ReceiptBatch(
                station=station, receipts=tuple(receipts[start : start + MAX_RECEIPTS])
            )
            yield Answer(topic(station, Stream.RECEIPTS), batch.model_dump_json(exclude_none=True))
