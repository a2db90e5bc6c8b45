"""From quarter-hour windows to hours, and from those to days, of a station and of an area. Pure.

An hour holds sums and counts, never means: so hours add up to days, weeks and areas exactly, and
making one anew from the same windows gives the same hour, whatever came before. A day is made anew
from its hours in the same way, and has the same columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import fsum
from typing import NamedTuple

from contract.places import CITY_ADCODE
from contract.usage import WINDOW_SECONDS, Level
from ingest.opening_hours import open_quarters
from ingest.records import UsageRecord

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS
WINDOW_MINUTES = WINDOW_SECONDS // 60
OFFSET_SECONDS = 8 * HOUR_SECONDS
"""Asia/Shanghai is UTC+8 all year, so that hours here are hours there."""


_LARGEST = 1_000_000
"""More than this no station counts in a quarter of an hour; it is as if it had not been told."""
_LATEST = 2**40
"""A window from beyond the year 30000 belongs to no hour; its end might not fit a database."""


class Kind(StrEnum):
    """What an hour, or a day, is of."""

    STATION = "station"
    AREA = "area"  # the city, a district, or a venue type
    STATION_DAY = "station_day"
    AREA_DAY = "area_day"

    @property
    def day(self) -> "Kind":
        """The kind of the days that hours of this kind make."""
        return Kind.STATION_DAY if self is Kind.STATION else Kind.AREA_DAY


class StationHour(NamedTuple):
    """A station and the start of an hour, in seconds since 1970 UTC."""

    station: str
    start: int


class Site(NamedTuple):
    """What the inventory says of a station that its windows do not; None is not known."""

    venue: str = ""
    opening_hours: str = "00:00-24:00"
    seats: int | None = None


class Presence(NamedTuple):
    """Of an `Hour` what its mean is made of: the little that a typical week takes, by the thousand.

    In the order of the columns that stores are asked for.
    """

    start: int
    stations: int
    mean_sum: float
    mean_windows: int


class Hour(NamedTuple):
    """One hour, or local day, of a station or an area; `start` is seconds since 1970 UTC.

    `windows` were seen, `in_hours` of them while the station was open. `occupied` is minutes not
    empty. `mean_sum` adds up the means of `mean_windows`. `full` of `levels` open windows saw every
    seat taken. `stay` is person-minutes in the windows that told `stay_entries` as well. Of
    `seat_minutes` while it was open, `seated` were taken if whoever was there sat. What no
    sensor told is None. `peak` of an area is that of its fullest station. `stations` of a day are
    the most that reported in one of its hours.
    A tuple in the order of its table's columns.
    """

    kind: Kind
    place: str
    start: int
    district: str
    venue: str
    stations: int
    windows: int
    in_hours: int
    entries: int | None
    occupied: float | None
    mean_sum: float
    mean_windows: int
    peak: int | None
    full: int
    levels: int
    stay: float
    stay_entries: int
    seated: float = 0.0
    seat_minutes: int = 0

    @property
    def mean(self) -> float | None:
        """Mean number of people present in a station; None if no sensor told."""
        return self.mean_sum / self.mean_windows if self.mean_windows else None


def hour_of(moment: int) -> int:
    """The start of the hour that holds `moment`, in seconds since 1970."""
    return moment - moment % HOUR_SECONDS


def day_of(moment: int) -> int:
    """The start of the local day that holds `moment`, in seconds since 1970."""
    return moment - (moment + OFFSET_SECONDS) % DAY_SECONDS


def dirty_hours(records: Iterable[object]) -> set[StationHour]:
    """The hours that must be made anew once `records` are stored."""
    return {
        StationHour(record.station, hour_of(record.start))
        for record in records
        if isinstance(record, UsageRecord) and record.start < _LATEST
    }


def station_hours(windows: Iterable[UsageRecord], sites: Mapping[str, Site]) -> list[Hour]:
    """The hours that `windows` make, all windows of an hour given; of equal starts the last counts.

    A station that is not among the `sites` is open always and belongs to no venue.
    """
    found: dict[StationHour, dict[int, UsageRecord]] = {}
    for window in windows:
        hour = StationHour(window.station, hour_of(window.start))
        found.setdefault(hour, {})[window.start] = _plausible(window)
    return [
        _station_hour(hour, [by_start[start] for start in sorted(by_start)], sites)
        for hour, by_start in sorted(found.items())
    ]


def area_hours(hours: Iterable[Hour]) -> list[Hour]:
    """The hours of the city, the districts and the venue types that these station hours make up."""
    found: dict[tuple[str, int], list[Hour]] = {}
    for hour in hours:
        for area in (CITY_ADCODE, hour.district, hour.venue):
            if area:
                found.setdefault((area, hour.start), []).append(hour)
    return [_added(Kind.AREA, area, start, parts) for (area, start), parts in sorted(found.items())]


def days(hours: Iterable[Hour]) -> list[Hour]:
    """The days that these hours make, all hours of a day given."""
    found: dict[tuple[Kind, str, int], list[Hour]] = {}
    for hour in hours:
        found.setdefault((hour.kind.day, hour.place, day_of(hour.start)), []).append(hour)
    return [
        _added(kind, place, start, parts)._replace(
            district=parts[-1].district,
            venue=parts[-1].venue,
            stations=max(one.stations for one in parts),
        )
        for (kind, place, start), parts in sorted(found.items())
    ]


def emptied(hour: Hour) -> Hour:
    """The same hour or day of an area without stations now, for a store that cannot delete."""
    # What was read may have come back as 0 where 0.0 was written, which a store may not take again.
    return hour._replace(
        stations=0, windows=0, in_hours=0, occupied=None, mean_sum=0.0, mean_windows=0, stay=0.0,
        seated=0.0,
    )  # fmt: skip


def _station_hour(
    hour: StationHour, windows: Sequence[UsageRecord], sites: Mapping[str, Site]
) -> Hour:
    site = sites.get(hour.station, Site())
    mask = open_quarters(site.opening_hours)[(hour.start + OFFSET_SECONDS) // HOUR_SECONDS % 24]
    in_hours = [one for one in windows if mask >> (one.start - hour.start) // WINDOW_SECONDS & 1]
    # Without seats to take, "full" would say nothing.
    levels = [one.level for one in in_hours if one.level is not None and site.seats != 0]
    seats = site.seats or 0
    seated = [min(one.mean, seats) for one in in_hours if one.mean is not None]
    means = [one.mean for one in windows if one.mean is not None]
    both = [
        (one.entries, one.mean)
        for one in windows
        if one.entries is not None and one.mean is not None
    ]
    return Hour(
        kind=Kind.STATION,
        place=hour.station,
        start=hour.start,
        district=windows[-1].district,
        venue=site.venue,
        stations=1,
        windows=len(windows),
        in_hours=len(in_hours),
        entries=_total(one.entries for one in windows),
        occupied=_exact(one.occupied for one in windows),
        mean_sum=fsum(means),
        mean_windows=len(means),
        peak=_most(one.peak for one in windows),
        full=levels.count(Level.FULL),
        levels=len(levels),
        stay=fsum(mean * WINDOW_MINUTES for _, mean in both),
        stay_entries=sum(entries for entries, _ in both),
        seated=fsum(seated) * WINDOW_MINUTES,
        seat_minutes=len(seated) * seats * WINDOW_MINUTES,
    )


def _plausible(window: UsageRecord) -> UsageRecord:
    """The window without numbers that no station can have; a sum of them might not fit anywhere."""
    entries, mean, peak = window.entries, window.mean, window.peak
    if (entries or 0) <= _LARGEST and (mean or 0) <= _LARGEST and (peak or 0) <= _LARGEST:
        return window
    return window._replace(
        entries=None if entries is None or entries > _LARGEST else entries,
        mean=None if mean is None or not mean <= _LARGEST else mean,
        peak=None if peak is None or peak > _LARGEST else peak,
    )


def _added(kind: Kind, place: str, start: int, parts: Sequence[Hour]) -> Hour:
    return Hour(
        kind=kind,
        place=place,
        start=start,
        district="",
        venue="",
        stations=len(parts),
        windows=sum(one.windows for one in parts),
        in_hours=sum(one.in_hours for one in parts),
        entries=_total(one.entries for one in parts),
        occupied=_exact(one.occupied for one in parts),
        mean_sum=fsum(one.mean_sum for one in parts),
        mean_windows=sum(one.mean_windows for one in parts),
        peak=_most(one.peak for one in parts),
        full=sum(one.full for one in parts),
        levels=sum(one.levels for one in parts),
        stay=fsum(one.stay for one in parts),
        stay_entries=sum(one.stay_entries for one in parts),
        seated=fsum(one.seated for one in parts),
        seat_minutes=sum(one.seat_minutes for one in parts),
    )


def _total(counts: Iterable[int | None]) -> int | None:
    told = [one for one in counts if one is not None]
    return sum(told) if told else None


def _exact(values: Iterable[float | None]) -> float | None:
    told = [one for one in values if one is not None]
    return fsum(told) if told else None


def _most(counts: Iterable[int | None]) -> int | None:
    return max((one for one in counts if one is not None), default=None)
