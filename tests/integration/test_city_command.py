"""`health-kiosk simulate city` as somebody types it, on a real mosquitto."""

import signal
import subprocess
import sys
from pathlib import Path

from contract.status import Kind
from simulators.truth import read_account, read_truth
from tests.integration.broker import Broker
from tests.integration.receipting import PATIENCE_SECONDS, running_ingest

COMMAND = (sys.executable, "-m", "health_kiosk", "simulate", "city", "--stations", "12")


def arguments(broker: Broker, directory: Path, *more: str) -> tuple[str, ...]:
    where = ("--broker", f"{broker.host}:{broker.port}", "--start", "2026-03-02", "--days", "2")
    books = ("--truth", f"{directory}/t.jsonl", "--account", f"{directory}/a.jsonl")
    return (*COMMAND, *where, *books, *more)


def test_a_run_writes_its_books_and_says_goodbye(broker: Broker, tmp_path: Path) -> None:
    with running_ingest(broker) as ingest:
        done = subprocess.run(
            arguments(broker, tmp_path, "--speed", "100000", "--scenario", "three-days-offline"),
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert ingest.has_seen(
            lambda: all(told[-1].kind is Kind.DEATH for told in ingest.statuses.values())
        )
        sent = sum(len(batch.windows) for batch in ingest.usage.values())
    header, weeks = read_truth(tmp_path / "t.jsonl")
    assert (header.stations, header.until, header.seed) == (12, None, 7)
    assert header.scenario == "three-days-offline"
    assert sum(week.windows for week in weeks) == sent > 500
    of_run, accounts = read_account(tmp_path / "a.jsonl")
    assert of_run.messages == sum(one.stored for one in accounts) > 100
    assert of_run.p50_seconds is not None
    assert f"{of_run.messages} messages have their receipts" in done.stderr
    assert "/12 connected" in done.stderr


def test_sigterm_ends_a_run_early_with_books_of_what_was_done(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker) as ingest:
        process = subprocess.Popen(
            arguments(broker, tmp_path, "--speed", "7200"), stderr=subprocess.PIPE, text=True
        )
        assert ingest.has_seen(lambda: len(ingest.usage) > 20)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
        assert ingest.has_seen(
            lambda: all(told[-1].kind is Kind.DEATH for told in ingest.statuses.values())
        )
    assert process.returncode == 0
    assert "messages have their receipts" in said
    header, weeks = read_truth(tmp_path / "t.jsonl")
    assert header.until is not None
    accounts = list(read_account(tmp_path / "a.jsonl")[1])
    pending = sum(one.pending for one in accounts)
    told = sum(week.windows for week in weeks)
    assert 0 < sum(one.windows for one in accounts) <= told
    assert told <= sum(len(batch.windows) for batch in ingest.usage.values()) + 4 * 12 + pending


def test_more_stations_than_open_files_are_refused_with_what_to_do() -> None:
    limited = f"ulimit -n 200 && exec {' '.join(COMMAND[:-1])} 400 --broker 127.0.0.1:1"
    done = subprocess.run(
        ("bash", "-c", limited), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "400 stations need 464 open files and this process may have 200" in done.stderr
    assert "simulate 136 stations at most, or raise the limit" in done.stderr


def test_a_missing_broker_is_named(broker: Broker, tmp_path: Path) -> None:
    broker.kill()
    done = subprocess.run(
        arguments(broker, tmp_path), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert f"no MQTT broker answers at {broker.host}:{broker.port}" in done.stderr
