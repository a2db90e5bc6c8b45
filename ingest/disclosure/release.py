"""From the counts of a closed block to the cells that may be shown of it. Pure.

A block is released once for an audience, with everything that shares its window (`ingest.windows`).
"""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from contract.places import CITY_ADCODE
from ingest.disclosure.cells import RULES, Cell, Rule, Rules, State
from ingest.disclosure.counts import Population, Weekly, populations, with_noise
from ingest.disclosure.families import all_guarded
from ingest.disclosure.intervals import percent, widened
from ingest.disclosure.percentiles import percentile_cells
from ingest.disclosure.scales import EXTREMES, SCALES
from ingest.disclosure.tables import Table, table, tables_of
from ingest.windows import Audience, Block, Level, extremes_weeks, levels_of

LOW_PRECISION_BELOW = 100
"""A cell of fewer sessions, as shown, is marked."""

_ABOVE = {
    Level.STATION: Level.DISTRICT,
    Level.DISTRICT: Level.CITY,
    Level.VENUE: Level.CITY,
    Level.CITY: None,
}


def release(
    counts: Iterable[Weekly],
    audience: Audience,
    block: Block,
    rng: Random,
    frozen: Iterable[Cell] = (),
    rules: dict[Audience, Rules] = RULES,
) -> list[Cell]:
    """Every cell of a block for an audience, in fixed order.

    `counts` are those of its weeks; others raise ValueError. `frozen` are the cells released
    before for weeks of this block, for either audience. `rng` draws the noise, if the rules want
    any: call once and keep the result, for a second draw would tell more.
    """
    counts = list(counts)
    if any(not block.holds(weekly.week) for weekly in counts):
        raise ValueError(f"a count is not of {block}")
    mine = rules[audience]
    found = [
        with_noise(population, mine, rng)
        for population in populations(counts, levels_of(audience, block.weeks))
    ]
    made = [table(one, audience, block, SCALES[one.measure], mine) for one in found]
    made = all_guarded(made, tables_of(frozen, rules), counts)
    cells = [cell for one, shown in zip(found, made, strict=True) for cell in _cells(one, shown)]
    if block.weeks == extremes_weeks(audience):
        cells += _extremes(counts, audience, block, rng, mine)
    return cells


def _extremes(
    counts: Sequence[Weekly], audience: Audience, block: Block, rng: Random, rules: Rules
) -> Iterator[Cell]:
    for population in populations(counts, [Level.CITY]):
        noisy = with_noise(population, rules, rng)
        scale = EXTREMES[population.measure]
        yield from count_cells(table(noisy, audience, block, scale, rules), per_thousand=True)


def _cells(population: Population, shown: Table) -> Iterator[Cell]:
    yield from count_cells(shown)
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
        if given.rounded is None or shown.n is None:
            yield _cell(shown, part.name, given.state, given.rule)
            continue
        span = shown.rules.behind(given.rounded, 0)
        low, high = widened(span, shown.rules.behind(shown.n, 1))
        yield _cell(
            shown,
            part.name,
            given.state,
            given.rule,
            count=given.rounded,
            share=percent(given.rounded, shown.n),
            low=low,
            high=high,
            per_thousand=percent(10 * given.rounded, shown.n) if per_thousand else None,
        )


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
