"""The habits of real cuffs, one by one, by what unmodified bleak sees of the virtual one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError, BleakGATTProtocolError

from edge_agent.devices import current_time, date_time
from edge_agent.devices.blood_pressure import (
    INTERMEDIATE_UUID,
    MEASUREMENT_UUID,
    SERVICE_UUID,
    BloodPressureReading,
    CuffPressure,
    Layout,
    decode,
    decode_cuff_pressure,
)
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.device_information import MANUFACTURER_NAME_UUID, decode_string
from edge_agent.devices.model import Clock, ClockMoment
from edge_agent.devices.models import MODELS, recognise
from simulators.bluez.peripheral import Bonding, Passkey
from simulators.catalogue import MAKES
from simulators.cuff import Cuff, Habits
from simulators.cuff_habits import MeanPressure, Pushes
from simulators.device_clock import ClockHabits
from tests.integration.radio import (
    CUFF_ADDRESS,
    Radio,
    collect,
    scanning,
    virtual_radio,
)

QUICK = Habits(
    window_seconds=2.0, pause_seconds=0.02, patience_seconds=2.0, advertising_interval_seconds=0.02
)
NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=timezone(timedelta(hours=8)))
READING = BloodPressureReading(118, 76, 90, pulse_bpm=70)
FRAMES = [bytes((0, systolic, 0, 70, 0, 0xFF, 0x07)) for systolic in (110, 120, 130)]
SET_IN_REPLY = ClockHabits(
    access=Clock(ClockMoment.IN_REPLY, current_time.SERVICE_UUID, current_time.CURRENT_TIME_UUID),
    begins_at=datetime(2017, 1, 1),  # noqa: DTZ001  # a device has no zone
    tolerance=timedelta(minutes=10),
)


def place(radio: Radio, habits: Habits) -> Cuff:
    """A cuff within range, on Monday 2 March 2026 at noon."""
    cuff = Cuff(address=CUFF_ADDRESS, habits=habits, now=lambda: NOON)
    radio.adapter.place(cuff)
    return cuff


async def sent_by(cuff: Cuff) -> list[bytes]:
    """What a central gets when the cuff's button is pressed."""
    async with scanning() as sightings:
        cuff.wake()
        device = await sightings.until(CUFF_ADDRESS)
    return await collect(device)


@asynccontextmanager
async def connected(cuff: Cuff) -> AsyncIterator[BleakClient]:
    """A connection to a cuff whose button is pressed just now."""
    async with scanning() as sightings:
        cuff.wake()
        device = await sightings.until(CUFF_ADDRESS)
    async with BleakClient(device) as client:
        yield client


@pytest.mark.parametrize(
    ("pushes", "sent"),
    [
        (Pushes.UNSENT, [FRAMES[:2], [], FRAMES[2:]]),
        (Pushes.NEWEST, [FRAMES[1:2], FRAMES[1:2], FRAMES[2:]]),
        (Pushes.EVERYTHING, [FRAMES[:2], FRAMES[:2], FRAMES]),
    ],
)
async def test_what_a_cuff_sends_at_each_connection(
    tmp_path: Path, pushes: Pushes, sent: list[list[bytes]]
) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, replace(QUICK, pushes=pushes))
        cuff.measure_frame(FRAMES[0])
        cuff.measure_frame(FRAMES[1])
        assert [await sent_by(cuff), await sent_by(cuff)] == sent[:2]
        cuff.measure_frame(FRAMES[2])
        assert await sent_by(cuff) == sent[2]
        assert cuff.unsent == ()


async def test_a_full_memory_forgets_the_oldest(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, replace(QUICK, pushes=Pushes.EVERYTHING, memory_size=2))
        for frame in FRAMES:
            cuff.measure_frame(frame)
        assert await sent_by(cuff) == FRAMES[1:]


async def test_a_link_that_breaks_in_a_transfer_breaks_only_once(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, replace(QUICK, drops_after=1))
        for frame in FRAMES:
            cuff.measure_frame(frame)
        assert await sent_by(cuff) == FRAMES[:1]
        assert await sent_by(cuff) == FRAMES[1:]


