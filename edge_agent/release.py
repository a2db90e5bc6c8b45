"""When staged rows may leave the station, and the shuffled batch that they leave in. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from contract.disclosure import band
from contract.errors import Reason
from contract.screening_batch import BloodPressureRow, ScreeningBatch
from contract.status import Release
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
    rows: Sequence[Staged],
    rejects: Counter[Reason],
    rng: Random,
) -> bytes:
    """The payload of a batch: rows in random order, dated by first and last day only."""
    shuffled = rng.sample(rows, k=len(rows))
    batch = ScreeningBatch(
        station=station,
        epoch=epoch,
        seq=seq,
        from_=min(row.day for row in rows),
        to=max(row.day for row in rows),
        rows=tuple(BloodPressureRow.model_validate_json(row.content) for row in shuffled),
        rejects={reason: band(count) for reason, count in rejects.items()},
    )
    return batch.model_dump_json(by_alias=True, exclude_none=True).encode()
