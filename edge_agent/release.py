"""When staged rows may leave the station, and the messages that they leave in. Pure."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from contract.disclosure import band
from contract.envelope import Envelope
from contract.errors import Reason
from contract.screening_message import ScreeningMessage
from contract.status import Release
from contract.topics import Stream
from contract.usage import UsageBatch, UsageWindow
from edge_agent.outbox import Staged


class Policy(NamedTuple):
    """How many sessions must be staged, and at what moment they go."""

    min_batch: int
    release: Release
    release_at: time
    jitter_seconds: float


def next_daily(released_on: date, policy: Policy, now: datetime, rng: Random) -> datetime:
    """The moment of the next daily release, in the zone of `now`.

    It is due on the day after the last one, at once if the station slept through it, and at a
    random moment so that its time says nothing about any visit.
    """
    day = released_on + timedelta(days=1)
    planned = datetime.combine(day, policy.release_at, now.tzinfo)
    return max(planned, now) + timedelta(seconds=rng.uniform(0, policy.jitter_seconds))


def compose(
    station: str,
    epoch: int,
    seq: int,
    measure: str,
    rows: Sequence[Staged],
    rejects: Counter[Reason],
    rng: Random,
) -> bytes:
    """The payload of a batch: rows in random order, dated by first and last day only.

    Raises pydantic's ValidationError if rows and measure do not fit.
    """
    shuffled = rng.sample(rows, k=len(rows))
    message = ScreeningMessage.model_validate(
        {
            "station": station,
            "epoch": epoch,
            "seq": seq,
            "measure": measure,
            "from": min(row.day for row in rows),
            "to": max(row.day for row in rows),
            "rows": [json.loads(row.content) for row in shuffled],
            "rejects": {reason: band(count) for reason, count in rejects.items()},
        }
    )
    return message.model_dump_json(by_alias=True, exclude_none=True).encode()


def compose_usage(station: str, epoch: int, seq: int, windows: Sequence[str]) -> bytes:
    """The payload of usage windows (JSON), oldest first; occupancy is not personal."""
    batch = UsageBatch(
        station=station,
        epoch=epoch,
        seq=seq,
        windows=tuple(UsageWindow.model_validate_json(window) for window in windows),
    )
    return batch.model_dump_json(exclude_none=True).encode()


def halves(payload: bytes, stream: Stream, min_batch: int) -> tuple[Callable[[int], bytes], ...]:
    """What makes two messages of one that is too large for the broker, each from its number.

    Empty if it cannot be halved: one window is one window, and no batch may have fewer than
    `min_batch` rows. The halves of a batch are random ones, for its rows are shuffled; the rejects
    stay with the first.
    """
    if stream is Stream.USAGE:
        usage = UsageBatch.model_validate_json(payload)
        middle = len(usage.windows) // 2
        if middle == 0:
            return ()
        return (
            _renumbered(usage, windows=usage.windows[:middle]),
            _renumbered(usage, windows=usage.windows[middle:]),
        )
    batch = ScreeningMessage.model_validate_json(payload).root
    middle = len(batch.rows) // 2
    if middle < max(1, min_batch):
        return ()
    return (
        _renumbered(batch, rows=batch.rows[:middle]),
        _renumbered(batch, rows=batch.rows[middle:], rejects={}),
    )


def _renumbered(message: Envelope, **changes: object) -> Callable[[int], bytes]:
    def compose(seq: int) -> bytes:
        part = message.model_copy(update={"seq": seq, **changes})
        return part.model_dump_json(by_alias=True, exclude_none=True).encode()

    return compose