@pytest.mark.parametrize(
    ("habits", "frame"),
    [
        (QUICK, "04 7600 4c00 5a00 4600"),
        (replace(QUICK, mean_pressure=MeanPressure.ZERO), "04 7600 4c00 0000 4600"),
        (replace(QUICK, mean_pressure=MeanPressure.ABSENT), "04 7600 4c00 ff07 4600"),
        (replace(QUICK, user_slot=1), "0c 7600 4c00 5a00 4600 01"),
        (replace(QUICK, kilopascal=True), "05 9df0 65f0 0c00 4600"),
        (replace(QUICK, layout=Layout.BEURER_BM85, user_slot=1), "44 7600 4c00 5a00 0046 01"),
    ],
)
async def test_how_a_cuff_lays_out_a_reading(tmp_path: Path, habits: Habits, frame: str) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, habits)
        cuff.measure(READING)
        assert await sent_by(cuff) == [bytes.fromhex(frame)]


async def test_a_failed_measurement_has_no_number_in_it(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, QUICK)
        cuff.fail()
        (frame,) = await sent_by(cuff)
        assert decode(frame) == BloodPressureReading(None, None, None, pulse_bpm=None)
        assert len(frame) == 9


@pytest.mark.parametrize(
    ("clock", "years_and_hours"),
    [
        (ClockHabits(), [(2026, 12), (2026, 12)]),
        (ClockHabits(begins_at=datetime(2020, 1, 1)), [(2020, 0), (2020, 0)]),  # noqa: DTZ001
        (ClockHabits(off_by=timedelta(hours=-8)), [(2026, 4), (2026, 4)]),
        (ClockHabits(jumps_by=timedelta(days=366)), [(2026, 12), (2027, 12)]),
    ],
    ids=["right", "never set", "hours off", "jumping"],
)
async def test_a_reading_bears_what_the_clock_of_the_cuff_showed(
    tmp_path: Path, clock: ClockHabits, years_and_hours: list[tuple[int, int]]
) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, replace(QUICK, clock=clock))
        cuff.measure(READING)
        cuff.measure(READING)
        times = [decode(frame).device_time for frame in await sent_by(cuff)]
        assert [(time.year, time.hour) for time in times if time] == years_and_hours


async def test_a_date_time_among_the_results_can_be_set(tmp_path: Path) -> None:
    access = Clock(ClockMoment.BEFORE_SUBSCRIBING, SERVICE_UUID, date_time.CHARACTERISTIC_UUID)
    clock = ClockHabits(access=access, off_by=timedelta(hours=8))
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, replace(QUICK, clock=clock))
        async with connected(cuff) as client:
            offered = client.services.get_characteristic(date_time.CHARACTERISTIC_UUID)
            assert offered is not None
            assert offered.service_uuid == SERVICE_UUID
            shown = bytes(await client.read_gatt_char(offered))
            assert date_time.decode(shown).hour == 20
            noon = date_time.encode(date_time.wall_clock(NOON))
            await client.write_gatt_char(offered, noon, response=True)
        cuff.measure(READING)
        (frame,) = await sent_by(cuff)
        assert decode(frame).device_time == DeviceTime(2026, 3, 2, 12, 0, 0)


async def test_a_clock_may_be_set_only_in_reply_and_only_if_it_is_wrong(tmp_path: Path) -> None:
    right = current_time.encode(current_time.at(NOON))
    told: asyncio.Queue[bytes] = asyncio.Queue()

    async def refusal(client: BleakClient) -> int:
        late = current_time.encode(current_time.at(NOON + timedelta(minutes=10)))
        with pytest.raises(BleakError) as refused:
            await client.write_gatt_char(current_time.CURRENT_TIME_UUID, late, response=True)
        return refused.value.code if isinstance(refused.value, BleakGATTProtocolError) else 0

    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, replace(QUICK, clock=SET_IN_REPLY))
        async with connected(cuff) as client:
            assert await refusal(client) == 0x03
            await client.start_notify(
                current_time.CURRENT_TIME_UUID, lambda _, value: told.put_nowait(bytes(value))
            )
            assert current_time.decode(await told.get()).time == (2017, 1, 1, 0, 0, 0)
            await client.write_gatt_char(current_time.CURRENT_TIME_UUID, right, response=True)
            assert await refusal(client) == 0x80
        cuff.measure(READING)
        (frame,) = await sent_by(cuff)
        assert decode(frame).device_time == DeviceTime(2026, 3, 2, 12, 0, 0)


