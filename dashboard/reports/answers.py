"""What ingest's HTTP API answers, as far as documents read more of it than the page does."""

from datetime import date
from typing import Generic, TypeVar

from pydantic import AwareDatetime

from dashboard.web.answers import Answer, BilingualName, Part


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


class ComparedPart(Part):
    """One part of one place in a window; `n` is None if the place is hidden."""

    area: str
    n: int | None = None
    low_precision: bool = False


class Comparison(Answer):
    """All places of a level in one window."""

    wording: BilingualName
    rows: tuple[ComparedPart, ...]


class Uptake(Answer):
    """Sessions per hundred entries of a released window; None is hidden."""

    window: str
    entries: str | None
    sessions: int | None
    percent: int | None


class Day(Answer):
    """Entries of one day as a band; None if no sensor told."""

    day: date
    entries: str | None


class PublicDay(Answer):
    """How many stations reported on a day, at most in one hour."""

    day: date
    stations: int


class TypicalHour(Answer):
    """Mean number of people present per station in one hour of the week; 1 is Monday."""

    weekday: int
    hour: int
    mean: float


class Summary(Answer):
    """How a place was used; None where there is too little to say it."""

    days: int
    entries: str | None
    stay_minutes: float | None
    full_percent: int | None
    seat_percent: int | None
    availability_percent: int | None
    peak_weekday: int | None
    peak_hour: int | None
    peak_mean: float | None


class Reach(Answer):
    """What a district has for its residents."""

    district: str
    stations: int
    entries: str | None
    entries_per_10000: float | None


Row = TypeVar("Row", bound=Answer)


class Table(Answer, Generic[Row]):
    """Rows about whole days, both ends included, and the words that go along."""

    first: date
    last: date
    wording: BilingualName
    rows: tuple[Row, ...]
