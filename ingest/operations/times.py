"""Moments as both databases keep them: in UTC, which SQLite forgets to say."""

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    """An aware moment in UTC, to be written or compared with what was written."""
    return moment.astimezone(UTC)


def aware(moment: datetime) -> datetime:
    """A moment as the database gave it, with its zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
