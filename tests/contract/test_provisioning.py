"""Grafana's provisioning files: keys that Grafana documents, and the names that the boards use."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.grafana.committed import FOLDER_TITLES, folder_uid
from dashboard.grafana.languages import Language
from dashboard.grafana.sources import Source
from ingest.store.influx_buckets import RAW, READABLE
from tests.integration.compose_file import SERVICES

ROOT = Path(__file__).parent.parent.parent
PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"
FILES = sorted(file for file in PROVISIONING.glob("*/*") if file.suffix in (".yaml", ".json"))

# https://grafana.com/docs/grafana/v11.6/administration/provisioning/
DATASOURCE = {
    "name", "uid", "type", "access", "url", "editable", "isDefault", "jsonData", "secureJsonData",
    "orgId", "version",
}  # fmt: skip
INFLUXQL = {"version", "dbName", "httpMode", "httpHeaderName1", "timeInterval"}
PROMETHEUS = {"httpMethod", "timeInterval", "manageAlerts", "prometheusType", "prometheusVersion"}
PROVIDER = {
    "name", "orgId", "type", "folder", "folderUid", "disableDeletion", "allowUiUpdates",
    "updateIntervalSeconds", "options",
}  # fmt: skip
ALERTING = {
    "apiVersion", "groups", "deleteRules", "contactPoints", "deleteContactPoints", "policies",
    "resetPolicies", "templates", "deleteTemplates", "muteTimes", "deleteMuteTimes",
}  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    assert document["apiVersion"] == 1
    return document


def _sources() -> dict[str, dict[str, Any]]:
    document = _read(PROVISIONING / "datasources" / "health-kiosk.yaml")
    assert set(document) == {"apiVersion", "datasources"}
    return {source["uid"]: source for source in document["datasources"]}


def test_every_source_of_the_boards_is_provisioned_and_no_other() -> None:
    sources = _sources()
    assert set(sources) == set(Source)
    for source in Source:
        given = sources[source]
        assert given["type"] == source.kind
        assert set(given) <= DATASOURCE
        assert set(given["jsonData"]) <= (PROMETHEUS if source is Source.METRICS else INFLUXQL)
        assert given["access"] == "proxy"
        assert given["editable"] is False


def test_each_bucket_is_asked_by_its_name_and_single_sessions_are_not() -> None:
    databases = {
        uid: given["jsonData"]["dbName"]
        for uid, given in _sources().items()
        if given["type"] == "influxdb"
    }
    assert databases == {uid: uid.replace("-", "_") for uid in databases}
    assert set(databases.values()) == set(READABLE)
    assert RAW not in (PROVISIONING / "datasources" / "health-kiosk.yaml").read_text("utf-8")


def test_grafana_reads_with_the_token_that_ingest_init_keeps() -> None:
    command = SERVICES["prepare"]["command"]
    file = command[command.index("--token-file") + 1]
    for given in _sources().values():
        if given["type"] == "influxdb":
            assert given["jsonData"]["httpHeaderName1"] == "Authorization"
            assert given["secureJsonData"] == {"httpHeaderValue1": f"Token $__file{{{file}}}"}
    volume = f"tokens:{Path(file).parent}"
    assert volume in SERVICES["prepare"]["volumes"]
    assert f"{volume}:ro" in SERVICES["grafana"]["volumes"]
    assert [name for name, one in SERVICES.items() if "tokens:" in str(one.get("volumes"))] == [
        "prepare", "grafana",
    ]  # fmt: skip


def test_boards_of_both_languages_are_in_the_folders_that_push_uses() -> None:
    document = _read(PROVISIONING / "dashboards" / "health-kiosk.yaml")
    providers = {provider["folderUid"]: provider for provider in document["providers"]}
    assert set(providers) == {folder_uid(language) for language in Language}
    mounted = dict(volume.split(":")[1::-1] for volume in SERVICES["grafana"]["volumes"])
    for language in Language:
        provider = providers[folder_uid(language)]
        assert set(provider) <= PROVIDER
        assert provider["folder"] == language.of(FOLDER_TITLES)
        there = Path(provider["options"]["path"])
        here = ROOT / mounted[str(there.parent)] / there.name
        assert here == ROOT / "dashboard" / "grafana" / "rendered" / language
        assert list(here.glob("*.json"))


def _texts(value: Any) -> Iterator[str]:
    """Every text in which Grafana looks for variables: not those of an alert's queries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name != "model":
                yield from _texts(one)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_variable_of_the_environment_is_one_that_grafana_is_given(file: Path) -> None:
    # Grafana takes every "$" for a variable, unless it is doubled.
    named = {
        name
        for text in _texts(_read(file))
        for name in re.findall(r"\$(?!__file\{)\{?(\w*)", text.replace("$$", ""))
    }
    assert named <= set(SERVICES["grafana"]["environment"])


def test_alerting_files_have_documented_keys_and_so_has_the_sample() -> None:
    alerting = sorted((PROVISIONING / "alerting").iterdir())
    # Grafana does not start with any other file there.
    assert {file.suffix for file in alerting} <= {".yaml", ".yml", ".json"}
    sample = ROOT / "deploy" / "grafana" / "notifications.yaml.sample"
    for file in (*alerting, sample):
        assert set(_read(file)) <= ALERTING, file.name
    told = _read(sample)
    (point,) = told["contactPoints"]
    (policy,) = told["policies"]
    assert policy["receiver"] == point["name"]


def test_alerts_ask_the_sources_that_are_provisioned() -> None:
    asked = {
        query["datasourceUid"]
        for file in (PROVISIONING / "alerting").iterdir()
        for group in _read(file).get("groups", ())
        for rule in group["rules"]
        for query in rule["data"]
    }
    assert asked
    assert asked <= {*_sources(), "__expr__"}


def test_prometheus_finds_every_worker_by_the_name_and_port_of_the_service() -> None:
    document = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text("utf-8"))
    (job,) = document["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    (name,) = found["names"]
    (port,) = SERVICES[name]["ports"]
    assert port.endswith(f":{found['port']}")
