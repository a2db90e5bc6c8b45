"""The agent's radio in the long run: short windows, both kinds of BlueZ, 500 sessions."""

import gc
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from edge_agent.devices.blood_pressure import BloodPressureReading, encode
from simulators.bluez.daemon import virtual_bluez
from simulators.bluez.discovery import AdvertisementRule
from simulators.bus import private_bus
from simulators.cuff import Cuff, Habits
from tests.integration.agent_radio import TIMING, Listener
from tests.integration.radio import CUFF_ADDRESS, QUICK, system_bus_at

FRAME = encode(BloodPressureReading(120.0, 80.0, pulse_bpm=70.0))
SESSIONS = 500
WARM_UP = 50


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def resident_kilobytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


async def placed(stack: AsyncExitStack, directory: Path, habits: Habits, **options: object) -> Cuff:
    bus = await stack.enter_async_context(private_bus(directory))
    stack.enter_context(system_bus_at(bus))
    rule = AdvertisementRule(options.get("rule", AdvertisementRule.BLUEZ))
    adapter = await stack.enter_async_context(virtual_bluez(bus, timing=QUICK, rule=rule))
    cuff = Cuff(address=CUFF_ADDRESS, habits=habits)
    adapter.place(cuff)
    return cuff


@pytest.mark.parametrize("rule", AdvertisementRule)
async def test_a_second_window_of_an_unchanged_device_is_heard_by_every_bluez(
    rule: AdvertisementRule, tmp_path: Path
) -> None:
    listener = Listener()
    async with AsyncExitStack() as stack:
        cuff = await placed(stack, tmp_path, Habits(2.0, 0.02, 2.0, 0.02), rule=rule)
        await stack.enter_async_context(listener.listening())
        for _ in range(3):
            cuff.measure_frame(FRAME)
            assert await listener.next() == FRAME


async def test_an_advertising_window_of_one_second_is_enough(tmp_path: Path) -> None:
    listener = Listener()
    async with AsyncExitStack() as stack:
        cuff = await placed(stack, tmp_path, Habits(1.0, 0.02, 2.0, 0.25))
        await stack.enter_async_context(listener.listening())
        cuff.measure_frame(FRAME)
        assert await listener.next() == FRAME


@pytest.mark.timeout(240)
async def test_nothing_grows_over_five_hundred_sessions(tmp_path: Path) -> None:
    listener = Listener(timing=TIMING._replace(cool_down=0.0))
    async with AsyncExitStack() as stack:
        cuff = await placed(stack, tmp_path, Habits(5.0, 0.001, 2.0, 0.005))
        await stack.enter_async_context(listener.listening())
        files = memory = 0
        for session in range(1, WARM_UP + SESSIONS + 1):
            cuff.measure_frame(FRAME)
            assert await listener.next() == FRAME
            await listener.counted("edge_conversations_total", session)
            if session == WARM_UP:
                listener.heard.clear()
                gc.collect()
                files, memory = open_files(), resident_kilobytes()
        gc.collect()
        assert open_files() <= files + 1
        assert resident_kilobytes() - memory < 4 * 1024
