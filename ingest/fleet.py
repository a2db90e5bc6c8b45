"""How the fleet is, as points for the bucket kiosk_fleet: from what stations said last. Pure.

| measurement | tags | fields | time |
|---|---|---|---|
| fleet | district; 110000 is the city | registered, online, silent, never_heard, backlog_messages, backlog_oldest_hours, storage_full, files_damaged, clock_waiting, radio_deaf, space_critical, devices_low_battery, devices_silent, unbalanced, ledger_gap: integer | the minute |
| versions | version | stations: integer | the minute |
| station | district, station | online, silent: 0 or 1; last_seen: seconds since 1970, 0 is never; backlog_messages, backlog_oldest_hours, ledger_gap, devices_low_battery, devices_silent: integer; version, clock, storage, radio: string, empty is not told | midnight of the local day, and so replaced through the day |

Only stations in service count, each with its last word, however old. Counts are of stations, but
`backlog_messages` (messages without a receipt, added up), `backlog_oldest_hours` (the greatest),
`devices_…` (devices) and `ledger_gap` (messages that were numbered and ended in no way). `silent`
are those open now and for as long as nothing was heard of them by ingest's own clock: 15 minutes,
or two and a half heartbeats if they are further apart. A station that never spoke is not silent but
`never_heard`. `online` is as in the API. `last_seen` of a `station` is as old as the other fields:
they are written when one of those changes, and once an hour. A station that moves, or is retired,
leaves the day's point where it was.

Nothing about visitors moves in any of it. A station speaks by its clock, in words that are
unmoved by a visit (`contract.condition`): devices change once a day, staged sessions are in no
backlog. What does move when a batch comes, a station's numbers and what is stored of it, is in no
field; only what is missing is, and a message on its way is not.
"""  # noqa: E501  # a table's row is one line

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from contract.condition import Battery, Clock, Condition, LastHeard, Radio, Space, Storage
from contract.places import CITY_ADCODE
from ingest.calendar import ZONE
from ingest.opening_hours import open_quarters
from ingest.operations import Sighting, Station
from ingest.operator_answers import Unbalanced
from ingest.queries import is_online
from ingest.store.expiry import midnight
from ingest.store.fleet import Point, Value

FLEET, VERSIONS, STATION = "fleet", "versions", "station"
OTHER = "other"
"""In place of a version that no release of ours is called, or that is not among the commonest."""

SILENT_AFTER = timedelta(minutes=15)
_HEARTBEATS_MISSED = 2.5
_QUARTER_SECONDS = 900
_MOST_VERSIONS = 20
_LARGEST = 10**9
_version = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]*")

_WORST = frozenset({"backlog_oldest_hours"})
_CAUSES = ("storage_full", "files_damaged", "clock_waiting", "radio_deaf", "space_critical")
COUNTED = (
    "registered", "online", "silent", "never_heard", "backlog_messages", "backlog_oldest_hours",
    *_CAUSES, "devices_low_battery", "devices_silent", "unbalanced", "ledger_gap",
)  # fmt: skip
"""The fields of `fleet`."""


@dataclass(frozen=True, slots=True)
class State:
    """One station as it is now; `counts` are the fields of `fleet` that are not 0."""

    id: str
    district: str
    last_seen: int
    version: str
    condition: Condition | None
    counts: Mapping[str, int]


def states(
    stations: Iterable[Station],
    sightings: Mapping[str, Sighting],
    unbalanced: Iterable[Unbalanced],
    now: datetime,
) -> list[State]:
    """How each of `stations` is; `unbalanced` are the epochs whose ledgers do not balance."""
    gaps: Counter[str] = Counter()
    for one in unbalanced:
        gaps[one.station] += one.unaccounted
    return [_state(one, sightings.get(one.id), gaps[one.id], now) for one in stations]


def fleet_points(found: Sequence[State], now: datetime) -> list[Point]:
    """The points of the whole fleet: of the city, each district with a station, each version."""
    minute = minute_of(now) * 60
    points = [
        Point(FLEET, {"district": place}, {name: total[name] for name in COUNTED}, minute)
        for place, total in sorted(sums(found).items())
    ]
    told = sorted(versions(found).items())
    return points + [Point(VERSIONS, {"version": one}, {"stations": n}, minute) for one, n in told]


def sums(found: Iterable[State]) -> dict[str, Counter[str]]:
    """What is counted of the city and of each district with a station."""
    together: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        for place in (one.district, CITY_ADCODE):
            total = together[place]
            for name, count in one.counts.items():
                total[name] = max(total[name], count) if name in _WORST else total[name] + count
    return together


def versions(found: Iterable[State]) -> dict[str, int]:
    """How many stations run each of the commonest versions, and how many any other."""
    # The first releases told no version, and a tag must not be empty.
    counts = Counter(one.version or OTHER for one in found if one.last_seen)
    common = Counter(dict(counts.most_common(_MOST_VERSIONS)))
    common[OTHER] += counts.total() - common.total()
    return {version: stations for version, stations in common.items() if stations}


