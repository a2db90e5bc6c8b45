"""One population as it is published: its rounded size and an answer for each part. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from ingest.disclosure.cells import Cell, Rule, Rules, State
from ingest.disclosure.closure import Answer, Bounds, answer, protected, reckon, withheld
from ingest.disclosure.counts import Population
from ingest.disclosure.scales import SCALES, Scale
from ingest.windows import Audience, Block, Level


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


def tables_of(cells: Iterable[Cell], rules: dict[Audience, Rules]) -> list[Table]:
    """The ordinary tables that released cells were made of."""

    def population(cell: Cell) -> tuple[str, str, str, Block, str]:
        return cell.audience, cell.level, cell.area, cell.window, cell.measure

    tables = []
    for _, group in groupby(sorted(cells, key=population), population):
        by_part = {cell.part: cell for cell in group}
        first = next(iter(by_part.values()))
        scale = SCALES[first.measure]
        if any(part.name not in by_part for part in scale.parts):
            continue  # extremes are of the city, over windows that no other cell has
        found = [by_part[part.name] for part in scale.parts]
        answers = tuple(Answer(cell.state, cell.rule, cell.count) for cell in found)
        where = (first.audience, first.level, first.area, first.window)
        tables.append(Table(*where, scale, rules[first.audience], first.n, answers))
    return tables


def _hidden(shown: Table, rule: Rule) -> Table:
    return replace(shown, n=None, answers=(Answer(State.HIDDEN, rule),) * len(shown.scale.parts))
