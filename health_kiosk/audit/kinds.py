"""The kinds of sessions, by which truth and store are compared: a measure and a category. Pure."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from health_kiosk.failure import Failure
from ingest.calendar import parse_week
from ingest.disclosure.scales import SCALES, step_of

Kind = tuple[str, str]
"""A measure as the centre calls it, such as "glu_casual", and a category."""

week_named = lru_cache(1_024)(parse_week)
"""The week written `2026-W07`; raises ValueError."""


@lru_cache(1_024)
def kind_of(measure: str, category: str) -> Kind:
    """The kind of what the truth calls `measure` and `category`; raises Failure.

    Of glucose the truth's category is context and category, "casual/usual".
    """
    kind = (measure, category)
    if measure == "glucose":
        context, _, name = category.partition("/")
        kind = (f"glu_{context}", name)
    try:
        step_of(*kind)
    except (KeyError, ValueError) as error:
        raise Failure(
            f"the truth has sessions of {measure} {category!r}, which no centre knows;"
            " it was written by other programs than these"
        ) from error
    return kind


def kinds_of(sessions: Mapping[str, Mapping[str, int]]) -> Counter[Kind]:
    """The sessions of a line of the truth by kind."""
    found: Counter[Kind] = Counter()
    for measure, categories in sessions.items():
        for category, count in categories.items():
            found[kind_of(measure, category)] += count
    return found


def steps_of(measure: str, kinds: Mapping[Kind, int]) -> list[int]:
    """Sessions of a measure on the steps of its scale, as far as their categories tell them apart.

    High normal pressure is all on its first step: only the bins tell the home threshold.
    """
    steps = [0] * len(SCALES[measure].steps)
    for (of, category), count in kinds.items():
        if of == measure:
            steps[step_of(of, category)] += count
    return steps


def measures(kinds: Mapping[Kind, int]) -> list[str]:
    """The measures of which there is a session, in order."""
    return sorted({measure for (measure, _), count in kinds.items() if count})
