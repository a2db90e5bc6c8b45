"""What the store keeps: sessions and usage windows, each with an identity that replays share."""

from collections.abc import Iterator
from datetime import date, datetime
from hashlib import blake2b
from typing import NamedTuple

from contract.screening_batch import ScreeningBatch
from contract.usage import UsageBatch
from ingest.calendar import ZONE

_DAY_NANOSECONDS = 86_400 * 10**9


class SessionRecord(NamedTuple):
    """One anonymous session. `at` is nanoseconds since 1970: its day, then an identity, not a time.

    `day` is the last day of its batch, which is all that is known of its date.
    """

    station: str
    district: str
    measure: str
    at: int
    day: date
    category: str
    subtype: str | None
    systolic: int
    diastolic: int
    pulse: int | None
    single: bool


class UsageRecord(NamedTuple):
    """One quarter of an hour at one station; `start` is seconds since 1970 UTC.

    A tuple in the order of its table's columns: a city sends millions, and tuples are cheap.
    """

    station: str
    start: int
    district: str
    entries: int | None
    occupied: float | None
    mean: float | None
    peak: int | None
    level: str | None


Record = SessionRecord | UsageRecord


def identity(day: date, station: str, epoch: int, seq: int, row: int) -> int:
    """The timestamp of a session: midnight of `day` plus a hash of where it stood, in nanoseconds.

    The same row always gets the same timestamp, so a replay overwrites itself, and two rows of
    one day share one with a chance of about 1 in 10^13.
    """
    midnight = datetime.combine(day, datetime.min.time(), ZONE)
    digest = blake2b(f"{station}/{epoch}/{seq}/{row}".encode(), digest_size=8).digest()
    within_day = int.from_bytes(digest) % _DAY_NANOSECONDS
    return int(midnight.timestamp()) * 10**9 + within_day


def session_records(batch: ScreeningBatch, district: str) -> Iterator[SessionRecord]:
    """The sessions in a screening batch."""
    for number, row in enumerate(batch.rows):
        yield SessionRecord(
            station=batch.station,
            district=district,
            measure=batch.measure,
            at=identity(batch.to, batch.station, batch.epoch, batch.seq, number),
            day=batch.to,
            category=row.c,
            subtype=row.sub,
            systolic=row.s,
            diastolic=row.d,
            pulse=row.p,
            single=row.single,
        )


def usage_records(batch: UsageBatch, district: str) -> Iterator[UsageRecord]:
    """The windows in a usage batch."""
    for window in batch.windows:
        yield UsageRecord(
            batch.station,
            window.start,
            district,
            window.entries,
            window.occupied,
            window.mean,
            window.peak,
            window.level,
        )
