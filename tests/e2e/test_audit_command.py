"""`health-kiosk simulate audit` with the right files, and with the wrong ones."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contract.topics import Stream, topic
from health_kiosk.cli import main
from ingest.calendar import ZONE
from ingest.operations import Operations
from ingest.pipeline import Delivery
from ingest.service import assemble
from ingest.settings import Settings, StoreSection
from simulators.truth import (
    AccountHeader,
    StationAccount,
    StationWeek,
    TruthHeader,
    write_account,
    write_truth,
)
from tests.e2e.test_command_line import run
from tests.integration.ingest import CHAOYANG, STATIONS, screening

NOW = datetime(2026, 2, 18, 12, 0, tzinfo=ZONE)
NINE = int(datetime(2026, 2, 6, 9, tzinfo=ZONE).timestamp())
RUN: dict[str, Any] = {
    "seed": 7, "stations": 1, "first": date(2026, 2, 2), "last": date(2026, 2, 8),
}  # fmt: skip
TRUTH = StationWeek(
    station=CHAOYANG,
    district="110105",
    venue="convenience",
    week="2026-W06",
    entries=5,
    windows=2,
    sessions={"bp": {"grade1": 3, "normal": 4}},
    truly={},
)
ACCOUNT = StationAccount(
    station=CHAOYANG,
    epoch=7,
    numbered=4,
    stored=3,
    quarantined=1,
    dropped=0,
    pending=0,
    staged=3,
    sessions=4,
    windows=2,
    poisoned=1,
    by_week={"2026-W06": 4},
)


@dataclass(frozen=True)
class Files:
    """A centre's settings, and the files of what was sent to it."""

    directory: Path

    @property
    def truth(self) -> Path:
        return self.directory / "truth.jsonl"

    @property
    def account(self) -> Path:
        return self.directory / "account.jsonl"

    @property
    def config(self) -> Path:
        return self.directory / "ingest.toml"

    def command(self, *more: str) -> Sequence[str]:
        files = ("--truth", str(self.truth), "--account", str(self.account))
        return ("simulate", "audit", *files, "--config", str(self.config), *more)

    def write(self, truth: StationWeek = TRUTH, account: StationAccount = ACCOUNT) -> None:
        write_truth(self.truth, TruthHeader(**RUN, min_batch=5), [truth])
        header = AccountHeader(**RUN, until=NOW, seconds=1, messages=4)
        write_account(self.account, header, [account])


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    complaint: str


Call = Callable[..., Ended]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command in this process, which is quicker."""

    def called(*arguments: str) -> Ended:
        code: object = 0
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
        assert isinstance(code, int)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err if code == 2 else "")

    return called


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A centre that has stored four sessions and two windows, and refused a message."""
    store = StoreSection(
        path=tmp_path / "store.sqlite", operations_url=f"sqlite:///{tmp_path}/operations.sqlite"
    )
    service = assemble(Settings(store=store), lambda: NOW)
    service.operations.inventory.register(STATIONS)
    windows = [{"start": NINE, "entries": 2}, {"start": NINE + 900, "entries": 3}]
    usage = {"v": 1, "station": CHAOYANG, "epoch": 7, "seq": 3, "windows": windows}
    sent = [screening(1), screening(2), screening(4, colour="red")]
    messages = [*((Stream.SCREENING, one) for one in sent), (Stream.USAGE, usage)]
    service.pipeline.settle(
        [
            Delivery(topic(CHAOYANG, stream), json.dumps(message).encode(), packet)
            for packet, (stream, message) in enumerate(messages)
        ]
    )
    service.operations.close()
    made = Files(tmp_path)
    made.config.write_text(
        f'[store]\npath = "{store.path}"\noperations_url = "{store.operations_url}"\n'
        "retention = { raw_days = 0, usage_days = 0 }\n"  # these days are long past
    )
    made.write()
    return made


def test_what_balances_is_told_in_a_line_for_each_check(files: Files) -> None:
    shown = run(*files.command())
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.splitlines() == [
        "ledger: 4 messages of 1 stations balance: 3 stored, 1 quarantined, 0 dropped, 0 pending",
        "quarantine: 1 messages; it holds the poison that was sent (1)",
        "sessions: 4 stored sessions of 1 stations are the 7 measured less 3 staged and 0 pending,"
        " quarantined or dropped",
        "windows: 2 stored windows with 5 entries of 1 stations are those of the truth, week by"
        " week",
        "counted: 0 sessions counted in 0 released weeks are stored",
        "cells: 0 numbers of 0 released weeks say what was counted; 0 hidden",
        "shares: 0 released shares, none hold the truth",
        "audit: balanced, 7 checks",
    ]


