"""What Grafana makes of an alert rule: its numbers, reduced from series, and its expression."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from dashboard.grafana.alerts import rendered

DOCUMENT: dict[str, Any] = json.loads(rendered())
WRITTEN: dict[str, dict[str, Any]] = {
    one["uid"]: one for one in chain.from_iterable(group["rules"] for group in DOCUMENT["groups"])
}
"""Every rule of the file by its uid."""

_REDUCERS: dict[str, Callable[[Sequence[float]], float]] = {
    "last": lambda values: values[-1],
    "min": min,
}


def fires(uid: str, **numbers: float) -> bool:
    """What the condition of a rule comes to with these numbers."""
    (expression,) = (
        one["model"]["expression"] for one in WRITTEN[uid]["data"] if one["refId"] == "X"
    )
    assert set(re.findall(r"\$(\w+)", expression)) == set(numbers)
    python = expression.replace("&&", " and ").replace("||", " or ").replace("$", "")
    return bool(eval(python, {"__builtins__": {}}, dict(numbers)))  # noqa: S307  # our own text


def cases(uid: str, answers: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, bool]:
    """Whether a rule fires for each label that all its questions were `answers`-ed for.

    `answers` are series by their label, of each question by its letter.
    """
    numbers: dict[str, dict[str, float]] = {}
    for one in WRITTEN[uid]["data"]:
        model = one["model"]
        if model.get("type") == "reduce":
            for label, values in answers[model["expression"]].items():
                reduced = _REDUCERS[model["reducer"]](values)
                numbers.setdefault(label, {})[one["refId"]] = reduced
    wanted = max(map(len, numbers.values()), default=0)
    return {label: fires(uid, **found) for label, found in numbers.items() if len(found) == wanted}
