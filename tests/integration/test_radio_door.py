"""The agent's radio on the virtual one: whose frames it takes, and what it lives through."""

import asyncio
from pathlib import Path

from edge_agent.devices.blood_pressure import BloodPressureReading, encode
from simulators.bluez.daemon import virtual_bluez
from simulators.bus import private_bus
from simulators.cuff import Cuff, Habits
from tests.integration.agent_radio import TIMING, Listener
from tests.integration.radio import CUFF_ADDRESS, QUICK, system_bus_at, virtual_radio

VISITORS_OWN = "A4:C1:38:00:00:99"
HABITS = Habits(
    window_seconds=2.0, pause_seconds=0.02, patience_seconds=2.0, advertising_interval_seconds=0.02
)


def frame(systolic: int) -> bytes:
    return encode(BloodPressureReading(float(systolic), 80.0, pulse_bpm=70.0))


async def test_every_frame_of_every_window_is_taken_in_order(tmp_path: Path) -> None:
    listener = Listener()
    async with virtual_radio(tmp_path) as radio, listener.listening():
        cuff = radio.place_cuff()
        cuff.measure_frame(frame(120))
        cuff.measure_frame(frame(121))
        assert await listener.take(2) == [frame(120), frame(121)]
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
        assert {address for address, _, _ in listener.heard} == {CUFF_ADDRESS}


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


async def test_fifty_devices_at_one_station_are_all_heard(tmp_path: Path) -> None:
    addresses = [f"A4:C1:38:00:01:{number:02X}" for number in range(50)]
    listener = Listener(dict.fromkeys(addresses), timing=TIMING._replace(first_reading=5.0))
    async with asyncio.timeout(40), private_bus(tmp_path) as bus:
        with system_bus_at(bus):
            async with virtual_bluez(bus, timing=QUICK) as adapter, listener.listening():
                for number, address in enumerate(addresses):
                    cuff = Cuff(address=address, habits=Habits(30.0, 0.02, 5.0, 0.1))
                    adapter.place(cuff)
                    for reading in range(3):
                        cuff.measure_frame(frame(100 + number + reading))
                await listener.take(150)
    by_device = {
        address: [arrived.data for who, _, arrived in listener.heard if who == address]
        for address in addresses
    }
    assert by_device == {
        address: [frame(100 + number + reading) for reading in range(3)]
        for number, address in enumerate(addresses)
    }
