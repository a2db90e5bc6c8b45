"""The people who come in and measure their blood pressure, one after the other."""

import asyncio
import random
from collections.abc import Callable, Iterator

from edge_agent.devices.blood_pressure import BloodPressureReading
from simulators.cuff import Cuff


async def visit(
    cuff: Cuff,
    readings: Iterator[BloodPressureReading],
    *,
    mean_interval_seconds: float,
    rng: random.Random,
    counted: Callable[[BloodPressureReading], None],
) -> None:
    """Measures each of `readings` on `cuff` after a wait, and tells `counted`.

    A measurement itself takes half of the mean interval; the next person comes at random.
    """
    half = mean_interval_seconds / 2
    for reading in readings:
        await asyncio.sleep(half + rng.expovariate(1 / half))
        cuff.measure(reading)
        counted(reading)
