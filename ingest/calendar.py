"""ISO weeks as release windows, in the programme's time zone. Pure."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""The programme's time zone: UTC+8 without daylight saving."""


class Week(NamedTuple):
    """An ISO week; weeks compare and sort in time."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def first(self) -> date:
        """Its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def following(self) -> "Week":
        """The week after it."""
        return week_of(self.first + timedelta(days=7))

    def closes(self) -> datetime:
        """The midnight at which it is over."""
        return datetime.combine(self.last + timedelta(days=1), datetime.min.time(), ZONE)


def week_of(day: date) -> Week:
    """The ISO week that holds `day`."""
    year, number, _ = day.isocalendar()
    return Week(year, number)


def parse_week(text: str) -> Week:
    """The week written `2026-W07`; raises ValueError for anything else."""
    return week_of(date.fromisoformat(f"{text}-1"))
