"""Equity: what each district has for its residents, and how many of those who come measure."""

from collections.abc import Callable
from functools import partial

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import GridPos

from contract.places import DISTRICTS, Name
from dashboard.grafana import questions as ask
from dashboard.grafana import reshaping
from dashboard.grafana.board import DISTRICT_NAMES, LAST_MIDNIGHT, VENUE_NAMES, board, filled
from dashboard.grafana.columns import Column, Link, hidden, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import BLUE, Described, at, health, named, rows, windows, words
from dashboard.grafana.sources import InfluxTarget, Source, influx
from dashboard.grafana.wording import ENTRIES, GAPS, NO_AGE_OR_SEX, NOT_LISTED, together

UID = "kiosk-equity"
TITLE = Name("公平性", "Equity")

_PER = 10_000
_LEAST_ENTRIES = 100
"""Of fewer entries in a week no uptake is said."""

_CENSUS = Name("按 2020 年人口普查的常住人口", "By residents of the census of 2020.")
_FOUR_WEEKS = Name("最近四个整周,截至昨日午夜", "The last four whole weeks, up to last midnight.")
_TO_USAGE = Link(Name("该区使用情况", "Usage of this district"), "kiosk-usage", "area")
_TO_SCREENING = Link(Name("该区筛查趋势", "Screening in this district"), "kiosk-screening", "area")
_YEAR = "time >= now() - 52w"


def equity(language: Language) -> dashboard.Dashboard:
    """The board in one language."""
    made = board(UID, TITLE, language, "now-4w/d", fixed=True, until=LAST_MIDNIGHT)
    panels: dict[int, Callable[[Language], Described]] = {
        1: _caution,
        2: _stations,
        3: _entries,
        4: _sessions,
    }
    for index, code in enumerate(VENUE_NAMES):
        place = at(6 * (index % 4), 22 + 8 * (index // 4), 6, 8)
        panels[5 + index] = partial(_uptake, code, place=place)
    return filled(made, language, panels)


def _caution(language: Language) -> Described:
    more = Name(
        "不均衡的概括数字(最大与最小之比、基尼系数)在内置网页和接口中,InfluxQL 不能计算",
        "The figures that sum up unevenness, ratio and Gini coefficient, are on the built-in page "
        "and in the API: InfluxQL cannot reckon them.",
    )
    body = together(NO_AGE_OR_SEX, _CENSUS, more)
    return health(
        words(Name("先读", "Read first"), body, language, at(0, 0, 24, 4)), language, body
    )


def _stations(language: Language) -> Described:
    per_district = [
        influx(
            Source.FLEET,
            chr(ord("A") + index),
            ask.fleet(_rate("last(registered)", one.population), one.adcode) + " GROUP BY district",
            as_table=True,
        )
        for index, one in enumerate(DISTRICTS.values())
    ]
    title = Name("每万居民的站点数", "Stations per 10,000 residents")
    panel = _table(title, language, at(0, 4, 8, 18), per_district, "district", 3, _TO_USAGE)
    return panel.description(language.of(together(_CENSUS, NOT_LISTED, NO_AGE_OR_SEX)))


def _entries(language: Language) -> Described:
    rounded = ask.entries("sum(entries)")
    per_district = [
        influx(
            Source.USAGE,
            chr(ord("A") + index),
            ask.usage(_rate(rounded, one.population), "area_day", one.adcode, ask.SEEN)
            + " GROUP BY place",
            as_table=True,
        )
        for index, one in enumerate(DISTRICTS.values())
    ]
    title = Name("每万居民的进站人次", "Entries per 10,000 residents")
    panel = _table(title, language, at(8, 4, 8, 18), per_district, "place", 2, _TO_USAGE)
    return panel.description(
        language.of(together(_FOUR_WEEKS, ENTRIES, _CENSUS, NOT_LISTED, NO_AGE_OR_SEX))
    )


def _sessions(language: Language) -> Described:
    per_district = [
        influx(
            Source.TRENDS,
            chr(ord("A") + index),
            ask.trend(
                f"{_rate('sum(n)', one.population)}, count(n) AS weeks",
                *ask.tags(
                    audience="internal", level="district", area=one.adcode, measure="bp", weeks="1"
                ),
                span=ask.LAST_FOUR_WINDOWS,
            )
            + " GROUP BY area",
            as_table=True,
        )
        for index, one in enumerate(DISTRICTS.values())
    ]
    title = Name("每万居民的血压测量次数", "Blood-pressure sessions per 10,000 residents")
    panel = _table(title, language, at(16, 4, 8, 18), per_district, "area", 2, _TO_SCREENING)
    shown = Column("weeks", Name("公布的周(共四周)", "Weeks shown, of four"), decimals=0)
    with_columns(panel, [shown], language)
    more = Name(
        "最近四个到期的周;公布的周少于四,说明有周被隐藏,比率偏低,不可比较",
        "The last four weeks that are due. Fewer than four shown: one is hidden, and the rate is "
        "too low to compare.",
    )
    return health(panel, language, together(more, _CENSUS, NO_AGE_OR_SEX))


def _uptake(code: str, language: Language, place: GridPos) -> Described:
    """Sessions over entries, week by week; weeks that hide either are not drawn."""
    came = ask.usage("sum(entries) AS came", "area_day", code, ask.SEEN, span=_YEAR)
    entries = (
        f"SELECT {ask.entries('came')} AS entries"  # noqa: S608
        f" FROM ({came} GROUP BY {ask.MONDAYS} fill(none)) WHERE came >= {_LEAST_ENTRIES}"
    )
    known = ask.tags(audience="internal", level="venue", area=code, measure="bp", weeks="1")
    targets = [
        influx(Source.USAGE, "A", entries, as_table=True),
        influx(Source.TRENDS, "B", ask.trend("n AS sessions", *known, span=_YEAR), as_table=True),
    ]
    venue = VENUE_NAMES[code]
    title = Name(f"测量率:{venue.zh}", f"Uptake: {venue.en}")
    panel = windows(title, language, place, targets, 7).transformations(
        [
            *reshaping.joined("Time"),
            reshaping.divided("sessions", "entries", "uptake"),
            reshaping.only("Time", "uptake"),
        ]
    )
    name = language.of(Name("每次进站的测量", "sessions per entry"))
    named(panel.unit("percentunit").decimals(0).min(0), [("uptake", name, BLUE)])
    more = Name(
        f"每周血压测量次数与进站人次之比;不足 {_LEAST_ENTRIES} 人次的周不画出",
        f"Blood-pressure sessions over entries, by week; weeks of fewer than {_LEAST_ENTRIES} "
        "entries are not drawn.",
    )
    return health(panel, language, together(more, GAPS))


def _rate(count: str, residents: int) -> str:
    return f"{count} * {_PER} / {residents} AS rate"


def _table(
    title: Name,
    language: Language,
    place: GridPos,
    targets: list[InfluxTarget],
    by: str,
    decimals: int,
    link: Link,
) -> Described:
    panel = rows(title, language, place, targets)
    panel.transformations([*reshaping.merged(), reshaping.in_order("rate", descending=True)])
    columns = (
        Column(by, Name("区", "District"), words=DISTRICT_NAMES, links=(link,)),
        Column("rate", Name("每万居民", "Per 10,000"), decimals=decimals),
        *hidden("Time"),
    )
    return with_columns(panel, columns, language)
