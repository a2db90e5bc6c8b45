"""What the API answers about trends: released numbers, each with the words that belong to it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from ingest.answers import Name
from ingest.disclosure import Rule, State
from ingest.usage_answers import DISTRICTS, SESSIONS
from ingest.windows import Audience, Level

_SUMS = Name(
    zh="合计因取整不等于分项之和",
    en="Every number is rounded on its own: parts do not add up to the total.",
)
WORDING = Name(zh=f"{SESSIONS.zh};{_SUMS.zh}", en=f"{SESSIONS.en} {_SUMS.en}")
COMPARED = Name(zh=f"{DISTRICTS.zh};{_SUMS.zh}", en=f"{DISTRICTS.en} {_SUMS.en}")
"""For every comparison of places, of districts above all."""

Seen = Literal["released", "hidden"]
Kind = Literal["categories", "extremes"]

_UNIT = Field(description="Of percentiles, in UCUM.", examples=["mm[Hg]", "mmol/L"])
_WORDING = Field(description="To be shown with the numbers, always.")
_RULE = Field(default=None, description="The rule that withholds the number.")
_SHARE = Field(default=None, description="Percent, from rounded counts.")
_LOW = Field(default=None, description="Of the 95 % interval of the share, with its rounding.")
_PER_THOUSAND = Field(default=None, description="Of extremes, instead of looking at the share.")
_EPSILON = Field(default=None, description="The ε of the noise in every count; null without.")
_N = Field(default=None, description="Sessions, rounded on their own; null if hidden.")
_LOW_PRECISION = Field(description="Fewer than 100 sessions: draw the interval.")
_SEE = Field(default=None, description="The level that may tell what is withheld here.")
_WINDOW = Field(description="A week, or a block of weeks.", examples=["2026-W47", "2026-B03x4"])


class WindowDates(BaseModel):
    """A window: its first Monday and its last Sunday."""

    window: str = _WINDOW
    first: date
    last: date


class TrendPart(BaseModel):
    """The sessions of one category: "small" is the lowest band, never told apart from 0."""

    part: str = Field(examples=["high"])
    state: State
    rule: Rule | None = _RULE
    count: int | None = None
    share: int | None = _SHARE
    low: int | None = _LOW
    high: int | None = _LOW
    per_thousand: int | None = _PER_THOUSAND


class TrendPercentile(BaseModel):
    """The value below which `q` percent of the sessions lie; null if it is withheld."""

    quantity: str = Field(examples=["systolic"])
    q: int
    value: float | None = None
    rule: Rule | None = _RULE


class TrendWindow(WindowDates):
    """One closed window of a place; all windows of an answer have the same parts in one order."""

    state: Seen
    n: int | None = _N
    low_precision: bool = _LOW_PRECISION
    see: Level | None = _SEE
    epsilon: float | None = _EPSILON
    parts: list[TrendPart]
    percentiles: list[TrendPercentile]


class Trends(BaseModel):
    """The released windows of one place, oldest first: sessions, not persons; no diagnosis."""

    place: str = Field(examples=["110105"])
    level: Level
    audience: Audience
    measure: str = Field(examples=["bp"])
    unit: str = _UNIT
    wording: Name = _WORDING
    windows: list[TrendWindow]

    def lines(self) -> Iterator[tuple[object, ...]]:
        """A line for every part and percentile of every window, in the columns of TREND_HEADER."""
        for one in self.windows:
            window = (
                one.window, one.first, one.last, one.n, one.low_precision, one.see, one.epsilon,
            )  # fmt: skip
            for part in one.parts:
                yield (
                    *window, part.part, part.state, part.rule, part.count, part.share, part.low,
                    part.high, part.per_thousand, None,
                )  # fmt: skip
            for percentile in one.percentiles:
                name = f"{percentile.quantity}_p{percentile.q:02d}"
                state = State.SHOWN if percentile.rule is None else State.HIDDEN
                yield *window, name, state, percentile.rule, *[None] * 5, percentile.value


TREND_HEADER = (
    "window", "first", "last", "n", "low_precision", "see", "epsilon",
    "part", "state", "rule", "count", "share", "low", "high", "per_thousand", "value",
)  # fmt: skip


class ComparedRow(BaseModel):
    """One number of one place in a window; `value` is that of a percentile."""

    area: str = Field(examples=["110105"])
    n: int | None = _N
    low_precision: bool = _LOW_PRECISION
    see: Level | None = _SEE
    epsilon: float | None = _EPSILON
    part: str = Field(examples=["high", "systolic_p50"])
    state: State
    rule: Rule | None = _RULE
    count: int | None = None
    share: int | None = _SHARE
    low: int | None = _LOW
    high: int | None = _LOW
    per_thousand: int | None = _PER_THOUSAND
    value: float | None = None


class Comparison(BaseModel):
    """All places of a level in one window; those of which nothing may be shown are there too."""

    place: str = Field(description="What the places are in: the city, or a district.")
    level: Level
    audience: Audience
    measure: str = Field(examples=["bp"])
    unit: str = _UNIT
    window: str = _WINDOW
    first: date
    last: date
    wording: Name = _WORDING
    rows: list[ComparedRow]

    def lines(self) -> Iterator[tuple[object, ...]]:
        """The rows in the columns of ComparedRow."""
        return (tuple(value for _, value in row) for row in self.rows)


class ComingWindow(WindowDates):
    """A window that is not released yet."""

    released_from: datetime = Field(description="It is released at this moment or soon after.")


class WindowList(BaseModel):
    """The windows of one level for an audience, oldest first, and the one that comes next."""

    audience: Audience
    level: Level
    of: Kind
    weeks: int = Field(description="The length of each.")
    windows: list[WindowDates]
    coming: ComingWindow


class Windows(BaseModel):
    """Every window of which trends are released; there is no other."""

    open: ComingWindow = Field(description="The week that sessions of today count in.")
    released: list[WindowList]
    wording: Name = _WORDING


class Explanation(BaseModel):
    """Why a cell shows what it shows; a count is never given as a reason."""

    name: str = Field(examples=["internal:district:110105:2026-W47:bp:high"])
    why: str = Field(examples=["shown: no rule hides it"])
    wording: Name = _WORDING
