"""How long a store keeps what it is given: what is too old to be taken, and what is to go. Pure."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from ingest.calendar import ZONE, Week, week_of
from ingest.settings import RetentionSection

TOO_OLD = "older than the database keeps"
"""What is said of a record that is refused for its age."""


class Expiry:
    """The retention of `settings` at the time of `clock`; 0 days are for ever."""

    def __init__(self, retention: RetentionSection, clock: Callable[[], datetime]) -> None:
        self._retention = retention
        self._clock = clock

    def first_whole_week(self) -> Week | None:
        """The earliest week of which no session has expired; None if nothing ever does."""
        day = self._since(self._retention.raw_days)
        return None if day is None else week_of(day).following

    def oldest_session(self) -> int:
        """Sessions before this, in nanoseconds, are in a week that is never counted any more."""
        week = self.first_whole_week()
        return 0 if week is None else midnight(week.first) * 10**9

    def oldest_window(self) -> int:
        """Windows and hours of usage before this, in seconds, have expired."""
        days = self._retention.usage_days
        return int((self._clock() - timedelta(days=days)).timestamp()) if days else 0

    def oldest_trend(self) -> date | None:
        """Released windows that begin before this day have expired; None if none ever does."""
        return self._since(self._retention.trends_days)

    def _since(self, days: int) -> date | None:
        return (self._clock().astimezone(ZONE) - timedelta(days=days)).date() if days else None


def midnight(day: date) -> int:
    """The beginning of a day, in seconds since 1970."""
    return int(datetime.combine(day, datetime.min.time(), ZONE).timestamp())


NEVER = Expiry(
    RetentionSection(raw_days=0, trends_days=0, usage_days=0, fleet_days=0),
    lambda: datetime.now(UTC),
)
"""Everything is kept for ever."""
