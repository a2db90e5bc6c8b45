"""Codecs hold for every input: a round trip, or a refusal, and nothing else.

How many examples are tried is the business of hypothesis' profile, never of a test here.
"""

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import DecodeError, Rejected
from contract.screening import GlucoseLimit
from edge_agent import devices, plausibility
from edge_agent.devices import (
    battery,
    blood_pressure,
    blood_pressure_record,
    current_time,
    date_time,
    device_information,
    enhanced_blood_pressure,
    glucose,
    glucose_context,
    racp,
)
from edge_agent.devices.blood_pressure import BloodPressureReading, CuffPressure, Layout, Status
from edge_agent.devices.blood_pressure_record import Segment
from edge_agent.devices.current_time import AdjustReason, CurrentTime, LocalTime
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.device_information import PnpId, SystemId
from edge_agent.devices.enhanced_blood_pressure import EnhancedBloodPressureReading
from edge_agent.devices.glucose import GlucoseContext, GlucoseReading, SensorStatus
from edge_agent.devices.glucose_context import MedicationUnit
from edge_agent.devices.ieee11073 import (
    decode_float,
    decode_sfloat,
)
from edge_agent.devices.racp import RecordCount, Response


def _decode_bm85(frame: bytes) -> BloodPressureReading:
    return blood_pressure.decode(frame, layout=Layout.BEURER_BM85)


def _encode_bm85(reading: BloodPressureReading) -> bytes:
    return blood_pressure.encode(reading, layout=Layout.BEURER_BM85)


DECODERS: list[Callable[[bytes], object]] = [
    battery.decode,
    blood_pressure.decode,
    _decode_bm85,
    blood_pressure.decode_cuff_pressure,
    blood_pressure.decode_feature,
    blood_pressure_record.decode,
    enhanced_blood_pressure.decode,
    current_time.decode,
    current_time.decode_local_time,
    date_time.decode,
    device_information.decode_pnp_id,
    device_information.decode_string,
    device_information.decode_system_id,
    glucose.decode_feature,
    glucose.decode_measurement,
    glucose_context.decode_context,
    racp.decode_request,
    racp.decode_response,
]

bytes_ = st.integers(0, 0xFF)
words = st.integers(0, 0xFFFF)
# What an SFLOAT holds without rounding.
amounts = st.integers(0, 400).map(float) | st.integers(0, 2045).map(lambda n: n / 10)
pressures = st.none() | amounts
times = st.builds(
    DeviceTime,
    st.integers(0, 1).flatmap(lambda known: st.integers(1582, 9999) if known else st.just(0)),
    st.integers(0, 12),
    st.integers(0, 31),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
)
readings = st.builds(
    BloodPressureReading,
    pressures,
    pressures,
    pressures,
    st.none() | st.integers(0, 400).map(float),
    st.none() | times,
    st.none() | bytes_,
    st.none() | st.integers(0, 0x3F).map(Status),
)
bm85_readings = st.builds(
    BloodPressureReading,
    pressures,
    pressures,
    st.none(),
    st.none() | st.integers(0, 400).map(float),
    st.none() | times,
    bytes_,
    st.none() | st.integers(0, 0x3F).map(Status),
)

_LIMITS = SensorStatus.RESULT_TOO_HIGH | SensorStatus.RESULT_TOO_LOW


@st.composite
def records(draw: st.DrawFn) -> GlucoseReading:
    """A record as a meter makes it: its range flag is in the concentration or in the status."""
    sampled = draw(st.booleans())
    limit = draw(st.none() | st.sampled_from(GlucoseLimit))
    status = draw(st.none() | words.map(lambda bits: SensorStatus(bits) & ~_LIMITS))
    in_status = {GlucoseLimit.HI: SensorStatus.RESULT_TOO_HIGH}
    if limit is not None and (not sampled or draw(st.booleans())):
        status = (status or SensorStatus(0)) | in_status.get(limit, SensorStatus.RESULT_TOO_LOW)
    number = draw(st.none() | amounts) if sampled and limit is None else None
    return GlucoseReading(
        draw(words),
        draw(times),
        draw(st.none() | st.integers(-0x7FFF, 0x7FFE)),
        number,
        limit,
        draw(st.integers(0, 15)) if sampled else None,
        draw(st.integers(0, 15)) if sampled else None,
        status,
        draw(st.booleans()),
    )


@st.composite
def contexts(draw: st.DrawFn) -> GlucoseContext:
    """A context with pairs that are whole or absent."""
    eaten, watched, active, treated = (draw(st.booleans()) for _ in range(4))
    return GlucoseContext(
        draw(words),
        extended_flags=draw(st.none() | bytes_),
        carbohydrate=draw(bytes_) if eaten else None,
        carbohydrate_amount=draw(st.none() | amounts) if eaten else None,
        meal=draw(st.none() | bytes_),
        tester=draw(st.integers(0, 15)) if watched else None,
        health=draw(st.integers(0, 15)) if watched else None,
        exercise_duration_s=draw(st.none() | st.integers(0, 0xFFFE)) if active else None,
        exercise_intensity_percent=draw(bytes_) if active else None,
        medication=draw(bytes_) if treated else None,
        medication_amount=draw(st.none() | amounts) if treated else None,
        medication_unit=draw(st.sampled_from(MedicationUnit)) if treated else None,
        hba1c_percent=draw(st.none() | amounts),
    )


