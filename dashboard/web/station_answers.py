"""What ingest's HTTP API answers about stations, as far as the page reads it.

Words that a station says of itself are plain strings: one of a later version is shown as it is.
"""

from pydantic import AwareDatetime

from dashboard.web.answers import Answer, BilingualName


class Ledger(Answer):
    """Where a station's messages are; `balanced` is ingest's verdict on the sum."""

    numbered: int
    stored: int
    quarantined: int
    dropped: int
    pending: int
    balanced: bool


class Unbalanced(Answer):
    """A station whose ledger does not balance."""

    station: str


class LedgerSummary(Ledger):
    """The sum over all stations, and those at which it does not add up."""

    stations: int
    unbalanced: tuple[Unbalanced, ...]


class EpochLedger(Ledger):
    """The ledger of one epoch of a station."""

    epoch: int
    unaccounted: int


class StationLedger(Answer):
    """Every epoch of one station."""

    epochs: tuple[EpochLedger, ...]


class Backlog(Answer):
    """What waits to leave a station; `oldest_hours` is the age of the oldest of it."""

    messages: int
    windows: int
    oldest_hours: int


class Device(Answer):
    """A meter or cuff: how long ago it was talked to, and its battery if it tells."""

    alias: str
    heard: str
    battery: str | None = None


class Condition(Answer):
    """What a station said last of its health."""

    backlog: Backlog
    clock: str
    storage: str
    radio: str
    space: str
    devices: tuple[Device, ...] = ()


class Station(Answer):
    """One rest station; `ledger` and `condition` are None until it was heard of."""

    id: str
    name: BilingualName
    district: str
    venue: str
    online: bool
    last_seen: AwareDatetime | None
    ledger: Ledger | None
    seats: int = 0
    place: str = ""
    opening_hours: str = ""
    retired_at: AwareDatetime | None = None
    version: str | None = None
    condition: Condition | None = None


class StationList(Answer):
    """A page of the stations in service; the list goes on after `next`, to `total` in all."""

    stations: tuple[Station, ...]
    next: str | None = None
    total: int | None = None


class FleetCounts(Answer):
    """How many stations of the city or of a district are how; `devices_…` are devices."""

    registered: int
    online: int
    silent: int
    never_heard: int
    backlog_messages: int
    backlog_oldest_hours: int
    backlogged: int
    storage_full: int
    files_damaged: int
    clock_waiting: int
    radio_deaf: int
    space_critical: int
    devices_low_battery: int
    devices_silent: int
    unbalanced: int
    ledger_gap: int


class FleetDistrict(FleetCounts):
    """The stations of one district."""

    district: str


class FleetVersion(Answer):
    """How many stations run a version of the software."""

    version: str
    stations: int


class Fleet(Answer):
    """The whole fleet as it was `at` a moment; versions by how common they are."""

    at: AwareDatetime
    city: FleetCounts
    districts: tuple[FleetDistrict, ...]
    versions: tuple[FleetVersion, ...]
