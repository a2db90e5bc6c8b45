"""Panels of released glucose cells, one for each context: contexts are never added up."""

from grafana_foundation_sdk.models.dashboard import GridPos

from contract.places import Name
from dashboard.grafana.boards.cells import Scope
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import (
    BLUE,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Described,
    banded,
    bars,
    health,
    named,
    windows,
)
from dashboard.grafana.wording import GAPS, together

MEASURES = {
    "glu_casual": Name("随机血糖", "Casual glucose"),
    "glu_fasting": Name("空腹血糖", "Fasting glucose"),
    "glu_postprandial_2h": Name("餐后约 2 小时血糖", "Glucose about 2 h after a meal"),
}
_SELF_REPORTED = Name(
    "空腹和餐后由测量者自述;各情境分开统计,不可合并",
    "Fasting and after a meal are what the person said. Contexts are counted apart.",
)
_AFTER_FOOD = ("raised_after_food", Name("餐后范围", "range after food"))
_RAISED = ("raised", Name("偏高", "raised"))


def classes(measure: str, scope: Scope, language: Language, place: GridPos) -> Described:
    """The shares of the parts of one context, one above the other."""
    middle, middle_name = _RAISED if measure == "glu_fasting" else _AFTER_FOOD
    parts = {
        "low_or_lower": (Name("偏低", "low"), PURPLE),
        "usual": (Name("未见明显异常", "usual"), BLUE),
        middle: (middle_name, ORANGE),
        "high_or_higher": (Name("高", "high"), VERMILION),
    }
    what = ", ".join(f"{part}_share AS {part}" for part in parts)
    panel = bars(
        _titled(measure, "各类占比", "shares"),
        language,
        place,
        [scope.series(what, measure)],
        stacked=True,
    )
    named(
        panel.unit("percent").max(100),
        [(part, language.of(name), colour) for part, (name, colour) in parts.items()],
    )
    return health(panel, language, together(_SELF_REPORTED, GAPS))


def median(measure: str, scope: Scope, language: Language, place: GridPos) -> Described:
    """The median of one context with the ribbon of the middle half."""
    what = "glucose_p50 AS p50, glucose_p25 AS p25, glucose_p75 AS p75"
    target = scope.series(what, measure)
    panel = windows(_titled(measure, "中位数", "median"), language, place, [target], scope.days)
    named(
        panel.unit("suffix: mmol/L").decimals(1),
        [("p50", language.of(Name("中位数", "median")), SKY)],
    )
    banded(panel, ("p25", "P25"), ("p75", "P75"), SKY)
    return health(panel, language, together(_SELF_REPORTED, GAPS))


def _titled(measure: str, zh: str, en: str) -> Name:
    name = MEASURES[measure]
    return Name(f"{name.zh}:{zh}", f"{name.en}: {en}")