clocks = st.builds(
    CurrentTime, times, st.integers(0, 7), bytes_, st.integers(0, 15).map(AdjustReason)
)
zones = st.builds(
    LocalTime,
    st.none() | st.integers(-48, 56).map(lambda step: step * 15),
    st.sampled_from([None, 0, 30, 60, 120]),
)
answers = st.builds(RecordCount, words) | st.builds(Response, bytes_, bytes_)

seconds = st.none() | st.integers(0, 2**32 - 1)
enhanced_readings = st.builds(
    EnhancedBloodPressureReading,
    pressures,
    pressures,
    pressures,
    seconds,
    st.none() | st.integers(0, 400).map(float),
    st.none() | bytes_,
    st.none() | st.integers(0, 0x3F).map(Status),
    seconds,
    st.booleans(),
)
segments = st.builds(
    Segment, st.booleans(), st.booleans(), st.integers(0, 63), words, words, st.binary(max_size=12)
)

# A strategy of values, and their codec: each value must survive, no part of its frame may.
CODECS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], bytes], Callable[[bytes], Any]]] = {
    "battery": (st.integers(0, 100), battery.encode, battery.decode),
    "blood pressure": (readings, blood_pressure.encode, blood_pressure.decode),
    "blood pressure of a BM85": (bm85_readings, _encode_bm85, _decode_bm85),
    "cuff pressure": (
        st.builds(CuffPressure, pressures),
        blood_pressure.encode_cuff_pressure,
        blood_pressure.decode_cuff_pressure,
    ),
    "cuff features": (
        words.map(blood_pressure.Feature),
        blood_pressure.encode_feature,
        blood_pressure.decode_feature,
    ),
    "enhanced blood pressure": (
        enhanced_readings,
        enhanced_blood_pressure.encode,
        enhanced_blood_pressure.decode,
    ),
    "date time": (times, date_time.encode, date_time.decode),
    "current time": (clocks, current_time.encode, current_time.decode),
    "local time": (zones, current_time.encode_local_time, current_time.decode_local_time),
    "glucose": (records(), glucose.encode_measurement, glucose.decode_measurement),
    "glucose context": (contexts(), glucose.encode_context, glucose.decode_context),
    "meter features": (
        words.map(glucose.Feature),
        glucose.encode_feature,
        glucose.decode_feature,
    ),
    "record access": (answers, racp.encode_response, racp.decode_response),
    "PnP ID": (
        st.builds(PnpId, bytes_, words, words, words),
        device_information.encode_pnp_id,
        device_information.decode_pnp_id,
    ),
    "system ID": (
        st.builds(SystemId, st.integers(0, 2**40 - 1), st.integers(0, 2**24 - 1)),
        device_information.encode_system_id,
        device_information.decode_system_id,
    ),
}


def test_every_decoder_is_tried_here() -> None:
    modules = [
        f"{devices.__name__}.{module.name}" for module in pkgutil.iter_modules(devices.__path__)
    ]
    found = {
        function
        for module in modules
        for name, function in inspect.getmembers(import_module(module), inspect.isfunction)
        if name.startswith("decode") and function.__module__ == module
    }
    assert found - set(DECODERS) == {decode_sfloat, decode_float}


@pytest.mark.parametrize("codec", CODECS)
@given(data=st.data())
def test_every_value_survives_a_round_trip(codec: str, data: st.DataObject) -> None:
    values, encode, decode = CODECS[codec]
    value = data.draw(values)
    assert decode(encode(value)) == value


@pytest.mark.parametrize("codec", CODECS)
@given(data=st.data())
def test_a_frame_cut_short_is_never_a_value(codec: str, data: st.DataObject) -> None:
    values, encode, decode = CODECS[codec]
    frame = encode(data.draw(values))
    kept = data.draw(st.integers(0, len(frame) - 1))
    with pytest.raises(DecodeError):
        decode(frame[:kept])


@given(segments)
def test_a_segment_survives_a_round_trip(segment: Segment) -> None:
    assert blood_pressure_record.decode(blood_pressure_record.encode(segment)) == segment


@given(st.text().map("Ω".__add__))  # which no placeholder begins with
def test_a_text_survives_without_its_padding(text: str) -> None:
    kept = text.partition("\0")[0].strip()
    decoded = device_information.decode_string(device_information.encode_string(text) + b"\0 ")
    assert decoded == kept


@pytest.mark.parametrize(
    "decode", DECODERS, ids=lambda decode: f"{decode.__module__}.{decode.__name__}"
)
@settings(max_examples=10 * settings().max_examples)
@given(frame=st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_decode_error(
    decode: Callable[[bytes], object], frame: bytes
) -> None:
    try:
        value = decode(frame)
    except DecodeError:
        return
    assert value is not None or decode is device_information.decode_string


@given(st.binary(min_size=10, max_size=20), st.binary(min_size=3, max_size=20))
def test_any_record_is_a_persons_or_rejected(frame: bytes, circumstances: bytes) -> None:
    try:
        reading = glucose.decode_measurement(frame)
        context = glucose.decode_context(circumstances)
        taken = plausibility.glucose(reading, context)
    except Rejected:
        return
    assert isinstance(taken, GlucoseLimit) or 0.5 < taken < 33.4
