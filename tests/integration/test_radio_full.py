"""The radio of a station whose disk is full: it asks nobody for what it could not keep."""

import asyncio
from pathlib import Path

from edge_agent.devices.blood_pressure import BloodPressureReading, encode
from simulators.bluez.daemon import virtual_bluez
from simulators.bus import private_bus
from simulators.cuff import Cuff
from tests.integration.agent_radio import Listener
from tests.integration.radio import CUFF_ADDRESS, QUICK, system_bus_at, virtual_radio


def frame(systolic: int) -> bytes:
    return encode(BloodPressureReading(float(systolic), 80.0, pulse_bpm=70.0))


async def test_no_conversation_begins_until_there_is_room(tmp_path: Path) -> None:
    listener = Listener()
    listener.ready = False
    async with virtual_radio(tmp_path) as radio, listener.listening():
        asked = asyncio.Event()
        cuff = radio.place_cuff()
        cuff.measure_frame(frame(120))
        await _advertised_to(listener, asked)
        assert cuff.unsent == (frame(120),), "it still has its result"
        assert listener.telemetry.counts["edge_conversations_total"] == 0
        listener.ready = True
        assert await listener.next() == frame(120)


async def test_a_conversation_whose_frames_cannot_be_kept_is_broken_off_and_the_agent_lives(
    tmp_path: Path,
) -> None:
    listener = Listener()
    listener.refuses = True
    async with virtual_radio(tmp_path) as radio, listener.listening():
        cuff = radio.place_cuff()
        cuff.measure_frame(frame(120))
        await listener.counted("edge_conversations_broken_total", 1)
        listener.refuses = False
        cuff.measure_frame(frame(121))
        while await listener.next() != frame(121):
            continue


async def test_a_bluez_that_goes_is_told_to_whoever_listens_to_sensors(tmp_path: Path) -> None:
    listener = Listener()
    async with asyncio.timeout(20), private_bus(tmp_path) as bus:
        with system_bus_at(bus):
            async with listener.listening():
                async with virtual_bluez(bus, timing=QUICK) as adapter:
                    cuff = Cuff(address=CUFF_ADDRESS)
                    adapter.place(cuff)
                    cuff.measure_frame(frame(120))
                    assert await listener.next() == frame(120)
                    listener.lost.clear()
                await listener.lost.wait()


async def _advertised_to(listener: Listener, asked: asyncio.Event) -> None:
    """Wait until the radio has heard a device and was told that it must not begin."""

    class Asked:
        def __bool__(self) -> bool:
            asked.set()
            return False

    listener.ready = Asked()  # type: ignore[assignment]
    async with asyncio.timeout(10):
        await asked.wait()
