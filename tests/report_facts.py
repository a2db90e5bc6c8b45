"""Facts of a weekly report, made by hand: weeks that are shown, small, hidden, or not precise."""

from dataclasses import replace
from datetime import date, timedelta

from contract.places import DISTRICTS
from dashboard.reports.facts import Facts, Usage
from dashboard.web.answers import (
    BilingualName,
    ComparedRow,
    Part,
    PartState,
    PrivacyRules,
    Window,
    WindowState,
)
from dashboard.web.usage_answers import Day, R, Reach, Summary, Table, TypicalHour, Uptake

WORDING = BilingualName(zh="自愿自测,非诊断", en="Voluntary self-measurement, not diagnosis.")
MONDAY = date(2026, 4, 13)
SHARES = {
    "normal": 38, "high_normal": 35, "grade1": 20, "grade2_or_higher": 7, "high": 27,
    "high_home": 39, "late": 1, "single": 25,
}  # fmt: skip


def part(name: str, n: int, share: int) -> Part:
    """A shown part, with an interval of four percent to both sides."""
    return Part(
        part=name, state=PartState.SHOWN, count=n * share // 100, share=share, low=share - 4,
        high=share + 4,
    )  # fmt: skip


def hidden_part(name: str, state: PartState = PartState.HIDDEN) -> Part:
    """A part that shows no number."""
    return Part(part=name, state=state, rule="small_part")


def week(back: int, n: int | None = 1000, **shares: int | None) -> Window:
    """The week so many weeks before the report's; a share of None is small, no n hides all."""
    first = MONDAY - timedelta(weeks=back)
    name = f"{first.isocalendar().year}-W{first.isocalendar().week:02d}"
    last = first + timedelta(days=6)
    if n is None:
        return Window(window=name, first=first, last=last, state=WindowState.HIDDEN, see="city")
    wanted: dict[str, int | None] = {**SHARES, **shares}
    return Window(
        window=name, first=first, last=last, state=WindowState.RELEASED, n=n,
        low_precision=n < 100,
        parts=tuple(
            hidden_part(one, PartState.SMALL) if share is None else part(one, n, share)
            for one, share in wanted.items()
        ),
    )  # fmt: skip


def compared(area: str, n: int | None, share: int | None) -> ComparedRow:
    """The high part of a district."""
    if n is None or share is None:
        state = PartState.HIDDEN if n is None else PartState.SMALL
        return ComparedRow(part="high", state=state, area=area, n=n)
    one = part("high", n, share)
    return ComparedRow(**one.model_dump(), area=area, n=n, low_precision=n < 100)


def facts(area: str = "110105") -> Facts:
    """A district's week after a hidden one, among districts of which two show no share."""
    districts = [compared(code, 200, 20 + place) for place, code in enumerate(DISTRICTS)]
    districts[14:] = [compared("110118", 20, None), compared("110119", None, None)]
    return Facts(
        area=area,
        windows=(week(3), week(2, 60), week(1, None), week(0)),
        year_ago=None,
        glucose=None,
        city=week(0, 9000, high=29),
        compared=tuple(districts),
        usage=_usage(),
        rules=PrivacyRules(
            minimum_sessions=20, smallest_count=8, round_to=5, min_batch=5, smallest_min_batch=5
        ),
        demo=False,
        wording=WORDING,
    )


def summary(**changes: float | str | None) -> Table[Summary]:
    """The summary of four weeks."""
    told: dict[str, float | str | None] = {
        "days": 28, "entries": "995", "stay_minutes": 12.5, "full_percent": 3,
        "seat_percent": 21, "availability_percent": 97, "peak_weekday": 3, "peak_hour": 12,
        "peak_mean": 1.7,
    }  # fmt: skip
    row = Summary.model_validate(told | changes)
    return _four_weeks((row,))


def _four_weeks(rows: tuple[R, ...]) -> Table[R]:
    days = {"first": date(2026, 3, 25), "last": date(2026, 4, 21)}
    return Table(place="110105", wording=WORDING, rows=rows, **days)


def with_usage(found: Facts, **changes: object) -> Facts:
    """The facts with another use."""
    return replace(found, usage=replace(found.usage, **changes))  # type: ignore[arg-type]


def _usage() -> Usage:
    bands = ("<8", None, *("35",) * 26)
    days = tuple(
        Day(day=MONDAY - timedelta(days=21 - number), entries=band)
        for number, band in enumerate(bands)
    )
    hours = tuple(TypicalHour(weekday=3, hour=hour, mean=hour / 10) for hour in (11, 12, 13))
    return Usage(
        stations=4,
        reporting=3,
        uptake=Uptake(window="2026-W16", entries="250", sessions=1000, percent=400),
        days=days,
        typical=_four_weeks(hours),
        summary=summary(),
        reach={"110105": Reach(
            district="110105", residents=3_452_460, stations=4, stations_per_10000=0.01,
            entries="995", entries_per_10000=2.88, sessions=1000, sessions_per_10000=2.9,
        )},
    )  # fmt: skip
