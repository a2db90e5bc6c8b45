"""Example answers of the API about use, reach and ledgers."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import exp

from contract.disclosure import band
from contract.places import DISTRICTS, VENUES
from tests.fake_trends import Json

ENTRIES = {
    "zh": "按进站人次而非人数,同一人可多次计入;小数已隐藏或取整",
    "en": "Entries, not persons: one person may come in many times. "
    "Small numbers are hidden, others rounded.",
}
_LAST = date(2026, 11, 21)


def table(
    place: str, rows: list[Json], weeks: int = 4, wording: Mapping[str, str] = ENTRIES
) -> Json:
    """Rows about a place over whole weeks."""
    return {
        "place": place,
        "first": (_LAST - timedelta(days=7 * weeks - 1)).isoformat(),
        "last": _LAST.isoformat(),
        "wording": wording,
        "rows": rows,
    }


def example_week() -> list[Json]:
    """A working week with peaks at noon and at three, and no data on Sunday night."""
    return [
        {"weekday": weekday, "hour": hour, "mean": _mean_present(weekday, hour)}
        for weekday in range(1, 8)
        for hour in range(24)
        if (weekday, hour) < (7, 20)
    ]


def example_days(weeks: int) -> list[Json]:
    """Days up to yesterday: one without a sensor, one with too few to tell."""
    days = [_LAST - timedelta(days=back) for back in reversed(range(7 * weeks))]
    return [
        {"day": day.isoformat(), "windows": 4000, "entries": _entries(at, day)}
        for at, day in enumerate(days)
    ]


def example_summary() -> Json:
    """A place that is well used."""
    return {
        "days": 28,
        "entries": "184305",
        "stay_minutes": 14.5,
        "full_percent": 6,
        "seat_percent": 38,
        "availability_percent": 97,
        "peak_weekday": 5,
        "peak_hour": 12,
        "peak_mean": 1.94,
    }


def example_reach() -> list[Json]:
    """Every district; one has no station, and the sessions of another are hidden."""
    rows: list[Json] = []
    for at, (adcode, district) in enumerate(DISTRICTS.items()):
        stations = 0 if at == 15 else max(4, district.population // 90_000)
        entries = 700 * stations + 40 * at
        sessions = None if at == 6 else 21 * stations // 5 * 5
        per = 10_000 / district.population
        rows.append(
            {
                "district": adcode,
                "residents": district.population,
                "stations": stations,
                "stations_per_10000": round(stations * per, 3),
                "entries": band(entries if stations else 0),
                "entries_per_10000": round(entries * per, 2) if stations else None,
                "sessions": sessions,
                "sessions_per_10000": round(sessions * per, 2) if sessions else None,
            }
        )
    return rows


def example_equity() -> list[Json]:
    """How even it is; of sessions one district is not known."""
    return [
        {"of": "stations", "districts": 16, "ratio": None, "gini": 0.11, "below_half_percent": 2},
        {"of": "entries", "districts": 16, "ratio": 3.4, "gini": 0.12, "below_half_percent": 2},
        {"of": "sessions", "districts": 15, "ratio": 2.9, "gini": 0.09, "below_half_percent": 0},
    ]


def example_uptake() -> list[Json]:
    """The latest released window of each kind of venue; that of banks is hidden."""
    return [
        {
            "venue": venue,
            "window": "2026-W46",
            "entries": str(1000 + 100 * at),
            "sessions": None if venue == "bank" else 60 + 15 * at,
            "percent": None if venue == "bank" else (60 + 15 * at) * 100 // (1000 + 100 * at),
        }
        for at, venue in enumerate(VENUES)
    ]


def _entries(at: int, day: date) -> str | None:
    if at == 9:
        return None
    return "<8" if at == 10 else band(7000 + 130 * (at % 9) - 3100 * (day.weekday() > 4))


def _mean_present(weekday: int, hour: int) -> float:
    peaks = ((7, 0.5, 1.2), (12, 1.5, 1.6), (15, 1.1, 1.8), (19, 0.5, 1.5))
    present = sum(height * exp(-(((hour - at) / width) ** 2)) for at, height, width in peaks)
    return round((0.05 + present) * (0.6 if weekday > 5 else 1 + 0.04 * weekday), 2)
