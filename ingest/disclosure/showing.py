"""From a population and what the rules allow of it to cells. Pure."""

from collections.abc import Iterator
from functools import lru_cache

from contract.places import CITY_ADCODE
from ingest.disclosure.cells import Cell, Rule, Rules, State
from ingest.disclosure.closure import Answer, answer
from ingest.disclosure.counts import Population
from ingest.disclosure.intervals import percent, widened
from ingest.disclosure.percentiles import percentile_cells
from ingest.disclosure.scales import LATE, SINGLE
from ingest.disclosure.tables import Table
from ingest.windows import Level

LOW_PRECISION_BELOW = 100
"""A cell of fewer sessions, as shown, is marked."""

_SHARES_KEPT = 8_192

_ABOVE = {
    Level.STATION: Level.DISTRICT,
    Level.DISTRICT: Level.CITY,
    Level.VENUE: Level.CITY,
    Level.CITY: None,
}


def above(level: Level) -> Level | None:
    """The level at which to look where a cell of `level` shows nothing; None above the city."""
    return _ABOVE[level]


def cells_of(population: Population, shown: Table) -> Iterator[Cell]:
    """The cells of an ordinary population; none where R1 hides all of it, for absence says so."""
    if shown.n is None and shown.answers[0].rule is Rule.FEW_SESSIONS:
        return
    yield from count_cells(shown)
    yield from _besides(population, shown)
    for name, value, rule in percentile_cells(
        population.bins, shown.scale, shown.answers, shown.rules
    ):
        hidden_by = rule if shown.n is not None else shown.answers[0].rule
        if hidden_by is None:
            yield _cell(shown, name, State.SHOWN, None, value=value)
        else:
            yield _cell(shown, name, State.HIDDEN, hidden_by)


def count_cells(shown: Table, *, per_thousand: bool = False) -> Iterator[Cell]:
    """The cells of a table's parts; extremes are given per thousand too."""
    for part, given in zip(shown.scale.parts, shown.answers, strict=True):
        yield _counted(shown, part.name, given, per_thousand=per_thousand)


def _besides(population: Population, shown: Table) -> Iterator[Cell]:
    """The sessions of one reading, and the late ones, which say nothing of anybody's health."""
    for name, count in ((SINGLE, population.single), (LATE, population.late)):
        given = shown.answers[0]
        if shown.n is not None:
            given = answer(count, population.n, shown.rules)
        yield _counted(shown, name, given)


def _counted(shown: Table, part: str, given: Answer, *, per_thousand: bool = False) -> Cell:
    if given.rounded is None or shown.n is None:
        return _cell(shown, part, given.state, given.rule)
    share, low, high, thousandth = _share(given.rounded, shown.n, shown.rules)
    return _cell(
        shown,
        part,
        given.state,
        given.rule,
        count=given.rounded,
        share=share,
        low=low,
        high=high,
        per_thousand=thousandth if per_thousand else None,
    )


@lru_cache(_SHARES_KEPT)
def _share(rounded: int, n: int, rules: Rules) -> tuple[int, int, int, int]:
    """A share in percent, its interval, and the same per thousand."""
    low, high = widened(rules.behind(rounded, 0), rules.behind(n, 1), rules.design_effect)
    return percent(rounded, n), low, high, percent(10 * rounded, n)


def _cell(
    shown: Table,
    part: str,
    state: State,
    rule: Rule | None,
    value: float | None = None,
    count: int | None = None,
    share: int | None = None,
    low: int | None = None,
    high: int | None = None,
    per_thousand: int | None = None,
) -> Cell:
    return Cell(
        audience=shown.audience,
        level=shown.level,
        area=shown.area if shown.level is not Level.CITY else CITY_ADCODE,
        window=shown.window,
        measure=shown.scale.measure,
        part=part,
        state=state,
        rule=rule,
        n=shown.n,
        count=count,
        share=share,
        low=low,
        high=high,
        per_thousand=per_thousand,
        value=value,
        low_precision=shown.n is not None and shown.n < LOW_PRECISION_BELOW,
        see=None if state is State.SHOWN else _ABOVE[shown.level],
        epsilon=None if shown.rules.epsilon is None else float(shown.rules.epsilon),
    )
