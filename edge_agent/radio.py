"""The only door to bleak: wait for a cuff, take every indication it has, let it go."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from contract.errors import LinkLost
from edge_agent import bluez
from edge_agent.devices.blood_pressure import MEASUREMENT_UUID, SERVICE_UUID
from edge_agent.telemetry import Telemetry

# What bleak and its D-Bus client raise when a device, the adapter or BlueZ goes away.
_BROKEN_LINK = (BleakError, OSError, EOFError, TimeoutError)


class Timing(NamedTuple):
    """How long to wait, in seconds, at each step of a conversation with a cuff."""

    connect: float
    first_reading: float
    idle: float
    cool_down: float
    retry: float


class Radio:
    """Listens for the cuffs of one station.

    `on_frame(address, data)` must keep the frame durably before it returns: BlueZ has confirmed
    the indication already, so the cuff will not send it again.
    """

    def __init__(
        self,
        *,
        cuffs: frozenset[str],
        adapter: str,
        timing: Timing,
        on_frame: Callable[[str, bytes], None],
        telemetry: Telemetry,
    ) -> None:
        self._cuffs = cuffs
        self._adapter = adapter
        self._timing = timing
        self._on_frame = on_frame
        self._telemetry = telemetry
        self._seen: asyncio.Queue[BLEDevice] = asyncio.Queue(maxsize=1)

    async def run(self) -> None:
        """Scan and converse for ever, starting over whenever BlueZ or the adapter is lost."""
        while True:
            try:
                await self._scan()
            except LinkLost as lost:
                self._telemetry.link_lost(f"scanning stopped ({lost})")
            await asyncio.sleep(self._timing.retry)

    async def _scan(self) -> None:
        gone = asyncio.create_task(bluez.until_gone(), name="bluez watch")
        try:
            async with BleakScanner(
                self._advertised, service_uuids=[SERVICE_UUID], bluez={"adapter": self._adapter}
            ):
                while True:
                    await self._converse(await self._next_cuff(gone))
        except _BROKEN_LINK as error:
            _let_cancellation_through()
            raise LinkLost(_reason(error)) from error
        finally:
            gone.cancel()

    async def _next_cuff(self, gone: "asyncio.Task[LinkLost]") -> BLEDevice:
        seen = asyncio.create_task(self._seen.get(), name="next cuff")
        try:
            await asyncio.wait({seen, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                raise gone.result()
            return seen.result()
        finally:
            seen.cancel()

    def _advertised(self, device: BLEDevice, _: AdvertisementData) -> None:
        # Also called for any other change BlueZ reports of the device; one at a time is enough.
        if device.address.upper() in self._cuffs and self._seen.empty():
            self._seen.put_nowait(device)

    async def _converse(self, device: BLEDevice) -> None:
        """One conversation; a cuff that breaks it off is heard again when it next advertises."""
        frames = 0
        try:
            frames = await self._take_frames(device)
        except _BROKEN_LINK as error:
            _let_cancellation_through()
            self._telemetry.link_lost(f"conversation broke off ({_reason(error)})")
        else:
            self._telemetry.conversation_ended(frames)
        # Hanging up changes the device's properties, which looks like one more advertisement.
        await asyncio.sleep(self._timing.cool_down)
        if not self._seen.empty():
            self._seen.get_nowait()

    async def _take_frames(self, device: BLEDevice) -> int:
        arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        taken = 0
        async with BleakClient(
            device,
            disconnected_callback=lambda _: arrived.put_nowait(None),
            timeout=self._timing.connect,
        ) as client:
            # A plain queue, filled at once: the order of indications is the cuff's own, and an
            # exception in a callback would be swallowed by the D-Bus library.
            await client.start_notify(
                MEASUREMENT_UUID, lambda _, data: arrived.put_nowait(bytes(data))
            )
            while (frame := await self._next(arrived, first=not taken)) is not None:
                self._on_frame(device.address, frame)
                self._telemetry.frame_received()
                taken += 1
        return taken

    async def _next(self, arrived: asyncio.Queue[bytes | None], *, first: bool) -> bytes | None:
        """The next frame, or None when the cuff hung up or went quiet."""
        patience = self._timing.first_reading if first else self._timing.idle
        try:
            async with asyncio.timeout(patience):
                return await arrived.get()
        except TimeoutError:
            return None


def _let_cancellation_through() -> None:
    """Letting go of a BlueZ that is gone fails too, and that failure hides a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _reason(error: BaseException) -> str:
    """Words for the log without the device's address, which identifies it."""
    return type(error).__name__
