"""The districts' newest window beside each other: shares with intervals, and who is hidden."""

from grafana_foundation_sdk.models.dashboard import GridPos

from contract.places import DISTRICTS, Name
from dashboard.grafana import questions as ask
from dashboard.grafana.board import DISTRICT_NAMES
from dashboard.grafana.boards.cells import Scope
from dashboard.grafana.columns import DATE, Column, Link, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described, health, rows
from dashboard.grafana.sources import Source, influx
from dashboard.grafana.wording import LOW_PRECISION, NO_AGE_OR_SEX, together

_LAST_BLOCK = "time > now() - 57d AND time <= now() - 29d"
"""The start of the last four-week window that is due."""


def districts_screened(scope: Scope, language: Language, place: GridPos) -> Described:
    """One row for each district that shows anything in its newest window."""
    what = "last(high_share) AS share, high_low AS low, high_high AS high, n, low_precision"
    known = ask.tags(
        audience=scope.audience, level="district", measure="bp", weeks=str(scope.days // 7)
    )
    span = ask.LAST_WINDOW if scope.weekly else _LAST_BLOCK
    text = f"{ask.trend(what, *known, span=span)} GROUP BY area"
    target = influx(Source.TRENDS, "A", text, as_table=True)
    title = Name("各区 ≥140/90 占比(最近时段)", "Share ≥140/90 by district, newest window")
    panel = rows(title, language, place, [target])
    more = Name(
        f"未列出的区:未发布或隐藏,全市共 {len(DISTRICTS)} 个区",
        f"A district that is not listed is hidden or not released; there are {len(DISTRICTS)}.",
    )
    with_columns(panel, _columns(scope), language)
    return health(panel, language, together(NO_AGE_OR_SEX, more))


def _columns(scope: Scope) -> tuple[Column, ...]:
    link = Link(Name("该区筛查趋势", "Screening in this district"), scope.board, "area")
    marks = {"true": LOW_PRECISION, "false": Name("–", "–")}
    return (
        Column("area", Name("区", "District"), words=DISTRICT_NAMES, links=(link,)),
        Column("share", Name("占比", "Share"), "percent", 0, bar=(0, 100)),
        Column("low", Name("区间下限", "Interval, low"), "percent", 0),
        Column("high", Name("区间上限", "Interval, high"), "percent", 0),
        Column("n", Name("测量次数 n", "Sessions n"), decimals=0),
        Column("low_precision", Name("精度", "Precision"), words=marks),
        Column("Time", Name("时段起始日", "First day of the window"), DATE),
    )
