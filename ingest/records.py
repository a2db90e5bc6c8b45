"""What the store keeps: sessions and usage windows, each with an identity that replays share."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from contract.glucose_batch import GlucoseBatch
from contract.screening_message import AnyBatch
from contract.usage import UsageBatch
from ingest.calendar import ZONE

_DAY_NANOSECONDS = 86_400 * 10**9
_DAYS_KEPT = 1_024


class SessionRecord(NamedTuple):
    """One anonymous session. `at` is nanoseconds since 1970: its day, then an identity, not a time.

    `day` is the last day of its batch, which is all that is known of its date. Pressures and pulse
    are the left edges of their bins, and so is `glucose` in mmol/L; None is what was not measured.
    `district` and `venue` are those of the station when it came.
    """

    station: str
    district: str
    measure: str
    at: int
    day: date
    category: str
    subtype: str | None
    systolic: int | None
    diastolic: int | None
    pulse: int | None
    single: bool
    glucose: float | None = None
    venue: str = ""


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

# The fields of a session from `category` to `glucose`.
_Values = tuple[str, str | None, int | None, int | None, int | None, bool, float | None]


def identity(day: date, station: str, epoch: int, seq: int, row: int) -> int:
    """The timestamp of a session: midnight of `day` plus a hash of where it stood, in nanoseconds.

    The same row always gets the same timestamp, so a replay overwrites itself, and two rows of
    one day share one with a chance of about 1 in 10^13.
    """
    digest = blake2b(f"{station}/{epoch}/{seq}/{row}".encode(), digest_size=8).digest()
    within_day = int.from_bytes(digest) % _DAY_NANOSECONDS
    return _midnight(day) + within_day


def session_records(batch: AnyBatch, district: str, venue: str = "") -> Iterator[SessionRecord]:
    """The sessions in a batch of the screening stream."""
    for number, values in enumerate(_values(batch)):
        at = identity(batch.to, batch.station, batch.epoch, batch.seq, number)
        yield SessionRecord(batch.station, district, batch.measure, at, batch.to, *values, venue)


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


@lru_cache(_DAYS_KEPT)
def _midnight(day: date) -> int:
    """The beginning of `day`, in nanoseconds since 1970."""
    return int(datetime.combine(day, datetime.min.time(), ZONE).timestamp()) * 10**9


def _values(batch: AnyBatch) -> Iterator[_Values]:
    if isinstance(batch, GlucoseBatch):
        for glucose in batch.rows:
            yield (glucose.c, None, None, None, None, glucose.single, glucose.g)
    else:
        for row in batch.rows:
            yield (row.c, row.sub, row.s, row.d, row.p, row.single, None)
