"""SIGKILL of the ingest worker, again and again: at a packet it sends, or at any moment."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from random import Random

from contract.receipts import Outcome
from tests.chaos.kills import Say
from tests.integration.broker import running_broker
from tests.integration.ingest import until
from tests.integration.insistence import insisting, ledger
from tests.integration.workers import Line, Worker, prepared, running_line

_PACKETS = 8
_SECONDS = 1.5
_MOST_MESSAGES = 150


def kill_the_worker(directory: Path, rounds: int, seed: int, say: Say) -> None:
    """A station insists; the worker dies `rounds` times. Nothing is lost, nothing is doubled."""
    rng = Random(seed)
    url = f"sqlite:///{directory}/operations.sqlite"
    with (
        running_broker(directory, persistent=True) as broker,
        closing(prepared(url)) as operations,
        running_line(broker) as (line, port),
        insisting(broker) as station,
    ):
        worker = Worker(directory, port, url, "ingest-1")
        line.kill = worker.strike
        try:
            for number in range(1, rounds + 1):
                station.send(rng.randint(1, _MOST_MESSAGES))
                worker.start()
                hour = _doom(line, worker, rng)
                assert worker.wait() == -9, f"round {number}: the worker ended by itself"
                hour.cancel()
                line.doomed = None  # or the next life would inherit it
                say(f"{number} of {rounds} kills, {len(station.outcomes)} receipts")
            worker.start()
            station.wait_for_all()
            until(lambda: ledger(operations).numbered == station.numbered)
            found = ledger(operations)
            assert found.balanced, found
            assert (found.stored, found.quarantined) == (station.numbered, 0)
            assert set(station.outcomes.values()) == {Outcome.STORED}
            assert _sessions(directory) == 2 * station.numbered
        finally:
            worker.kill()


def _doom(line: Line, worker: Worker, rng: Random) -> threading.Timer:
    """Half of the workers die at one of their first packets, the others by the clock."""
    left = rng.randint(1, _PACKETS)

    def doomed(_kind: int) -> bool:
        nonlocal left
        left -= 1
        return left == 0

    by_packet = rng.random() < 0.5
    line.doomed = doomed if by_packet else None
    # A worker may fall silent before its packet comes: then it dies idle.
    seconds = 2 * _SECONDS if by_packet else rng.uniform(0.5, 1) * _SECONDS
    hour = threading.Timer(seconds, worker.strike)
    hour.start()
    return hour


def _sessions(directory: Path) -> int:
    with closing(sqlite3.connect(directory / "store-sessions.sqlite")) as database:
        (count,) = database.execute("SELECT count(*) FROM sessions").fetchone()
    return int(count)
