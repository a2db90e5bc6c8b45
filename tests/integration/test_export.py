"""`health-kiosk export` asks a real ingest, and writes what may be told to the chosen audience."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft6Validator, Draft202012Validator

from contract.places import DISTRICTS
from health_kiosk.cli import main
from ingest.api import Service
from ingest.settings import ReleaseSection
from tests.integration.reporting import (
    BLOCK,
    DISTRICT,
    HIDDEN_DISTRICT,
    SMALL_DISTRICT,
    WEEK,
    filled,
    serving,
)

GOLDEN = Path(__file__).parent.parent / "golden"
KEY = "HEALTH_KIOSK_API_KEY"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with filled(tmp_path_factory.mktemp("city")) as made:
        yield made


@pytest.fixture(scope="module")
def url(service: Service) -> Iterator[str]:
    with serving(service) as address:
        yield address


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)


def export(url: str, kind: str, file: Path, *options: str) -> dict[str, Any]:
    """What the command has written."""
    command = ["export", kind, "--ingest-url", url, "--out", str(file)]
    main(["--log-level", "warning", *command, *options])
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def values(written: dict[str, Any], district: str) -> dict[str, str]:
    """The values of a district by their elements."""
    return {
        one["dataElement"]: one["value"]
        for one in written["dataValues"]
        if one["orgUnit"] == district
    }


def complaint(capsys: pytest.CaptureFixture[str], url: str, file: Path, *options: str) -> str:
    with pytest.raises(SystemExit) as ended:
        export(url, "dhis2", file, "--lang", "en", *options)
    assert ended.value.code == 2
    assert not file.exists()
    return capsys.readouterr().err.strip().removeprefix("health-kiosk: ")


def test_dhis2_gets_the_public_block_of_every_district(tmp_path: Path, url: str) -> None:
    written = export(url, "dhis2", tmp_path / "values.json", "--block", BLOCK)
    schema = json.loads((GOLDEN / "dhis2-data-value-set.schema.json").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(written)) == []
    assert {one["period"] for one in written["dataValues"]} == {"2026W16"}
    assert values(written, DISTRICT) == {
        "KSK_BP_SESSIONS_4W": "140", "KSK_BP_HIGH_4W": "40",
        "KSK_GLU_CASUAL_SESSIONS_4W": "105", "KSK_GLU_CASUAL_HIGH_4W": "15",
        "KSK_ENTRIES_4W": "1000",
    }  # fmt: skip
    assert values(written, SMALL_DISTRICT) == {"KSK_BP_SESSIONS_4W": "20"}
    assert values(written, HIDDEN_DISTRICT) == {}
    assert "0" not in {one["value"] for one in written["dataValues"]}
    assert {one["orgUnit"] for one in written["dataValues"]} == set(DISTRICTS) - {HIDDEN_DISTRICT}


def test_a_week_of_districts_tells_the_public_how_many_and_not_how_many_high(
    tmp_path: Path, url: str
) -> None:
    file = tmp_path / "values.json"
    public = export(url, "dhis2", file, "--week", WEEK)
    assert values(public, DISTRICT) == {"KSK_BP_SESSIONS": "95", "KSK_ENTRIES": "250"}
    officers = export(url, "dhis2", file, "--week", WEEK, "--audience", "internal")
    assert values(officers, DISTRICT) == {
        "KSK_BP_SESSIONS": "95", "KSK_BP_HIGH": "25", "KSK_ENTRIES": "250",
    }  # fmt: skip
    city = export(url, "dhis2", file, "--week", WEEK, "--district", "110000")
    assert values(city, "110000") == {
        "KSK_BP_SESSIONS": "1150", "KSK_BP_HIGH": "310", "KSK_ENTRIES": "250",
    }  # fmt: skip


def test_fhir_gets_a_valid_report_of_each_district_that_masks_what_is_hidden(
    tmp_path: Path, url: str
) -> None:
    written = export(url, "fhir", tmp_path / "reports.json", "--block", BLOCK)
    schema = json.loads((GOLDEN / "fhir-r4.schema.json").read_text(encoding="utf-8"))
    assert list(Draft6Validator(schema).iter_errors(written)) == []
    reports = {
        one["resource"]["contained"][1]["identifier"][0]["value"]: one["resource"]
        for one in written["entry"]
    }
    assert list(reports) == list(DISTRICTS)
    counts = [one.get("count") for one in reports[DISTRICT]["group"][0]["population"]]
    assert counts == [140, 140, 40]
    assert reports[DISTRICT]["group"][0]["measureScore"]["value"] == 29
    assert [one.get("count") for one in reports[SMALL_DISTRICT]["group"][0]["population"]] == [
        20, 20, None,
    ]  # fmt: skip
    hidden = json.dumps(reports[HIDDEN_DISTRICT]["group"])
    assert hidden.count('"masked"') == 2 * (3 + 1)
    assert '"count"' not in hidden
    assert "隐藏 hidden" in reports[HIDDEN_DISTRICT]["text"]["div"]


def test_a_window_that_is_not_for_this_audience_is_refused_with_one_that_is(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "values.json"
    officers = complaint(capsys, url, file, "--block", BLOCK, "--audience", "internal")
    assert officers.startswith("2026-B04x4 is not released: there are 2026-W06 to 2026-W16")
    city = complaint(capsys, url, file, "--block", BLOCK, "--district", "110000")
    assert city.startswith("2026-B04x4 is not released: there are 2026-W06 to 2026-W16")
    coming = complaint(capsys, url, file, "--block", "2026-B05x4")
    assert coming == (
        "2026-B05x4 is not released: there are 2026-B02x4 to 2026-B04x4 until now, and 2026-B05x4"
        " comes after 2026-05-19 00:00"
    )
    assert complaint(capsys, url, file, "--week", "2026-W17").startswith("2026-W17 is not released")


def test_where_the_public_gets_noise_no_week_of_officers_is_exported(
    tmp_path: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = service.settings.model_copy(update={"release": ReleaseSection(public_epsilon=10)})
    with serving(replace(service, settings=noise)) as noisy:
        said = complaint(capsys, noisy, tmp_path / "values.json", "--week", WEEK)
    assert said == "everything of 2026-W16 is hidden: there is nothing to export"


def test_a_file_of_nothing_is_not_written(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "values.json"
    said = complaint(capsys, url, file, "--block", BLOCK, "--district", HIDDEN_DISTRICT)
    assert said == "everything of 2026-B04x4 is hidden: there is nothing to export"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "one of the arguments --week --block is required"),
        (("--week", WEEK, "--block", BLOCK), "not allowed with argument"),
        (("--block", "B04x4"), "'B04x4' is not a block of weeks such as 2026-B10x4"),
        (("--week", WEEK, "--district", "bank"), "there is no district 'bank'"),
        (("--week", WEEK, "--audience", "all"), "invalid choice: 'all'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    file = tmp_path / "values.json"
    assert words in complaint(capsys, "http://127.0.0.1:1", file, *options)
