"""A virtual glucose meter: it keeps every record, and tells what it is asked for."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from contract.quantities import MG_DL_PER_MMOL_L
from edge_agent.devices import date_time, racp
from edge_agent.devices.glucose import (
    CONTEXT_UUID,
    FEATURE_UUID,
    MEASUREMENT_UUID,
    SERVICE_UUID,
    Feature,
    GlucoseReading,
    Unit,
    encode_feature,
)
from edge_agent.devices.glucose_context import GlucoseContext, Tester
from edge_agent.devices.racp import Request
from edge_agent.devices.racp_download import Record
from simulators.bluez.peripheral import (
    Advertisement,
    Characteristic,
    Flag,
    Link,
    Peripheral,
    Service,
    Transmitter,
)
from simulators.control_point import ControlPoint
from simulators.device_clock import DeviceClock, local_time
from simulators.device_services import identity, readable
from simulators.meter_habits import FAULTLESS, StripResult
from simulators.meter_habits import MeterHabits as MeterHabits
from simulators.meter_memory import MeterMemory

_FEATURES: Final = (
    Feature.BATTERY_LOW
    | Feature.SAMPLE_SIZE
    | Feature.STRIP_INSERTION
    | Feature.RESULT_HIGH_OR_LOW
    | Feature.MULTIPLE_BONDS
)
# What 0xFFFF reads as, -0.1 of either unit, in mmol/L.
_FILLERS: Final = {
    Unit.KILOGRAM_PER_LITRE: -10_000 / MG_DL_PER_MMOL_L,
    Unit.MOL_PER_LITRE: -100.0,
}


class Meter(Peripheral):
    """Advertises after every test, and whenever its button is pressed, until it was heard out."""

    def __init__(
        self,
        *,
        address: str,
        name: str = "Virtual Meter",
        manufacturer: str = "Virtual Instruments",
        model: str = "VM-1",
        serial: str = "VM0000001",
        battery_percent: int = 80,
        habits: MeterHabits = FAULTLESS,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        self.address = address
        self.name = name
        self.bonding = habits.bonding
        self.clock = DeviceClock(habits.clock, now)
        self.services = self.clock.offered_in(
            (*identity(manufacturer, model, battery_percent, serial), _service(habits)),
            encrypted=habits.encrypted,
        )
        self._habits = habits
        self._memory = MeterMemory(
            size=habits.memory_size, order=habits.order, first_sequence=habits.first_sequence
        )
        self._control = ControlPoint(self._memory, habits)
        self._active = asyncio.Event()
        self._transmitter: Transmitter | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """What is stored, by ascending age of the numbers: the first one comes first."""
        return self._memory.records()

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was written to the control point, except what was refused outright."""
        return tuple(self._control.heard)

    def measure(self, result: StripResult) -> None:
        """Somebody has tested: the record is stored, and the meter can be reached."""
        self._keep(result, self.clock.time())
        self.clock.tick_over()
        self.wake()

    def stock(self, history: Iterable[tuple[datetime, StripResult]]) -> None:
        """Earlier people have tested, at times that the meter's clock showed."""
        for moment, result in history:
            self._keep(result, moment)

    def wake(self) -> None:
        """Somebody has pressed the button that sends."""
        self._control.delivered = False
        if self._transmitter is not None:
            self._transmitter.advertise(
                Advertisement(
                    service_uuids=(SERVICE_UUID,),
                    manufacturer_data=self._habits.manufacturer_data,
                    interval_seconds=self._habits.advertising_interval_seconds,
                ),
                seconds=self._habits.window_seconds,
            )

    def reset(self) -> None:
        """The battery was changed: the records are gone, and the numbers begin again."""
        self._memory.reset()

    def on_placed(self, transmitter: Transmitter) -> None:
        self._transmitter = transmitter

    async def on_connect(self, link: Link) -> None:
        while True:
            self._active.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._habits.idle_seconds):
                    await self._active.wait()
            if not self._active.is_set() and not self._control.running:
                link.hang_up()

    async def on_subscribe(self, link: Link, uuid: str) -> None:
        self._active.set()
        if uuid == racp.CHARACTERISTIC_UUID:
            await self._control.serve(link)
        elif uuid == MEASUREMENT_UUID and self._habits.pushes_newest:
            for record in self._memory.newest():
                self._control.send(link, record)
            self._control.delivered = True
        elif self.clock.is_at(uuid):
            link.notify(uuid, self.clock.tell())

    def on_write(self, link: Link, uuid: str, value: bytes) -> None:
        self._active.set()
        if uuid == racp.CHARACTERISTIC_UUID:
            self._control.write(link, value)
        elif self.clock.is_at(uuid):
            self.clock.write(value)
        else:
            super().on_write(link, uuid, value)

    def on_read(self, uuid: str) -> bytes | None:
        return self.clock.value() if self.clock.is_at(uuid) else None

    def on_disconnect(self) -> None:
        self.clock.link_ended()
        if self._control.delivered and self._transmitter is not None:
            self._transmitter.silence()

    def _keep(self, result: StripResult, moment: datetime) -> None:
        offset = self._habits.time_offset_minutes
        base_time = date_time.wall_clock(moment - timedelta(minutes=offset or 0))
        context = _context(result) if self._habits.context else None
        reading = GlucoseReading(
            0,
            base_time,
            offset,
            _shown(result.glucose_mmol_l, self._habits.unit),
            result.range_flag,
            result.sample_type,
            result.sample_location,
            result.status,
            context_follows=context is not None,
        )
        self._memory.keep(reading, context)
        if self._habits.fillers:
            filler = _FILLERS[self._habits.unit]
            self._memory.keep(GlucoseReading(0, base_time, offset, filler), None)


def _shown(mmol_l: float | None, unit: Unit) -> float | None:
    """A value as a display rounds it: whole mg/dL, or tenths of mmol/L."""
    if mmol_l is None:
        return None
    if unit is Unit.MOL_PER_LITRE:
        return round(mmol_l, 1)
    return round(mmol_l * MG_DL_PER_MMOL_L) / MG_DL_PER_MMOL_L


def _context(result: StripResult) -> GlucoseContext | None:
    if result.meal is None and result.carbohydrate is None:
        return None
    return GlucoseContext(0, carbohydrate=result.carbohydrate, meal=result.meal, tester=Tester.SELF)


def _service(habits: MeterHabits) -> Service:
    def guarded(uuid: str, *flags: Flag) -> Characteristic:
        return Characteristic(uuid, flags, encrypted=habits.encrypted)

    context = (guarded(CONTEXT_UUID, Flag.NOTIFY),) if habits.context else ()
    return Service(
        SERVICE_UUID,
        (
            guarded(MEASUREMENT_UUID, Flag.NOTIFY),
            *context,
            readable(FEATURE_UUID, encode_feature(_FEATURES)),
            guarded(racp.CHARACTERISTIC_UUID, Flag.WRITE, Flag.INDICATE),
        ),
    )
