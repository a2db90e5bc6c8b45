"""What the records of the virtual glucose meter hold, by what unmodified bleak is sent."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bleak.exc import BleakError

from contract.screening import GlucoseLimit
from edge_agent.devices import current_time, date_time, racp
from edge_agent.devices.glucose import (
    SERVICE_UUID,
    SampleLocation,
    SampleType,
    SensorStatus,
    Unit,
    decode_context,
)
from edge_agent.devices.glucose_context import MealMarker
from edge_agent.devices.model import Clock, ClockMoment
from edge_agent.devices.racp import RecordCount
from edge_agent.devices.sequence_numbers import Order
from simulators.bluez.peripheral import Bonding, Passkey
from simulators.device_clock import ClockHabits
from simulators.meter_habits import (
    NO_RESULT,
    TOO_HIGH,
    TOO_LOW,
    StripResult,
    control_solution,
    ketone,
)
from tests.integration.meters import (
    CURRENT_TIME,
    DONE,
    NOON,
    QUICK,
    connected,
    fill,
    place_meter,
    refused_with,
)
from tests.integration.radio import virtual_radio

DATE_TIME = Clock(ClockMoment.AFTER_READING, SERVICE_UUID, date_time.CHARACTERISTIC_UUID)


@pytest.mark.parametrize(
    ("unit", "flags_and_word"),
    [(Unit.KILOGRAM_PER_LITRE, (0x02, 0xB05C)), (Unit.MOL_PER_LITRE, (0x06, 0xC033))],
)
async def test_a_value_travels_in_the_unit_of_the_meter(
    tmp_path: Path, unit: Unit, flags_and_word: tuple[int, int]
) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, unit=unit, context=False))
        fill(meter, 1)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
            (frame,) = collector.frames
            assert (frame[0], int.from_bytes(frame[10:12], "little")) == flags_and_word


async def test_strips_tell_more_than_blood_glucose(tmp_path: Path) -> None:
    strips = (control_solution(6.0), ketone(1.3), TOO_LOW, TOO_HIGH, NO_RESULT)
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, QUICK)
        for strip in strips:
            meter.measure(strip)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
            control, ketones, low, high, nothing = collector.readings
            assert control.sample_type is SampleType.CONTROL_SOLUTION
            assert control.sample_location is SampleLocation.CONTROL_SOLUTION
            assert ketones.glucose_mmol_l == pytest.approx(13 / 18.0156, abs=1e-3)
            (context,) = (decode_context(frame) for frame in collector.contexts)
            assert (context.sequence, context.meal) == (2, MealMarker.KETONE)
            assert (low.range_flag, high.range_flag) == (GlucoseLimit.LO, GlucoseLimit.HI)
            assert nothing.status is SensorStatus.SAMPLE_TOO_SMALL
            assert (nothing.glucose_mmol_l, nothing.range_flag) == (None, None)


async def test_a_filler_reads_as_minus_a_tenth(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, fillers=True))
        fill(meter, 1)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
            assert collector.sequences == [1, 2]
            assert [frame[10:12].hex() for frame in collector.frames] == ["5cb0", "ffff"]


async def test_numbers_wrap_and_begin_again_after_a_reset(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, first_sequence=65534))
        fill(meter, 4)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
            assert collector.sequences == [65534, 65535, 0, 1]
            assert await collector.ask(racp.report_last()) == DONE
            assert collector.sequences == [1]
            meter.reset()
            assert await collector.ask(racp.count_all()) == RecordCount(0)
            fill(meter, 1)
            assert await collector.ask(racp.report_all()) == DONE
            assert collector.sequences == [65534]


async def test_a_meter_may_number_backwards_from_the_newest(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, order=Order.DESCENDING))
        fill(meter, 2)
        meter.measure(StripResult(glucose_mmol_l=9.0, meal=MealMarker.FASTING))
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
            assert collector.sequences == [0, 1, 2]
            assert [round(reading.glucose_mmol_l or 0) for reading in collector.readings] == [
                9,
                5,
                5,
            ]
            assert await collector.ask(racp.report_first()) == DONE
            assert collector.sequences == [0]
            assert [decode_context(frame).sequence for frame in collector.contexts] == [0]


async def test_a_meter_full_of_records_forgets_the_oldest(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, memory_size=3))
        fill(meter, 5)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
            assert collector.sequences == [3, 4, 5]


async def test_a_record_bears_what_the_clock_of_the_meter_showed(tmp_path: Path) -> None:
    unset = ClockHabits(begins_at=datetime(2017, 1, 1))  # noqa: DTZ001  # a device has no zone
    jumping = ClockHabits(off_by=timedelta(hours=-9), jumps_by=timedelta(days=1))
    shown: list[list[tuple[int, ...]]] = []
    for clock in (unset, jumping):
        async with virtual_radio(tmp_path) as radio:
            meter = place_meter(radio, replace(QUICK, clock=clock))
            for _ in range(2):
                meter.measure(TOO_LOW)
            async with connected(meter) as collector:
                assert await collector.ask(racp.report_all()) == DONE
                shown.append([reading.base_time[:4] for reading in collector.readings])
    assert shown == [[(2017, 1, 1, 0)] * 2, [(2026, 3, 2, 3), (2026, 3, 3, 3)]]


async def test_base_time_and_offset_add_up_to_what_the_clock_showed(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, time_offset_minutes=480))
        meter.measure(TOO_LOW)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
            (reading,) = collector.readings
            assert (reading.base_time.hour, reading.time_offset_minutes) == (4, 480)


@pytest.mark.parametrize("clock", [CURRENT_TIME, DATE_TIME], ids=["current time", "date time"])
async def test_a_clock_can_be_set(tmp_path: Path, clock: Clock) -> None:
    habits = replace(QUICK, clock=ClockHabits(access=clock, off_by=timedelta(hours=5)))
    plain = date_time.encode(date_time.wall_clock(NOON))
    right = plain if clock is DATE_TIME else current_time.encode(current_time.at(NOON))
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, habits)
        async with connected(meter) as collector:
            uuid = clock.characteristic
            for nonsense in (b"\x00", b"\xea\x07\x02\x1f" + right[4:]):
                with refused_with(0xFF):
                    await collector.client.write_gatt_char(uuid, nonsense, response=True)
            assert await collector.client.read_gatt_char(uuid) != right
            await collector.client.write_gatt_char(uuid, right, response=True)
            assert await collector.client.read_gatt_char(uuid) == right
            meter.measure(TOO_LOW)
            assert await collector.ask(racp.report_all()) == DONE
            assert collector.frames[0][3:10] == plain


async def test_a_meter_that_wants_a_bond_tells_nothing_without(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        habits = replace(QUICK, encrypted=True, bonding=Passkey(123456))
        meter = place_meter(radio, habits)
        fill(meter, 1)
        async with connected(meter, listening=False) as collector:
            with pytest.raises(BleakError, match="Not paired"):
                await collector.listen()


async def test_a_meter_that_bonds_without_asking_tells_all(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, encrypted=True, bonding=Bonding.JUST_WORKS))
        fill(meter, 1)
        async with connected(meter, listening=False) as collector:
            await collector.client.pair()
            await collector.listen()
            assert await collector.ask(racp.report_all()) == DONE
            assert collector.sequences == [1]
