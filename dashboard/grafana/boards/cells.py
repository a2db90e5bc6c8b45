"""Panels of released blood-pressure cells: shares, intervals, percentiles, and what is hidden."""

from collections.abc import Iterable
from dataclasses import dataclass

from grafana_foundation_sdk.models.dashboard import GridPos

from contract.places import Name
from dashboard.grafana import questions as ask
from dashboard.grafana import reshaping
from dashboard.grafana.columns import DATE, ISO_WEEK, Column, hidden, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Described,
    Targets,
    banded,
    bars,
    health,
    named,
    rows,
    windows,
)
from dashboard.grafana.sources import InfluxTarget, Source, influx
from dashboard.grafana.wording import (
    GAPS,
    HIDDEN,
    INTERVAL,
    LOW_PRECISION,
    RULES,
    STATES,
    together,
)

CLASSES = {
    "normal": (Name("正常", "Normal"), BLUE),
    "high_normal": (Name("正常高值", "High normal"), GREEN),
    "grade1": (Name("1 级范围", "Grade 1 range"), ORANGE),
    "grade2_or_higher": (Name("2 级及以上范围", "Grade 2 or higher range"), VERMILION),
}
HIGH = Name("≥140/90", "≥140/90")
HIGH_HOME = Name("≥135/85(自测界值)", "≥135/85 (self-measurement)")
PARTS = {
    "high": HIGH,
    "high_home": HIGH_HOME,
    **{part: name for part, (name, _) in CLASSES.items()},
}
MMHG = "suffix: mmHg"
_MEDIAN = Name("中位数", "median")
_LOW, _HIGH = Name("区间下限", "interval, low"), Name("区间上限", "interval, high")
_QUANTITIES = {
    "systolic": Name("收缩压中位数", "Median systolic pressure"),
    "diastolic": Name("舒张压中位数", "Median diastolic pressure"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose cells: an audience and a place, and the board that shows them.

    `days` are those of its longest window, `extremes` the weeks of windows of rare values. `weekly`
    is whether every window is a week. `since` is how far back the board goes. `of` is the
    measurement of its cells.
    """

    audience: str
    where: tuple[str, ...]
    days: int
    extremes: int
    weekly: bool
    board: str
    since: str = ""
    span: str = ask.RANGE
    of: str = ask.AREAS

    def text(self, what: str, measure: str = "bp") -> str:
        """A question about ordinary windows."""
        known = ask.tags(audience=self.audience, measure=measure)
        return ask.trend(what, *known, *self.where, span=self.span, of=self.of)

    def series(self, what: str, measure: str = "bp", ref: str = "A") -> InfluxTarget:
        """The same as curves, each called as its field."""
        return influx(Source.TRENDS, ref, self.text(what, measure=measure), "$col")


# In an area's ordinary windows: those of extremes, which the city has too, are longer.
_ORDINARY = ("area = '$area'", "weeks =~ /^[14]$/")
INTERNAL = Scope("internal", _ORDINARY, 7, 12, weekly=True, board="kiosk-screening", since="now-1y")
PUBLIC = Scope(
    "public", _ORDINARY, 28, 48, weekly=False, board="kiosk-screening-public", since="now-2y"
)
STATION = Scope(
    "internal", ("area = '$station'",), 28, 12, weekly=False,
    board="kiosk-station", span="time >= now() - 52w", of=ask.STATIONS,
)  # fmt: skip


def classes(scope: Scope, language: Language, place: GridPos) -> Described:
    """The four classes, one above the other."""
    what = ", ".join(f"{part}_share AS {part}" for part in CLASSES)
    title = Name("各级血压占比", "Shares of blood-pressure classes")
    panel = bars(title, language, place, [scope.series(what)], stacked=True)
    named(panel.unit("percent").max(100), _colours(CLASSES.items(), language))
    more = Name(
        "柱不足 100 % 时,其余为隐藏或取整;各类的区间见「所选类别」",
        "Where a bar ends below 100 %, the rest is hidden or lost in rounding. Intervals: choose a "
        "part above.",
    )
    return health(panel, language, together(more, GAPS))


def sessions(scope: Scope, language: Language, place: GridPos) -> Described:
    """How many sessions each window has; windows of few are marked by their colour."""
    windows = scope.text("n, low_precision")
    targets = [
        influx(Source.TRENDS, "A", ask.precise(windows, low=False), "n"),
        influx(Source.TRENDS, "B", ask.precise(windows, low=True), "low_precision"),
    ]
    title = Name("测量次数 n", "Sessions n")
    panel = bars(title, language, place, targets, stacked=True).decimals(0)
    marks = (
        ("n", language.of(Name("测量次数", "sessions")), SKY),
        ("low_precision", language.of(LOW_PRECISION), GREY),
    )
    named(panel, marks)
    return health(panel, language, GAPS)


def part(scope: Scope, language: Language, place: GridPos) -> Described:
    """The chosen part with its interval."""
    what = '"${part}_share" AS share, "${part}_low" AS low, "${part}_high" AS high'
    title = Name("所选类别占比与 95% 区间:${part:text}", "Share and 95 % interval: ${part:text}")
    panel = _share(title, scope, language, place, scope.series(what), VERMILION)
    return health(panel, language, together(INTERVAL, GAPS))


def at_home(scope: Scope, language: Language, place: GridPos) -> Described:
    """The second series, which is never in one panel with the first."""
    what = "high_home_share AS share, high_home_low AS low, high_home_high AS high"
    title = Name("≥135/85(自测界值,第二系列)", "≥135/85 (self-measurement, second series)")
    panel = _share(title, scope, language, place, scope.series(what), ORANGE)
    more = Name(
        "自测界值低于诊室界值 140/90,两者不可相加或混合比较",
        "This line is lower than 140/90 of a doctor's office: the two are not to be mixed.",
    )
    return health(panel, language, together(more, INTERVAL, GAPS))


def pressure(quantity: str, scope: Scope, language: Language, place: GridPos) -> Described:
    """A median with the ribbon of the middle half."""
    what = f"{quantity}_p50 AS p50, {quantity}_p25 AS p25, {quantity}_p75 AS p75"
    panel = windows(_QUANTITIES[quantity], language, place, [scope.series(what)], scope.days)
    colour = BLUE if quantity == "systolic" else PURPLE
    named(panel.unit(MMHG).decimals(0), [("p50", language.of(_MEDIAN), colour)])
    banded(panel, ("p25", "P25"), ("p75", "P75"), colour)
    more = Name("色带为中间一半(P25–P75)", "The ribbon is the middle half (P25 to P75).")
    return health(panel, language, together(more, GAPS))


def part_table(scope: Scope, language: Language, place: GridPos) -> Described:
    """Every window of the chosen part with what is not shown of it, and by which rule."""
    what = (
        'n, low_precision, "${part}_count" AS count, "${part}_share" AS share,'
        ' "${part}_low" AS low, "${part}_high" AS high, "${part}_state" AS state,'
        ' "${part}_rule" AS rule'
    )
    targets: Targets = [influx(Source.TRENDS, "A", scope.text(what), as_table=True)]
    title = Name(
        "逐时段数据与隐藏标记:${part:text}", "Each window, with hidden marks: ${part:text}"
    )
    if scope.weekly:
        released = f"SELECT released FROM release WHERE {ask.RANGE}"  # noqa: S608
        targets = [*targets, influx(Source.TRENDS, "B", released, as_table=True)]
    panel = rows(title, language, place, targets)
    steps = reshaping.joined("Time", everything=True) if scope.weekly else []
    panel.transformations([*steps, reshaping.in_order("Time", descending=True)])
    with_columns(panel, _table_columns(scope), language)
    more = Name(
        "n 为空的周整体隐藏:测量太少,与没有测量不作区分",
        "A week without n is hidden whole: too few sessions, which is not told apart from none.",
    )
    return health(panel, language, more if scope.weekly else GAPS)


def quality(scope: Scope, language: Language, place: GridPos) -> Described:
    """What says how good the measuring was, and nothing of anybody's health."""
    what = "single_share AS single, late_share AS late"
    title = Name("单次读数与迟到的测量", "Single readings and late sessions")
    panel = windows(title, language, place, [scope.series(what)], scope.days)
    series = {
        "single": (Name("只有一次读数", "one reading only"), BLUE),
        "late": (
            Name("迟到(所属周发布后才送达)", "late: after its week was released"),
            ORANGE,
        ),
    }
    named(panel.unit("percent").min(0), _colours(series.items(), language))
    return health(panel, language, GAPS)


def _share(
    title: Name,
    scope: Scope,
    language: Language,
    place: GridPos,
    target: InfluxTarget,
    colour: str,
) -> Described:
    panel = windows(title, language, place, [target], scope.days).unit("percent").min(0)
    named(panel, [("share", language.of(Name("占比", "share")), colour)])
    return banded(panel, ("low", language.of(_LOW)), ("high", language.of(_HIGH)), colour)


def _table_columns(scope: Scope) -> Iterable[Column]:
    marks = {"true": LOW_PRECISION, "false": Name("–", "–")}
    week = Name("周", "Week") if scope.weekly else Name("时段起始日", "First day of the window")
    return (
        Column("Time", week, ISO_WEEK if scope.weekly else DATE),
        Column("n", Name("测量次数 n", "Sessions n"), decimals=0, empty=HIDDEN),
        Column("low_precision", Name("精度", "Precision"), words=marks),
        Column("count", Name("该类次数", "Sessions of the part"), decimals=0),
        Column("share", Name("占比", "Share"), "percent", 0),
        Column("low", _LOW, "percent", 0),
        Column("high", _HIGH, "percent", 0),
        Column("state", Name("状态", "State"), words=STATES, empty=HIDDEN),
        Column("rule", Name("原因", "Reason"), words=RULES),
        *hidden("released"),
    )


def _colours(
    parts: Iterable[tuple[str, tuple[Name, str]]], language: Language
) -> Iterable[tuple[str, str, str]]:
    return ((part, language.of(name), colour) for part, (name, colour) in parts)
