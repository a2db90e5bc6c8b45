"""Which of the agent's loops still turn. Pure."""

from collections.abc import Callable, Mapping


class Progress:
    """Remembers when each loop that is expected to turn has last done so.

    A loop may take `period_seconds` and two of its own longest turns. `clock` counts seconds and
    never steps.
    """

    def __init__(self, period_seconds: float, clock: Callable[[], float]) -> None:
        self._period = period_seconds
        self._clock = clock
        self._patience: dict[str, float] = {}
        self._beats: dict[str, float] = {}

    def expect(self, turns: Mapping[str, float]) -> None:
        """From now on these loops are expected and no others, each with its longest turn."""
        self._patience = {name: self._period + 2 * turn for name, turn in turns.items()}
        self._beats = dict.fromkeys(turns, self._clock())

    def beat(self, name: str) -> None:
        """The loop has turned once; one that is not expected is nobody's concern."""
        if name in self._beats:
            self._beats[name] = self._clock()

    def stuck(self) -> tuple[str, ...]:
        """The loops that have not turned within their patience, in the order of `expect`."""
        now = self._clock()
        return tuple(
            name for name, beat in self._beats.items() if now - beat > self._patience[name]
        )
