"""One population as it is published: its rounded size and an answer for each part. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ingest.disclosure.cells import Cell, Rule, Rules, State
from ingest.disclosure.closure import Answer, Bounds, answer, protected, reckon, withheld
from ingest.disclosure.counts import Population
from ingest.disclosure.scales import EXTREMES, SCALES, Scale
from ingest.windows import Audience, Block, Level, levels_of

_ANSWERS_KEPT = 16_384


@dataclass(frozen=True, slots=True)
class Table:
    """What is published of one population; `n` is None where all of it is hidden."""

    audience: Audience
    level: Level
    area: str
    window: Block
    scale: Scale
    rules: Rules
    n: int | None
    answers: tuple[Answer, ...]

    def size(self) -> tuple[int, int]:
        """The least and the greatest number of sessions that `n` may stand for."""
        if self.n is None:
            raise ValueError("a hidden population has no size")
        return self.rules.behind(self.n, self.rules.minimum_sessions)

    def bounds(self) -> Bounds:
        """What can be reckoned of its parts."""
        if self.n is None:
            raise ValueError("nothing can be reckoned of a hidden population")
        return reckon(self.scale.parts, self.scale.cuts, self.answers, self.n, self.rules)

    def without(self, index: int | None) -> "Table":
        """The table with one part withheld, or all of it."""
        if index is None:
            return _hidden(self, Rule.REMAINDER)
        answers = withheld(self.answers, index, Rule.REMAINDER)
        return replace(self, answers=answers)


def table(
    population: Population, audience: Audience, window: Block, scale: Scale, rules: Rules
) -> Table:
    """What R1 to R3 allow of a population, and no more than keeps its small parts unknown."""
    made = Table(audience, population.level, population.area, window, scale, rules, None, ())
    total = population.n
    if total < rules.minimum_sessions:
        return _hidden(made, Rule.FEW_SESSIONS)
    n = rules.rounded(total)
    answers = tuple(
        answer(sum(population.steps[part.first : part.end]), total, rules) for part in scale.parts
    )
    return replace(made, n=n, answers=protected(scale.parts, scale.cuts, answers, n, rules))


def tables_of(cells: Iterable[Cell], rules: Mapping[Audience, Rules]) -> list[Table]:
    """The tables that released cells were made of; the cells may come in any order.

    Little is kept of each cell, so that those of 20,000 stations can pass through. Raises
    ValueError where a part of a population is missing.
    """
    found: dict[_Where, tuple[int | None, dict[str, Answer]]] = {}
    for cell in cells:
        if cell.part in _ON_SCALES:
            where = (cell.audience, cell.level, cell.area, cell.window, cell.measure)
            known = found.get(where)
            if known is None:
                known = found[where] = (cell.n, {})
            known[1][cell.part] = _answer(cell.state, cell.rule, cell.count)
    tables = []
    for where, (n, answers) in found.items():
        audience, level, _, window, measure = where
        scales = SCALES if level in levels_of(audience, window.weeks) else EXTREMES
        scale = scales[measure]
        if answers.keys() != {part.name for part in scale.parts}:
            raise ValueError(f"the cells of {level} in {window} are not whole")
        in_order = tuple(answers[part.name] for part in scale.parts)
        tables.append(Table(*where[:4], scale, rules[audience], n, in_order))
    return tables


_Where = tuple[Audience, Level, str, Block, str]
_ON_SCALES = {
    part.name for scales in (SCALES, EXTREMES) for scale in scales.values() for part in scale.parts
}


@lru_cache(_ANSWERS_KEPT)
def _answer(state: State, rule: Rule | None, rounded: int | None) -> Answer:
    """One object for equal answers."""
    return Answer(state, rule, rounded)


def _hidden(shown: Table, rule: Rule) -> Table:
    return replace(shown, n=None, answers=(Answer(State.HIDDEN, rule),) * len(shown.scale.parts))
