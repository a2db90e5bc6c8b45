"""What the browser makes of answers before it draws them: Grafana's own transformations.

InfluxQL knows no weekday and no hour of the day, so a typical week is folded here: the time of
each hour is written as JSON, taken apart into two columns, and the hours of equal names added up.
Local time is that of the reader's Grafana, which must be Beijing's (`[date_formats]`).
"""

from collections.abc import Iterable, Mapping

from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

LEAST_WEEKDAYS = 4
"""An hour of the week is shown if it was observed on so many same weekdays."""

WEEKDAY, HOUR, MEAN = "weekday", "hour", "mean"
CORNER = f"{WEEKDAY}\\{HOUR}"
"""The first column of the matrix, by the name that Grafana gives it."""

_AS_JSON = '[{"weekday":"]E[","hour":"]HH["}]'
_SUM, _COUNT = "mean_sum (sum)", "mean_sum (count)"
_WINDOWS = "mean_windows (sum)"

Steps = list[DataTransformerConfig]


def step(name: str, **options: object) -> DataTransformerConfig:
    """One transformation."""
    return DataTransformerConfig(id_val=name, options=options)


def merged() -> Steps:
    """One table of the answers to several questions with the same columns."""
    return [step("merge")]


def joined(by: str, *, everything: bool = False) -> Steps:
    """One table of several, side by side where `by` is equal; `everything` keeps lone rows."""
    return [step("joinByField", byField=by, mode="outer" if everything else "inner")]


def divided(left: str, right: str, alias: str) -> DataTransformerConfig:
    """Another column: `left` over `right`."""
    sides = {"left": left, "operator": "/", "right": right}
    return step("calculateField", mode="binary", binary=sides, alias=alias, replaceFields=False)


def only(*names: str) -> DataTransformerConfig:
    """Nothing but these columns."""
    return step("filterFieldsByName", include={"names": list(names)})


def in_order(field: str, *, descending: bool = False) -> DataTransformerConfig:
    """Rows by one column."""
    return step("sortBy", sort=[{"field": field, "desc": descending}])


def typical_hours(by: Iterable[str], least: int) -> Steps:
    """Mean occupancy by weekday, by hour of the day, or by both, of `questions.presence`.

    `least` is how many hours must have been seen of each.
    """
    grouped: Mapping[str, object] = {
        **{name: {"operation": "groupby", "aggregations": []} for name in by},
        "mean_sum": {"operation": "aggregate", "aggregations": ["sum", "count"]},
        "mean_windows": {"operation": "aggregate", "aggregations": ["sum"]},
    }
    enough = {"id": "greaterOrEqual", "options": {"value": least}}
    return [
        step("formatTime", timeField="Time", outputFormat=_AS_JSON, useTimezone=True),
        step("extractFields", source="Time", format="json", replace=False, keepTime=False),
        step("groupBy", fields=grouped),
        step(
            "filterByValue",
            type="include",
            match="all",
            filters=[{"fieldName": _COUNT, "config": enough}],
        ),
        divided(_SUM, _WINDOWS, MEAN),
    ]


def week_matrix() -> Steps:
    """Weekdays below each other, hours of the day side by side, the mean in the cells."""
    return [
        *typical_hours((WEEKDAY, HOUR), LEAST_WEEKDAYS),
        in_order(WEEKDAY),
        in_order(HOUR),
        step(
            "groupingToMatrix",
            columnField=HOUR,
            rowField=WEEKDAY,
            valueField=MEAN,
            emptyValue="null",
        ),
        in_order(CORNER),
    ]


def busiest(number: int) -> Steps:
    """The hours of the week with the highest means."""
    return [
        *typical_hours((WEEKDAY, HOUR), LEAST_WEEKDAYS),
        in_order(MEAN, descending=True),
        step("limit", limitField=number),
        only(WEEKDAY, HOUR, MEAN),
    ]


def day_profile() -> Steps:
    """The mean of each hour of the day."""
    least = 7 * LEAST_WEEKDAYS
    return [*typical_hours((HOUR,), least), in_order(HOUR), only(HOUR, MEAN)]
