"""Which usage windows were made already, so that no clock and no restart makes one twice. Pure."""

import json
from bisect import bisect_right
from collections.abc import Iterable

from contract.usage import WINDOW_SECONDS

_MOST_RUNS = 64


class Made:
    """Starts of windows, kept as runs without a gap: years of them take a line of text."""

    def __init__(self, starts: Iterable[int] = ()) -> None:
        self._runs: list[tuple[int, int]] = []  # first and last start of each, in order
        for start in starts:
            self.add(start)

    def __contains__(self, start: int) -> bool:
        before = bisect_right(self._runs, start, key=lambda run: run[0])
        return before > 0 and start <= self._runs[before - 1][1]

    def add(self, start: int) -> None:
        """The window at `start`, a quarter of an hour, was made."""
        if start in self:
            return
        place = bisect_right(self._runs, start, key=lambda run: run[0])
        first = last = start
        if place < len(self._runs) and self._runs[place][0] == start + WINDOW_SECONDS:
            last = self._runs.pop(place)[1]
        if place > 0 and self._runs[place - 1][1] == start - WINDOW_SECONDS:
            first = self._runs.pop(place - 1)[0]
            place -= 1
        self._runs.insert(place, (first, last))
        if len(self._runs) > _MOST_RUNS:
            self._close_oldest_gap()

    def to_json(self) -> str:
        """As text, for the station's file."""
        return json.dumps(self._runs)

    @classmethod
    def from_json(cls, text: str) -> "Made":
        """From what `to_json` returned."""
        made = cls()
        made._runs = [(first, last) for first, last in json.loads(text)]
        return made

    def _close_oldest_gap(self) -> None:
        """What lies in it will never be made: it is older than dozens of outages."""
        (first, _), (_, last) = self._runs[:2]
        self._runs[:2] = [(first, last)]
