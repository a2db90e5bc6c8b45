"""Validate, commit, then answer: what ingest does with a batch of messages, in that order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contract.envelope import Envelope
from contract.errors import ContractError, Reason
from contract.receipts import MAX_RECEIPTS, Outcome, Receipt, ReceiptBatch
from contract.status import Status
from contract.topics import Stream, parse, topic
from contract.usage import UsageBatch
from ingest import validation
from ingest.operations import Entry, Operations, Refused
from ingest.records import Record, session_records, usage_records
from ingest.store import Store
from ingest.telemetry import Telemetry


class Delivery(NamedTuple):
    """A message as the broker handed it over; `packet` is what acknowledges it."""

    topic: str
    payload: bytes
    packet: int


class Answer(NamedTuple):
    """A message to publish: receipts for one station."""

    topic: str
    payload: str


@dataclass(slots=True)
class _Verdicts:
    """What a batch of deliveries comes down to."""

    records: list[Record] = field(default_factory=list)
    entries: dict[tuple[str, int, int], tuple[Entry, Reason | None]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)

    def settle(self, station: str, number: validation.Number, reason: Reason | None) -> None:
        outcome = Outcome.STORED if reason is None else Outcome.QUARANTINED
        entry = Entry(station, number.epoch, number.seq, outcome)
        self.entries[station, number.epoch, number.seq] = (entry, reason)


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
        self.last_stored_at: datetime | None = None

    def settle(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Commit a batch and return its receipts; only then may it be acknowledged.

        Raises StoreUnavailable, having answered nothing: offer the same batch again later.
        """
        verdicts = _Verdicts()
        for delivery in deliveries:
            self._judge(delivery, verdicts)
        now = self._clock()
        self._store.write(verdicts.records)
        self._operations.record(
            entries=[entry for entry, _ in verdicts.entries.values()],
            refused=verdicts.refused,
            statuses=verdicts.statuses,
            now=now,
        )
        if verdicts.records:
            self.last_stored_at = now
        self._telemetry.batch_committed(len(deliveries), len(verdicts.records))
        for refused in verdicts.refused:
            self._telemetry.message_quarantined(refused.reason)
        return list(_answers(verdicts.entries.values()))

    def _judge(self, delivery: Delivery, verdicts: _Verdicts) -> None:
        try:
            message = validation.parse(delivery.topic, delivery.payload)
            district = self._district(message.station)
        except ContractError as error:
            self._refuse(delivery, error, verdicts)
            return
        if isinstance(message, Status):
            verdicts.statuses.append(message)
        elif isinstance(message, UsageBatch):
            verdicts.records.extend(usage_records(message, district))
            verdicts.settle(message.station, _number(message), None)
        else:
            verdicts.records.extend(session_records(message, district))
            verdicts.settle(message.station, _number(message), None)

    def _refuse(self, delivery: Delivery, error: ContractError, verdicts: _Verdicts) -> None:
        verdicts.refused.append(Refused(delivery.topic, delivery.payload, error.reason, str(error)))
        number = validation.salvage_number(delivery.payload)
        if number is None or error.reason is Reason.UNKNOWN_TOPIC:
            return
        # The sender is whoever may write on this topic, whatever the payload claims.
        verdicts.settle(parse(delivery.topic).station, number, error.reason)

    def _district(self, station: str) -> str:
        if station not in self._districts:
            self._districts = {one.id: one.district for one in self._operations.inventory.all()}
        try:
            return self._districts[station]
        except KeyError:
            raise ContractError(
                Reason.UNKNOWN_STATION, "this station is not in the inventory"
            ) from None


def _number(message: Envelope) -> validation.Number:
    return validation.Number(message.epoch, message.seq)


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
