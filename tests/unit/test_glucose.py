"""0x2A18 and 0x2A51 against published and captured frames."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.errors import DecodeError, Reason
from contract.quantities import MG_DL_PER_MMOL_L
from contract.screening import GlucoseLimit, classify_glucose
from edge_agent.devices import glucose
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose import (
    Feature,
    GlucoseReading,
    SampleLocation,
    SampleType,
    SensorStatus,
    Unit,
)

GOLDEN = Path(__file__).parent.parent / "golden"
FRAMES: list[dict[str, Any]] = json.loads((GOLDEN / "glucose.json").read_text(encoding="utf-8"))[
    "frames"
]
DECODED = [frame for frame in FRAMES if frame["expected"] is not None]
REFUSED = [frame for frame in FRAMES if frame.get("expected_rejection")]
FEATURES: list[dict[str, Any]] = [
    value
    for value in json.loads((GOLDEN / "features.json").read_text(encoding="utf-8"))["values"]
    if value["characteristic"] == "2A51"
]
NOON = DeviceTime(2026, 3, 4, 12, 0, 0)


def _ids(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["id"] for frame in frames]


def test_the_golden_files_are_not_empty() -> None:
    assert (len(DECODED), len(REFUSED), len(FEATURES)) == (25, 5, 4)


@pytest.mark.parametrize("frame", DECODED, ids=_ids(DECODED))
def test_a_frame_by_the_book_decodes_to_what_its_source_states(frame: dict[str, Any]) -> None:
    data = bytes.fromhex(frame["hex"])
    said = {**frame.get("expected_from_layout", {}), **frame["expected"]}
    shown = _shown(glucose.decode_measurement(data), "mol/L" if data[0] & 4 else "kg/L")
    for name, value in said.items():
        assert shown[name] == _about(name, value), name


def _about(name: str, value: Any) -> Any:
    """Exactly `value`, but within the rounding of the source where it converted units."""
    if name in ("mmol_l", "mg_dl"):
        return pytest.approx(value, abs=0.0005 if name == "mmol_l" else 0.05)
    return pytest.approx(value, rel=1e-12) if name == "concentration" else value


def _shown(reading: GlucoseReading, unit: str) -> dict[str, Any]:
    """The reading under the names, and in the unit, of the golden file."""
    mmol_l = reading.glucose_mmol_l
    shown: dict[str, Any] = {
        "sequence": reading.sequence,
        "base_time": list(reading.base_time),
        "time_offset_min": reading.time_offset_minutes,
        "unit": unit,
        "mmol_l": mmol_l,
        "type": reading.sample_type,
        "location": reading.sample_location,
        "status": reading.status,
        "context_follows": reading.context_follows,
    }
    if mmol_l is not None:
        shown["mg_dl"] = mmol_l * MG_DL_PER_MMOL_L
        shown["concentration"] = mmol_l / 1000 if unit == "mol/L" else shown["mg_dl"] / 100_000
    if reading.time_offset_minutes is not None and reading.base_time.month <= 12:
        local = datetime(*reading.base_time) + timedelta(minutes=reading.time_offset_minutes)  # noqa: DTZ001
        shown["local_time"] = local.isoformat()
    return shown


@pytest.mark.parametrize("frame", REFUSED, ids=_ids(REFUSED))
def test_a_frame_that_promises_more_than_it_holds_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as caught:
        glucose.decode_measurement(bytes.fromhex(frame["hex"]))
    assert caught.value.reason is Reason.TRUNCATED


def _with_word(word: int, unit: Unit = Unit.MOL_PER_LITRE) -> GlucoseReading:
    """The record of a meter that sends this SFLOAT."""
    reading = GlucoseReading(1, NOON, glucose_mmol_l=5.1, sample_type=1, sample_location=1)
    frame = bytearray(glucose.encode_measurement(reading, unit=unit))
    frame[10:12] = word.to_bytes(2, "little")
    return glucose.decode_measurement(bytes(frame))


@pytest.mark.parametrize(
    ("word", "limit"),
    [
        (0x07FE, GlucoseLimit.HI),
        (0x0802, GlucoseLimit.LO),
        (0x07FF, None),
        (0x0800, None),
        (0x0801, None),
    ],
    ids=["+INF", "-INF", "NaN", "NRes", "reserved"],
)
def test_a_special_value_is_no_number(word: int, limit: GlucoseLimit | None) -> None:
    reading = _with_word(word)
    assert reading.glucose_mmol_l is None
    assert reading.range_flag is limit
    assert reading.sample_type is SampleType.CAPILLARY_WHOLE_BLOOD


@pytest.mark.parametrize(
    ("status", "limit"),
    [
        (SensorStatus.RESULT_TOO_HIGH | SensorStatus.BATTERY_LOW, GlucoseLimit.HI),
        (SensorStatus.RESULT_TOO_LOW, GlucoseLimit.LO),
        (SensorStatus.RESULT_TOO_LOW | SensorStatus.RESULT_TOO_HIGH, None),
        (SensorStatus.BATTERY_LOW, None),
    ],
)
def test_the_status_says_that_a_result_is_out_of_the_meters_range(
    status: SensorStatus, limit: GlucoseLimit | None
) -> None:
    silent = glucose.decode_measurement(
        glucose.encode_measurement(GlucoseReading(1, NOON, range_flag=limit, status=status))
    )
    assert (silent.range_flag, silent.glucose_mmol_l, silent.sample_type) == (limit, None, None)
    bound = glucose.decode_measurement(
        glucose.encode_measurement(GlucoseReading(1, NOON, glucose_mmol_l=33.3, status=status))
    )
    assert (bound.range_flag, bound.glucose_mmol_l) == (limit, 33.3)


def test_a_value_is_converted_exactly_and_not_rounded() -> None:
    # 695e-5 mol/L: the binary product 0.00695 * 1000 would be 6.949999…, and not reach 7.0.
    just_high = _with_word(0xB2B7).glucose_mmol_l
    assert just_high == 6.95
    assert classify_glucose(just_high, "fasting") == "high"
    # 126e-5 kg/L
    mass = _with_word(0xB07E, Unit.KILOGRAM_PER_LITRE).glucose_mmol_l
    assert mass == pytest.approx(126 / MG_DL_PER_MMOL_L, rel=1e-15)


@pytest.mark.parametrize("offset", [b"\xff\x7f", b"\x00\x80"], ids=["overrun", "underrun"])
def test_an_offset_that_ran_over_is_unknown(offset: bytes) -> None:
    frame = bytearray(glucose.encode_measurement(GlucoseReading(1, NOON, time_offset_minutes=-420)))
    assert glucose.decode_measurement(bytes(frame)).time_offset_minutes == -420
    frame[10:12] = offset
    assert glucose.decode_measurement(bytes(frame)).time_offset_minutes is None


def test_a_type_that_the_standard_does_not_name_stays_a_number() -> None:
    reading = GlucoseReading(1, NOON, glucose_mmol_l=5.1, sample_type=13, sample_location=9)
    decoded = glucose.decode_measurement(glucose.encode_measurement(reading))
    assert decoded == reading
    named = replace(reading, sample_type=1, sample_location=15)
    decoded = glucose.decode_measurement(glucose.encode_measurement(named))
    assert decoded.sample_location is SampleLocation.NOT_AVAILABLE


def test_trailing_bytes_and_reserved_bits_are_accepted() -> None:
    frame = bytearray(glucose.encode_measurement(GlucoseReading(7, NOON)) + b"\xff")
    frame[0] |= 0xE0
    assert glucose.decode_measurement(bytes(frame)) == GlucoseReading(7, NOON)


def test_a_result_of_an_unknown_sample_is_sent_with_code_0() -> None:
    frame = glucose.encode_measurement(GlucoseReading(1, NOON, glucose_mmol_l=5.1))
    assert frame[12:] == b"\x00"
    assert glucose.decode_measurement(frame).sample_type == 0


def test_a_sample_without_a_result_is_sent_as_nan() -> None:
    spoilt = GlucoseReading(1, NOON, sample_type=1, sample_location=1)
    frame = glucose.encode_measurement(spoilt)
    assert frame[10:] == b"\xff\x07\x11"
    assert glucose.decode_measurement(frame) == spoilt


def test_a_limit_is_sent_as_infinity_unless_the_status_says_it() -> None:
    spoken = GlucoseReading(1, NOON, range_flag=GlucoseLimit.HI)
    assert glucose.encode_measurement(spoken)[10:12] == b"\xfe\x07"
    status = SensorStatus.RESULT_TOO_HIGH
    assert glucose.encode_measurement(replace(spoken, status=status))[10:] == b"\x20\x00"


@pytest.mark.parametrize("value", FEATURES, ids=_ids(FEATURES))
def test_features_are_the_bits_their_source_states(value: dict[str, Any]) -> None:
    data = bytes.fromhex(value["hex"])
    assert glucose.decode_feature(data) == value["expected"]["bits"]
    assert glucose.encode_feature(glucose.decode_feature(data)) == data


def test_codes_stand_in_the_order_of_the_standard() -> None:
    assert [sample.value for sample in SampleType] == [*range(1, 11)]
    assert [location.value for location in SampleLocation] == [1, 2, 3, 4, 15]
    assert [status.value for status in SensorStatus] == [1 << bit for bit in range(12)]
    assert [feature.value for feature in Feature] == [1 << bit for bit in range(11)]


def test_the_bits_of_the_features_are_not_those_of_the_status() -> None:
    assert glucose.decode_feature(b"\x00\x02") is Feature.TIME_FAULT
    assert SensorStatus(0x800) is SensorStatus.TIME_FAULT