async def test_the_pressure_in_the_cuff_can_be_watched(tmp_path: Path) -> None:
    pressures: asyncio.Queue[CuffPressure] = asyncio.Queue()
    results: asyncio.Queue[bytes] = asyncio.Queue()
    async with virtual_radio(tmp_path) as radio, scanning() as sightings:
        cuff = place(radio, replace(QUICK, shows_inflation=True, pause_seconds=0.001))
        cuff.inflate(20)  # it can be found while it measures
        async with BleakClient(await sightings.until(CUFF_ADDRESS)) as client:
            await client.start_notify(
                MEASUREMENT_UUID, lambda _, frame: results.put_nowait(bytes(frame))
            )
            await client.start_notify(
                INTERMEDIATE_UUID,
                lambda _, frame: pressures.put_nowait(decode_cuff_pressure(bytes(frame))),
            )
            for mmhg in (90, 160):
                cuff.inflate(mmhg)
                assert await pressures.get() == CuffPressure(mmhg)
            cuff.measure_frame(FRAMES[0])
            assert await results.get() == FRAMES[0]


@pytest.mark.parametrize("bonding", [Bonding.NONE, Bonding.JUST_WORKS, Passkey(123456)], ids=str)
async def test_a_cuff_that_wants_a_bond_sends_nothing_without(
    tmp_path: Path, bonding: Bonding | Passkey
) -> None:
    async with virtual_radio(tmp_path) as radio:
        cuff = place(radio, replace(QUICK, bonding=bonding, encrypted=True))
        cuff.measure_frame(FRAMES[0])
        async with connected(cuff) as client:
            if bonding is Bonding.JUST_WORKS:
                await client.pair()
                await client.start_notify(MEASUREMENT_UUID, lambda _, __: None)
            else:
                with pytest.raises(BleakError, match="Not paired"):
                    await client.start_notify(MEASUREMENT_UUID, lambda _, __: None)
                assert cuff.unsent == (FRAMES[0],)


async def test_the_catalogue_has_every_known_model_and_each_is_recognised(tmp_path: Path) -> None:
    assert [make.model for make in MAKES.values()] == list(MODELS)
    heard: asyncio.Queue[tuple[BLEDevice, AdvertisementData]] = asyncio.Queue()
    addresses = {f"A4:C1:38:00:01:{n:02X}": name for n, name in enumerate(MAKES)}
    seen: dict[str, str] = {}
    async with (
        virtual_radio(tmp_path) as radio,
        BleakScanner(lambda device, advert: heard.put_nowait((device, advert))),
    ):
        for address, name in addresses.items():
            device = MAKES[name].build(address=address, passkey=123456, now=lambda: NOON)
            radio.adapter.place(device)
            device.wake()
        while len(seen) < len(MAKES):
            found, advert = await heard.get()
            name = addresses[found.address]
            manufacturer = MAKES[name].manufacturer if name == "taidoc-meter" else None
            model = recognise(
                name=advert.local_name, company_ids=advert.manufacturer_data,
                service_uuids=advert.service_uuids, manufacturer=manufacturer,
            )  # fmt: skip
            assert model is MAKES[name].model
            seen[found.address] = name
        async with BleakClient(await _device(heard, addresses, "taidoc-meter")) as client:
            value = bytes(await client.read_gatt_char(MANUFACTURER_NAME_UUID))
            assert decode_string(value) == "TaiDoc"


async def _device(
    heard: "asyncio.Queue[tuple[BLEDevice, AdvertisementData]]", names: dict[str, str], name: str
) -> BLEDevice:
    while True:
        device, _ = await heard.get()
        if names[device.address] == name:
            return device
