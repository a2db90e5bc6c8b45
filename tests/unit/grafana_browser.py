"""What Grafana's browser makes of answers: the transformations that our boards use, by its rules.

A frame is a table: its columns by name. Only what the boards need is here; anything else fails.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Frame = dict[str, list[Any]]
Options = Mapping[str, Any]

BEIJING = timezone(timedelta(hours=8))
_REDUCED: dict[str, Callable[[list[Any]], float]] = {"sum": sum, "count": len}
_WRITTEN: dict[str, Callable[[datetime], str]] = {
    "E": lambda moment: str(moment.isoweekday()),
    "HH": lambda moment: f"{moment.hour:02d}",
}
_TOKENS = re.compile(r"\[(?P<literal>[^\[\]]*)\]|(?P<token>HH|E)")


def transformed(frames: Sequence[Frame], steps: Sequence[Mapping[str, Any]]) -> list[Frame]:
    """The frames after each of a panel's transformations, as they stand in its JSON."""
    found = list(frames)
    for step in steps:
        found = _STEPS[step["id"]](found, step["options"])
    return found


def _each(
    change: Callable[[Frame, Options], Frame],
) -> Callable[[list[Frame], Options], list[Frame]]:
    return lambda frames, options: [change(frame, options) for frame in frames]


def _length(frame: Frame) -> int:
    return len(next(iter(frame.values()), []))


def _taken(frame: Frame, indices: Sequence[int]) -> Frame:
    return {name: [values[index] for index in indices] for name, values in frame.items()}


def _format_time(frame: Frame, options: Options) -> Frame:
    def written(milliseconds: int) -> str:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(BEIJING)
        pieces = _TOKENS.finditer(options["outputFormat"])
        return "".join(
            one["literal"] if one["token"] is None else _WRITTEN[one["token"]](moment)
            for one in pieces
        )

    return frame | {options["timeField"]: [written(one) for one in frame[options["timeField"]]]}


def _extract_fields(frame: Frame, options: Options) -> Frame:
    assert options["format"] == "json"
    assert not options["replace"]
    parsed = [json.loads(text) for text in frame[options["source"]]]
    names = dict.fromkeys(name for one in parsed for name in one)
    return frame | {name: [one.get(name) for one in parsed] for name in names}


def _group_by(frame: Frame, options: Options) -> Frame:
    fields = options["fields"]
    keys = [name for name in frame if fields.get(name, {}).get("operation") == "groupby"]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index in range(_length(frame)):
        groups.setdefault(tuple(frame[key][index] for key in keys), []).append(index)
    made = {key: [group[place] for group in groups] for place, key in enumerate(keys)}
    for name, told in fields.items():
        for reducer in told["aggregations"]:
            made[f"{name} ({reducer})"] = [
                _REDUCED[reducer]([frame[name][index] for index in indices])
                for indices in groups.values()
            ]
    return made


def _filter_by_value(frame: Frame, options: Options) -> Frame:
    assert (options["type"], options["match"]) == ("include", "all")
    (only,) = options["filters"]
    assert only["config"]["id"] == "greaterOrEqual"
    values, least = frame[only["fieldName"]], only["config"]["options"]["value"]
    return _taken(frame, [index for index, value in enumerate(values) if value >= least])


def _calculate_field(frame: Frame, options: Options) -> Frame:
    assert (options["mode"], options["binary"]["operator"]) == ("binary", "/")
    left, right = (frame.get(options["binary"][side]) for side in ("left", "right"))
    if left is None or right is None:
        return frame
    return frame | {options["alias"]: [a / b for a, b in zip(left, right, strict=True)]}


def _sort_by(frame: Frame, options: Options) -> Frame:
    (by,) = options["sort"]
    if by["field"] not in frame:
        return frame
    values = frame[by["field"]]
    order = sorted(range(len(values)), key=values.__getitem__, reverse=by["desc"])
    return _taken(frame, order)


def _matrix(frame: Frame, options: Options) -> Frame:
    assert options["emptyValue"] == "null"
    row, column = frame[options["rowField"]], frame[options["columnField"]]
    cells = dict(zip(zip(row, column, strict=True), frame[options["valueField"]], strict=True))
    rows, columns = list(dict.fromkeys(row)), list(dict.fromkeys(column))
    corner = f"{options['rowField']}\\{options['columnField']}"
    return {corner: rows} | {one: [cells.get((each, one)) for each in rows] for one in columns}


def _limit(frame: Frame, options: Options) -> Frame:
    return {name: values[: options["limitField"]] for name, values in frame.items()}


def _filter_fields(frame: Frame, options: Options) -> Frame:
    wanted = options["include"]["names"]
    return {name: values for name, values in frame.items() if name in wanted}


def _merge(frames: list[Frame], _: Options) -> list[Frame]:
    names = list(dict.fromkeys(name for frame in frames for name in frame))
    return (
        [
            {
                name: [one for frame in frames for one in frame.get(name, [None] * _length(frame))]
                for name in names
            }
        ]
        if frames
        else []
    )


def _join(frames: list[Frame], options: Options) -> list[Frame]:
    by = options["byField"]
    if len(frames) < 2:
        return frames
    indices = [{value: place for place, value in enumerate(frame[by])} for frame in frames]
    keys = (
        set(indices[0]).union(*indices)
        if options["mode"] == "outer"
        else set(indices[0]).intersection(*indices)
    )
    made: Frame = {by: sorted(keys)}
    for frame, places in zip(frames, indices, strict=True):
        for name in frame.keys() - {by}:
            made[name] = [frame[name][places[key]] if key in places else None for key in made[by]]
    return [made]


_STEPS: dict[str, Callable[[list[Frame], Options], list[Frame]]] = {
    "formatTime": _each(_format_time),
    "extractFields": _each(_extract_fields),
    "groupBy": _each(_group_by),
    "filterByValue": _each(_filter_by_value),
    "calculateField": _each(_calculate_field),
    "sortBy": _each(_sort_by),
    "groupingToMatrix": _each(_matrix),
    "limit": _each(_limit),
    "filterFieldsByName": _each(_filter_fields),
    "merge": _merge,
    "joinByField": _join,
}
