"""Sensors on the pins of a Raspberry Pi, a motion sensor or a door beam: the door to gpiozero."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Never

from contract.errors import Unavailable
from edge_agent.occupancy.doorway import Doorway
from edge_agent.occupancy.patience import Patience, keep_at_it
from edge_agent.occupancy.sensing import (
    Clock,
    Entered,
    Event,
    Listener,
    Presence,
    SensorLost,
    Silent,
)


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a sensor is wired to a pin (BCM number)."""

    pin: int
    pull_up: bool = False
    """For an output that only pulls to ground; a low pin then means that the sensor is active."""
    bounce_seconds: float | None = None
    """For a contact that chatters: no change is believed for so long after one."""


class PinSensor:
    """A motion sensor such as the HC-SR501 or, with a `doorway`, a light beam across a door.

    A motion sensor is active while it sees somebody and for as long as it is set to hold; a beam
    is active while it is interrupted. What the pin says is told when it changes and every
    `restate_seconds`; nothing on a pin can tell a quiet sensor from a broken wire.
    """

    def __init__(
        self,
        sensor: str,
        wiring: Wiring,
        *,
        clock: Clock,
        rng: Random,
        doorway: Doorway | None = None,
        restate_seconds: float = 30.0,
        first_pause_seconds: float = 1.0,
        pin_factory: object = None,
    ) -> None:
        """`pin_factory` is one of gpiozero's; without it gpiozero looks for what is there."""
        self._sensor = sensor
        self._wiring = wiring
        self._clock = clock
        self._doorway = doorway
        self._restate_seconds = restate_seconds
        self._patience = Patience(rng, first_seconds=first_pause_seconds)
        self._pin_factory = pin_factory

    async def run(self, listener: Listener) -> Never:
        """Tells `listener` until cancelled, then gives the pin back."""

        def lost(problem: Unavailable) -> None:
            listener.sensed(Silent(self._sensor, self._clock()))
            listener.lost(problem)

        await keep_at_it(lambda: self._watch(listener), self._patience, lost)

    async def _watch(self, listener: Listener) -> Never:
        with _opened(self._wiring, self._pin_factory) as levels:
            self._patience.reward()
            is_active = await levels.get()
            while True:
                listener.sensed(self._event(is_active))
                try:
                    async with asyncio.timeout(self._restate_seconds):
                        is_active = await levels.get()
                except TimeoutError:
                    continue

    def _event(self, is_active: bool) -> Event:
        if self._doorway is None:
            return Presence(self._sensor, self._clock(), is_active)
        return Entered(self._sensor, self._clock(), self._doorway.moved(is_active))


@contextmanager
def _opened(wiring: Wiring, pin_factory: object) -> Iterator[asyncio.Queue[bool]]:
    """The pin's states: the present one, then each change, in order."""
    from gpiozero import DigitalInputDevice  # type: ignore[import-untyped]

    loop, levels = asyncio.get_running_loop(), asyncio.Queue[bool]()

    def tell(is_active: bool) -> None:  # in a thread of gpiozero's
        loop.call_soon_threadsafe(levels.put_nowait, is_active)

    try:
        device = DigitalInputDevice(
            wiring.pin,
            pull_up=wiring.pull_up,
            bounce_time=wiring.bounce_seconds,
            pin_factory=pin_factory,
        )
    except _pin_errors() as error:
        raise SensorLost(f"pin {wiring.pin} cannot be read ({error})") from error
    try:
        device.when_activated = lambda: tell(True)
        device.when_deactivated = lambda: tell(False)
        tell(device.is_active)
        yield levels
    finally:
        device.close()


def _pin_errors() -> tuple[type[Exception], ...]:
    """What a pin that cannot be had raises: gpiozero lets its library's own error through."""
    from gpiozero import GPIOZeroError

    try:
        from lgpio import error as lgpio_error  # type: ignore[import-not-found]
    except ImportError:  # another library of pins is in use
        return GPIOZeroError, OSError
    return GPIOZeroError, OSError, lgpio_error
