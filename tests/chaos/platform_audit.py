"""The judgement over a platform: what stations sent against what the centre stored and counted."""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from contract.usage import WINDOW_SECONDS
from edge_agent.room import MADE
from simulators.city import BEIJING_TIME
from simulators.truth import AccountHeader, TruthHeader, write_account, write_truth
from tests.chaos.books import Sent, account_of, weeks_of
from tests.chaos.platform_edge import NOON_ZONE, Kiosk, Row
from tests.integration.influx import ORG, TOKEN

if TYPE_CHECKING:
    from tests.chaos.platform_scene import Scene

_PATIENCE_SECONDS = 15.0
_PAUSE_SECONDS = 0.5


def judge(scene: "Scene") -> str:
    """What balances, in a line; raises AssertionError with what was lost, doubled or invented.

    Of the two full agents every single row is compared, of all stations ledger, quarantine,
    sessions by week and category, and windows with their entries.
    """
    for kiosk in scene.kiosks.all:
        _judge_kiosk(scene, kiosk)
    until, pause = monotonic() + _PATIENCE_SECONDS, Event()
    # A heartbeat may be on its way that says less than has arrived since, or an agent's window.
    while (audit := _audited(scene, *write_books(scene))).returncode and monotonic() < until:
        pause.wait(_PAUSE_SECONDS)
    assert audit.returncode == 0, audit.stdout + audit.stderr
    return audit.stdout.partition("\n")[0]


def write_books(scene: "Scene") -> tuple[Path, Path]:
    """Truth and account of city and agents together, as files in the scene's directory."""
    weeks, accounts = scene.city.books()
    for kiosk in scene.kiosks.all:
        sent = _sent_by(kiosk)
        weeks += weeks_of(kiosk.id, sent)
        accounts.append(account_of(kiosk.id, sent))
    days = [datetime.strptime(f"{one.week}-1", "%G-W%V-%u").astimezone(UTC) for one in weeks]
    run: dict[str, Any] = {
        "seed": scene.plan.seed, "stations": len(accounts),
        "first": min(days).date(), "last": max(days).date(),
    }  # fmt: skip
    truth, account = scene.directory / "truth.jsonl", scene.directory / "account.jsonl"
    in_order = sorted(weeks, key=lambda one: (one.station, one.week))
    write_truth(truth, TruthHeader(**run, min_batch=1), in_order)
    messages = sum(one.stored + one.quarantined for one in accounts)
    ended = AccountHeader(**run, until=datetime.now(BEIJING_TIME), seconds=0, messages=messages)
    write_account(account, ended, sorted(accounts, key=lambda one: one.station))
    return truth, account


def _audited(scene: "Scene", truth: Path, account: Path) -> subprocess.CompletedProcess[str]:
    """What `health-kiosk simulate audit` says, which reads the databases past every road."""
    centre, settings = scene.centre, scene.directory / "audit.toml"
    influx = centre.influx
    settings.write_text(
        f'[store]\nkind = "{scene.plan.store}"\npath = "{centre.store_path}"\n'
        f'operations_url = "{centre.operations_url}"\n'
        "[store.retention]\nraw_days = 0\ntrends_days = 0\nusage_days = 0\nfleet_days = 0\n"
    )
    if influx is not None:
        section = f'[store.influx]\nurl = "{influx.url}"\norg = "{ORG}"\ntoken = "{TOKEN}"\n'
        settings.write_text(settings.read_text() + section)
    command = (
        sys.executable, "-m", "health_kiosk", "simulate", "audit",
        "--truth", truth, "--account", account, "--config", settings,
    )  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True)


def _judge_kiosk(scene: "Scene", kiosk: Kiosk) -> None:
    assert kiosk.refused() == {}, f"{kiosk.id} has refused {kiosk.refused()}"
    stored = stored_rows(scene, kiosk.id)
    assert stored == kiosk.rows, (
        f"{kiosk.id}: lost {kiosk.rows - stored}, doubled or invented {stored - kiosk.rows}"
    )


def stored_rows(scene: "Scene", station: str) -> Counter[Row]:
    """Every stored session of a station."""
    query = "SELECT category, subtype, systolic, diastolic, pulse, single FROM session"
    if scene.centre.influx is not None:
        found = scene.centre.influx.ask(f"{query} WHERE station = '{station}'", "kiosk_raw")
        rows = [row[1:] for row in found["series"][0]["values"]] if "series" in found else []
    else:
        with closing(sqlite3.connect(scene.disk.path / "store-sessions.sqlite")) as database:
            rows = database.execute(f"{query}s WHERE station = ?", (station,)).fetchall()
    return Counter((c, sub, s, d, p, bool(single)) for c, sub, s, d, p, single in rows)


def _sent_by(kiosk: Kiosk) -> Sent:
    ((epoch, numbered, dropped),) = kiosk.ask("SELECT epoch, numbered, dropped FROM outbox")
    assert dropped == 0, f"{kiosk.id} has dropped {dropped} messages"
    sent = Sent(epoch=epoch, numbered=numbered, stored=numbered)
    week = sent.week(datetime.now(ZoneInfo(NOON_ZONE)).date())
    for (category, *_), count in kiosk.rows.items():
        week.sessions.setdefault("bp", Counter())[category] += count
    for start in _windows_of(kiosk):
        sent.week(datetime.fromtimestamp(start, BEIJING_TIME).date()).windows += 1
    return sent


def _windows_of(kiosk: Kiosk) -> set[int]:
    """When the windows began that have left an agent, which has no sensor and tells no entries.

    There are some if a quarter of an hour ended meanwhile, or a clock was stepped over its end.
    """
    made = {
        start
        for (text,) in kiosk.ask(f"SELECT text FROM notes WHERE key = '{MADE}'")  # noqa: S608
        for first, last in json.loads(text)
        for start in range(first, last + 1, WINDOW_SECONDS)
    }
    return made - {start for (start,) in kiosk.ask("SELECT start FROM windows")}