def test_what_differs_is_named_to_the_end_of_what_was_asked_for(files: Files, call: Call) -> None:
    more = {"entries": 6, "sessions": {"bp": {"grade1": 1, "normal": 6}}}
    files.write(TRUTH.model_copy(update=more), ACCOUNT.model_copy(update={"by_week": {}}))
    told = files.directory / "findings.json"
    shown = call(*files.command("--most", "1", "--json", str(told)))
    assert shown.code == 1
    lines = shown.out.splitlines()
    wrong = f"  {CHAOYANG}, 2026-W06: sessions of bp grade1: expected at most 1, found 2"
    assert lines[lines.index(wrong) + 1] == "  and 1 more; --all shows them"
    assert f"  {CHAOYANG}, 2026-W06: entries: expected 6, found 5" in lines
    assert lines[-1] == "audit: does not balance: 3 difference(s) in sessions, windows"
    findings = json.loads(told.read_text())
    sessions = next(check for check in findings["checks"] if check["name"] == "sessions")
    assert (findings["balanced"], sessions["count"]) == (False, 2)
    assert sessions["differences"][1] == {
        "place": CHAOYANG, "week": "2026-W06", "what": "sessions", "expected": "0", "found": "4",
    }  # fmt: skip
    everything = call(*files.command("--all")).out
    assert f"  {CHAOYANG}, 2026-W06: sessions: expected 0, found 4" in everything.splitlines()


def test_files_that_are_not_those_of_a_run_are_named_with_what_to_do(
    files: Files, call: Call
) -> None:
    account = files.account.read_text()
    files.account.write_text(account.replace('"seed":7', '"seed":8', 1))
    assert "its seed is 8, that of the truth is 7; give the two" in call(*files.command()).complaint
    files.account.write_text(account.replace('"account":1', '"account":2', 1))
    assert "is of version 2, and version 1 is understood" in call(*files.command()).complaint
    files.account.write_text(files.truth.read_text())
    assert "is no account file; give one that --account has" in call(*files.command()).complaint
    files.account.write_text(account.replace('"epoch":7', '"epoch":"x"'))
    assert "line 2: epoch: " in call(*files.command()).complaint
    files.account.write_bytes(b"\xff\xfe")
    assert "is not JSON Lines" in call(*files.command()).complaint
    files.account.unlink()
    assert "`health-kiosk simulate city --account" in call(*files.command()).complaint


def test_a_centre_that_is_not_there_or_of_another_city_is_named(files: Files, call: Call) -> None:
    with closing(Operations(f"sqlite:///{files.directory}/other.sqlite")):
        other = files.config.read_text().replace("operations.sqlite", "other.sqlite")
    right = files.config.read_text()
    files.config.write_text(other)
    assert (
        f"has none of the 1 stations, such as {CHAOYANG}; name" in call(*files.command()).complaint
    )
    files.config.write_text(right.replace("store.sqlite", "nowhere.sqlite"))
    assert "there is no database" in call(*files.command()).complaint
    assert not (files.directory / "nowhere.sqlite").exists()
    files.config.write_text(
        '[store]\nkind = "influx"\ninflux = { token = "x", url = "http://127.0.0.1:1" }\n'
        f'operations_url = "sqlite:///{files.directory}/operations.sqlite"\n'
    )
    assert (
        "InfluxDB at http://127.0.0.1:1: the connection is refused"
        in call(*files.command()).complaint
    )


def test_an_option_that_cannot_be_is_refused(files: Files, call: Call) -> None:
    assert "is not a number from 0 up" in call(*files.command("--most", "few")).complaint
    assert "cannot write" in call(*files.command("--json", "/no/such/directory/a.json")).complaint
    assert (
        "the following arguments are required: --account"
        in call("simulate", "audit", "--truth", str(files.truth)).complaint
    )


def test_the_help_shows_examples(call: Call) -> None:
    assert "--truth t.jsonl --account a.jsonl" in call("simulate", "audit", "--help").out
