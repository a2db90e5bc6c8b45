"""Receipts for a batch: as few messages as there are stations in it. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from contract.envelope import VERSION
from contract.errors import Reason
from contract.receipts import MAX_RECEIPTS, Outcome
from contract.topics import Stream, topic
from ingest.pieces import pieces

Key = tuple[str, int, int]
"""What a numbered message is for ever: its station, epoch and seq."""


class Answer(NamedTuple):
    """A message to publish: receipts for one station."""

    topic: str
    payload: str


def answers(ends: Mapping[Key, Reason | None]) -> Iterator[Answer]:
    """The receipts for messages that are stored, or in quarantine for a reason.

    They are `contract.receipts.ReceiptBatch`, written here because a city needs thousands a second:
    numbers and words of closed lists, so nothing needs escaping. A test holds the two together.
    """
    by_station: dict[str, list[str]] = {}
    for (station, epoch, seq), reason in ends.items():
        receipt = f'{{"epoch":{epoch},"seq":{seq},{_ENDS[reason]}}}'
        by_station.setdefault(station, []).append(receipt)
    for station, receipts in by_station.items():
        for some in pieces(receipts, MAX_RECEIPTS):
            yield Answer(
                topic(station, Stream.RECEIPTS),
                f'{{"v":{VERSION},"station":"{station}","receipts":[{",".join(some)}]}}',
            )


_ENDS: dict[Reason | None, str] = {
    None: f'"outcome":"{Outcome.STORED}"',
    **{reason: f'"outcome":"{Outcome.QUARANTINED}","reason":"{reason}"' for reason in Reason},
}
