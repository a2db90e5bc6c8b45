"""What may be told of places in one released window: the numbers that every export is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contract.places import CITY, CITY_ADCODE, DISTRICTS, Name
from dashboard.reports.answers import Dates
from dashboard.reports.api import DocumentError, ReleasedApi
from dashboard.reports.released import PUBLIC, find, level_of, not_released, windows_of
from dashboard.web.answers import Window
from dashboard.web.usage_answers import Uptake

MEASURES = {"bp": "high", "glu_casual": "high_or_higher"}
"""The measures that are exported, and the part of each that counts as high."""

_DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Share:
    """Sessions of a measure and those of them that are high, rounded; None is hidden.

    `share` is in whole percent, `low` and `high` are its 95 % interval; `epsilon` is that of the
    noise in every count, None without.
    """

    sessions: int | None = None
    numerator: int | None = None
    share: int | None = None
    low: int | None = None
    high: int | None = None
    low_precision: bool = False
    epsilon: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The city or a district in one window; `entries` is None if it is hidden or unknown."""

    code: str
    name: Name
    window: str
    first: date
    last: date
    shares: dict[str, Share]
    entries: int | None

    @property
    def weeks(self) -> int:
        """The length of the window."""
        return ((self.last - self.first).days + 1) // _DAYS_A_WEEK


def name_of(code: str) -> Name:
    """The name of the city or of a district."""
    return CITY if code == CITY_ADCODE else DISTRICTS[code].name


def gather(
    api: ReleasedApi, audience: str, window: str, codes: Sequence[str], measures: Sequence[str]
) -> list[Place]:
    """What may be told of each place; raises DocumentError if the window is not released."""
    windows = api.windows()
    found = []
    for code in codes:
        level = level_of(code)
        listed = windows_of(windows, audience, level)
        dates = find(listed.windows, window) if listed else None
        uptakes = {one.window: one for one in api.uptake(code, public=audience == PUBLIC).rows}
        shares: dict[str, Share] = {}
        if dates is not None:
            shares = {one: _share(api, code, one, audience, window) for one in measures}
        elif by_week := windows_of(windows, audience, "city"):
            dates = find(by_week.windows, window)  # of which a district tells its sessions only
        if dates is None:
            raise not_released(listed, window)
        found.append(_place(code, dates, shares, uptakes))
    return found


def _place(code: str, dates: Dates, shares: dict[str, Share], uptakes: dict[str, Uptake]) -> Place:
    uptake = uptakes.get(dates.window)
    if "bp" not in shares:
        shares = {"bp": Share(sessions=uptake.sessions if uptake else None)}
    entries = _number(uptake.entries) if uptake else _sum_of_weeks(dates, uptakes)
    return Place(code, name_of(code), dates.window, dates.first, dates.last, shares, entries)


def _share(api: ReleasedApi, code: str, measure: str, audience: str, window: str) -> Share:
    trend = api.trend(code, measure, audience)
    told = next((one for one in trend.windows if one.window == window), None)
    return Share() if told is None else _told(told, MEASURES[measure])


def _told(window: Window, part: str) -> Share:
    if not window.is_shown:
        return Share()
    high = window.shown(part)
    if high is None:
        return Share(sessions=window.n, low_precision=window.low_precision, epsilon=window.epsilon)
    return Share(
        window.n, high.count, high.share, high.low, high.high, window.low_precision, window.epsilon
    )


def _sum_of_weeks(dates: Dates, uptakes: dict[str, Uptake]) -> int | None:
    """The entries of a block from those of its weeks, if every one of them is shown."""
    ordinals = range(dates.first.toordinal(), dates.last.toordinal() + 1, _DAYS_A_WEEK)
    mondays = [date.fromordinal(one).isocalendar() for one in ordinals]
    weeks = [uptakes.get(f"{one.year:04d}-W{one.week:02d}") for one in mondays]
    counts = [_number(one.entries) if one else None for one in weeks]
    shown = [one for one in counts if one is not None]
    return sum(shown) if len(shown) == len(counts) else None


def _number(band: str | None) -> int | None:
    """A band as a number; None of "<8", which is never told apart from 0."""
    return int(band) if band is not None and band.isdecimal() else None


def nothing_to_tell(places: Sequence[Place]) -> DocumentError | None:
    """The sentence if nothing of any place is shown."""
    if any(
        one.entries is not None or any(share.sessions is not None for share in one.shares.values())
        for one in places
    ):
        return None
    return DocumentError(
        zh=f"{places[0].window} 的数据全部隐藏，没有可以导出的数",
        en=f"everything of {places[0].window} is hidden: there is nothing to export",
    )
