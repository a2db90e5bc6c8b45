"""The commands of the centre's operators, on a database that an ingest has filled."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from contract.status import Status
from contract.topics import Stream, topic
from ingest.calendar import ZONE
from ingest.operations.keys import Scope
from ingest.pipeline import Delivery
from ingest.service import assemble
from ingest.settings import Settings, StoreSection
from tests.e2e.test_command_line import complaint, run
from tests.integration.ingest import CHAOYANG, STATIONS, screening, status

NOW = datetime(2026, 2, 18, 12, 0, tzinfo=ZONE)


@pytest.fixture
def config(tmp_path: Path) -> str:
    """The settings of an ingest that has stored two messages, refused two, and misses one."""
    store = StoreSection(
        path=tmp_path / "store.sqlite", operations_url=f"sqlite:///{tmp_path}/operations.sqlite"
    )
    service = assemble(Settings(store=store), lambda: NOW)
    service.operations.inventory.register(STATIONS)
    sent = [screening(1), screening(2), screening(3, colour="red"), b"\xff no json"]
    payloads = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in sent]
    name = topic(CHAOYANG, Stream.SCREENING)
    service.pipeline.settle([Delivery(name, one, mid) for mid, one in enumerate(payloads)])
    claim = Status.model_validate(status("heartbeat", "a" * 16, numbered=4))
    service.operations.record(statuses=[claim], now=NOW)
    service.operations.close()
    file = tmp_path / "ingest.toml"
    file.write_text(
        f'[store]\npath = "{store.path}"\noperations_url = "{store.operations_url}"\n'
        "retention = { raw_days = 0 }\n"  # what is sent in tests is of days long past
    )
    return str(file)


def test_a_ledger_that_does_not_balance_says_so_and_ends_with_1(config: str) -> None:
    shown = run("ledger", "--config", config)
    assert shown.returncode == 1
    assert shown.stdout.splitlines() == [
        "1 station(s): 4 numbered ≠ 2 stored + 1 quarantined + 0 dropped + 0 pending",
        f"  {CHAOYANG} epoch 7: 1 unaccounted for",
    ]
    one = run("ledger", CHAOYANG, "--config", config)
    assert one.stdout.endswith("; never arrived: 4\n")
    assert "nothing was ever heard" in complaint("ledger", "nobody", "--config", config)


def test_a_refused_message_is_listed_shown_mended_and_stored(config: str, tmp_path: Path) -> None:
    listed = run("quarantine", "list", "--reason", "schema", "--config", config).stdout
    assert "colour: Extra inputs are not permitted" in listed
    assert listed.splitlines()[-1].startswith("1 shown of 2 in quarantine")
    digest = listed.split()[0]
    shown = json.loads(run("quarantine", "show", digest, "--config", config).stdout)
    assert shown.pop("colour") == "red"
    assert "refused again (schema)" in complaint("quarantine", "replay", digest, "--config", config)
    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(shown))
    replay = ("quarantine", "replay", digest, "--mended", str(mended), "--config", config)
    assert run(*replay).returncode == 0
    assert "no message" in complaint(*replay)
    assert " 3 stored + 0 quarantined" in run("ledger", "--config", config).stdout


def test_a_message_is_discarded_by_name_only(config: str) -> None:
    assert "more than one" in complaint("quarantine", "discard", "", "--config", config)
    listed = run("quarantine", "list", "--reason", "not_json", "--config", config).stdout
    assert run("quarantine", "discard", listed.split()[0], "--config", config).returncode == 0
    left = run("quarantine", "list", "--config", config).stdout.splitlines()[-1]
    assert left.startswith("1 shown of 1 in quarantine")
    assert left.endswith("; 1 were ever discarded")
    assert "one of truncated" in complaint("quarantine", "list", "--reason", "mood")


def test_a_key_is_printed_once_and_revoked(config: str) -> None:
    made = run("keys", "add", "An office", "--config", config).stdout.strip()
    identifier, _, secret = made.partition(".")
    listed = run("keys", "list", "--config", config).stdout
    assert listed.split()[:2] == [identifier, Scope.OFFICER]
    assert secret not in listed
    assert run("keys", "revoke", identifier, "--config", config).returncode == 0
    assert "revoked" in run("keys", "list", "--config", config).stdout
    assert "no valid key" in complaint("keys", "revoke", identifier, "--config", config)
