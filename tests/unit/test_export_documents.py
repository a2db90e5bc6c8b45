"""What is sent to other systems says only what is shown, in the forms that they published."""

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft6Validator, Draft202012Validator

from dashboard.exports.dhis2 import data_value_set, period_of
from dashboard.exports.measure_reports import bundle
from dashboard.exports.shown import Place, Share, name_of, nothing_to_tell
from ingest.calendar import ZONE

GOLDEN = Path(__file__).parent.parent / "golden"
NOW = datetime(2026, 4, 22, 12, 0, tzinfo=ZONE)
WEEK = Place(
    "110105", name_of("110105"), "2026-W06", date(2026, 2, 2), date(2026, 2, 8),
    {"bp": Share(805, 220, 27, 23, 32), "glu_casual": Share(60)}, 250,
)  # fmt: skip
BLOCK = replace(
    WEEK, window="2026-B02x4", first=date(2026, 1, 26), last=date(2026, 2, 22),
    shares={"bp": Share(40, 10, 25, 9, 50, low_precision=True)}, entries=None,
)  # fmt: skip
HIDDEN = replace(WEEK, shares={"bp": Share()}, entries=None)


def values(*places: Place) -> list[tuple[object, ...]]:
    found: Any = data_value_set(places)["dataValues"]
    return [(one["dataElement"], one["period"], one["orgUnit"], one["value"]) for one in found]


def resource(place: Place) -> dict[str, Any]:
    made: Any = bundle([place], NOW, "public")
    found: dict[str, Any] = made["entry"][0]["resource"]
    return found


def test_dhis2_is_sent_what_is_shown_and_no_zero_for_what_is_hidden() -> None:
    assert values(WEEK, HIDDEN) == [
        ("KSK_BP_SESSIONS", "2026W6", "110105", "805"),
        ("KSK_BP_HIGH", "2026W6", "110105", "220"),
        ("KSK_GLU_CASUAL_SESSIONS", "2026W6", "110105", "60"),
        ("KSK_ENTRIES", "2026W6", "110105", "250"),
    ]


def test_noise_is_told_with_the_numbers_that_carry_it() -> None:
    noisy = replace(BLOCK, shares={"bp": replace(BLOCK.shares["bp"], epsilon=0.5)})
    written: Any = data_value_set([noisy, BLOCK])["dataValues"]
    comments = [one["comment"].endswith("; with noise, epsilon 0.5") for one in written]
    assert comments == [True, True, False, False]
    assert "(含噪声 with noise, ε=0.5)" in resource(noisy)["text"]["div"]
    assert "ε" not in resource(BLOCK)["text"]["div"]


def test_a_block_of_weeks_has_elements_of_its_own_for_dhis2_knows_no_such_period() -> None:
    assert values(BLOCK) == [
        ("KSK_BP_SESSIONS_4W", "2026W8", "110105", "40"),
        ("KSK_BP_HIGH_4W", "2026W8", "110105", "10"),
    ]


@pytest.mark.parametrize(
    ("day", "period"),
    [(date(2026, 2, 8), "2026W6"), (date(2027, 1, 3), "2026W53"), (date(2024, 12, 30), "2025W1")],
)
def test_a_period_is_the_iso_week_without_a_leading_zero(day: date, period: str) -> None:
    assert period_of(day) == period


