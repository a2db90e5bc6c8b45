"""A virtual blood-pressure cuff: silent until somebody measures, then pushes its results."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from edge_agent.devices import battery, device_information
from edge_agent.devices.blood_pressure import (
    FEATURE_UUID,
    INTERMEDIATE_UUID,
    MEASUREMENT_UUID,
    SERVICE_UUID,
    BloodPressureReading,
    CuffPressure,
    Feature,
    encode_cuff_pressure,
    encode_feature,
)
from simulators.bluez.peripheral import (
    Advertisement,
    Characteristic,
    Flag,
    Link,
    Peripheral,
    Service,
    Transmitter,
)
from simulators.cuff_habits import FAILED, TYPICAL_HABITS, Pushes, frame_of
from simulators.cuff_habits import Habits as Habits
from simulators.device_clock import DeviceClock, local_time
from simulators.device_services import identity, readable

MANUFACTURER_UUID: Final = device_information.MANUFACTURER_NAME_UUID
MODEL_UUID: Final = device_information.MODEL_NUMBER_UUID
BATTERY_LEVEL_UUID: Final = battery.LEVEL_UUID

_FEATURES: Final = (
    Feature.BODY_MOVEMENT | Feature.CUFF_FIT | Feature.IRREGULAR_PULSE | Feature.MULTIPLE_BONDS
)


class Cuff(Peripheral):
    """By default each result is kept until a central has confirmed it, and not sent after that."""

    def __init__(
        self,
        *,
        address: str,
        name: str = "Virtual Cuff",
        manufacturer: str = "Virtual Instruments",
        model: str = "VC-1",
        battery_percent: int = 80,
        habits: Habits = TYPICAL_HABITS,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        self.address = address
        self.name = name
        self.bonding = habits.bonding
        self.clock = None if habits.clock is None else DeviceClock(habits.clock, now)
        services: tuple[Service, ...] = (
            *identity(manufacturer, model, battery_percent),
            _service(habits),
        )
        if self.clock is not None:
            services = self.clock.offered_in(services, encrypted=habits.encrypted)
        self.services = services
        self._habits = habits
        self._memory: deque[bytes] = deque(maxlen=habits.memory_size)
        self._unsent: deque[bytes] = deque()
        self._outgoing: deque[bytes] | None = None
        self._drops_after = habits.drops_after
        self._measuring = False
        self._transmitter: Transmitter | None = None
        self._link: Link | None = None

    @property
    def unsent(self) -> tuple[bytes, ...]:
        """The frames that no central has confirmed, oldest first."""
        return tuple(self._unsent)

    def inflate(self, mmhg: float) -> None:
        """Somebody is measuring, and this is the pressure in the cuff just now."""
        self._measuring = True
        link = self._link
        if link is None:
            self._advertise()
        elif link.subscribed(INTERMEDIATE_UUID):
            link.notify(INTERMEDIATE_UUID, encode_cuff_pressure(CuffPressure(mmhg)))

    def measure(self, reading: BloodPressureReading) -> None:
        """Somebody has measured: `reading` is the result."""
        self.measure_frame(frame_of(reading, self._habits, self.clock))

    def fail(self) -> None:
        """Somebody has measured, and the cuff could not tell."""
        self.measure_frame(FAILED)

    def measure_frame(self, frame: bytes) -> None:
        """Somebody has measured, and the cuff will send exactly these bytes."""
        self._measuring = False
        self._memory.append(frame)
        self._unsent.append(frame)
        if self._outgoing is not None:
            self._outgoing.append(frame)
        if self.clock is not None:
            self.clock.tick_over()
        self._advertise()

    def wake(self) -> None:
        """Somebody has pressed the button that sends, without a new result."""
        self._advertise()

    def on_placed(self, transmitter: Transmitter) -> None:
        self._transmitter = transmitter

    async def on_connect(self, link: Link) -> None:
        self._link = link
        while True:
            await asyncio.sleep(self._habits.patience_seconds)
            if not link.subscribed(MEASUREMENT_UUID):
                link.hang_up()

    async def on_subscribe(self, link: Link, uuid: str) -> None:
        if uuid == MEASUREMENT_UUID:
            await self._push(link)
        elif self.clock is not None and self.clock.is_at(uuid):
            link.notify(uuid, self.clock.tell())

    def on_write(self, link: Link, uuid: str, value: bytes) -> None:
        if self.clock is None or not self.clock.is_at(uuid):
            super().on_write(link, uuid, value)
        else:
            self.clock.write(value)

    def on_read(self, uuid: str) -> bytes | None:
        return self.clock.value() if self.clock is not None and self.clock.is_at(uuid) else None

    def on_disconnect(self) -> None:
        self._link = None
        self._outgoing = None
        if self.clock is not None:
            self.clock.link_ended()
        if not self._unsent and self._transmitter is not None:
            self._transmitter.silence()

    async def _push(self, link: Link) -> None:
        outgoing = self._outgoing = deque(self._due())
        sent = 0
        while True:
            while outgoing:
                await link.indicate(MEASUREMENT_UUID, outgoing[0])
                self._confirmed(outgoing.popleft())
                sent += 1
                if sent == self._drops_after:
                    self._drops_after = None
                    link.drop()
            await asyncio.sleep(self._habits.pause_seconds)
            if not outgoing and not self._measuring:
                link.hang_up()

    def _due(self) -> tuple[bytes, ...]:
        """What a central that has just subscribed gets."""
        if self._habits.pushes is Pushes.UNSENT:
            return self.unsent
        memory = tuple(self._memory)
        return memory if self._habits.pushes is Pushes.EVERYTHING else memory[-1:]

    def _confirmed(self, frame: bytes) -> None:
        if self._habits.pushes is Pushes.NEWEST:
            self._unsent.clear()
        elif frame in self._unsent:
            self._unsent.remove(frame)

    def _advertise(self) -> None:
        if self._transmitter is not None:
            self._transmitter.advertise(
                Advertisement(
                    service_uuids=(SERVICE_UUID,),
                    manufacturer_data=self._habits.manufacturer_data,
                    interval_seconds=self._habits.advertising_interval_seconds,
                ),
                seconds=self._habits.window_seconds,
            )


def _service(habits: Habits) -> Service:
    intermediate = Characteristic(INTERMEDIATE_UUID, (Flag.NOTIFY,), encrypted=habits.encrypted)
    return Service(
        SERVICE_UUID,
        (
            Characteristic(MEASUREMENT_UUID, (Flag.INDICATE,), encrypted=habits.encrypted),
            readable(FEATURE_UUID, encode_feature(_FEATURES)),
            *((intermediate,) if habits.shows_inflation else ()),
        ),
    )
