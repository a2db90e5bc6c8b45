"""How long to wait: pauses that double, and a rate that is never exceeded. Pure."""

from random import Random

_SLACK_SECONDS = 0.1
"""A caller that looks late may make up for so much time at once, and for no more."""

_SPREAD = 3.0
_LARGEST_EXPONENT = 32


class Backoff:
    """Pauses between attempts: random ones, whose upper end doubles from one to the next.

    A thousand stations that lose the same broker at the same moment come back spread out.
    """

    def __init__(self, first: float, most: float, rng: Random) -> None:
        """No pause is shorter than `first` or longer than `most`, in seconds."""
        self._first = min(first, most)
        self._most = most
        self._rng = rng
        self._tries = 0

    @property
    def is_raised(self) -> bool:
        """Whether a pause was drawn since the last reset."""
        return self._tries > 0

    def next(self) -> float:
        """The pause before the next attempt, in seconds."""
        longest = min(self._most, self._first * _SPREAD * 2 ** min(self._tries, _LARGEST_EXPONENT))
        self._tries += 1
        return self._rng.uniform(self._first, longest)

    def reset(self) -> None:
        """It worked: the next pause is a short one."""
        self._tries = 0


class Pacer:
    """Lets things go at a limited rate, at moments that are not quite regular.

    The gap after each is between one and one and a half times 1 / `per_second`.
    """

    def __init__(self, per_second: float, rng: Random) -> None:
        self._gap = 1 / per_second
        self._rng = rng
        self._next_at = 0.0

    def start(self, at: float) -> None:
        """Let nothing go before `at`, in seconds on the caller's clock."""
        self._next_at = at

    def allowed(self, now: float) -> int:
        """How many may go now."""
        if now < self._next_at:
            return 0
        behind = min(now - self._next_at, _SLACK_SECONDS)
        return 1 + int(behind / self._gap)

    def went(self, count: int, now: float) -> None:
        """Note that so many have gone."""
        behind = min(now - self._next_at, _SLACK_SECONDS)
        gaps = self._gap * self._rng.uniform(1, 1.5) * count
        self._next_at = now - behind + gaps

    def seconds_left(self, now: float) -> float:
        """How long until the next may go, 0 if it may now."""
        return max(0.0, self._next_at - now)
