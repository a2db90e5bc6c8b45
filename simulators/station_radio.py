"""The radio around one station: a private bus, a virtual BlueZ, a cuff and its visitors."""

import asyncio
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Never

from edge_agent.devices.blood_pressure import BloodPressureReading
from simulators.bluez.daemon import virtual_bluez
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
    """Runs until cancelled, also when the visitors have all been; leaves nothing behind.

    `directory` is for the bus, `address` and `name` are the cuff's. `announce` is called once
    with the bus address (for DBUS_SYSTEM_BUS_ADDRESS) when org.bluez is ready, `counted` with
    every reading that was taken. Raises BusNotStarted.
    """
    async with private_bus(directory) as bus_address, virtual_bluez(bus_address) as adapter:
        cuff = Cuff(address=address, name=name)
        adapter.place(cuff)
        announce(bus_address)
        await visit(
            cuff, readings, mean_interval_seconds=mean_interval_seconds, rng=rng, counted=counted
        )
        while True:
            await asyncio.Event().wait()
