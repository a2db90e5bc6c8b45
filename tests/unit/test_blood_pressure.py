"""0x2A35, 0x2A36 and 0x2A49 against published and captured frames."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.errors import DecodeError, Reason, Rejected
from contract.quantities import MMHG_PER_KPA
from edge_agent import plausibility
from edge_agent.devices import blood_pressure
from edge_agent.devices.blood_pressure import (
    BloodPressureReading,
    CuffPressure,
    Feature,
    Layout,
    Status,
)

GOLDEN = Path(__file__).parent.parent / "golden"


def _golden(file: str, key: str) -> list[dict[str, Any]]:
    content = json.loads((GOLDEN / file).read_text(encoding="utf-8"))
    vectors: list[dict[str, Any]] = content[key]
    return vectors


FRAMES = _golden("blood_pressure.json", "frames")
DECODED = [frame for frame in FRAMES if frame["conforms_to_spec"] and frame["expected"] is not None]
REFUSED = [frame for frame in FRAMES if frame.get("expected_rejection")]
BM85 = [frame for frame in FRAMES if frame.get("device") == "Beurer BM85"]
CUFF_FRAMES = _golden("cuff_pressure.json", "frames")
CUFF_DECODED = [frame for frame in CUFF_FRAMES if frame["expected"] is not None]
CUFF_REFUSED = [frame for frame in CUFF_FRAMES if frame.get("expected_rejection")]
FEATURES = [v for v in _golden("features.json", "values") if v["characteristic"] == "2A49"]


def _said(frame: dict[str, Any]) -> dict[str, Any]:
    return {**frame.get("expected_from_layout", {}), **frame["expected"]}


def _ids(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["id"] for frame in frames]


def test_the_golden_files_are_not_empty() -> None:
    assert (len(DECODED), len(REFUSED), len(BM85)) == (19, 2, 3)
    assert (len(CUFF_DECODED), len(CUFF_REFUSED), len(FEATURES)) == (3, 2, 3)


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


@pytest.mark.parametrize("frame", BM85, ids=_ids(BM85))
def test_a_bm85_is_understood_in_its_own_layout_only(frame: dict[str, Any]) -> None:
    data = bytes.fromhex(frame["hex"])
    reading = blood_pressure.decode(data, layout=Layout.BEURER_BM85)
    fields = _fields(reading, kilopascal=False)
    assert {name: fields[name] for name in frame["expected"]} == frame["expected"]
    assert reading.mean_arterial_mmhg is None
    assert plausibility.pressures(reading).pulse == frame["expected"]["pulse"]
    with pytest.raises(Rejected) as caught:
        plausibility.pressures(blood_pressure.decode(data))
    assert caught.value.reason is Reason.OUT_OF_RANGE


def test_a_bm85_can_be_played() -> None:
    frame = next(frame["hex"] for frame in BM85 if frame["id"] == "v133")
    reading = blood_pressure.decode(bytes.fromhex(frame), layout=Layout.BEURER_BM85)
    assert (reading.pulse_bpm, reading.status) == (60.0, Status.IRREGULAR_PULSE)
    # The one difference: NaN where the cuff sends a mean pressure of 0.
    played = blood_pressure.encode(reading, layout=Layout.BEURER_BM85).hex().upper()
    assert played == frame[:10] + "FF07" + frame[14:]


def test_a_bm85_without_a_user_sends_the_unknown_one() -> None:
    frame = blood_pressure.encode(BloodPressureReading(106.0, 71.0), layout=Layout.BEURER_BM85)
    reading = blood_pressure.decode(frame, layout=Layout.BEURER_BM85)
    assert reading.user_slot == blood_pressure.UNKNOWN_USER


def test_a_cuff_that_counts_in_kilopascal_is_converted() -> None:
    frame = blood_pressure.encode(BloodPressureReading(120.0, 80.0), kilopascal=True)
    reading = blood_pressure.decode(frame)
    assert reading.systolic_mmhg == pytest.approx(16.0 * MMHG_PER_KPA)
    assert reading.diastolic_mmhg == pytest.approx(10.7 * MMHG_PER_KPA)


@pytest.mark.parametrize("frame", CUFF_DECODED, ids=_ids(CUFF_DECODED))
def test_a_cuff_under_pressure_shows_that_somebody_is_measuring(frame: dict[str, Any]) -> None:
    data, said = bytes.fromhex(frame["hex"]), _said(frame)
    factor = MMHG_PER_KPA if said["unit"] == "kPa" else 1
    assert blood_pressure.decode_cuff_pressure(data).mmhg == pytest.approx(
        said["cuff_pressure"] * factor
    )
    rest = _fields(blood_pressure.decode(data), kilopascal=False)
    others = said.keys() - {"unit", "cuff_pressure"}
    assert {name: rest[name] for name in others} == {name: said[name] for name in others}


@pytest.mark.parametrize("frame", CUFF_REFUSED, ids=_ids(CUFF_REFUSED))
def test_a_cuff_pressure_that_is_cut_off_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as caught:
        blood_pressure.decode_cuff_pressure(bytes.fromhex(frame["hex"]))
    assert caught.value.reason is Reason.TRUNCATED


def test_a_cuff_pressure_is_never_a_reading() -> None:
    frame = blood_pressure.encode_cuff_pressure(CuffPressure(81.0))
    assert blood_pressure.decode_cuff_pressure(frame) == CuffPressure(81.0)
    with pytest.raises(Rejected) as caught:
        plausibility.pressures(blood_pressure.decode(frame))
    assert caught.value.reason is Reason.FAILED_MEASUREMENT


@pytest.mark.parametrize("value", FEATURES, ids=_ids(FEATURES))
def test_features_are_the_bits_their_source_states(value: dict[str, Any]) -> None:
    data = bytes.fromhex(value["hex"])
    feature = blood_pressure.decode_feature(data)
    assert feature == value["expected"]["bits"]
    assert blood_pressure.encode_feature(feature) == data


def test_bits_stand_in_the_order_of_the_standard() -> None:
    assert [status.value for status in Status] == [1 << bit for bit in range(6)]
    assert [feature.value for feature in Feature] == [1 << bit for bit in range(9)]


def test_only_what_a_cuff_can_detect_is_known_to_be_well() -> None:
    features = Feature.CUFF_FIT | Feature.PULSE_RANGE | Feature.MULTIPLE_BONDS
    detectable = blood_pressure.detectable(features)
    assert detectable == Status.CUFF_LOOSE | Status.PULSE_TOO_HIGH | Status.PULSE_TOO_LOW
    assert blood_pressure.detectable(Feature(0)) == Status(0)
