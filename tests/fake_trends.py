"""Example answers of the trends API: weeks of a pilot that grows, and blocks of twelve weeks."""

from collections.abc import Sequence
from datetime import date, timedelta

from contract.disclosure import rounded
from ingest.disclosure.intervals import percent, widened

Json = dict[str, object]

WORDING = {
    "zh": "自愿自测,非诊断;按次数而非人数;小数已隐藏或取整;合计因取整不等于分项之和",
    "en": "Voluntary self-measurement, not diagnosis. Sessions, not persons. "
    "Small numbers are hidden, others rounded. "
    "Every number is rounded on its own: parts do not add up to the total.",
}

COMPARED = {
    "zh": "自愿自测,非诊断;按次数而非人数;小数已隐藏或取整;未采集年龄与性别,各区差异可能是年龄差异",
    "en": "Voluntary self-measurement, not diagnosis. Sessions, not persons. "
    "Small numbers are hidden, others rounded. No age or sex is collected: "
    "differences between districts may be differences of age.",
}

GLUCOSE = {
    "glu_casual": ("low_or_lower", "usual", "raised_after_food", "high_or_higher"),
    "glu_fasting": ("low_or_lower", "usual", "raised", "high_or_higher"),
    "glu_postprandial_2h": ("low_or_lower", "usual", "raised_after_food", "high_or_higher"),
}
"""The parts of each measure from low to high."""

_FIRST_WEEK = date(2026, 8, 24)
_PILOT = (14, 45, 85, 160, 240, 18, 310, 520, 735, 910, 1120, 1255)


def example_trend() -> Json:
    """Twelve weeks of blood pressure, the first of them and a holiday week hidden."""
    windows = [_pressure_week(number, n) for number, n in enumerate(_PILOT)]
    return _trend("bp", windows)


def half_a_year(low_precision: Sequence[int] = (), more: int = 0) -> Json:
    """As many weeks of blood pressure as the charts draw; one is hidden, others may be of few."""
    sessions = [45 if n in low_precision else 1005 + 35 * n + more for n in range(26)]
    sessions[9] = 12
    windows = [_pressure_week(n - 20, n_sessions) for n, n_sessions in enumerate(sessions)]
    return _trend("bp", windows)


