"""0x2A35 against published and captured frames."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.errors import DecodeError, Reason, Rejected
from contract.quantities import MMHG_PER_KPA
from edge_agent import plausibility
from edge_agent.devices import blood_pressure
from edge_agent.devices.blood_pressure import BloodPressureReading, Status

GOLDEN = Path(__file__).parent.parent / "golden" / "blood_pressure.json"
FRAMES: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["frames"]
DECODED = [frame for frame in FRAMES if frame["conforms_to_spec"] and frame["expected"] is not None]
REFUSED = [frame for frame in FRAMES if frame.get("expected_rejection")]


def _said(frame: dict[str, Any]) -> dict[str, Any]:
    return {**frame.get("expected_from_layout", {}), **frame["expected"]}


def _ids(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["id"] for frame in frames]


def test_the_golden_file_is_not_empty() -> None:
    assert (len(DECODED), len(REFUSED)) == (19, 2)


@pytest.mark.parametrize("frame", DECODED, ids=_ids(DECODED))
def test_a_frame_by_the_book_decodes_to_what_its_source_states(frame: dict[str, Any]) -> None:
    reading = blood_pressure.decode(bytes.fromhex(frame["hex"]))
    said = _said(frame)
    for name, value in _fields(reading, kilopascal=said.get("unit") == "kPa").items():
        if said.get(name) == "NaN":
            assert value is None
        elif name in said:
            assert value == pytest.approx(said[name])


def _fields(reading: BloodPressureReading, *, kilopascal: bool) -> dict[str, Any]:
    """The reading under the names, and in the pressure unit, of the golden file."""

    def sent(mmhg: float | None) -> float | None:
        return mmhg / MMHG_PER_KPA if kilopascal and mmhg is not None else mmhg

    return {
        "systolic": sent(reading.systolic_mmhg),
        "diastolic": sent(reading.diastolic_mmhg),
        "map": sent(reading.mean_arterial_mmhg),
        "pulse": reading.pulse_bpm,
        "timestamp": list(reading.device_time or ()),
        "user_id": reading.user_slot,
        "status": reading.status,
    }


@pytest.mark.parametrize("frame", REFUSED, ids=_ids(REFUSED))
def test_a_frame_that_promises_more_than_it_holds_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as caught:
        blood_pressure.decode(bytes.fromhex(frame["hex"]))
    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("16FF07FF07FF07E80706170E230AFF070000", Reason.FAILED_MEASUREMENT),
        ("00FF0750005D00", Reason.FAILED_MEASUREMENT),
        ("00480051004000", Reason.OUT_OF_RANGE),
        ("FE202700750055005F00E407091810093A690001", Reason.OUT_OF_RANGE),
    ],
    ids=["all-nan", "systolic-nan", "upside-down", "private-prefix"],
)
def test_a_legal_frame_that_no_person_gives_is_not_a_reading(frame: str, reason: Reason) -> None:
    with pytest.raises(Rejected) as caught:
        plausibility.pressures(blood_pressure.decode(bytes.fromhex(frame)))
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("status", "reason"),
    [(Status.BODY_MOVED, Reason.BODY_MOVED), (Status.CUFF_LOOSE, Reason.CUFF_LOOSE)],
)
def test_a_badly_taken_reading_is_refused(status: Status, reason: Reason) -> None:
    reading = BloodPressureReading(120.0, 80.0, status=status | Status.IRREGULAR_PULSE)
    with pytest.raises(Rejected) as caught:
        plausibility.pressures(reading)
    assert caught.value.reason is reason


def test_an_irregular_pulse_is_still_a_person() -> None:
    reading = BloodPressureReading(120.0, 80.0, pulse_bpm=72.0, status=Status.IRREGULAR_PULSE)
    assert plausibility.pressures(reading) == (120.0, 80.0, 72.0)
