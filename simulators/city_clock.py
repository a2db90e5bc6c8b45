"""The time of a simulated city: it runs faster than ours, and can be held."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from simulators.city import BEIJING_TIME


class CityClock:
    """Simulated time that begins at `start` and runs `speed` times as fast as `real` seconds.

    Held, it stands still; going on, it continues from there, so that no simulated moment is
    skipped. Speed 1 is live.
    """

    def __init__(
        self, start: datetime, speed: float, real: Callable[[], float] = monotonic
    ) -> None:
        """Raises ValueError for a start without a zone, or a speed that is not above 0."""
        if start.tzinfo is None:
            raise ValueError("the start of a city's clock needs a time zone")
        if not 0 < speed < float("inf"):
            raise ValueError(f"a city's clock cannot run at {speed:g} times our speed")
        self.speed = speed
        self._real = real
        self._moment = start.astimezone(BEIJING_TIME)
        self._since: float | None = real()
        self._until: datetime | None = None

    @property
    def is_held(self) -> bool:
        """Whether simulated time stands still."""
        return self._since is None

    def now(self) -> datetime:
        """The simulated moment, in Beijing's time."""
        if self._since is None:
            return self._moment
        moment = self._moment + timedelta(seconds=(self._real() - self._since) * self.speed)
        return moment if self._until is None else min(moment, self._until)

    def seconds(self, simulated: float) -> float:
        """How many real seconds so many simulated ones take while the clock runs."""
        return simulated / self.speed

    def hold(self) -> None:
        """Stop simulated time; nothing happens if it stands still already."""
        if self._since is not None:
            self._moment = self.now()
            self._since = None

    def go_on(self) -> None:
        """Let simulated time run again; nothing happens if it runs already."""
        if self._since is None:
            self._since = self._real()

    def stop_at(self, moment: datetime | None) -> None:
        """Let simulated time come to a moment and no further, which is not past; None: on and on.

        A clock that came there has to be held before it gets another such moment.
        """
        self._until = moment if moment is None else moment.astimezone(BEIJING_TIME)

    def run_at(self, speed: float) -> None:
        """Run at another speed from now on. Raises ValueError if it is not above 0."""
        if not 0 < speed < float("inf"):
            raise ValueError(f"a city's clock cannot run at {speed:g} times our speed")
        if self._since is not None:
            self._moment, self._since = self.now(), self._real()
        self.speed = speed