def test_a_data_value_set_has_the_documented_form() -> None:
    schema = json.loads((GOLDEN / "dhis2-data-value-set.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    made: Any = data_value_set([WEEK, BLOCK, HIDDEN])
    assert list(validator.iter_errors(made)) == []
    assert (made["dataElementIdScheme"], made["orgUnitIdScheme"]) == ("CODE", "CODE")
    assert {one["followUp"] for one in made["dataValues"]} == {False}
    made["dataValues"][0]["period"] = "2026W06"
    assert len(list(validator.iter_errors(made))) == 1


def test_measure_reports_are_valid_by_the_schema_of_fhir_r4() -> None:
    schema = json.loads((GOLDEN / "fhir-r4.schema.json").read_text(encoding="utf-8"))
    validator = Draft6Validator(schema)
    made: Any = bundle([WEEK, BLOCK, HIDDEN], NOW, "public")
    assert list(validator.iter_errors(made)) == []
    assert (made["type"], made["timestamp"]) == ("collection", "2026-04-22T12:00:00+08:00")
    assert len({one["fullUrl"] for one in made["entry"]}) == 2  # the hidden week is the same week
    made["entry"][0]["resource"]["group"][0]["population"][0]["count"] = "805"
    assert list(validator.iter_errors(made))


def test_a_measure_report_tells_populations_of_sessions_with_their_codes() -> None:
    report = resource(WEEK)
    assert (report["status"], report["type"]) == ("complete", "summary")
    assert report["period"] == {"start": "2026-02-02", "end": "2026-02-08"}
    pressure, glucose = report["group"]
    codes = [[one["code"] for one in group["code"]["coding"]] for group in report["group"]]
    assert codes == [["85354-9", "150020"], ["14743-9", "160184"]]
    counts = {one["code"]["coding"][0]["code"]: one["count"] for one in pressure["population"]}
    assert counts == {"initial-population": 805, "denominator": 805, "numerator": 220}
    assert pressure["measureScore"] == {
        "value": 27, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%",
    }  # fmt: skip
    masked = [{
        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked",
    }]  # fmt: skip
    assert glucose["population"][1]["count"] == 60
    assert "count" not in glucose["population"][2]
    assert glucose["population"][2]["_count"]["extension"] == masked
    assert glucose["measureScore"] == {"extension": masked}


def test_a_measure_report_has_no_patient_and_carries_its_place_and_measure() -> None:
    report = resource(WEEK)
    contained = {one["id"]: one for one in report["contained"]}
    assert report["measure"] == "#measure"
    assert report["subject"]["reference"] == "#place"
    assert contained["place"]["identifier"][0]["value"] == "110105"
    assert contained["measure"]["scoring"]["coding"][0]["code"] == "proportion"
    assert "Patient" not in json.dumps(report)


def test_the_narrative_is_xhtml_in_both_languages_and_never_shows_a_hidden_zero() -> None:
    told = resource(BLOCK)["text"]["div"]
    cells = [one.text for one in ElementTree.fromstring(told).iter() if one.text]  # noqa: S314
    assert cells[0] == "朝阳区 Chaoyang, 2026-B02x4 (2026-01-26 – 2026-02-22)"
    assert "25 %" in cells
    assert "9–50 % (n<100 精度低 low precision)" in cells
    for caution in (
        "自愿自测,非诊断;按次数而非人数",
        "Sessions, not persons.",
        "differences of age",
    ):
        assert any(caution in cell for cell in cells)
    hidden = resource(HIDDEN)["text"]["div"]
    assert hidden.count("隐藏 hidden") == 4
    assert "<td>0" not in hidden


def test_the_same_numbers_are_the_same_report_and_other_readers_get_another() -> None:
    def identity(place: Place, audience: str) -> str:
        made: Any = bundle([place], NOW, audience)
        return str(made["entry"][0]["fullUrl"])

    assert identity(WEEK, "public") == identity(replace(WEEK, entries=None), "public")
    others = (identity(BLOCK, "public"), identity(WEEK, "internal"))
    assert identity(WEEK, "public") not in others


def test_an_export_of_nothing_is_refused_in_words() -> None:
    refusal = nothing_to_tell([HIDDEN])
    assert refusal is not None
    assert refusal.en == "everything of 2026-W06 is hidden: there is nothing to export"
    assert refusal.zh == "2026-W06 的数据全部隐藏，没有可以导出的数"
    assert nothing_to_tell([HIDDEN, replace(HIDDEN, entries=250)]) is None
