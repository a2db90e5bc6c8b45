"""A central that talks with a virtual glucose meter through unmodified bleak."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta, timezone
from typing import Final

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakGATTProtocolError

from edge_agent.devices import current_time, racp
from edge_agent.devices.glucose import (
    CONTEXT_UUID,
    MEASUREMENT_UUID,
    SERVICE_UUID,
    GlucoseReading,
    decode_measurement,
)
from edge_agent.devices.model import Clock, ClockMoment
from edge_agent.devices.racp import OpCode, Outcome, RecordCount, Response, decode_response
from simulators.meter import Meter, MeterHabits
from simulators.meter_habits import StripResult
from tests.integration.radio import Radio, Sightings

METER_ADDRESS: Final = "A4:C1:38:00:00:03"
NOON: Final = datetime(2026, 3, 2, 12, 0, 0, tzinfo=timezone(timedelta(hours=8)))
QUICK: Final = MeterHabits(advertising_interval_seconds=0.02, record_seconds=0.001, idle_seconds=5)
DONE: Final = Response(OpCode.REPORT, Outcome.SUCCESS)
CURRENT_TIME: Final = Clock(
    ClockMoment.AFTER_READING, current_time.SERVICE_UUID, current_time.CURRENT_TIME_UUID
)


@contextmanager
def refused_with(code: int) -> Iterator[None]:
    """Whatever is written in the block is refused with this ATT error code."""
    with pytest.raises(BleakGATTProtocolError) as refusal:
        yield
    assert refusal.value.code == code


def place_meter(radio: Radio, habits: MeterHabits) -> Meter:
    """A meter within range, on Monday 2 March 2026 at noon."""
    meter = Meter(address=METER_ADDRESS, habits=habits, now=lambda: NOON)
    radio.adapter.place(meter)
    return meter


def fill(meter: Meter, count: int) -> None:
    """Earlier people's records, 5.1 mmol/L and rising by 0.1, an hour apart."""
    start = NOON - timedelta(hours=count)
    meter.stock(
        (start + timedelta(hours=n), StripResult(glucose_mmol_l=round(5.1 + n / 10, 1)))
        for n in range(count)
    )


class Collector:
    """What one connection has brought."""

    def __init__(self, client: BleakClient, lost: asyncio.Event) -> None:
        self.client = client
        self.lost = lost
        self.frames: list[bytes] = []
        self.contexts: list[bytes] = []
        self.arrived = asyncio.Event()
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    @property
    def readings(self) -> list[GlucoseReading]:
        """The records that came, in order."""
        return [decode_measurement(frame) for frame in self.frames]

    @property
    def sequences(self) -> list[int]:
        """The numbers of the records that came, in order."""
        return [reading.sequence for reading in self.readings]

    async def listen(self) -> None:
        """Subscribes to records, contexts if there are any, and answers."""
        await self.client.start_notify(MEASUREMENT_UUID, self._record)
        if self.client.services.get_characteristic(CONTEXT_UUID) is not None:
            await self.client.start_notify(CONTEXT_UUID, self._context)
        await self.client.start_notify(racp.CHARACTERISTIC_UUID, self._answer)

    async def write(self, request: bytes) -> None:
        """Writes to the control point."""
        await self.client.write_gatt_char(racp.CHARACTERISTIC_UUID, request, response=True)

    async def answer(self) -> RecordCount | Response:
        """The next answer of the control point."""
        return decode_response(await self._answers.get())

    async def ask(self, request: bytes) -> RecordCount | Response:
        """Writes a request and waits for its answer; what came before is forgotten."""
        self.frames.clear()
        self.contexts.clear()
        await self.write(request)
        return await self.answer()

    async def until(self, records: int) -> None:
        """Waits until so many records have come."""
        while len(self.frames) < records:
            self.arrived.clear()
            await self.arrived.wait()

    def _record(self, _: BleakGATTCharacteristic, frame: bytearray) -> None:
        self.frames.append(bytes(frame))
        self.arrived.set()

    def _context(self, _: BleakGATTCharacteristic, frame: bytearray) -> None:
        self.contexts.append(bytes(frame))

    def _answer(self, _: BleakGATTCharacteristic, frame: bytearray) -> None:
        self._answers.put_nowait(bytes(frame))


@asynccontextmanager
async def connected(meter: Meter, *, listening: bool = True) -> AsyncIterator[Collector]:
    """A connection to a meter whose button is pressed just now."""
    sightings = Sightings()
    async with BleakScanner(sightings.see, service_uuids=[SERVICE_UUID]):
        meter.wake()
        device = await sightings.until(meter.address)
    lost = asyncio.Event()
    async with BleakClient(device, disconnected_callback=lambda _: lost.set()) as client:
        collector = Collector(client, lost)
        if listening:
            await collector.listen()
        yield collector
