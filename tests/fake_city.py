"""An example city: its state and its stations."""

from contract.places import DISTRICTS, VENUES, District
from tests.fake_trends import Json

NOW = "2026-11-22T12:00:00+08:00"


def example_overview() -> Json:
    """A city with some stations offline, two quarantined messages, and reduced privacy."""
    stations = _stations()
    return {
        "now": NOW,
        "stations": {
            "registered": len(stations),
            "online": sum(station["online"] is True for station in stations),
        },
        "messages": {
            "stored": 128_345,
            "quarantined": 2,
            "last_stored_at": "2026-11-22T11:59:58+08:00",
        },
        "open_window": {
            "window": "2026-W47",
            "first": "2026-11-16",
            "last": "2026-11-22",
            "sessions": 1250,
            "released_from": "2026-11-24T00:00:00+08:00",
        },
        "privacy": {
            "minimum_sessions": 20,
            "smallest_count": 8,
            "round_to": 5,
            "min_batch": 5,
            "smallest_min_batch": 2,
        },
        "demo": True,
    }


def example_stations() -> list[Json]:
    """236 stations over all districts: two are offline, and BJ-SH-160 misses a message."""
    return _stations()


def _stations() -> list[Json]:
    places = [d for d in DISTRICTS.values() for _ in range(max(4, d.population // 90_000))]
    return [_station(number, district) for number, district in enumerate(places, start=1)]


def _station(number: int, district: District) -> Json:
    venue, kind = list(VENUES.items())[number % 7]
    online = number % 80 != 0
    stored = 40 + number % 9
    pending = number % 3
    missing = 0 if number != 160 else 1
    return {
        "id": f"BJ-{district.name.en[:2].upper()}-{number:03}",
        "name": {
            "zh": f"{district.name.zh}{kind.zh}{number}号驿站",
            "en": f"{district.name.en} {kind.en.lower()} no. {number}",
        },
        "district": district.adcode,
        "venue": venue,
        "online": online,
        "last_seen": f"2026-11-22T11:59:{number % 60:02}+08:00" if online else None,
        "ledger": {
            "numbered": stored + pending + missing,
            "stored": stored,
            "quarantined": 0,
            "dropped": 0,
            "pending": pending,
            "balanced": not missing,
        },
        "seats": 6,
        "place": f"L{number}",
        "opening_hours": "07:00-21:00",
        "devices": ["door", "cuff"],
        "retired_at": None,
        "version": "0.1.0",
        "condition": _condition(number),
    }


def _condition(number: int) -> Json:
    return {
        "backlog": {"messages": number % 3, "windows": 1, "oldest_hours": 0},
        "clock": "waiting" if number == 100 else "synchronised",
        "storage": "sound",
        "radio": "hearing",
        "space": "ample",
        "devices": [
            {"alias": "bp1", "heard": "week", "battery": "low" if number % 5 == 0 else "good"},
            {"alias": "glu1", "heard": "month", "battery": None},
        ],
    }
