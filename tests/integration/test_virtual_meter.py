"""The virtual glucose meter as unmodified bleak meets it: every habit, by what comes back."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from bleak import BleakScanner

from edge_agent.devices import current_time, device_information, racp
from edge_agent.devices.glucose import (
    FEATURE_UUID,
    MEASUREMENT_UUID,
    SERVICE_UUID,
    Feature,
    decode_feature,
)
from edge_agent.devices.racp import OpCode, Operator, Outcome, RecordCount, Response
from simulators.cuff import Cuff
from simulators.device_clock import ClockHabits
from simulators.meter import Meter
from simulators.meter_habits import TOO_LOW
from simulators.station_radio import run_devices
from tests.integration.meters import (
    CURRENT_TIME,
    DONE,
    METER_ADDRESS,
    NOON,
    QUICK,
    connected,
    fill,
    place_meter,
    refused_with,
)
from tests.integration.radio import (
    BEACON_ADDRESS,
    CUFF_ADDRESS,
    Sightings,
    system_bus_at,
    virtual_radio,
)

FOREVER = 3600.0


async def test_the_companion_services_can_be_read(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, clock=ClockHabits(access=CURRENT_TIME)))
        async with connected(meter, listening=False) as collector:
            client = collector.client
            assert (
                await client.read_gatt_char(device_information.SERIAL_NUMBER_UUID) == b"VM0000001"
            )
            feature = bytes(await client.read_gatt_char(FEATURE_UUID))
            assert Feature.RESULT_HIGH_OR_LOW in decode_feature(feature)
            shown = bytes(await client.read_gatt_char(current_time.CURRENT_TIME_UUID))
            assert current_time.decode(shown) == current_time.at(NOON)


async def test_every_operator_selects_its_records(tmp_path: Path) -> None:
    requests = {
        racp.report_all(): [1, 2, 3, 4, 5],
        racp.report_first(): [1],
        racp.report_last(): [5],
        racp.report_from(4): [4, 5],
        racp.report_up_to(2): [1, 2],
        racp.report_within(2, 4): [2, 3, 4],
    }
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, QUICK)
        fill(meter, 5)
        async with connected(meter) as collector:
            for request, sequences in requests.items():
                assert await collector.ask(request) == DONE
                assert collector.sequences == sequences
                counted = bytes((OpCode.COUNT,)) + request[1:]
                assert await collector.ask(counted) == RecordCount(len(sequences))
                assert collector.frames == []
            assert [request.op_code for request in meter.requests] == [1, 4] * 6


async def test_every_refusal_has_its_code(tmp_path: Path) -> None:
    refusals = {
        "02 01": Outcome.OP_CODE_UNSUPPORTED,  # nothing deletes the owner's records
        "09 01": Outcome.OP_CODE_UNSUPPORTED,
        "01 00": Outcome.INVALID_OPERATOR,
        "03 01": Outcome.INVALID_OPERATOR,
        "01 07": Outcome.OPERATOR_UNSUPPORTED,
        "01 05": Outcome.OPERATOR_UNSUPPORTED,  # a switch
        "01 01 01": Outcome.INVALID_OPERAND,
        "01 03": Outcome.INVALID_OPERAND,
        "01 03 01 05": Outcome.INVALID_OPERAND,
        "01 04 01 05 00 04 00": Outcome.INVALID_OPERAND,
        "01 03 02 EA 07 03 02 0C 00 00": Outcome.OPERAND_UNSUPPORTED,
        "01 03 01 06 00": Outcome.NO_RECORDS_FOUND,
    }
    async with virtual_radio(tmp_path) as radio:
        habits = replace(QUICK, unsupported_operators=frozenset({Operator.FIRST}))
        meter = place_meter(radio, habits)
        fill(meter, 5)
        async with connected(meter) as collector:
            for request, outcome in refusals.items():
                frame = bytes.fromhex(request)
                assert await collector.ask(frame) == Response(frame[0], outcome), request
            assert await collector.ask(racp.count_from(6)) == RecordCount(0)
        assert len(meter.records) == 5


async def test_a_request_needs_its_answers_and_records_to_be_enabled(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, QUICK)
        fill(meter, 1)
        async with connected(meter, listening=False) as collector:
            with refused_with(0xFD):
                await collector.write(racp.count_all())
            await collector.listen()
            await collector.client.stop_notify(MEASUREMENT_UUID)
            with refused_with(0xFD):
                await collector.write(racp.report_all())
            assert await collector.ask(racp.count_all()) == RecordCount(1)
            with refused_with(0x0D):
                await collector.write(b"\x01")


async def test_one_procedure_runs_at_a_time_and_an_abort_ends_it(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, record_seconds=FOREVER))
        fill(meter, 3)
        async with connected(meter) as collector:
            assert await collector.ask(racp.abort()) == Response(OpCode.ABORT, Outcome.SUCCESS)
            await collector.write(racp.report_all())
            await collector.until(records=1)
            with refused_with(0xFE):
                await collector.write(racp.count_all())
            await collector.write(racp.abort())
            assert await collector.answer() == Response(OpCode.ABORT, Outcome.SUCCESS)
            assert collector.sequences == [1]
            assert await collector.ask(racp.report_last()) == DONE


async def test_a_meter_that_cannot_abort_says_so_and_goes_on(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, record_seconds=FOREVER, can_abort=False))
        fill(meter, 2)
        async with connected(meter) as collector:
            await collector.write(racp.report_all())
            await collector.until(records=1)
            await collector.write(racp.abort())
            unsuccessful = Response(OpCode.ABORT, Outcome.ABORT_UNSUCCESSFUL)
            assert [await collector.answer() for _ in range(2)] == [unsuccessful, DONE]
            assert collector.sequences == [1, 2]


async def test_a_busy_meter_and_one_that_gives_up_do_better_the_next_time(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, busy_for=1, gives_up_after=2))
        fill(meter, 3)
        async with connected(meter) as collector:
            outcomes = (Outcome.SERVER_BUSY, Outcome.NOT_COMPLETED, Outcome.SUCCESS)
            for outcome, records in zip(outcomes, ([], [1, 2], [1, 2, 3]), strict=True):
                answer = await collector.ask(racp.report_all())
                assert (answer, collector.sequences) == (
                    Response(OpCode.REPORT, outcome), records,
                )  # fmt: skip


async def test_a_link_that_breaks_in_a_transfer_breaks_only_once(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, drops_after=2))
        fill(meter, 4)
        async with connected(meter) as collector:
            await collector.write(racp.report_all())
            await collector.lost.wait()
            assert collector.sequences == [1, 2]
        radio.place_beacon(SERVICE_UUID)
        assert METER_ADDRESS in await heard(times=5)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_from(3)) == DONE
            assert collector.sequences == [3, 4]


async def test_a_meter_may_send_its_newest_record_unasked(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, pushes_newest=True))
        fill(meter, 3)
        async with connected(meter) as collector:
            await collector.until(records=1)
            assert collector.sequences == [3]
            assert await collector.ask(racp.count_all()) == RecordCount(3)
            assert meter.requests[0].op_code is OpCode.COUNT


async def test_a_meter_hangs_up_on_a_central_that_asks_for_nothing(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, replace(QUICK, idle_seconds=1.0))
        async with connected(meter) as collector:
            await collector.lost.wait()
            assert not collector.client.is_connected


async def test_a_meter_is_silent_once_it_was_heard_out(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        meter = place_meter(radio, QUICK)
        fill(meter, 1)
        radio.place_beacon(SERVICE_UUID)
        async with connected(meter) as collector:
            assert await collector.ask(racp.count_all()) == RecordCount(1)
        assert METER_ADDRESS in await heard(times=5)
        async with connected(meter) as collector:
            assert await collector.ask(racp.report_all()) == DONE
        assert METER_ADDRESS not in await heard(times=5)
        meter.measure(TOO_LOW)
        async with connected(meter) as collector:
            assert await collector.ask(racp.count_all()) == RecordCount(2)
        assert METER_ADDRESS in await heard(times=5)


async def heard(times: int) -> set[str]:
    """Who advertises while the beacon does so many times."""
    sightings = Sightings()
    async with BleakScanner(sightings.see, service_uuids=[SERVICE_UUID]):
        await sightings.until(BEACON_ADDRESS, times)
    return set(sightings.addresses)


async def test_a_station_may_have_several_devices_on_one_radio(tmp_path: Path) -> None:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    meter, cuff = Meter(address=METER_ADDRESS), Cuff(address=CUFF_ADDRESS)
    sightings = Sightings()

    async def visitors() -> None:
        cuff.fail()
        meter.measure(TOO_LOW)

    async with asyncio.timeout(10):
        station = asyncio.create_task(
            run_devices([cuff, meter], visitors, directory=tmp_path, announce=address.set_result)
        )
        with system_bus_at(await address):
            async with BleakScanner(sightings.see):
                await sightings.until(METER_ADDRESS)
                await sightings.until(CUFF_ADDRESS)
        station.cancel()
        with pytest.raises(asyncio.CancelledError):
            await station
