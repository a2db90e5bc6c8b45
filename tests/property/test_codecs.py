"""Codecs hold for every input: a round trip, or a refusal, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from contract.errors import DecodeError
from edge_agent.devices import blood_pressure
from edge_agent.devices.blood_pressure import BloodPressureReading, Status
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.ieee11073 import SpecialValue, decode_sfloat, encode_sfloat

pressures = st.none() | st.integers(0, 400).map(float) | st.integers(0, 2045).map(lambda n: n / 10)
times = st.builds(
    DeviceTime,
    st.integers(0, 9999),
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
    st.none() | st.integers(0, 255),
    st.none() | st.integers(0, 0x3F).map(Status),
)


@given(st.integers(0, 0xFFFF))
def test_every_word_survives_a_round_trip(raw: int) -> None:
    value = decode_sfloat(raw)
    if isinstance(value, SpecialValue) or abs(value) <= 2045e7:
        assert decode_sfloat(encode_sfloat(value)) == value


@given(readings)
def test_every_reading_survives_a_round_trip(reading: BloodPressureReading) -> None:
    assert blood_pressure.decode(blood_pressure.encode(reading)) == reading


@given(st.binary(max_size=40))
def test_any_bytes_are_a_reading_or_a_decode_error(frame: bytes) -> None:
    try:
        reading = blood_pressure.decode(frame)
    except DecodeError:
        return
    assert isinstance(reading, BloodPressureReading)


@given(readings, st.integers(0, 20))
def test_a_frame_cut_short_is_never_a_reading(reading: BloodPressureReading, kept: int) -> None:
    frame = blood_pressure.encode(reading)
    if kept >= len(frame):
        return
    try:
        blood_pressure.decode(frame[:kept])
    except DecodeError:
        return
    raise AssertionError(f"{kept} of {len(frame)} bytes were taken for a whole frame")
