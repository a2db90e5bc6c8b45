"""The parent's side of a station that is killed and started again on the same file."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from random import Random
from time import monotonic
from zoneinfo import ZoneInfo

from contract.screening_batch import blood_pressure_row
from contract.usage import WINDOW_SECONDS
from edge_agent.devices.blood_pressure import BloodPressureReading, encode
from edge_agent.devices.date_time import wall_clock
from tests.chaos.doom import Doom
from tests.chaos.station_process import (
    NOON_ZONE,
    Accepted,
    Emptied,
    Empty,
    Frame,
    Leave,
    Life,
    Order,
    Refused,
    Window,
    live,
)

# A server that has the station's modules loaded forks each life: it begins in milliseconds.
_processes = get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.station_process"])

_FIRST_WINDOW = 1_770_000_300 // WINDOW_SECONDS * WINDOW_SECONDS
_IN_FLIGHT = 4  # orders that the station has not answered yet
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.05


class Ward:
    """One station in a test's hands, and the book of everything that it was given.

    A frame is offered again, the same as before, until it is accepted, as by a cuff that gets no
    answer. A window is offered once.
    """

    def __init__(self, life: Life, rng: Random) -> None:
        self.frames: dict[int, Frame] = {}
        self.windows: dict[int, Window] = {}
        self.accepted: set[int] = set()
        self.refusals = 0
        self.deaths: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._life = life
        self._rng = rng
        self._waiting: set[int] = set()
        self._lives: list[ForkServerProcess] = []
        self._emptied: Emptied | None = None

    @property
    def rows(self) -> Counter[str]:
        """The row (JSON) of every frame that was ever offered, and how often."""
        return self._rows

    def start(self, doom: Doom | None = None) -> None:
        """Begin a life on the same file."""
        died_in = self._life.path.with_suffix(".died_in")
        died_in.unlink(missing_ok=True)
        self._died_in = died_in
        life = replace(self._life, seed=self._rng.getrandbits(31), doom=doom, died_in=died_in)
        self._pipe, there = _processes.Pipe()
        self._process = _processes.Process(target=live, args=(there, life), daemon=True)
        self._process.start()
        self._lives = [self._process]
        there.close()
        self._waiting.clear()
        self._offer_again()

    def feed(self, seconds: float, pause: float = 0.01, most_refusals: int = 1_000_000) -> bool:
        """Offer frames and windows, a mean `pause` apart; False if it died within the time.

        Stops early when the station has refused so many.
        """
        now = monotonic()
        until, following = now + seconds, now
        while now < until and self.refusals < most_refusals:
            is_free = len(self._waiting) < _IN_FLIGHT
            if is_free and now >= following:
                self._send(self._window() if self._rng.random() < 0.3 else self._frame())
                following = now + self._rng.expovariate(1 / pause)
            wanted = following if is_free else until
            if not self._hear(max(0.0, min(until, wanted) - now)):
                return False
            now = monotonic()
        return True

    def rest(self, seconds: float) -> bool:
        """Offer nothing new for so long; False if it died within the time."""
        return self._hear(seconds)

    def kill(self) -> None:
        """SIGKILL, if it still lives; then hear what it had said before."""
        self._process.kill()
        self._wait_for_end()
        phase = self._died_in.read_text() if self._died_in.exists() else ""
        self.deaths[phase or "anywhere"] += 1

    def settle(self) -> Emptied:
        """Wait until everything that was offered has left, and end this life in good order."""
        until = monotonic() + _PATIENCE_SECONDS
        while not self.accepted.issuperset(self.frames):
            self._listen(until)
            self._offer_again()
        self._send(Empty())
        self._emptied = None
        while self._emptied is None:
            self._listen(until)
        self._send(Leave())
        self._wait_for_end()
        assert self._process.exitcode == 0, "the station did not end in good order"
        return self._emptied

    def end(self) -> None:
        """Leave no process behind, whatever happened."""
        for process in self._lives:
            if process.is_alive():
                process.kill()
                process.join()

    def _listen(self, until: float) -> None:
        assert monotonic() < until, "the station does not come to rest"
        assert self._hear(_PAUSE_SECONDS), "the station has died by itself"

    def _hear(self, seconds: float) -> bool:
        """One answer, if one comes within the time; False if the station is dead."""
        try:
            if not self._pipe.poll(seconds):
                return True
            answer = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            return False
        match answer:
            case Accepted(numbers):
                self._waiting.difference_update(numbers)
                self.accepted.update(numbers)
            case Refused(numbers):
                self._waiting.difference_update(numbers)
                self.refusals += 1
            case Emptied():
                self._emptied = answer
        return True

    def _wait_for_end(self) -> None:
        while self._hear(_PATIENCE_SECONDS):
            pass
        self._process.join(_PATIENCE_SECONDS)
        self._pipe.close()

    def _send(self, order: Order) -> None:
        if isinstance(order, Frame | Window):
            self._waiting.add(order.number)
        try:
            self._pipe.send(order)
        except (BrokenPipeError, ConnectionResetError):
            return  # it is dead; `_hear` will say so

    def _offer_again(self) -> None:
        for number, frame in self.frames.items():
            if number not in self.accepted and number not in self._waiting:
                self._send(frame)

    def _frame(self) -> Frame:
        number = len(self.frames) + len(self.windows)
        systolic, diastolic = self._rng.randrange(120, 190), self._rng.randrange(50, 105)
        pulse = self._rng.randrange(45, 130)
        reading = BloodPressureReading(
            float(systolic),
            float(diastolic),
            pulse_bpm=float(pulse),
            device_time=wall_clock(datetime.now(ZoneInfo(NOON_ZONE))),
        )
        row = blood_pressure_row(systolic, diastolic, pulse, single=True)
        self._rows[row.model_dump_json(exclude_none=True)] += 1
        address = f"C0:FF:EE:{number >> 16 & 255:02X}:{number >> 8 & 255:02X}:{number & 255:02X}"
        self.frames[number] = Frame(number, address, encode(reading))
        return self.frames[number]

    def _window(self) -> Window:
        number = len(self.frames) + len(self.windows)
        self.windows[number] = Window(number, _FIRST_WINDOW + number * WINDOW_SECONDS)
        return self.windows[number]


@contextmanager
def ward(life: Life, rng: Random) -> Iterator[Ward]:
    """A station that does not outlive its test."""
    one = Ward(life, rng)
    try:
        yield one
    finally:
        one.end()
