"""An LD2410 radar on a serial port: the door to pyserial."""

import asyncio
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Never

from contract.errors import DecodeError, Unavailable
from edge_agent.occupancy import ld2410
from edge_agent.occupancy.patience import Patience, keep_at_it
from edge_agent.occupancy.sensing import Clock, Listener, Presence, SensorLost, Silent

if TYPE_CHECKING:
    from serial import Serial  # type: ignore[import-untyped]

_PIECE = 4096


class Radar:
    """One radar at `port`, preferably a name under /dev/serial/by-path, which survives replugging.

    It reports ten times a second; presence is told when it changes and every `restate_seconds`.
    Without a report for `quiet_seconds` the port is opened anew.
    """

    def __init__(
        self,
        sensor: str,
        port: str,
        *,
        clock: Clock,
        rng: Random,
        restate_seconds: float = 30.0,
        quiet_seconds: float = 5.0,
        first_pause_seconds: float = 1.0,
    ) -> None:
        self._sensor = sensor
        self._port = port
        self._clock = clock
        self._restate_seconds = restate_seconds
        self._quiet_seconds = quiet_seconds
        self._patience = Patience(rng, first_seconds=first_pause_seconds)

    async def run(self, listener: Listener) -> Never:
        """Tells `listener` until cancelled, then closes the port."""

        def lost(problem: Unavailable) -> None:
            listener.sensed(Silent(self._sensor, self._clock()))
            listener.lost(problem)

        await keep_at_it(lambda: self._watch(listener), self._patience, lost)

    async def _watch(self, listener: Listener) -> Never:
        with _opened(self._port) as serial, _readable(serial) as ready:
            framer, told = ld2410.Framer(), _Told(self._restate_seconds)
            try:
                async with asyncio.timeout(self._quiet_seconds) as quiet:
                    while True:
                        await ready.wait()
                        ready.clear()
                        for report in self._reports(framer, serial, listener):
                            self._patience.reward()
                            quiet.reschedule(_seconds_from_now(self._quiet_seconds))
                            at = self._clock()
                            if told.is_due(report.is_occupied, at):
                                listener.sensed(Presence(self._sensor, at, report.is_occupied))
            except TimeoutError as error:
                raise SensorLost(f"{self._sensor}: no report from the radar") from error

    def _reports(
        self, framer: ld2410.Framer, serial: "Serial", listener: Listener
    ) -> Iterator[ld2410.Report]:
        try:
            piece = serial.read(_PIECE)
        except (OSError, termios.error) as error:
            raise SensorLost(f"{self._sensor}: the serial port is gone ({error})") from error
        for frame in framer.feed(piece):
            try:
                yield ld2410.decode(frame)
            except DecodeError as problem:
                listener.refused(problem)


class _Told:
    """What was last told, and whether to tell again."""

    def __init__(self, restate_seconds: float) -> None:
        self._restate_seconds = restate_seconds
        self._last: tuple[bool, datetime] | None = None

    def is_due(self, value: bool, at: datetime) -> bool:
        if self._last is not None:
            last, last_at = self._last
            age = (at - last_at).total_seconds()
            if last == value and 0 <= age < self._restate_seconds:
                return False
        self._last = value, at
        return True


@contextmanager
def _opened(port: str) -> Iterator["Serial"]:
    from serial import Serial

    try:
        serial = Serial(port, ld2410.BAUD, timeout=0, exclusive=True)
    except (
        OSError,
        termios.error,
        ValueError,
    ) as error:  # ValueError: this baud rate cannot be set
        raise SensorLost(f"{port} does not open ({error})") from error
    try:
        yield serial
    finally:
        serial.close()


@contextmanager
def _readable(serial: "Serial") -> Iterator[asyncio.Event]:
    """An event that is set whenever there is something to read."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(serial.fileno(), ready.set)
    try:
        yield ready
    finally:
        loop.remove_reader(serial.fileno())


def _seconds_from_now(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds
