"""Which records of a meter are a person's glucose, and why the others are not."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.errors import Reason, Rejected
from contract.screening import GlucoseLimit
from edge_agent import plausibility
from edge_agent.devices import glucose
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose import (
    GlucoseContext,
    GlucoseReading,
    SampleLocation,
    SampleType,
    SensorStatus,
)
from edge_agent.devices.glucose_context import MealMarker

GOLDEN = Path(__file__).parent.parent / "golden" / "glucose.json"
FRAMES: dict[str, dict[str, Any]] = {
    frame["id"]: frame for frame in json.loads(GOLDEN.read_text(encoding="utf-8"))["frames"]
}
NOON = DeviceTime(2026, 3, 4, 12, 0, 0)


def _golden(name: str) -> GlucoseReading:
    return glucose.decode_measurement(bytes.fromhex(FRAMES[name]["hex"]))


def _refusal(reading: GlucoseReading, context: GlucoseContext | None = None) -> Reason:
    with pytest.raises(Rejected) as caught:
        plausibility.glucose(reading, context)
    return caught.value.reason


@pytest.mark.parametrize(
    ("name", "mmol_l"),
    [("v223", 6.661), ("v224", 5.773), ("v235", 6.994), ("v237", 5.1)],
    ids=["accu-chek", "accu-chek-offset", "contour", "yuwell"],
)
def test_a_capture_of_a_real_meter_is_a_persons(name: str, mmol_l: float) -> None:
    assert plausibility.glucose(_golden(name), None) == pytest.approx(mmol_l, abs=0.0005)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("v049", Reason.FAILED_MEASUREMENT),
        ("v057", Reason.CONTROL_SOLUTION),
        ("v122", Reason.STRIP_ERROR),
        ("v165", Reason.STRIP_ERROR),
        ("v196", Reason.CONTROL_SOLUTION),
        ("v204", Reason.FAILED_MEASUREMENT),
        ("v228", Reason.NOT_GLUCOSE),
        ("v249", Reason.FAILED_MEASUREMENT),
        ("v011", Reason.STRIP_ERROR),
        ("v174", Reason.OUT_OF_RANGE),
    ],
)
def test_a_legal_record_that_no_person_gave_is_refused(name: str, reason: Reason) -> None:
    assert _refusal(_golden(name)) is reason


@pytest.mark.parametrize(
    ("sample_type", "location"),
    [
        (SampleType.CONTROL_SOLUTION, SampleLocation.NOT_AVAILABLE),
        (SampleType.CAPILLARY_WHOLE_BLOOD, SampleLocation.CONTROL_SOLUTION),
    ],
)
def test_control_solution_is_never_a_persons(
    sample_type: SampleType, location: SampleLocation
) -> None:
    reading = GlucoseReading(
        1, NOON, glucose_mmol_l=6.0, sample_type=sample_type, sample_location=location
    )
    assert _refusal(reading) is Reason.CONTROL_SOLUTION


def test_a_ketone_result_is_told_by_its_context() -> None:
    reading = GlucoseReading(4, NOON, glucose_mmol_l=0.8, context_follows=True)
    assert _refusal(reading, GlucoseContext(4, meal=MealMarker.KETONE)) is Reason.NOT_GLUCOSE
    assert plausibility.glucose(reading, GlucoseContext(4, meal=MealMarker.FASTING)) == 0.8


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (SensorStatus.SAMPLE_TOO_SMALL, Reason.STRIP_ERROR),
        (SensorStatus.STRIP_INSERTED_WRONGLY, Reason.STRIP_ERROR),
        (SensorStatus.WRONG_STRIP_TYPE, Reason.STRIP_ERROR),
        (SensorStatus.STRIP_PULLED, Reason.STRIP_ERROR),
        (SensorStatus.SENSOR_MALFUNCTION, Reason.DEVICE_FAULT),
        (SensorStatus.SENSOR_TOO_HOT, Reason.DEVICE_FAULT),
        (SensorStatus.SENSOR_TOO_COLD, Reason.DEVICE_FAULT),
        (SensorStatus.GENERAL_FAULT, Reason.DEVICE_FAULT),
        (SensorStatus.RESULT_TOO_HIGH | SensorStatus.RESULT_TOO_LOW, Reason.DEVICE_FAULT),
    ],
)
def test_an_error_of_strip_or_sensor_outweighs_the_number(
    status: SensorStatus, reason: Reason
) -> None:
    assert _refusal(GlucoseReading(1, NOON, glucose_mmol_l=6.0, status=status)) is reason


@pytest.mark.parametrize("status", [SensorStatus.BATTERY_LOW, SensorStatus.TIME_FAULT])
def test_a_low_battery_or_a_wrong_clock_does_not_harm_the_value(status: SensorStatus) -> None:
    assert plausibility.glucose(GlucoseReading(1, NOON, glucose_mmol_l=6.0, status=status), None)


@pytest.mark.parametrize("limit", GlucoseLimit)
def test_a_limit_is_a_persons_but_never_a_number(limit: GlucoseLimit) -> None:
    reading = GlucoseReading(1, NOON, glucose_mmol_l=33.3, range_flag=limit)
    assert plausibility.glucose(reading, None) is limit


def test_the_filler_of_a_full_memory_is_no_ones() -> None:
    late = DeviceTime(2037, 1, 1, 0, 0, 0)
    assert _refusal(GlucoseReading(450, late, range_flag=GlucoseLimit.HI)) is Reason.NOT_GLUCOSE


@pytest.mark.parametrize("mg_dl", [10, 600])
def test_the_ends_of_the_range_are_those_of_meters_in_mg_dl(mg_dl: int) -> None:
    assert plausibility.glucose(GlucoseReading(1, NOON, glucose_mmol_l=mg_dl / 18.0156), None)


@pytest.mark.parametrize("mmol_l", [0.0, 0.5, 33.4, 770_000.0])
def test_a_value_that_no_meter_can_show_is_refused(mmol_l: float) -> None:
    assert _refusal(GlucoseReading(1, NOON, glucose_mmol_l=mmol_l)) is Reason.OUT_OF_RANGE
