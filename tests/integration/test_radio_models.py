"""Every known model, unpaired at first, is heard by the agent's own radio and bonds with it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.devices.blood_pressure import BloodPressureReading, decode
from edge_agent.devices.glucose import MEASUREMENT_UUID, decode_measurement
from edge_agent.radio.conversation import Known
from simulators.catalogue import MAKES, CuffMake
from simulators.cuff import Cuff
from simulators.meter import Meter
from simulators.meter_habits import StripResult
from tests.integration.agent_radio import TIMING, Listener
from tests.integration.meters import METER_ADDRESS, NOON, QUICK, fill, place_meter
from tests.integration.radio import virtual_radio

ADDRESS = "A4:C1:38:00:00:07"
PASSKEY = 123_456
PATIENT = TIMING._replace(connect=5.0, first_reading=5.0)


def built(name: str, passkey: int = PASSKEY) -> Cuff | Meter:
    make = MAKES[name]
    habits = replace(make.habits, advertising_interval_seconds=0.02)
    quick = replace(make, habits=habits)  # type: ignore[arg-type]
    return quick.build(address=ADDRESS, passkey=passkey, now=lambda: NOON)


def use(device: Cuff | Meter) -> None:
    if isinstance(device, Cuff):
        device.measure(BloodPressureReading(131.0, 84.0, 99.0, pulse_bpm=72.0))
    else:
        device.measure(StripResult(glucose_mmol_l=6.1))


@pytest.mark.parametrize("name", MAKES)
async def test_a_known_model_is_recognised_bonded_and_read(name: str, tmp_path: Path) -> None:
    listener = Listener({ADDRESS: PASSKEY}, timing=PATIENT, now=NOON)
    async with virtual_radio(tmp_path) as radio, listener.listening():
        device = built(name)
        radio.adapter.place(device)
        use(device)
        frame = await listener.next()
        ((_, model, _),) = listener.heard[:1]
        assert model is MAKES[name].model
        if isinstance(MAKES[name], CuffMake):
            reading = decode(frame, layout=model.layout)
            assert (reading.systolic_mmhg, reading.diastolic_mmhg) == (131, 84)
            assert reading.pulse_bpm == 72
        else:
            assert decode_measurement(frame).glucose_mmol_l == pytest.approx(6.1, abs=0.03)


async def test_a_device_with_another_passkey_is_not_read_and_stops_nothing(
    tmp_path: Path,
) -> None:
    listener = Listener({ADDRESS: PASSKEY, METER_ADDRESS: None}, timing=PATIENT)
    async with virtual_radio(tmp_path) as radio, listener.listening():
        stranger = built("accu-chek", passkey=654_321)
        radio.adapter.place(stranger)
        use(stranger)
        await listener.counted("edge_link_losses_total", 1)
        meter = place_meter(radio, QUICK)
        use(meter)
        await listener.next()
        assert {address for address, _, _ in listener.heard} == {METER_ADDRESS}


async def test_a_link_lost_in_a_transfer_is_taken_up_again_with_every_record_once(
    tmp_path: Path,
) -> None:
    habits = replace(QUICK, drops_after=14)
    listener = Listener({METER_ADDRESS: None}, timing=PATIENT, known={METER_ADDRESS: Known(0)})
    async with virtual_radio(tmp_path) as radio, listener.listening():
        meter = place_meter(radio, habits)
        fill(meter, 40)
        meter.wake()
        await listener.counted("edge_conversations_total", 1)
        while len(sequences(listener)) < 40:
            meter.wake()
            await listener.next()
    assert sequences(listener) == set(range(1, 41))


def sequences(listener: Listener) -> set[int]:
    return {
        decode_measurement(arrived.data).sequence
        for _, _, arrived in listener.heard
        if arrived.characteristic == MEASUREMENT_UUID
    }


async def test_only_what_is_new_is_asked_of_a_known_meter(tmp_path: Path) -> None:
    listener = Listener({METER_ADDRESS: None}, timing=PATIENT, known={METER_ADDRESS: Known(37)})
    async with virtual_radio(tmp_path) as radio, listener.listening():
        meter = place_meter(radio, QUICK)
        fill(meter, 40)
        meter.wake()
        await listener.counted("edge_conversations_total", 1)
    assert sequences(listener) == {38, 39, 40}


async def test_a_new_meter_gives_its_newest_record_and_not_its_history(tmp_path: Path) -> None:
    listener = Listener({METER_ADDRESS: None}, timing=PATIENT)
    async with virtual_radio(tmp_path) as radio, listener.listening():
        meter = place_meter(radio, QUICK)
        fill(meter, 40)
        meter.wake()
        await listener.counted("edge_conversations_total", 1)
    assert sequences(listener) == {40}


async def test_an_adapter_without_power_is_given_it_back(tmp_path: Path) -> None:
    listener = Listener({METER_ADDRESS: None}, timing=PATIENT)
    async with virtual_radio(tmp_path) as radio, listener.listening():
        meter = place_meter(radio, QUICK)
        use(meter)
        await listener.next()
        radio.adapter.power(on=False)
        await listener.counted("edge_link_losses_total", 1)
        use(meter)
        assert decode_measurement(await listener.next()).sequence == 2


async def test_a_deaf_radio_is_cured_by_taking_the_adapters_power(tmp_path: Path) -> None:
    deaf = PATIENT._replace(deaf_after=0.4)
    listener = Listener({METER_ADDRESS: None}, timing=deaf)
    async with virtual_radio(tmp_path) as radio, listener.listening():
        radio.adapter.deafen()
        meter = place_meter(radio, replace(QUICK, window_seconds=30))
        use(meter)
        async with asyncio.timeout(8):
            assert decode_measurement(await listener.next()).sequence == 1


@pytest.mark.parametrize("member", ["StartDiscovery", "Connect"])
async def test_an_operation_in_progress_is_tried_again(member: str, tmp_path: Path) -> None:
    listener = Listener({METER_ADDRESS: None}, timing=PATIENT)
    async with virtual_radio(tmp_path) as radio:
        radio.adapter.fail_next(member, "org.bluez.Error.InProgress", "busy")
        async with listener.listening():
            meter = place_meter(radio, replace(QUICK, window_seconds=30))
            use(meter)
            assert decode_measurement(await listener.next()).sequence == 1
        assert listener.telemetry.counts["edge_link_losses_total"] >= 1
