"""What one station has to tell: the numbered messages of past days, and the truth to audit by."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from contract.batch import MAX_ROWS, MEASURES, Measure
from contract.glucose_batch import GlucoseBatch
from contract.screening_batch import ScreeningBatch
from contract.topics import Stream
from contract.usage import UsageBatch, UsageWindow
from simulators.city import BEIJING_TIME, CityStation
from simulators.station_days import Row
from simulators.station_days import Session as Session
from simulators.station_days import StationDay as StationDay
from simulators.station_days import station_day as station_day
from simulators.visits import usage_windows

_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Message:
    """A numbered message; `week` is the ISO week it belongs to, `measure` that of its sessions.

    `sessions` and `windows` count what it tells for the first time: a corrected window is not new.
    """

    stream: Stream
    epoch: int
    seq: int
    payload: str
    week: str
    sessions: int = 0
    windows: int = 0
    measure: Measure | None = None


@dataclass(slots=True)
class Truth:
    """How many sessions and windows were sent, by district and ISO week such as "2026-W06"."""

    sessions: Counter[tuple[str, str]] = field(default_factory=Counter)
    windows: Counter[tuple[str, str]] = field(default_factory=Counter)
    messages: int = 0

    def add(self, station: CityStation, message: Message) -> None:
        """Count one message of a station."""
        self.sessions[station.district, message.week] += message.sessions
        self.windows[station.district, message.week] += message.windows
        self.messages += 1


def iso_week(day: date) -> str:
    """The ISO week of a day, "2026-W06"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def history(logbook: "Logbook", seed: int, first: date, last: date) -> Iterator[Message]:
    """The messages of the days from `first` to `last`, both included, in order of their numbers.

    A batch of the sessions of each measure at the end of each day that has enough of them, and the
    windows of each ISO week in one message. Sessions too few to leave stay staged in `logbook`.
    """
    windows: list[UsageWindow] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(offset)
        today = station_day(seed, logbook.station, day)
        for session in today.sessions:
            logbook.stage(day, (session.row,), session.measure)
        yield from logbook.release_all()
        windows += usage_windows(logbook.station, day, today.stays)
        if windows and (day.weekday() == _SUNDAY or day == last):
            yield logbook.usage(windows)
            windows = []


class Logbook:
    """The numbering and the staged sessions of one station, as its outbox would keep them."""

    def __init__(self, station: CityStation, epoch: int, rng: Random, min_batch: int = 5) -> None:
        self.station = station
        self.epoch = epoch
        self.numbered = 0
        self._rng = rng
        self._min_batch = min_batch
        self._staged: dict[Measure, list[tuple[date, Row]]] = {one: [] for one in MEASURES}
        self._latest_window = -1

    @property
    def staged(self) -> int:
        """How many sessions wait for company, of all measures."""
        return sum(map(len, self._staged.values()))

    def stage(self, day: date, rows: Iterable[Row], measure: Measure = "bp") -> None:
        """Keep the sessions of a day, all of one measure, until they may leave."""
        self._staged[measure] += [(day, row) for row in rows]

    def release(self) -> Message | None:
        """The staged sessions of one measure as a shuffled batch; None while all are too few.

        Call it again until there is none: several measures may have company at once.
        """
        for measure in MEASURES:
            if len(self._staged[measure]) >= self._min_batch:
                return self._leave(measure)
        return None

    def release_all(self) -> Iterator[Message]:
        """Every batch that may leave now."""
        while message := self.release():
            yield message

    def _leave(self, measure: Measure) -> Message:
        staged = self._staged[measure]
        leaving, self._staged[measure] = staged[:MAX_ROWS], staged[MAX_ROWS:]
        rows = [row for _, row in leaving]
        self._rng.shuffle(rows)
        kind = ScreeningBatch if measure == "bp" else GlucoseBatch
        batch = kind(
            measure=measure,
            station=self.station.id,
            epoch=self.epoch,
            seq=self._next_seq(),
            from_=min(day for day, _ in leaving),
            to=max(day for day, _ in leaving),
            rows=tuple(rows),
        )
        return Message(
            Stream.SCREENING,
            self.epoch,
            batch.seq,
            batch.model_dump_json(by_alias=True, exclude_none=True),
            iso_week(batch.to),
            sessions=len(rows),
            measure=measure,
        )

    def usage(self, windows: Sequence[UsageWindow]) -> Message:
        """Windows of one ISO week as a message; a window sent again corrects the earlier one."""
        batch = UsageBatch(
            station=self.station.id,
            epoch=self.epoch,
            seq=self._next_seq(),
            windows=tuple(windows),
        )
        new = sum(window.start > self._latest_window for window in windows)
        self._latest_window = max(self._latest_window, windows[-1].start)
        payload = batch.model_dump_json(by_alias=True, exclude_none=True)
        week = iso_week(datetime.fromtimestamp(windows[0].start, BEIJING_TIME).date())
        return Message(Stream.USAGE, self.epoch, batch.seq, payload, week, windows=new)

    def _next_seq(self) -> int:
        self.numbered += 1
        return self.numbered
