"""The radio around one station: a private bus, a virtual BlueZ, devices and their visitors."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Never

from edge_agent.devices.blood_pressure import BloodPressureReading
from simulators.bluez.daemon import virtual_bluez
from simulators.bluez.peripheral import Peripheral
from simulators.bus import private_bus
from simulators.cuff import Cuff
from simulators.visitors import visit


async def run(
    *,
    directory: Path,
    address: str,
    name: str,
    readings: Iterator[BloodPressureReading],
    mean_interval_seconds: float,
    rng: random.Random,
    announce: Callable[[str], None],
    counted: Callable[[BloodPressureReading], None],
) -> Never:
    """A radio with one common cuff, whose `address` and `name` are given, and its visitors.

    `counted` is called with every reading that was taken; the rest is as in `run_devices`.
    """
    cuff = Cuff(address=address, name=name)

    async def visitors() -> None:
        await visit(
            cuff.measure,
            readings,
            mean_interval_seconds=mean_interval_seconds,
            rng=rng,
            counted=counted,
        )

    await run_devices([cuff], visitors, directory=directory, announce=announce)


async def run_devices(
    devices: Sequence[Peripheral],
    visitors: Callable[[], Awaitable[None]],
    *,
    directory: Path,
    announce: Callable[[str], None],
) -> Never:
    """Runs until cancelled, also when the visitors have all been; leaves nothing behind.

    `directory` is for the bus. `announce` is called once with the bus address (for
    DBUS_SYSTEM_BUS_ADDRESS) when org.bluez is ready, and then `visitors` begins. Raises
    BusNotStarted.
    """
    async with private_bus(directory) as bus_address, virtual_bluez(bus_address) as adapter:
        for device in devices:
            adapter.place(device)
        announce(bus_address)
        await visitors()
        while True:
            await asyncio.Event().wait()
