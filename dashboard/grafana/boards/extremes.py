"""Tables of rare values: of the whole city alone, in long windows alone."""

from grafana_foundation_sdk.models.dashboard import GridPos

from contract.places import CITY_ADCODE, Name
from dashboard.grafana import questions as ask
from dashboard.grafana import reshaping
from dashboard.grafana.boards.cells import Scope
from dashboard.grafana.boards.glucose import MEASURES
from dashboard.grafana.columns import DATE, Column, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described, health, rows
from dashboard.grafana.sources import InfluxTarget, Source, influx
from dashboard.grafana.wording import RULES, STATES

_START = Column("Time", Name("时段起始日", "First day of the window"), DATE)
_N = Column("n", Name("测量次数 n", "Sessions n"), decimals=0)
_STATE = Column("state", Name("状态", "State"), words=STATES)
_RULE = Column("rule", Name("原因", "Reason"), words=RULES)


def pressure(scope: Scope, language: Language, place: GridPos) -> Described:
    """Blood pressure of 180/110 or more."""
    what = (
        "n, grade3_count AS count, grade3_per_thousand AS per_thousand, grade3_state AS state,"
        " grade3_rule AS rule"
    )
    title = Name("极高血压 ≥180/110(全市)", "Very high blood pressure ≥180/110, whole city")
    panel = rows(title, language, place, [_target(scope, what, "bp", "A")])
    panel.transformations([reshaping.in_order("Time", descending=True)])
    columns = (
        _START,
        _N,
        Column("count", Name("次数", "Sessions"), decimals=0),
        Column("per_thousand", Name("每千次", "Per thousand"), decimals=0),
        _STATE,
        _RULE,
    )
    with_columns(panel, columns, language)
    return health(panel, language, _only(scope))


def glucose(scope: Scope, language: Language, place: GridPos) -> Described:
    """Very low and very high glucose, with the readings that the meter called LO and HI."""
    what = (
        "n, very_high_per_thousand AS high, very_high_state AS high_state,"
        " very_low_per_thousand AS low, very_low_state AS low_state"
    )
    title = Name("极高与极低血糖(全市)", "Very high and very low glucose, whole city")
    targets = [
        _target(scope, what, measure, ref) for ref, measure in zip("ABC", MEASURES, strict=True)
    ]
    panel = rows(title, language, place, targets).transformations(
        [*reshaping.merged(), reshaping.in_order("Time", descending=True)]
    )
    columns = (
        _START,
        Column("measure", Name("情境", "Context"), words=MEASURES),
        _N,
        Column("high", Name("≥16.7 或 HI,每千次", "≥16.7 or HI, per thousand"), decimals=0),
        Column("high_state", Name("状态(高)", "State, high"), words=STATES),
        Column("low", Name("<3.0 或 LO,每千次", "<3.0 or LO, per thousand"), decimals=0),
        Column("low_state", Name("状态(低)", "State, low"), words=STATES),
    )
    with_columns(panel, columns, language)
    return health(panel, language, _only(scope))


def _target(scope: Scope, what: str, measure: str, ref: str) -> InfluxTarget:
    known = ask.tags(
        audience=scope.audience, area=CITY_ADCODE, measure=measure, weeks=str(scope.extremes)
    )
    text = f"{ask.trend(what, *known)} GROUP BY measure"
    return influx(Source.TRENDS, ref, text, as_table=True)


def _only(scope: Scope) -> Name:
    return Name(
        f"仅全市,每 {scope.extremes} 周一个时段;各区和各站点没有这项数据",
        f"The whole city only, in windows of {scope.extremes} weeks. Districts and stations have "
        "none of it.",
    )
