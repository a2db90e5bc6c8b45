"""How a reader waits for a source that is away: ever longer, never in step with the others."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Never

from contract.errors import Unavailable


class Patience:
    """Pauses that double from `first_seconds` to `most_seconds`, each cut by up to a half."""

    def __init__(
        self, rng: Random, *, first_seconds: float = 1.0, most_seconds: float = 60.0
    ) -> None:
        self._rng = rng
        self._first = first_seconds
        self._most = most_seconds
        self._next = first_seconds

    def reward(self) -> None:
        """The source works: the next pause is short again."""
        self._next = self._first

    def pause(self) -> float:
        """How many seconds to wait now; the next pause will be longer."""
        seconds = self._next * self._rng.uniform(0.5, 1)
        self._next = min(2 * self._next, self._most)
        return seconds


async def keep_at_it(
    watch: Callable[[], Awaitable[Never]],
    patience: Patience,
    lost: Callable[[Unavailable], None],
) -> Never:
    """Starts `watch` again, after a pause, whenever its source is lost; tells `lost` each time."""
    while True:
        try:
            await watch()
        except Unavailable as problem:
            lost(problem)
        await asyncio.sleep(patience.pause())
