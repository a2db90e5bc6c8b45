"""Preparing an InfluxDB 2: what is asked of its API, which Debian's influxd does not have."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from contract.errors import StoreUnavailable
from health_kiosk.cli import main
from ingest.settings import StoreSection
from ingest.store.influx_buckets import USAGE, shard_days
from ingest.store.influx_setup import prepare


@dataclass
class FakeInflux2:
    """The parts of the API that preparing needs, by its OpenAPI document."""

    url: str = ""
    orgs: list[dict[str, str]] = field(
        default_factory=lambda: [{"id": "0rg", "name": "health-kiosk"}]
    )
    buckets: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path == "/ping":
            return 204, None
        if path == "/api/v2/orgs":
            return 200, {"orgs": self.orgs}
        kept = self.buckets if "buckets" in path else self.tokens
        name = "buckets" if "buckets" in path else "authorizations"
        if method == "GET":
            return 200, {name: kept}
        if method == "DELETE":
            kept[:] = [one for one in kept if not path.endswith(one["id"])]
            return 204, None
        if method == "PATCH":
            (one,) = (one for one in kept if path.endswith(one["id"]))
            one |= body
            return 200, one
        made = body | {"id": f"{name}-{len(kept)}", "token": "s3cret"}
        kept.append(made)
        return 201, made


@pytest.fixture
def influx2() -> Iterator[FakeInflux2]:
    fake = FakeInflux2()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, answer = fake.answer(self.command, urlsplit(self.path).path, body)
            data = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("X-Influxdb-Version", "v2.7.10")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815  # names of the protocol

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield fake
        server.shutdown()
        thread.join()


def settings(fake: FakeInflux2, org: str = "health-kiosk", raw_days: int = 90) -> StoreSection:
    return StoreSection.model_validate(
        {
            "kind": "influx",
            "influx": {"url": fake.url, "token": "operator", "org": org},
            "retention": {"raw_days": raw_days},
        }
    )


def test_the_token_for_dashboards_reads_everything_but_single_sessions(
    influx2: FakeInflux2,
) -> None:
    assert prepare(settings(influx2)).token == "s3cret"  # noqa: S105
    names = {bucket["id"]: bucket["name"] for bucket in influx2.buckets}
    (token,) = influx2.tokens
    assert {one["action"] for one in token["permissions"]} == {"read"}
    assert {names[one["resource"]["id"]] for one in token["permissions"]} == {
        "kiosk_trends", "kiosk_usage", "kiosk_fleet",
    }  # fmt: skip


def test_preparing_again_makes_nothing_twice_and_changes_the_retention(
    influx2: FakeInflux2,
) -> None:
    prepare(settings(influx2))
    assert prepare(settings(influx2, raw_days=45)).token is None
    assert len(influx2.tokens) == 1
    kept = {one["name"]: one["retentionRules"][0]["everySeconds"] for one in influx2.buckets}
    assert kept == {
        "kiosk_raw": 45 * 86_400,
        "kiosk_trends": 3653 * 86_400,
        "kiosk_usage": 730 * 86_400,
        "kiosk_fleet": 90 * 86_400,
    }
    pieces = {
        one["name"]: one["retentionRules"][0].get("shardGroupDurationSeconds", 0) // 86_400
        for one in influx2.buckets
    }
    assert pieces == {"kiosk_raw": 0, "kiosk_trends": 182, "kiosk_usage": 28, "kiosk_fleet": 7}


@pytest.mark.parametrize(("days", "piece"), [(0, 28), (112, 28), (111, 0), (7, 0)])
def test_what_expires_in_one_piece_is_short_beside_what_is_kept(days: int, piece: int) -> None:
    assert shard_days(USAGE, days) == piece


def test_a_token_that_is_lost_is_made_anew_and_the_former_is_worthless(
    influx2: FakeInflux2,
) -> None:
    prepare(settings(influx2))
    influx2.tokens[0]["id"] = "former"
    assert prepare(settings(influx2), new_token=True).token == "s3cret"  # noqa: S105
    (token,) = influx2.tokens
    assert token["id"] != "former"


def test_the_token_is_kept_in_a_file_and_made_anew_when_that_is_lost(
    influx2: FakeInflux2,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("INGEST__STORE__KIND", "influx")
    monkeypatch.setenv("INGEST__STORE__INFLUX__URL", influx2.url)
    monkeypatch.setenv("INGEST__STORE__INFLUX__TOKEN", "operator")
    file = tmp_path / "token"
    command = ["ingest", "init", "--token-file", str(file)]
    main(command)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("s3cret", 0o640)
    assert "s3cret" not in capsys.readouterr().out
    influx2.tokens[0]["id"] = "former"
    main(command)
    assert [one["id"] for one in influx2.tokens] == ["former"]
    file.unlink()
    main(command)
    assert file.read_text() == "s3cret"
    assert [one["id"] for one in influx2.tokens] == ["authorizations-0"]


def test_an_organisation_that_is_not_there_is_named(influx2: FakeInflux2) -> None:
    influx2.orgs.clear()
    with pytest.raises(StoreUnavailable, match="no organisation 'elsewhere'"):
        prepare(settings(influx2, org="elsewhere"))
