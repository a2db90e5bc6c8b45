"""What to do about a radio that hears nothing: more and more, and then say so. Pure."""

from enum import Enum, auto


class Remedy(Enum):
    """What is to be tried now."""

    NONE = auto()
    RESTART_SCAN = auto()
    POWER_CYCLE = auto()
    REPORT = auto()


_LADDER = (Remedy.RESTART_SCAN, Remedy.POWER_CYCLE, Remedy.REPORT)


class Watchdog:
    """Counts the silence since the last advertisement of anything at all.

    A shop is never silent: phones advertise. Each further `patience_seconds` of silence calls for
    the next remedy; after the last one it begins again.
    """

    def __init__(self, patience_seconds: float, now: float) -> None:
        self._patience_seconds = patience_seconds
        self._since = now
        self._tried = 0

    @property
    def is_deaf(self) -> bool:
        """Whether every remedy was tried in this silence."""
        return self._tried >= len(_LADDER)

    def heard(self, now: float) -> None:
        """Something advertised."""
        self._since = now
        self._tried = 0

    def look(self, now: float) -> Remedy:
        """The remedy that is due; asking again at once gives NONE."""
        if now - self._since < self._patience_seconds:
            return Remedy.NONE
        self._since = now
        remedy = _LADDER[self._tried % len(_LADDER)]
        self._tried += 1
        return remedy
