"""The fleet of an example city in numbers, as ingest counts it: its state and its ledgers."""

from collections import Counter
from collections.abc import Callable

from tests.fake_city import NOW
from tests.fake_trends import Json

_ZERO: Json = dict.fromkeys(
    (
        "silent", "never_heard", "backlog_messages", "backlog_oldest_hours", "backlogged",
        "storage_full", "files_damaged", "radio_deaf", "space_critical", "devices_silent",
    ),
    0,
)  # fmt: skip
_IS: dict[str, Callable[[Json], bool]] = {
    "": lambda _: True,
    "online": lambda one: one["online"] is True,
    "offline": lambda one: one["online"] is False,
    "clock": lambda one: _clock_waits(one),
    "ledger": lambda one: _misses_one(one),
}


def is_in(state: str, station: Json) -> bool:
    """Whether a station is in a state, of those that these tests ask for."""
    return _IS[state](station)


def example_fleet(stations: list[Json]) -> Json:
    """How many of `stations` are how, and two versions."""
    districts = Counter(str(one["district"]) for one in stations)
    return {
        "at": NOW,
        "city": _counts(stations),
        "districts": [
            {"district": name} | _counts([one for one in stations if one["district"] == name])
            for name in sorted(districts)
        ],
        "versions": [
            {"version": "0.1.0", "stations": len(stations) - 1},
            {"version": "0.0.9", "stations": 1},
        ],
    }


def example_ledger(stations: list[Json]) -> Json:
    """The ledger over all stations that were heard of."""
    ledgers = {str(s["id"]): s["ledger"] for s in stations if isinstance(s["ledger"], dict)}
    names = ("numbered", "stored", "quarantined", "dropped", "pending")
    wrong = [name for name, ledger in ledgers.items() if not ledger["balanced"]]
    return {
        **{name: sum(ledger[name] for ledger in ledgers.values()) for name in names},
        "balanced": not wrong,
        "stations": len(ledgers),
        "unbalanced": [{"station": name, "epoch": 7, "unaccounted": 1} for name in wrong],
    }


def _counts(stations: list[Json]) -> Json:
    return _ZERO | {
        "registered": len(stations),
        "online": sum(one["online"] is True for one in stations),
        "clock_waiting": sum(map(_clock_waits, stations)),
        "devices_low_battery": len(stations) // 5,
        "unbalanced": sum(map(_misses_one, stations)),
        "ledger_gap": sum(map(_misses_one, stations)),
    }


def _clock_waits(station: Json) -> bool:
    condition = station.get("condition")
    return isinstance(condition, dict) and condition["clock"] == "waiting"


def _misses_one(station: Json) -> bool:
    ledger = station["ledger"]
    return isinstance(ledger, dict) and not ledger["balanced"]
