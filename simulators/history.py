"""What one station has to tell: the numbered messages of past days, and the truth to audit by."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from contract.screening_batch import (
    MAX_ROWS,
    BloodPressureRow,
    ScreeningBatch,
    blood_pressure_row,
)
from contract.topics import Stream
from contract.usage import UsageBatch, UsageWindow
from simulators.city import BEIJING_TIME, CityStation
from simulators.population import draw_person_of, draw_readings, seeded, session_value
from simulators.visits import Stay, stays, usage_windows

_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Session:
    """One session: when it ended, in minutes from local midnight, and its row."""

    minute: float
    row: BloodPressureRow


@dataclass(frozen=True, slots=True)
class StationDay:
    """Everything that happens at one station on one day."""

    day: date
    stays: tuple[Stay, ...]
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A numbered message; `week` is the ISO week it belongs to.

    `sessions` and `windows` count what it tells for the first time: a corrected window is not new.
    """

    stream: Stream
    epoch: int
    seq: int
    payload: str
    week: str
    sessions: int = 0
    windows: int = 0


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


def station_day(seed: int, station: CityStation, day: date) -> StationDay:
    """One day at a station; the same seed gives the same day, whatever came before it."""
    rng = seeded(seed, station.id, day.isoformat())
    today = stays(rng, station, day)
    measured = [stay for stay in today if rng.random() < station.uptake]
    return StationDay(day, today, tuple(_session(rng, day, stay) for stay in measured))


def history(logbook: "Logbook", seed: int, first: date, last: date) -> Iterator[Message]:
    """The messages of the days from `first` to `last`, both included, in order of their numbers.

    A batch of sessions at the end of each day that has enough of them, and the windows of each ISO
    week in one message. Sessions too few to leave stay staged in `logbook`.
    """
    windows: list[UsageWindow] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(offset)
        today = station_day(seed, logbook.station, day)
        logbook.stage(day, (session.row for session in today.sessions))
        batch = logbook.release()
        if batch:
            yield batch
        windows += usage_windows(logbook.station, day, today.stays)
        if windows and (day.weekday() == _SUNDAY or day == last):
            yield logbook.usage(windows)
            windows = []


def _session(rng: Random, day: date, stay: Stay) -> Session:
    person = draw_person_of(rng, stay.kind)
    readings = draw_readings(rng, person, day, int(stay.arrive) // 60)
    row = blood_pressure_row(*session_value(readings), single=len(readings) == 1)
    return Session(stay.leave, row)


class Logbook:
    """The numbering and the staged sessions of one station, as its outbox would keep them."""

    def __init__(self, station: CityStation, epoch: int, rng: Random, min_batch: int = 5) -> None:
        self.station = station
        self.epoch = epoch
        self.numbered = 0
        self._rng = rng
        self._min_batch = min_batch
        self._staged: list[tuple[date, BloodPressureRow]] = []
        self._latest_window = -1

    @property
    def staged(self) -> int:
        """How many sessions wait for company."""
        return len(self._staged)

    def stage(self, day: date, rows: Iterable[BloodPressureRow]) -> None:
        """Keep the sessions of a day until they may leave."""
        self._staged += [(day, row) for row in rows]

    def release(self) -> Message | None:
        """The staged sessions as one shuffled batch, or None while they are too few."""
        if len(self._staged) < self._min_batch:
            return None
        leaving, self._staged = self._staged[:MAX_ROWS], self._staged[MAX_ROWS:]
        days, rows = [day for day, _ in leaving], [row for _, row in leaving]
        self._rng.shuffle(rows)
        batch = ScreeningBatch(
            station=self.station.id,
            epoch=self.epoch,
            seq=self._next_seq(),
            from_=min(days),
            to=max(days),
            rows=tuple(rows),
        )
        payload = batch.model_dump_json(by_alias=True, exclude_none=True)
        week = iso_week(batch.to)
        return Message(Stream.SCREENING, self.epoch, batch.seq, payload, week, sessions=len(rows))

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
