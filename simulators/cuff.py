"""A virtual blood-pressure cuff: silent until somebody measures, then pushes what is unsent."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from edge_agent.devices.blood_pressure import (
    MEASUREMENT_UUID,
    SERVICE_UUID,
    BloodPressureReading,
    encode,
)
from simulators.bluez.names import assigned_uuid
from simulators.bluez.peripheral import (
    Advertisement,
    Characteristic,
    Flag,
    Link,
    Peripheral,
    Service,
    Transmitter,
)

FEATURE_UUID: Final = assigned_uuid(0x2A49)
MANUFACTURER_UUID: Final = assigned_uuid(0x2A29)
MODEL_UUID: Final = assigned_uuid(0x2A24)
BATTERY_LEVEL_UUID: Final = assigned_uuid(0x2A19)

_DEVICE_INFORMATION_UUID: Final = assigned_uuid(0x180A)
_BATTERY_UUID: Final = assigned_uuid(0x180F)
_FEATURES: Final = b"\x27\x00"  # body movement, cuff fit, irregular pulse, multiple bonds


@dataclass(frozen=True, slots=True)
class Habits:
    """How a cuff behaves, in seconds; the defaults are those of a common retail model."""

    window_seconds: float = 30.0
    """How long it advertises after a measurement."""
    pause_seconds: float = 1.0
    """How long it stays connected after its last result."""
    patience_seconds: float = 30.0
    """How long it stays connected to a central that does not want its results."""
    advertising_interval_seconds: float = 0.25


TYPICAL_HABITS: Final = Habits()


class Cuff(Peripheral):
    """Each result is kept until a central has confirmed it, and is not sent again after that."""

    def __init__(
        self,
        *,
        address: str,
        name: str = "Virtual Cuff",
        manufacturer: str = "Virtual Instruments",
        model: str = "VC-1",
        battery_percent: int = 80,
        habits: Habits = TYPICAL_HABITS,
    ) -> None:
        self.address = address
        self.name = name
        self.services = _services(manufacturer, model, battery_percent)
        self._habits = habits
        self._unsent: deque[bytes] = deque()
        self._transmitter: Transmitter | None = None

    @property
    def unsent(self) -> tuple[bytes, ...]:
        """The frames that no central has confirmed, oldest first."""
        return tuple(self._unsent)

    def measure(self, reading: BloodPressureReading) -> None:
        """Somebody has measured: `reading` is the result."""
        self.measure_frame(encode(reading))

    def measure_frame(self, frame: bytes) -> None:
        """Somebody has measured, and the cuff will send exactly these bytes."""
        self._unsent.append(frame)
        if self._transmitter is not None:
            self._transmitter.advertise(
                Advertisement(
                    service_uuids=(SERVICE_UUID,),
                    interval_seconds=self._habits.advertising_interval_seconds,
                ),
                seconds=self._habits.window_seconds,
            )

    def on_placed(self, transmitter: Transmitter) -> None:
        self._transmitter = transmitter

    async def on_connect(self, link: Link) -> None:
        while True:
            await asyncio.sleep(self._habits.patience_seconds)
            if not link.subscribed(MEASUREMENT_UUID):
                link.hang_up()

    async def on_subscribe(self, link: Link, uuid: str) -> None:
        while True:
            while self._unsent:
                await link.indicate(uuid, self._unsent[0])
                self._unsent.popleft()
            await asyncio.sleep(self._habits.pause_seconds)
            if not self._unsent:
                link.hang_up()

    def on_disconnect(self) -> None:
        if not self._unsent and self._transmitter is not None:
            self._transmitter.silence()


def _services(manufacturer: str, model: str, battery_percent: int) -> tuple[Service, ...]:
    def readable(uuid: str, value: bytes) -> Characteristic:
        return Characteristic(uuid, (Flag.READ,), value)

    return (
        Service(
            _DEVICE_INFORMATION_UUID,
            (
                readable(MANUFACTURER_UUID, manufacturer.encode()),
                readable(MODEL_UUID, model.encode()),
            ),
        ),
        Service(_BATTERY_UUID, (readable(BATTERY_LEVEL_UUID, bytes((battery_percent,))),)),
        Service(
            SERVICE_UUID,
            (
                Characteristic(MEASUREMENT_UUID, (Flag.INDICATE,)),
                readable(FEATURE_UUID, _FEATURES),
            ),
        ),
    )
