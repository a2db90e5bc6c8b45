"""Everything that a weekly report tells, asked of ingest once and kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contract.places import CITY_ADCODE
from dashboard.reports import answers
from dashboard.reports.api import ReleasedApi
from dashboard.reports.released import OFFICERS, level_of, required
from dashboard.web.answers import BilingualName, ComparedRow, PrivacyRules, Trend, Window
from dashboard.web.usage_answers import Day, Reach, Summary, Table, TypicalHour, Uptake

WEEKS_DRAWN = 12
"""How many weeks a trend goes back."""

USAGE_WEEKS = 4
"""How many weeks a typical week is made of, and how many weeks of days are drawn."""

_DAYS_ASKED = 12
"""The longest span of weeks that ingest tells days of."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How the place was used; `days` are the weeks up to the end of the report's week."""

    stations: int
    reporting: int | None
    uptake: Uptake | None
    days: tuple[Day, ...]
    typical: Table[TypicalHour]
    summary: Table[Summary]
    reach: dict[str, Reach]


@dataclass(frozen=True, slots=True)
class Facts:
    """A week of the city or of a district.

    `windows` are the last weeks up to this one, `year_ago` is the week of the same number a year
    before (None if it was not released), `glucose` is the week's casual glucose, `city` the same
    week of the whole city (None in the city's own report); `compared` are the districts, part by
    part.
    """

    area: str
    windows: tuple[Window, ...]
    year_ago: Window | None
    glucose: Window | None
    city: Window | None
    compared: tuple[ComparedRow, ...]
    usage: Usage
    rules: PrivacyRules
    demo: bool
    wording: BilingualName

    @property
    def week(self) -> Window:
        """The week that the report is about."""
        return self.windows[-1]

    @property
    def before(self) -> Window | None:
        """The week before it."""
        return self.windows[-2] if len(self.windows) > 1 else None


def gather(api: ReleasedApi, week: str, area: str) -> Facts:
    """The facts of a released week; raises DocumentError if it is not released."""
    dates = required(api.windows(), OFFICERS, level_of(area), week)
    overview = api.overview()
    compared = api.districts(week, "bp")
    windows = _up_to(api.trend(area, "bp", OFFICERS), week)
    return Facts(
        area=area,
        windows=windows[-WEEKS_DRAWN:],
        year_ago=a_year_before(windows, week),
        glucose=_last(_up_to(api.trend(area, "glu_casual", OFFICERS), week)),
        city=None
        if area == CITY_ADCODE
        else _last(_up_to(api.trend(CITY_ADCODE, "bp", OFFICERS), week)),
        compared=compared.rows,
        usage=_usage(api, area, dates),
        rules=overview.privacy,
        demo=overview.demo,
        wording=compared.wording,
    )


def _usage(api: ReleasedApi, area: str, week: answers.Dates) -> Usage:
    since = week.first - timedelta(weeks=USAGE_WEEKS - 1)
    reach = {one.district: one for one in api.reach().rows}
    reported = [
        one.stations
        for one in api.public_days(area, _DAYS_ASKED).rows
        if week.first <= one.day <= week.last
    ]
    uptakes = api.uptake(area, public=False).rows
    return Usage(
        stations=sum(one.stations for one in reach.values() if area in (CITY_ADCODE, one.district)),
        reporting=max(reported, default=None),
        uptake=next((one for one in uptakes if one.window == week.window), None),
        days=tuple(
            one for one in api.days(area, _DAYS_ASKED).rows if since <= one.day <= week.last
        ),
        typical=api.typical_week(area, USAGE_WEEKS),
        summary=api.summary(area, USAGE_WEEKS),
        reach=reach,
    )


def _up_to(trend: Trend, week: str) -> tuple[Window, ...]:
    """The windows of a trend up to `week`, which is one of them."""
    names = [one.window for one in trend.windows]
    return trend.windows[: names.index(week) + 1] if week in names else ()


def a_year_before(windows: Sequence[Window], week: str) -> Window | None:
    """The week of the same number; a year that has no 53rd week has none."""
    year, number = week.split("-", 1)
    name = f"{int(year) - 1:04d}-{number}"
    return next((one for one in windows if one.window == name), None)


def _last(windows: Sequence[Window]) -> Window | None:
    return windows[-1] if windows else None
