"""How a simulated city is doing, on a terminal in one line that changes, elsewhere line by line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import NamedTuple, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from simulators.city_run import CityRun, Progress

_RATE_SECONDS = 5.0
_LINE_SECONDS = 10.0


class Rates(NamedTuple):
    """Over the last seconds: messages receipted in each, and simulated seconds in each."""

    messages: float
    speed: float


class Pace:
    """Rates over the last five seconds or so."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._before: list[tuple[float, Progress]] = []

    def rates(self, progress: Progress) -> Rates:
        """The rates until now."""
        now = self._now()
        self._before.append((now, progress))
        while len(self._before) > 2 and now - self._before[1][0] >= _RATE_SECONDS:
            del self._before[0]
        since, first = self._before[0]
        if now == since:
            return Rates(0.0, 0.0)
        lived: timedelta = progress.moment - first.moment
        return Rates(
            (progress.messages - first.messages) / (now - since),
            lived.total_seconds() / (now - since),
        )


def line(run: CityRun, progress: Progress, rates: Rates) -> str:
    """Everything worth knowing in one line."""
    p50, p99 = run.fleet.waits.quantile(0.5), run.fleet.waits.quantile(0.99)
    words = [
        f"{progress.moment:%Y-%m-%d %H:%M}",
        f"{rates.speed:.0f}×" + (" held" if progress.is_held else ""),
        f"{progress.connected}/{progress.stations} connected",
        f"{progress.messages} messages, {rates.messages:.0f}/s",
        f"{progress.pending} pending",
    ]
    if progress.unnumbered:
        words.append(f"{progress.unnumbered} windows wait")
    if p50 is not None and p99 is not None:
        words.append(f"receipt p50 {p50:.2f} s, p99 {p99:.2f} s")
    return " · ".join(words)


@contextmanager
def shown(run: CityRun, to: TextIO) -> Iterator[Callable[[Progress], None]]:
    """What to call with each progress while a city lives."""
    pace, console = Pace(), Console(file=to)
    if not console.is_terminal:
        yield _Lines(run, pace, to)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def tell(progress: Progress) -> None:
            live.update(Text(line(run, progress, pace.rates(progress))), refresh=True)

        yield tell


class _Lines:
    """A line every ten seconds."""

    def __init__(self, run: CityRun, pace: Pace, to: TextIO) -> None:
        self._run, self._pace, self._to = run, pace, to
        self._told_at: float | None = None

    def __call__(self, progress: Progress) -> None:
        now, rates = monotonic(), self._pace.rates(progress)
        if self._told_at is None or now - self._told_at >= _LINE_SECONDS:
            self._told_at = now
            print(line(self._run, progress, rates), file=self._to, flush=True)
