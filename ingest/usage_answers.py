"""What the API answers about usage: tables, each with the words that belong to it."""

from datetime import date, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from contract.disclosure import Band
from ingest.answers import Name

ENTRIES = Name(
    zh="按进站人次而非人数,同一人可多次计入;小数已隐藏或取整",
    en="Entries, not persons: one person may come in many times. "
    "Small numbers are hidden, others rounded.",
)
SESSIONS = Name(
    zh="自愿自测,非诊断;按次数而非人数;小数已隐藏或取整",
    en="Voluntary self-measurement, not diagnosis. Sessions, not persons. "
    "Small numbers are hidden, others rounded.",
)
DISTRICTS = Name(
    zh=f"{SESSIONS.zh};未采集年龄与性别,各区差异可能是年龄差异",
    en=f"{SESSIONS.en} No age or sex is collected: "
    "differences between districts may be differences of age.",
)

Row = TypeVar("Row", bound=BaseModel)


class Table(BaseModel, Generic[Row]):
    """Rows about a place over whole days, `first` and `last` included."""

    place: str = Field(examples=["110105"])
    first: date
    last: date
    wording: Name = Field(description="To be shown with the rows, always.")
    rows: list[Row]


class CalendarHour(BaseModel):
    """One hour of the calendar in an area of which at least three stations reported."""

    start: datetime
    stations: int = Field(description="That reported.")
    windows: int = Field(description="Quarters of an hour that were seen.")
    entries: Band | None
    mean: float | None = Field(description="People present per station.")
    occupied_minutes: float | None = Field(description="Per station.")
    peak: int | None = Field(description="Most people at once in any one station.")
    full_percent: int | None = Field(description="Of open quarters with every seat taken.")


class TypicalHour(BaseModel):
    """An hour of the week that was observed on four days or more."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday.")
    hour: int = Field(ge=0, le=23)
    mean: float = Field(description="People present per station.")


class Day(BaseModel):
    """Entries of one day; null if no sensor told."""

    day: date
    entries: Band | None
    windows: int = Field(description="Quarters of an hour that were seen.")


class PublicDay(BaseModel):
    """One day of an area of which at least three stations reported; for anybody."""

    day: date
    stations: int = Field(description="The most that reported in one hour.")
    entries: Band | None


class PublicMonth(BaseModel):
    """One month of a station of which at least fourteen days were seen; for anybody."""

    month: str = Field(examples=["2026-02"])
    days: int = Field(description="Of which anything was seen.")
    entries: Band | None
    mean: float | None = Field(description="People present.")


class Summary(BaseModel):
    """How a place was used; null where there is too little to say it."""

    days: int = Field(description="Of which anything was seen.")
    entries: Band | None
    stay_minutes: float | None = Field(description="Mean occupancy over arrivals, by Little's law.")
    full_percent: int | None = Field(description="Of open quarters with every seat taken.")
    seat_percent: int | None = Field(
        description="Open minutes of seats that were taken, if whoever was there sat."
    )
    availability_percent: int | None = Field(
        description="Quarters seen, of those in opening hours."
    )
    peak_weekday: int | None
    peak_hour: int | None
    peak_mean: float | None


class Uptake(BaseModel):
    """Blood-pressure sessions per hundred entries, in a released window."""

    window: str = Field(examples=["2026-W47", "2026-B03x4"])
    entries: Band | None
    sessions: int | None = Field(description="Rounded to 5; null if hidden.")
    percent: int | None = Field(description="From rounded counts; null below 100 entries.")


class VenueUptake(Uptake):
    """The latest uptake of one kind of venue."""

    venue: str = Field(examples=["bank"])


class Reach(BaseModel):
    """What a district has for every 10,000 residents of the census of 2020."""

    district: str
    residents: int
    stations: int
    stations_per_10000: float
    entries: Band | None
    entries_per_10000: float | None
    sessions: int | None = Field(description="Of the last four released weeks; null if hidden.")
    sessions_per_10000: float | None


class EquityRow(BaseModel):
    """How evenly something is spread over the districts of which it is known."""

    of: str = Field(examples=["stations", "entries", "sessions"])
    districts: int
    ratio: float | None = Field(description="The largest rate over the smallest.")
    gini: float | None = Field(description="0 if all districts are alike.")
    below_half_percent: int | None = Field(
        description="Residents in districts below half the city's rate."
    )