def station_point(one: State, day: int) -> Point:
    """The point of one station on the local day that begins at `day`, in seconds since 1970."""
    told = one.condition
    fields: dict[str, Value] = {
        name: one.counts.get(name, 0)
        for name in (
            "online", "silent", "backlog_messages", "backlog_oldest_hours", "ledger_gap",
            "devices_low_battery", "devices_silent",
        )
    }  # fmt: skip
    fields |= {
        "last_seen": one.last_seen,
        "version": one.version,
        "clock": told.clock if told else "",
        "storage": told.storage if told else "",
        "radio": told.radio if told else "",
    }
    return Point(STATION, {"district": one.district, "station": one.id}, fields, day)


class Changes:
    """Which stations' points must be written: what changed since it was asked last.

    A day's first is always among them. What only says that the station still speaks is no change.
    """

    def __init__(self) -> None:
        self._written: dict[str, tuple[object, ...]] = {}

    def of(self, found: Iterable[State], now: datetime) -> list[Point]:
        """The points that are not written yet; call `written` when they are."""
        day = midnight(now.astimezone(ZONE).date())
        points = (station_point(one, day) for one in found)
        return [one for one in points if self._written.get(one.tags["station"]) != _still(one)]

    def written(self, points: Iterable[Point]) -> None:
        """Remember that these are written."""
        for one in points:
            self._written[one.tags["station"]] = _still(one)

    def forget(self) -> None:
        """Let everything count as changed."""
        self._written.clear()


def minute_of(now: datetime) -> int:
    """The number of the minute since 1970."""
    return int(now.timestamp()) // 60


def is_silent(station: Station, seen_at: datetime, heartbeat_seconds: float, now: datetime) -> bool:
    """Whether nothing was heard for too long of a station that was open all the while."""
    patience = max(SILENT_AFTER, timedelta(seconds=_HEARTBEATS_MISSED * heartbeat_seconds))
    if now - seen_at <= patience:
        return False
    local = (now - patience).astimezone(ZONE)
    quarters = _quarter(now) - _quarter(local) + 1
    return _is_open(station.opening_hours, local.hour * 4 + local.minute // 15, quarters)


def _quarter(moment: datetime) -> int:
    """The number of the quarter of an hour since 1970."""
    return int(moment.timestamp()) // _QUARTER_SECONDS


@lru_cache(4_096)
def _is_open(opening_hours: str, first: int, quarters: int) -> bool:
    """Whether it is open in all of so many quarters of an hour from the `first` of the day on."""
    masks = open_quarters(opening_hours)
    return all(
        masks[one // 4 % 24] >> one % 4 & 1 for one in range(first, first + min(quarters, 96))
    )


def _state(station: Station, sighting: Sighting | None, gap: int, now: datetime) -> State:
    if sighting is None:
        # Of a station that never spoke nobody knows what it has numbered.
        counts = {"registered": 1, "never_heard": 1}
        return State(station.id, station.district, 0, "", None, counts)
    condition = sighting.condition
    counts = {
        "registered": 1,
        "online": is_online(sighting, now),
        "silent": is_silent(station, sighting.seen_at, sighting.heartbeat_seconds, now),
        "backlog_messages": sighting.claim.pending,
        "unbalanced": gap != 0,
        "ledger_gap": gap,
    }
    if condition is not None:
        counts |= _ailments(condition)
    return State(
        station.id,
        station.district,
        int(sighting.seen_at.timestamp()),
        _named(sighting.version),
        condition,
        # A station may say any number; sums of them must fit the database.
        {name: min(int(count), _LARGEST) for name, count in counts.items() if count},
    )


def _ailments(said: Condition) -> Mapping[str, int]:
    return {
        "backlog_messages": said.backlog.messages,
        "backlog_oldest_hours": said.backlog.oldest_hours,
        "backlogged": said.backlog.oldest_hours >= 1,
        "storage_full": said.storage is not Storage.SOUND,
        "files_damaged": said.losses.damaged_files > 0,
        "clock_waiting": said.clock is Clock.WAITING,
        "radio_deaf": said.radio in (Radio.DEAF, Radio.ABSENT),
        "space_critical": said.space is Space.CRITICAL,
        "devices_low_battery": sum(
            one.battery in (Battery.LOW, Battery.EMPTY) for one in said.devices
        ),
        "devices_silent": sum(
            one.heard in (LastHeard.LONGER, LastHeard.NEVER) for one in said.devices
        ),
    }


@lru_cache(1_024)
def _named(version: str) -> str:
    """What may stand in a tag: a station may call its version anything, also a line of its own."""
    return version if not version or _version.fullmatch(version) else OTHER


def _still(point: Point) -> tuple[object, ...]:
    """What a point says, but for when the station was heard; small, for there are many."""
    said = (value for name, value in point.fields.items() if name != "last_seen")
    return point.time, point.tags["district"], *said
