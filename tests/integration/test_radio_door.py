"""The agent's radio on the virtual one: whose frames it takes, and what it lives through."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge_agent.devices.blood_pressure import BloodPressureReading, encode
from edge_agent.radio import Radio, Timing
from edge_agent.telemetry import Telemetry
from simulators.bluez.daemon import virtual_bluez
from simulators.bus import private_bus
from simulators.cuff import Cuff, Habits
from tests.integration.radio import CUFF_ADDRESS, QUICK, system_bus_at, virtual_radio

TIMING = Timing(connect=2.0, first_reading=1.0, idle=0.3, cool_down=0.05, retry=0.05)
VISITORS_OWN = "A4:C1:38:00:00:99"
HABITS = Habits(
    window_seconds=2.0, pause_seconds=0.02, patience_seconds=2.0, advertising_interval_seconds=0.02
)


def frame(systolic: int) -> bytes:
    return encode(BloodPressureReading(float(systolic), 80.0, pulse_bpm=70.0))


class Listener:
    """An agent's radio, and the frames that it handed over."""

    def __init__(self) -> None:
        self.telemetry = Telemetry()
        self._frames: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._radio = Radio(
            cuffs=frozenset({CUFF_ADDRESS}),
            adapter="hci0",
            timing=TIMING,
            on_frame=lambda device, data: self._frames.put_nowait((device, data)),
            telemetry=self.telemetry,
        )

    async def next(self) -> bytes:
        """The next frame; it must be from the station's own cuff."""
        device, data = await self._frames.get()
        assert device == CUFF_ADDRESS
        return data

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["asyncio.Task[None]"]:
        """The radio running; it must end when it is cancelled."""
        task = asyncio.create_task(self._radio.run())
        try:
            yield task
        finally:
            task.cancel()
            async with asyncio.timeout(3):
                await asyncio.gather(task, return_exceptions=True)


async def test_every_frame_of_every_window_is_taken_in_order(tmp_path: Path) -> None:
    listener = Listener()
    async with virtual_radio(tmp_path) as radio, listener.listening():
        cuff = radio.place_cuff()
        cuff.measure_frame(frame(120))
        cuff.measure_frame(frame(121))
        assert [await listener.next() for _ in range(2)] == [frame(120), frame(121)]
        cuff.measure_frame(frame(122))
        assert await listener.next() == frame(122)


async def test_a_visitors_own_cuff_is_left_alone(tmp_path: Path) -> None:
    listener = Listener()
    async with virtual_radio(tmp_path) as radio, listener.listening():
        own = Cuff(address=VISITORS_OWN, habits=HABITS)
        radio.adapter.place(own)
        own.measure_frame(frame(199))
        radio.place_cuff().measure_frame(frame(120))
        assert await listener.next() == frame(120)
        assert own.unsent == (frame(199),)


async def test_a_bluez_that_goes_and_comes_back_is_used_again(tmp_path: Path) -> None:
    listener = Listener()
    async with asyncio.timeout(20), private_bus(tmp_path) as bus:
        with system_bus_at(bus):
            async with listener.listening():
                for systolic in (120, 130):
                    async with virtual_bluez(bus, timing=QUICK) as adapter:
                        cuff = Cuff(address=CUFF_ADDRESS, habits=HABITS)
                        adapter.place(cuff)
                        cuff.measure_frame(frame(systolic))
                        assert await listener.next() == frame(systolic)


async def test_an_agent_can_be_stopped_after_its_bus_has_died(tmp_path: Path) -> None:
    listener = Listener()
    async with asyncio.timeout(10):
        async with private_bus(tmp_path) as bus:
            with system_bus_at(bus):
                async with virtual_bluez(bus, timing=QUICK) as adapter:
                    cuff = Cuff(address=CUFF_ADDRESS, habits=HABITS)
                    adapter.place(cuff)
                    cuff.measure_frame(frame(120))
                    scanning = listener.listening()
                    task = await scanning.__aenter__()
                    assert await listener.next() == frame(120)
        await scanning.__aexit__(None, None, None)
        assert task.cancelled()
