"""What ingest's HTTP API answers, as far as documents read more of it than the page does."""

from datetime import date

from pydantic import AwareDatetime

from dashboard.web.answers import Answer


class Dates(Answer):
    """A window of trends: its name, its first Monday and its last Sunday."""

    window: str
    first: date
    last: date


class ComingWindow(Dates):
    """A window that is not released yet, and from when on it will be."""

    released_from: AwareDatetime


class WindowList(Answer):
    """The released windows of one level for an audience, oldest first."""

    audience: str
    level: str
    of: str
    windows: tuple[Dates, ...]
    coming: ComingWindow


class Windows(Answer):
    """Every window of which trends are released."""

    released: tuple[WindowList, ...]


class PublicDay(Answer):
    """How many stations reported on a day, at most in one hour."""

    day: date
    stations: int
