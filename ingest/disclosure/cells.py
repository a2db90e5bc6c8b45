"""What a released cell is, the rules that may hide it, and how to say which one did. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ingest.windows import Audience, Block, Level


class State(StrEnum):
    """What a released cell may say: its number, a band such as "<8", or nothing."""

    SHOWN = "shown"
    SMALL = "small"
    HIDDEN = "hidden"


class Rule(StrEnum):
    """Why a cell does not show its number."""

    FEW_SESSIONS = "few_sessions"  # R1
    SMALL_PART = "small_part"  # R2
    SMALL_COMPLEMENT = "small_complement"  # R2
    DERIVABLE = "derivable"  # R2 and R8: another cell would give it away
    REMAINDER = "remainder"  # R8: what the shown areas leave over would be told
    EXTREME = "extreme"  # R9
    FEW_FOR_PERCENTILE = "few_for_percentile"  # R10
    TELLS_A_SMALL_PART = "tells_a_small_part"  # R10 with R2
    OPEN_TAIL = "open_tail"  # R9 and R10: beyond the last bin
    NOISE = "noise"  # noise protects counts only


_WHY = {
    Rule.FEW_SESSIONS: "R1: there are too few sessions in this area and window",
    Rule.SMALL_PART: "R2: the part is in the smallest band, which is never told apart, not from 0",
    Rule.SMALL_COMPLEMENT: "R2: too few sessions are outside this part",
    Rule.DERIVABLE: "R2: with the other parts of this cell a small part could be reckoned",
    Rule.REMAINDER: "R8: less the areas that are shown, it would tell a small remainder",
    Rule.EXTREME: "R9: extremes are released for the whole city in long windows only",
    Rule.FEW_FOR_PERCENTILE: "R10: there are too few sessions for this percentile",
    Rule.TELLS_A_SMALL_PART: "R10: this percentile would tell how large a hidden part is",
    Rule.OPEN_TAIL: "R9: this percentile is beyond the last bin",
    Rule.NOISE: "a window with noise has no percentiles",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the rules.

    `narrowest` is how many values at least a difference of cells must leave open for a small
    group. `epsilon` per level adds noise to every count, None adds none.

    `design_effect` multiplies the variance of a share's interval. Sessions are not persons: who
    comes often counts often, and sessions of one person are alike. With 1.5 sessions a person and
    a correlation of 0.6 among them it is 1 + (1.5 - 1) · 0.6 = 1.3. Nobody is known here, so it
    cannot be measured; 1 would say that every session is of another person, and be too narrow.
    """

    minimum_sessions: int = 20
    smallest_count: int = 8
    round_to: int = 5
    narrowest: int = 8
    epsilon: Fraction | None = None
    design_effect: float = 1.3

    def rounded(self, count: int) -> int:
        """The nearest multiple of `round_to`; a half goes up."""
        return (2 * count + self.round_to) // (2 * self.round_to) * self.round_to

    def behind(self, shown: int, least: int) -> tuple[int, int]:
        """The least and the greatest count that is shown as `shown`, if all are ≥ `least`."""
        return max(shown - self.round_to // 2, least), shown + (self.round_to - 1) // 2


RULES = {Audience.INTERNAL: Rules(), Audience.PUBLIC: Rules(smallest_count=11)}
"""The rules in force for each audience."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A released number, or the place where one is not shown.

    `n` (sessions of the area and window) and `count` are rounded, each on its own: they do not add
    up. `share` is a percentage of rounded counts, `low` and `high` its interval; `per_thousand` is
    given for extremes only. A percentile has a `value` in the unit of its quantity instead.
    `see` is the level at which to look when this cell shows no number.
    """

    audience: Audience
    level: Level
    area: str
    window: Block
    measure: str
    part: str
    state: State
    rule: Rule | None = None
    n: int | None = None
    count: int | None = None
    share: int | None = None
    low: int | None = None
    high: int | None = None
    per_thousand: int | None = None
    value: float | None = None
    low_precision: bool = False
    see: Level | None = None
    epsilon: float | None = None

    @property
    def name(self) -> str:
        """Its name, for example `internal:station:BJ-CY-012:2026-B03x4:bp:high`."""
        where = f"{self.audience}:{self.level}:{self.area}:{self.window}"
        return f"{where}:{self.measure}:{self.part}"


def explain(cell: Cell) -> str:
    """Why a cell shows what it shows: the rule that hid it, never the count."""
    if cell.rule is None:
        return "shown: no rule hides it"
    advice = f"; see the {cell.see}" if cell.see else ""
    return f"{cell.state}: {_WHY[cell.rule]}{advice}"


def why(rule: Rule) -> str:
    """What a rule says."""
    return _WHY[rule]
