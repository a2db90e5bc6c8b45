"""`health-kiosk edge status`: what the station's file says, while the agent goes on undisturbed."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract.status import LedgerCount
from edge_agent import lock
from edge_agent.outbox import Inspection, OutboxDamaged, OutboxTooNew, inspect
from edge_agent.settings import load
from edge_agent.succession import REPORT_NOTE
from health_kiosk.configuration import settings_from
from health_kiosk.doctor.outbox import age_hours
from health_kiosk.failure import Failure


def run(options: argparse.Namespace) -> None:
    """Print the state of the station that the file `options.config` describes."""
    settings = settings_from(load, options.config)
    path = settings.outbox.path
    try:
        runs, pid = lock.is_held(path), lock.holder(path)
        found = inspect(path, min_batch=settings.privacy.min_batch)
    except OSError as error:
        raise Failure(f"cannot look at {path}: {error.strerror}; try it with sudo") from error
    except OutboxTooNew as error:
        raise Failure(str(error)) from error
    except OutboxDamaged as error:
        raise Failure(f"{error}; the agent lays it aside when it starts") from error
    status = state(found, settings.station.id, path, datetime.now(UTC))
    status["agent"] = {"runs": runs, "process": pid}
    print(json.dumps(status, indent=2) if options.json else "\n".join(lines(status)))


def state(found: Inspection, station: str, path: Path, now: datetime) -> dict[str, Any]:
    """What was found, for a program; nothing in it tells when somebody measured.

    Of the file's notes only the report of the configuration is shown: others hold passkeys.
    """
    report = found.notes.get(REPORT_NOTE)
    return {
        "station": station,
        "file": {"path": str(path), "bytes": found.file_bytes},
        "ledger": _account(found.ledger),
        "ended": [_account(ended) for ended in found.ended],
        "backlog": {
            "messages": found.backlog.messages,
            "windows": found.backlog.windows,
            "oldest_hours": age_hours(found.backlog.oldest_at, now),
        },
        "staged": dict(found.staged),
        "configuration": json.loads(report) if report else None,
        "losses": found.losses.model_dump(mode="json"),
    }


def lines(status: dict[str, Any]) -> list[str]:
    """The same for people."""
    agent, backlog, ledger = status["agent"], status["backlog"], status["ledger"]
    oldest = backlog["oldest_hours"]
    staged = ", ".join(f"{measure}: {many}" for measure, many in status["staged"].items())
    configuration = status["configuration"]
    losses = ", ".join(f"{what} {many}" for what, many in status["losses"].items())
    return [
        f"station   {status['station']}",
        f"agent     {_running(agent)}",
        f"file      {status['file']['path']}, {status['file']['bytes']} bytes",
        f"backlog   {backlog['messages']} messages, {backlog['windows']} windows"
        + (f", the oldest for {oldest} h" if oldest is not None else ""),
        f"ledger    {_spelled(ledger)}",
        *(f"ended     {_spelled(ended)}" for ended in status["ended"]),
        f"staged    {staged or 'nothing'}",
        f"lost      {losses}",
        f"desired   {_reported(configuration) if configuration else 'nothing'}",
    ]


def _account(ledger: LedgerCount) -> dict[str, int]:
    settled = ledger.numbered - ledger.pending - ledger.dropped
    return {**ledger.model_dump(), "settled": settled}


def _running(agent: dict[str, Any]) -> str:
    if not agent["runs"]:
        return "does not run"
    return f"runs as process {agent['process']}" if agent["process"] else "runs"


def _reported(configuration: dict[str, Any]) -> str:
    problem = configuration.get("problem")
    words = f"revision {configuration['revision']}: {configuration['outcome']}"
    return f"{words} ({problem})" if problem else words


def _spelled(account: dict[str, int]) -> str:
    return (
        f"epoch {account['epoch']}: {account['numbered']} numbered = {account['settled']} settled"
        f" + {account['pending']} pending + {account['dropped']} dropped"
    )
