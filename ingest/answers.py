"""What the HTTP API answers, as OpenAPI documents it."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from contract.condition import Condition


class ProblemCode(StrEnum):
    """What can be wrong; `count` and `since` of a problem mean what stands here."""

    BROKER_AWAY = "broker_away"
    STORE_AWAY = "store_away"
    OPERATIONS_AWAY = "operations_away"
    NOT_STORING = "not_storing"  # a batch waits because it cannot be committed
    QUARANTINE_NEARLY_FULL = "quarantine_nearly_full"  # count: percent
    LEDGER_UNBALANCED = "ledger_unbalanced"  # count, here and below: stations
    STORAGE_FULL = "storage_full"  # or read-only
    FILES_DAMAGED = "files_damaged"
    CLOCK_WAITING = "clock_waiting"
    RADIO_DEAF = "radio_deaf"  # or absent


class CurrentProblem(BaseModel):
    """Something that is wrong now, and goes from the list when it is right again."""

    code: ProblemCode
    since: datetime | None = Field(default=None, description="Known of databases and the broker.")
    count: int | None = Field(default=None, description="How many stations; of a store, percent.")


class Stations(BaseModel):
    """How many stations there are, and how many are online; null if that cannot be read now."""

    registered: int | None
    online: int | None


class Messages(BaseModel):
    """How numbered messages ended, over all stations; null if that cannot be read now."""

    stored: int | None
    quarantined: int | None
    last_stored_at: datetime | None


class OpenWindow(BaseModel):
    """The week that sessions count in now; its results are released after it has closed."""

    window: str = Field(examples=["2026-W47"])
    first: date
    last: date
    sessions: int | None = Field(
        description="As it was when first asked on this day, rounded to 5; null below 20."
    )
    released_from: datetime


class Privacy(BaseModel):
    """The rules in force: for what is shown, and for what leaves a station."""

    minimum_sessions: int
    smallest_count: int
    round_to: int
    min_batch: int = Field(description="The default of a station.")
    smallest_min_batch: int | None = Field(description="The smallest that any station reports.")


class Overview(BaseModel):
    """The state of the whole programme; it is answered whatever is wrong."""

    now: datetime
    problems: list[CurrentProblem] = Field(description="What is wrong now, the worst first.")
    stations: Stations
    messages: Messages
    open_window: OpenWindow | None = Field(description="Null if that cannot be read now.")
    privacy: Privacy
    demo: bool


class Name(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class Ledger(BaseModel):
    """A ledger: numbered = stored + quarantined + dropped + pending, or it does not balance."""

    numbered: int
    stored: int
    quarantined: int
    dropped: int
    pending: int
    balanced: bool


class StationState(BaseModel):
    """One station: what it is, when it was last heard of, and its ledger."""

    id: str
    name: Name
    district: str
    venue: str
    online: bool
    last_seen: datetime | None
    ledger: Ledger | None = Field(description="Null until the station was heard of.")
    seats: int
    place: str
    opening_hours: str
    devices: list[str]
    retired_at: datetime | None
    version: str | None = Field(description="Of the station's software.")
    condition: Condition | None = Field(description="As the station said last.")


class StationList(BaseModel):
    """A page of the inventory."""

    stations: list[StationState]
    next: str | None = Field(description="Ask for what is `after` this; null on the last page.")
    total: int | None = Field(
        default=None, description="How many there are on all pages together, as was asked."
    )


class FleetCounts(BaseModel):
    """How the stations of the city or of a district are; counts are of stations if not said.

    `silent` are those of which nothing was heard for a quarter of an hour though they are open.
    """

    registered: int
    online: int
    silent: int
    never_heard: int = Field(description="In service, and never heard of.")
    backlog_messages: int = Field(description="Messages that wait at stations, added up.")
    backlog_oldest_hours: int = Field(description="The age of the oldest of them.")
    backlogged: int = Field(description="Stations at which something waits for an hour or more.")
    storage_full: int
    files_damaged: int
    clock_waiting: int = Field(description="Stations that do not know the time.")
    radio_deaf: int
    space_critical: int
    devices_low_battery: int = Field(description="Devices, not stations.")
    devices_silent: int = Field(description="Devices not talked to for more than a month.")
    unbalanced: int = Field(description="Stations whose ledgers do not balance.")
    ledger_gap: int = Field(description="Messages that were numbered and ended in no way.")


class FleetDistrict(FleetCounts):
    """The stations of one district."""

    district: str


class FleetVersion(BaseModel):
    """How many stations run a version of the software."""

    version: str
    stations: int


class FleetState(BaseModel):
    """The whole fleet, in a large city as it was up to two minutes ago."""

    at: datetime
    city: FleetCounts
    districts: list[FleetDistrict]
    versions: list[FleetVersion] = Field(description="The commonest first.")


class HourCell(BaseModel):
    """Mean number of people present per station in one hour of the week."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday.")
    hour: int = Field(ge=0, le=23)
    mean: float


class WeekProfile(BaseModel):
    """The typical week of an area; an hour without data is absent."""

    area: str
    weeks: int
    stations: int = Field(description="The most that reported in one hour.")
    cells: list[HourCell]


class Readiness(BaseModel):
    """Whether each thing that ingest depends on answers."""

    ready: bool
    broker: bool
    store: bool
