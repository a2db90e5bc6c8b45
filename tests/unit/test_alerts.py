"""Alert rules: their file, their form, when they fire, and that they keep still without data."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from contract.places import Name
from dashboard.grafana.alerting import Rule, Severity
from dashboard.grafana.alerts import PROVISIONED, rendered
from dashboard.grafana.fleet_alerts import FLEET_RULES
from dashboard.grafana.ingest_alerts import INGEST_RULES
from dashboard.grafana.render import rendered as boards
from dashboard.grafana.sources import Source
from ingest.fleet import COUNTED
from tests.grafana_alerts import DOCUMENT, WRITTEN, fires

GOLDEN = Path(__file__).parent.parent / "golden"
RULES: dict[str, Rule] = {one.uid: one for one in (*FLEET_RULES, *INGEST_RULES)}


def test_the_file_is_what_the_code_says() -> None:
    assert PROVISIONED.read_text(encoding="utf-8") == rendered()


def test_the_file_is_one_that_grafana_takes() -> None:
    schema = json.loads((GOLDEN / "grafana_alert_rules.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(DOCUMENT, schema)
    wrong = json.loads(rendered())
    wrong["groups"][0]["rules"][0]["noDataState"] = "KeepState"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_everything_that_is_to_be_watched_has_a_rule() -> None:
    assert set(RULES) == {
        "kiosk-stations-silent", "kiosk-city-silent", "kiosk-backlog-growing", "kiosk-ledger-gap",
        "kiosk-ingest-down", "kiosk-ingest-problem", "kiosk-receipt-lag", "kiosk-rejects-high",
        "kiosk-messages-discarded", "kiosk-release-overdue", "kiosk-certificate-expiring",
        "kiosk-fleet-stale",
    }  # fmt: skip
    titles = [one["title"] for one in WRITTEN.values()]
    assert len(set(titles)) == len(titles) == len(RULES)


@pytest.mark.parametrize("uid", RULES)
def test_expressions_name_what_is_there_and_the_condition_is_last(uid: str) -> None:
    data = WRITTEN[uid]["data"]
    known: list[str] = []
    for one in data:
        assert one["model"]["refId"] == one["refId"] not in known
        assert one["datasourceUid"] == one["model"]["datasource"]["uid"]
        if one["datasourceUid"] == "__expr__":
            text = one["model"]["expression"]
            used = re.findall(r"\$(\w+)", text) or [text]
            assert set(used) <= set(known)
        else:
            assert one["relativeTimeRange"]["from"] > 0
        known.append(one["refId"])
    assert WRITTEN[uid]["condition"] == known[-1] == "X"


@pytest.mark.parametrize("uid", RULES)
def test_no_data_neither_fires_nor_resolves(uid: str) -> None:
    rule = WRITTEN[uid]
    assert rule["noDataState"] == "KeepLast"
    assert rule["execErrState"] == ("Error" if RULES[uid].tells_errors else "KeepLast")
    for one in rule["data"]:
        expression = one["model"].get("expr", "")
        # A comparison that filters would leave nothing of what is well.
        bare = re.sub(r"(==|!=|>=|<=|>|<) (bool\b|0 or vector|0\) or vector)", "", expression)
        assert not re.search(r"[<>]|==|!=", bare), expression


def test_one_rule_for_each_source_tells_when_it_cannot_be_asked() -> None:
    telling = {
        one["datasourceUid"]
        for uid, rule in RULES.items()
        if rule.tells_errors
        for one in WRITTEN[uid]["data"]
    }
    assert telling == {Source.FLEET, Source.METRICS, "__expr__"}
    assert len([one for one in RULES.values() if one.tells_errors]) == 2


@pytest.mark.parametrize("uid", RULES)
def test_a_rule_says_in_both_languages_what_is_wrong_and_what_to_do(uid: str) -> None:
    rule, written = RULES[uid], WRITTEN[uid]
    for name in (rule.title, rule.says, rule.todo):
        assert isinstance(name, Name)
        assert re.search(r"[\u4e00-\u9fff]", name.zh)
        assert not re.search(r"[\u4e00-\u9fff]", name.en)
    assert set(written["annotations"]) == {"summary", "description"}
    assert written["labels"]["severity"] in set(Severity)


@pytest.mark.parametrize("uid", RULES)
def test_a_rule_leads_to_a_panel_that_is_there_and_shows_it(uid: str) -> None:
    board = json.loads(boards()[f"zh/{WRITTEN[uid]['dashboardUid']}.json"])
    (panel,) = (one for one in board["panels"] if one["id"] == WRITTEN[uid]["panelId"])
    asked = " ".join(str(one["model"].get(key, "")) for one in WRITTEN[uid]["data"]
                     for key in ("query", "expr"))  # fmt: skip
    shown = " ".join(str(one.get(key, "")) for one in panel["targets"] for key in ("query", "expr"))
    names = re.compile(r"ingest_[a-z_]+|silent|backlog_messages|ledger_gap")
    assert set(names.findall(asked)) & set(names.findall(shown))


def test_questions_of_the_fleet_name_fields_that_are_written() -> None:
    for uid in RULES:
        for one in WRITTEN[uid]["data"]:
            if one["datasourceUid"] == Source.FLEET:
                named = re.findall(r"(?:last|mean)\((\w+)\)", one["model"]["query"])
                assert named
                assert set(named) <= set(COUNTED)
                assert "$timeFilter" in one["model"]["query"]


@pytest.mark.parametrize(
    ("silent", "heard", "expected"),
    [
        (0, 0, False), (0, 1250, False), (1, 1, True), (1, 2, True), (1, 3, False), (2, 20, True),
        (2, 21, False), (49, 1250, False), (50, 1250, True), (124, 1250, True), (9, 100, False),
        (10, 100, True),
    ],
)  # fmt: skip
def test_a_district_is_silent_by_share_and_by_count(
    silent: int, heard: int, expected: bool
) -> None:
    assert fires("kiosk-stations-silent", S=silent, H=heard) is expected


def test_the_city_is_silent_when_a_quarter_is() -> None:
    assert fires("kiosk-city-silent", S=5000, H=20_000)
    assert not fires("kiosk-city-silent", S=4999, H=20_000)
    assert not fires("kiosk-city-silent", S=9, H=9), "a few are their district's matter"


@pytest.mark.parametrize(
    ("last", "least", "stations", "expected"),
    [
        (1300, 400, 1250, True),
        (1249, 400, 1250, False),  # less than one for each station
        (1300, 900, 1250, False),  # it does not grow
        (49, 1, 4, False),
        (50, 1, 4, True),
        (0, 0, 0, False),
    ],
)
def test_a_backlog_grows(last: int, least: int, stations: int, expected: bool) -> None:
    assert fires("kiosk-backlog-growing", L=last, M=least, N=stations) is expected


def test_single_numbers_have_their_limits() -> None:
    assert (fires("kiosk-ledger-gap", G=1), fires("kiosk-ledger-gap", G=0)) == (True, False)
    assert (fires("kiosk-ingest-down", A=0), fires("kiosk-ingest-down", A=1)) == (True, False)
    assert fires("kiosk-receipt-lag", A=5.1, B=0)
    assert fires("kiosk-receipt-lag", A=0, B=61)
    assert not fires("kiosk-receipt-lag", A=5, B=60)
    day = 86_400
    assert not fires("kiosk-release-overdue", A=8 * day + 3600), "a week and a day is usual"
    assert fires("kiosk-release-overdue", A=9 * day + 1)
    assert fires("kiosk-certificate-expiring", A=20 * day)
    assert not fires("kiosk-certificate-expiring", A=22 * day)
    assert not fires("kiosk-fleet-stale", A=600), "a large fleet is looked at every five minutes"
    assert fires("kiosk-fleet-stale", A=1300)