def example_glucose(measure: str) -> Json:
    """Twelve weeks of one context; nobody came after a meal often enough to be shown."""
    shares = (0.01, 0.87, 0.09, 0.03)
    rare = {"glu_casual": 1, "glu_fasting": 4, "glu_postprandial_2h": 100}[measure]
    windows = []
    for number, sessions in enumerate(_PILOT):
        counts = [round(sessions // rare * share) for share in shares]
        parts = dict(zip(GLUCOSE[measure], counts, strict=True))
        quartiles = {("glucose", 25): 5.1, ("glucose", 50): 5.8, ("glucose", 75): 6.9}
        windows.append(_week(number, sessions // rare, parts, quartiles, see="city"))
    return _trend(measure, windows)


def example_extremes() -> Json:
    """Four blocks of twelve weeks: shown, hidden, too few to tell from zero, withheld."""
    blocks = [
        _window(date(2025, 12, 29), 12, 9310, {"grade3": 131}),
        _window(date(2026, 3, 23), 12, 12, {"grade3": 0}),
        _window(date(2026, 6, 15), 12, 640, {"grade3": 3}),
        _window(date(2026, 9, 7), 12, 5480, {"grade3": 5477}),
    ]
    return _trend("bp", blocks)


def example_blocks() -> Json:
    """Three blocks of four weeks of one station: the first is hidden."""
    blocks = [_pressure_block(number, n) for number, n in enumerate((15, 85, 130))]
    return _trend("bp", blocks) | {"place": "BJ-CH-020", "level": "station"}


def example_comparison(places: Sequence[str]) -> Json:
    """The last week in each of these places; in the second it is hidden."""
    rows: list[Json] = []
    for number, area in enumerate(places):
        sessions = (1257, 12)[number] if number < 2 else 40 + 35 * number
        window = _pressure_week(11, sessions)
        whole = {name: window[name] for name in ("n", "low_precision", "epsilon")}
        see = {"see": "city" if number == 1 else None}
        rows += [{"area": area, **whole, **see, **part} for part in _parts_of(window)]
    return {
        "place": "110000",
        "window": "2026-W46",
        "first": "2026-11-09",
        "last": "2026-11-15",
        "wording": COMPARED,
        "rows": rows,
    }


def _parts_of(window: Json) -> list[Json]:
    parts = window["parts"]
    assert isinstance(parts, list)
    return parts


def _pressure_block(number: int, sessions: int) -> Json:
    week = _pressure_week(11, sessions)
    first = date(2026, 8, 24) + timedelta(weeks=4 * number)
    return week | {
        "window": f"2026-B{9 + number:02}x4",
        "first": first.isoformat(),
        "last": (first + timedelta(days=27)).isoformat(),
        "see": "district" if sessions < 20 else None,
    }


def _trend(measure: str, windows: list[Json]) -> Json:
    return {
        "place": "110000",
        "level": "city",
        "audience": "internal",
        "measure": measure,
        "unit": "mm[Hg]" if measure == "bp" else "mmol/L",
        "wording": WORDING,
        "windows": windows,
    }


def _pressure_week(number: int, sessions: int) -> Json:
    later = max(number, 0)
    shares = (0.40 - 0.006 * later, 0.34, 0.18 + 0.004 * later, 0.06 + 0.001 * later, 0.02)
    normal, high_normal, grade1, grade2, grade3 = (round(sessions * share) for share in shares)
    counts = {
        "high": grade1 + grade2 + grade3,
        "normal": normal,
        "high_normal": high_normal,
        "grade1": grade1,
        "high_home": grade1 + grade2 + grade3 + round(0.08 * sessions),
        "grade2_or_higher": grade2 + grade3,
        "single": sessions // 3,
        "late": later,
    }
    values = {
        ("systolic", 25): 118.0,
        ("systolic", 50): 128.0 + number % 3,
        ("systolic", 75): 140.0,
        ("diastolic", 25): 73.0,
        ("diastolic", 50): 80.0,
        ("diastolic", 75): 88.0,
    }
    return _week(number, sessions, counts, values)


def _week(
    number: int,
    sessions: int,
    counts: dict[str, int],
    values: dict[tuple[str, int], float],
    see: str | None = None,
) -> Json:
    first = _FIRST_WEEK + timedelta(weeks=number)
    return _window(first, 1, sessions, counts, values, see)


def _window(
    first: date,
    weeks: int,
    sessions: int,
    counts: dict[str, int],
    values: dict[tuple[str, int], float] | None = None,
    see: str | None = None,
) -> Json:
    hidden = sessions < 20
    name = f"{first:%G-W%V}" if weeks == 1 else f"{first:%G}-B{int(f'{first:%V}') // 12 + 1:02}x12"
    return {
        "window": name,
        "first": first.isoformat(),
        "last": (first + timedelta(weeks=weeks, days=-1)).isoformat(),
        "state": "hidden" if hidden else "released",
        "n": None if hidden else rounded(sessions),
        "low_precision": not hidden and rounded(sessions) < 100,
        "see": see if hidden else None,
        "epsilon": None,
        "parts": [
            _hidden(part, "few_sessions") if hidden else _part(part, count, sessions)
            for part, count in counts.items()
        ],
        "percentiles": [
            {
                "quantity": quantity,
                "q": q,
                "value": None if hidden else value,
                "rule": "few_sessions" if hidden else None,
            }
            for (quantity, q), value in (values or {}).items()
        ],
    }


def _part(part: str, count: int, sessions: int) -> Json:
    if count < 8:
        return _hidden(part, "small_part") | {"state": "small"}
    if sessions - count < 8:
        return _hidden(part, "small_complement")
    shown, n = rounded(count), rounded(sessions)
    low, high = widened((shown - 2, shown + 2), (n - 2, n + 2))
    return {
        "part": part,
        "state": "shown",
        "rule": None,
        "count": shown,
        "share": percent(shown, n),
        "low": low,
        "high": high,
        "per_thousand": percent(10 * shown, n) if part == "grade3" else None,
    }


def _hidden(part: str, rule: str) -> Json:
    numbers = dict.fromkeys(("count", "share", "low", "high", "per_thousand"))
    return {"part": part, "state": "hidden", "rule": rule, **numbers}
