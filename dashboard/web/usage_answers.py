"""What ingest's HTTP API answers about use and about reach, as far as the page reads it."""

from datetime import date
from typing import Generic, TypeVar

from pydantic import Field

from dashboard.web.answers import Answer, BilingualName

R = TypeVar("R", bound=Answer)


class Table(Answer, Generic[R]):
    """Rows about a place over whole days, `first` and `last` included, and their words."""

    place: str
    first: date
    last: date
    wording: BilingualName
    rows: tuple[R, ...]


class TypicalHour(Answer):
    """Mean number of people present per station in one hour of the week (ISO, 1 is Monday)."""

    weekday: int = Field(ge=1, le=7)
    hour: int = Field(ge=0, le=23)
    mean: float = Field(ge=0)


class Day(Answer):
    """Entries of one day, rounded or "<8"; None if no sensor told."""

    day: date
    entries: str | None


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


class Uptake(Answer):
    """Blood-pressure sessions per hundred entries in a released window; None if withheld."""

    window: str
    entries: str | None
    sessions: int | None
    percent: int | None


class VenueUptake(Uptake):
    """The latest uptake of one kind of venue."""

    venue: str


class Reach(Answer):
    """What a district has for every 10,000 residents; None where it is withheld."""

    district: str
    residents: int
    stations: int
    stations_per_10000: float
    entries: str | None
    entries_per_10000: float | None
    sessions: int | None
    sessions_per_10000: float | None


class EquityRow(Answer):
    """How evenly something is spread over the districts of which it is known."""

    of: str
    districts: int
    ratio: float | None
    gini: float | None
    below_half_percent: int | None
