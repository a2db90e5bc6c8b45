"""What ingest's HTTP API answers, as far as the page reads it."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel

from contract.envelope import TOLERANT


class Answer(BaseModel):
    """What every answer has in common: fields that this version does not know are passed over."""

    model_config = TOLERANT


class Problem(Answer):
    """Something that is wrong now; `code` may be one that this version does not know."""

    code: str
    since: AwareDatetime | None = None
    count: int | None = None


class StationCount(Answer):
    """How many stations are known, and how many are connected now; None if nobody can tell."""

    registered: int | None
    online: int | None


class MessageCount(Answer):
    """Messages that ingest has answered for, of all kinds; None if nobody can tell."""

    stored: int | None
    quarantined: int | None
    last_stored_at: AwareDatetime | None


class OpenWindow(Answer):
    """The ISO week that is still filling; `sessions` is rounded, None means too few to say."""

    window: str
    first: date
    last: date
    sessions: int | None
    released_from: AwareDatetime


class PrivacyRules(Answer):
    """The disclosure rules in force; `smallest_min_batch` is the lowest that a station reports."""

    minimum_sessions: int
    smallest_count: int
    round_to: int
    min_batch: int
    smallest_min_batch: int | None


class Overview(Answer):
    """The state of the whole city at `now`; `demo` means that the people are simulated."""

    now: AwareDatetime
    stations: StationCount
    messages: MessageCount
    open_window: OpenWindow | None
    privacy: PrivacyRules
    demo: bool
    problems: tuple[Problem, ...] = ()


class BilingualName(Answer):
    """A name or a sentence in both languages."""

    zh: str
    en: str


class PartState(StrEnum):
    """Whether a count is shown, is too small to be told from zero, or is hidden."""

    SHOWN = "shown"
    SMALL = "small"
    HIDDEN = "hidden"


class Part(Answer):
    """A released count of a window, rounded.

    `share` is in whole percent of the window's sessions, `low` and `high` are its interval;
    `per_thousand` is given for extremes. `rule` names what hides a count.
    """

    part: str
    state: PartState
    rule: str | None = None
    count: int | None = None
    share: int | None = None
    low: int | None = None
    high: int | None = None
    per_thousand: int | None = None


class Percentile(Answer):
    """The value below which `q` percent of a window's sessions lie; `rule` names what hides it."""

    quantity: str
    q: int
    value: float | None = None
    rule: str | None = None


class WindowState(StrEnum):
    """Whether a closed window is shown at all."""

    RELEASED = "released"
    HIDDEN = "hidden"


class Window(Answer):
    """One closed block of weeks of an area; `n` is the rounded number of sessions.

    `see` is the level at which to look if the window is hidden. `epsilon` says how much noise the
    counts carry, None that they carry none.
    """

    window: str
    first: date
    last: date
    state: WindowState
    n: int | None = None
    low_precision: bool = False
    see: str | None = None
    epsilon: float | None = None
    parts: tuple[Part, ...] = ()
    percentiles: tuple[Percentile, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether anything of the window may be shown."""
        return self.state is WindowState.RELEASED and self.n is not None

    def state_of(self, name: str) -> PartState:
        """Whether a part is shown; one that was not sent is hidden."""
        found = self._part(name)
        return PartState.HIDDEN if found is None or not self.is_shown else found.state

    def shown(self, name: str) -> Part | None:
        """A part whose count may be shown, or None."""
        found = self._part(name)
        if found is None or found.count is None or self.state_of(name) is not PartState.SHOWN:
            return None
        return found

    def percentile(self, quantity: str, q: int) -> float | None:
        """A percentile that may be shown, or None."""
        if not self.is_shown:
            return None
        return next(
            (
                one.value
                for one in self.percentiles
                if (one.quantity, one.q) == (quantity, q) and one.rule is None
            ),
            None,
        )

    def _part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.part == name), None)


class Trend(Answer):
    """The closed windows of one measure in one place, oldest first, and the words that go along."""

    place: str
    level: str
    measure: str
    wording: BilingualName
    windows: tuple[Window, ...]


class ComparedRow(Part):
    """One part of one place in a window, of `n` sessions; `see` as in `Window`."""

    area: str
    n: int | None = None
    low_precision: bool = False
    see: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether its count may be shown."""
        return self.state is PartState.SHOWN and self.count is not None and self.n is not None


class Comparison(Answer):
    """All places of a level in one window, and the words that go along."""

    window: str
    first: date
    last: date
    wording: BilingualName
    rows: tuple[ComparedRow, ...]
