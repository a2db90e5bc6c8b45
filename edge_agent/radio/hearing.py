"""Whether the radio hears anything, judged so that nobody's measuring shows in the answer. Pure."""

from enum import StrEnum


class State(StrEnum):
    """What may be said of the radio, in the words of the station's status."""

    HEARING = "hearing"
    DEAF = "deaf"
    ABSENT = "absent"


class Hearing:
    """What may be said of the radio; the watchdog decides for itself what is done about it.

    A cuff advertises because somebody used it. So the station's own meters are no evidence at the
    moment at which they are heard: they only keep the radio from being called deaf until the next
    daily round. Everything else that advertises is evidence at once.
    """

    def __init__(self, patience_seconds: float, now: float) -> None:
        self._patience_seconds = patience_seconds
        self._since = now
        self._own_today = False
        self._deaf = False

    def heard(self, now: float) -> None:
        """Something advertised that is not a meter of this station."""
        self._since = now
        self._deaf = False

    def heard_own(self) -> None:
        """A meter of this station advertised."""
        self._own_today = True

    def look(self, now: float) -> bool:
        """Whether the silence has just become so long that it must be said."""
        silent = now - self._since >= self._patience_seconds
        became = silent and not self._own_today and not self._deaf
        self._deaf = self._deaf or became
        return became

    def day_passed(self, now: float) -> None:
        """The daily round: a meter heard since the last one has shown that the radio works."""
        if self._own_today:
            self._since, self._deaf = now, False
        self._own_today = False

    @property
    def is_deaf(self) -> bool:
        """Whether the radio is to be called deaf."""
        return self._deaf
