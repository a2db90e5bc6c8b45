"""0x2B34 and 0x2B36 against published frames."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.errors import DecodeError
from edge_agent.devices import blood_pressure_record, enhanced_blood_pressure
from edge_agent.devices.blood_pressure import Status
from edge_agent.devices.enhanced_blood_pressure import EnhancedBloodPressureReading

GOLDEN = Path(__file__).parent.parent / "golden" / "enhanced_blood_pressure.json"
FRAMES: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["frames"]
BY_THE_BOOK = [frame for frame in FRAMES if frame["conforms_to_spec"]]


def decoded(frame: dict[str, Any]) -> dict[str, Any]:
    """The frame's value under the names of the golden file."""
    data = bytes.fromhex(frame["hex"])
    if frame["characteristic"] == "2B36":
        segment = blood_pressure_record.decode(data)
        return {
            "first": segment.is_first,
            "last": segment.is_last,
            "counter": segment.counter,
            "sequence": segment.sequence,
            "uuid": segment.uuid,
            "data": segment.value.hex(),
        }
    reading = enhanced_blood_pressure.decode(data)
    return {
        "unit": "mmHg",
        "systolic": reading.systolic_mmhg,
        "diastolic": reading.diastolic_mmhg,
        "map": reading.mean_arterial_mmhg,
        "timestamp": reading.timestamp_seconds,
    }


def test_the_golden_file_is_not_empty() -> None:
    assert [frame["characteristic"] for frame in BY_THE_BOOK] == ["2B34", "2B34", "2B36"]


@pytest.mark.parametrize("frame", BY_THE_BOOK, ids=lambda frame: frame["id"])
def test_a_frame_decodes_to_what_its_source_states(frame: dict[str, Any]) -> None:
    said = {**frame.get("expected_from_layout", {}), **frame["expected"]}
    assert {name: decoded(frame)[name] for name in said} == said


def test_every_field_stands_where_the_layout_puts_it() -> None:
    frame = bytes.fromhex("7fa0f06bf0ff0704030201480002050008070605")
    reading = enhanced_blood_pressure.decode(frame)
    assert reading == EnhancedBloodPressureReading(
        pytest.approx(120.0, abs=0.1),  # type: ignore[arg-type]
        pytest.approx(80.3, abs=0.1),  # type: ignore[arg-type]
        None,
        0x01020304,
        72.0,
        2,
        Status.BODY_MOVED | Status.IRREGULAR_PULSE,
        0x05060708,
        since_2000=True,
    )
    assert enhanced_blood_pressure.encode(reading, kilopascal=True)[0] == 0x7F


@pytest.mark.parametrize("size", [0, 1, 4])
def test_a_record_without_its_numbers_is_refused(size: int) -> None:
    with pytest.raises(DecodeError):
        blood_pressure_record.decode(bytes(size))
