"""0x2A34 against published frames."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.errors import DecodeError, Reason
from edge_agent.devices import glucose, glucose_context
from edge_agent.devices.glucose_context import (
    Carbohydrate,
    GlucoseContext,
    Health,
    MealMarker,
    Medication,
    MedicationUnit,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "glucose_context.json"
FRAMES: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["frames"]
DECODED = [frame for frame in FRAMES if frame["expected"] is not None]
REFUSED = [frame for frame in FRAMES if frame.get("expected_rejection")]


def test_the_golden_file_is_not_empty() -> None:
    assert (len(DECODED), len(REFUSED)) == (7, 1)


@pytest.mark.parametrize("frame", DECODED, ids=[frame["id"] for frame in DECODED])
def test_a_frame_by_the_book_decodes_to_what_its_source_states(frame: dict[str, Any]) -> None:
    shown = _shown(glucose.decode_context(bytes.fromhex(frame["hex"])))
    said = {**frame.get("expected_from_layout", {}), **frame["expected"]}
    assert {name: shown[name] for name in said} == said


def _shown(context: GlucoseContext) -> dict[str, Any]:
    """The context under the names of the golden file."""
    units = {MedicationUnit.LITRE: "L", MedicationUnit.KILOGRAM: "kg", None: None}
    return {
        "sequence": context.sequence,
        "extended_flags": context.extended_flags,
        "carb_id": context.carbohydrate,
        "carb_raw": context.carbohydrate_amount,
        "meal": context.meal,
        "tester": context.tester,
        "health": context.health,
        "exercise_duration_s": context.exercise_duration_s,
        "exercise_intensity_pct": context.exercise_intensity_percent,
        "medication_id": context.medication,
        "medication_raw": context.medication_amount,
        "medication_unit": units[context.medication_unit],
        "hba1c_pct": context.hba1c_percent,
    }


@pytest.mark.parametrize("frame", REFUSED, ids=[frame["id"] for frame in REFUSED])
def test_a_frame_that_promises_more_than_it_holds_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as caught:
        glucose.decode_context(bytes.fromhex(frame["hex"]))
    assert caught.value.reason is Reason.TRUNCATED


def test_codes_have_the_names_of_the_standard() -> None:
    frame = next(frame for frame in FRAMES if frame["id"] == "v013")
    context = glucose.decode_context(bytes.fromhex(frame["hex"]))
    assert context.carbohydrate is Carbohydrate.DINNER
    assert context.meal is MealMarker.CASUAL
    assert (context.tester, context.health) == (
        glucose_context.Tester.PROFESSIONAL,
        Health.MINOR_ISSUES,
    )
    assert context.medication is Medication.LONG_ACTING
    assert context.medication_unit is MedicationUnit.LITRE


def test_codes_stand_in_the_order_of_the_standard() -> None:
    assert [carbohydrate.value for carbohydrate in Carbohydrate] == [*range(1, 8)]
    assert [meal.value for meal in MealMarker] == [*range(1, 7)]
    assert [tester.value for tester in glucose_context.Tester] == [1, 2, 3, 15]
    assert [health.value for health in Health] == [1, 2, 3, 4, 5, 15]
    assert [medication.value for medication in Medication] == [*range(1, 6)]


def test_a_context_with_everything_is_sent_as_it_came() -> None:
    frame = bytes.fromhex(next(frame["hex"] for frame in FRAMES if frame["id"] == "v013"))
    assert glucose.encode_context(glucose.decode_context(frame)) == frame


def test_a_code_that_the_standard_does_not_name_stays_a_number() -> None:
    context = GlucoseContext(1, meal=9, tester=7, health=9)
    assert glucose.decode_context(glucose.encode_context(context)) == context


def test_an_exercise_too_long_to_count_has_an_intensity_only() -> None:
    context = GlucoseContext(1, exercise_intensity_percent=60)
    frame = glucose.encode_context(context)
    assert frame == bytes.fromhex("080100ffff3c")
    assert glucose.decode_context(frame) == context


def test_half_a_pair_is_sent_with_the_other_half_unknown() -> None:
    halves = GlucoseContext(
        1, carbohydrate_amount=20.0, tester=1, exercise_duration_s=60, medication=2
    )
    context = glucose.decode_context(glucose.encode_context(halves))
    assert context == GlucoseContext(
        1,
        carbohydrate=0,
        carbohydrate_amount=20.0,
        tester=glucose_context.Tester.SELF,
        health=Health.NOT_AVAILABLE,
        exercise_duration_s=60,
        exercise_intensity_percent=0,
        medication=Medication.SHORT_ACTING,
        medication_unit=MedicationUnit.KILOGRAM,
    )
    healthy = glucose.decode_context(glucose.encode_context(GlucoseContext(1, health=5)))
    assert healthy.tester is glucose_context.Tester.NOT_AVAILABLE
