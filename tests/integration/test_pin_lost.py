"""A pin whose library raises an error of its own: the sensor is lost, and the agent is not."""

import asyncio
import sys
from datetime import UTC, datetime
from random import Random
from types import ModuleType
from typing import NoReturn

import pytest

from contract.errors import Rejected, Unavailable
from edge_agent.occupancy.gpio import PinSensor, Wiring
from edge_agent.occupancy.sensing import Event, SensorLost, Silent
from tests.machine import Machine


class Busy(Exception):
    """What lgpio raises for a pin in other hands; it derives from nothing that gpiozero knows."""


class Factory:
    """A library of pins none of which can be had."""

    def pin(self, _: object) -> NoReturn:
        raise Busy("GPIO busy")

    def reserve_pins(self, *_: object) -> NoReturn:
        raise Busy("GPIO busy")

    def release_pins(self, *_: object) -> None:
        return


class Notes:
    """What a sensor told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.losses: asyncio.Queue[Unavailable] = asyncio.Queue()

    def sensed(self, event: Event) -> None:
        self.events.append(event)

    def refused(self, problem: Rejected) -> None:
        raise AssertionError(problem)

    def lost(self, problem: Unavailable) -> None:
        self.losses.put_nowait(problem)


async def test_a_pin_in_other_hands_is_a_lost_sensor(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("lgpio")
    library.error = Busy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lgpio", library)
    notes, clock = Notes(), Machine(datetime(2026, 2, 6, 8, 45, tzinfo=UTC)).clock()
    sensor = PinSensor(
        "door", Wiring(17), clock=clock.since_start, rng=Random(1),
        first_pause_seconds=0.01, pin_factory=Factory(),
    )  # fmt: skip
    watching = asyncio.create_task(sensor.run(notes))
    try:
        async with asyncio.timeout(10):
            first, second = await notes.losses.get(), await notes.losses.get()
    finally:
        watching.cancel()
    assert isinstance(first, SensorLost)
    assert isinstance(second, SensorLost)
    assert notes.events[0] == Silent("door", clock.since_start())
