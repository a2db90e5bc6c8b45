"""What is said to a device once the link is open: to a cuff, which pushes, and to a meter."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contract.errors import DecodeError, LinkLost
from edge_agent.devices import battery, blood_pressure, current_time, date_time, glucose, racp
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose_context import CONTEXT_UUID
from edge_agent.devices.model import ClockMoment, Model, Sends
from edge_agent.devices.racp_download import Download
from edge_agent.radio.link import Arrived, Link, Refused

_STRAGGLER_SECONDS = 0.2
_RACP_SECONDS = 15.0
_BATTERY_SECONDS = 3.0

Keep = Callable[[Arrived], None]
"""Keeps a frame durably before it returns: the device may never send it again."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the station remembers of a meter: the newest record that it has."""

    sequence: int | None = None
    base_time: DeviceTime | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for the first frame, and for the next ones where the model says nothing."""

    first_seconds: float
    idle_seconds: float | None = None


class Conversation:
    """One conversation with one device, from the open link until it hangs up or goes quiet.

    `now` gives the station's local time for the device's clock, or None while it is not to be
    trusted; then no clock is written.
    """

    def __init__(
        self,
        link: Link,
        model: Model,
        keep: Keep,
        patience: Patience,
        now: Callable[[], datetime | None],
    ) -> None:
        self._link = link
        self._model = model
        self._keep = keep
        self._first_seconds = patience.first_seconds
        self._idle_seconds = patience.idle_seconds or model.idle_seconds
        self._now = now

    async def with_cuff(self) -> None:
        """Take every result that the cuff pushes; raises LinkLost if it breaks off."""
        await self._set_clock(ClockMoment.BEFORE_SUBSCRIBING)
        await asyncio.sleep(self._model.pause_before_subscribe_seconds)
        await self._watch_clock()
        if self._link.has(blood_pressure.INTERMEDIATE_UUID):
            await self._link.subscribe(blood_pressure.INTERMEDIATE_UUID)
        await self._link.subscribe(blood_pressure.MEASUREMENT_UUID)
        await self._take_all({blood_pressure.MEASUREMENT_UUID})
        await self._set_clock(ClockMoment.AFTER_READING)

    async def with_meter(self, known: Known) -> None:
        """Take the records that are new since `known`; raises LinkLost if it breaks off."""
        await self._set_clock(ClockMoment.BEFORE_SUBSCRIBING)
        await asyncio.sleep(self._model.pause_before_subscribe_seconds)
        await self._link.subscribe(glucose.MEASUREMENT_UUID)
        if self._link.has(CONTEXT_UUID):
            await self._link.subscribe(CONTEXT_UUID)
        if self._model.sends is Sends.NEWEST:
            await self._take_all({glucose.MEASUREMENT_UUID, CONTEXT_UUID})
        else:
            await self._download(known)
        await self._set_clock(ClockMoment.AFTER_READING)

    async def battery(self) -> int | None:
        """Its charge in percent if it tells; the last thing asked, for its loss costs nothing."""
        if not self._link.is_open:
            return None  # many a cuff hangs up after its last result
        try:
            async with asyncio.timeout(_BATTERY_SECONDS):
                told = await self._link.read(battery.LEVEL_UUID)
            return None if told is None else battery.decode(told)
        except (LinkLost, DecodeError, TimeoutError):
            return None

    async def _take_all(self, readings: set[str]) -> None:
        patience = self._first_seconds
        while (arrived := await self._link.next(patience)) is not None:
            if arrived.characteristic in readings:
                self._keep(arrived)
                patience = self._idle_seconds
            elif arrived.characteristic == current_time.CURRENT_TIME_UUID:
                await self._set_clock(ClockMoment.IN_REPLY)

    async def _download(self, known: Known) -> None:
        await self._link.subscribe(racp.CHARACTERISTIC_UUID)
        await asyncio.sleep(self._model.pause_before_request_seconds)
        download = Download(known.sequence, known.base_time, order=self._model.order)
        request: bytes | None = download.start()
        while download.ending is None:
            if request is not None and not await self._ask(request):
                request = download.timed_out()
                continue
            request = await self._listen(download)
        while (straggler := await self._link.next(_STRAGGLER_SECONDS)) is not None:
            self._keep_record(straggler)

    async def _listen(self, download: Download) -> bytes | None:
        """Hand what arrives next to `download`; returns the request to write next, if any."""
        arrived = await self._link.next(max(_RACP_SECONDS, self._idle_seconds))
        if arrived is None and self._link.is_open:
            return download.timed_out()
        if arrived is None:
            download.link_lost()
            return None
        self._keep_record(arrived)
        try:
            return _hear(download, arrived)
        except DecodeError:
            return None  # it is in the journal, and will be counted when that is read

    def _keep_record(self, arrived: Arrived) -> None:
        if arrived.characteristic in (glucose.MEASUREMENT_UUID, CONTEXT_UUID):
            self._keep(arrived)

    async def _ask(self, request: bytes) -> bool:
        try:
            await self._link.write(glucose.SERVICE_UUID, racp.CHARACTERISTIC_UUID, request)
        except Refused:
            return False
        return True

    async def _watch_clock(self) -> None:
        clock = self._model.clock
        replies = clock is not None and clock.moment is ClockMoment.IN_REPLY
        if clock is not None and replies and self._link.has(clock.characteristic):
            await self._link.subscribe(clock.characteristic)

    async def _set_clock(self, moment: ClockMoment) -> None:
        """Write the device's clock if this is the moment; a refusal loses nothing."""
        clock, now = self._model.clock, self._now()
        if clock is None or now is None or clock.moment is not moment:
            return
        if not self._link.is_open or not self._link.has(clock.characteristic):
            return
        if clock.characteristic == current_time.CURRENT_TIME_UUID:
            value = current_time.encode(current_time.at(now))
        else:
            value = date_time.encode(date_time.wall_clock(now))
        try:
            await self._link.write(clock.service, clock.characteristic, value)
        except Refused:
            return


def _hear(download: Download, arrived: Arrived) -> bytes | None:
    if arrived.characteristic == racp.CHARACTERISTIC_UUID:
        return download.response_received(arrived.data)
    if arrived.characteristic == CONTEXT_UUID:
        download.context_received(arrived.data)
    elif arrived.characteristic == glucose.MEASUREMENT_UUID:
        download.measurement_received(arrived.data)
    return None
