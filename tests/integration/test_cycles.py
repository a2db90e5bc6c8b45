"""The collector of garbage, for which all threads wait: where it must not search."""

import gc
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from ingest.calendar import ZONE
from ingest.centre import opened
from ingest.operations import Operations, Station
from ingest.settings import StoreSection
from ingest.whole_city import look

NOW = datetime(2026, 2, 18, 12, 0, tzinfo=ZONE)
_SERVERS = {
    "ingest": (
        "from pathlib import Path; from ingest import service;"
        " from ingest.settings import Settings, StoreSection;"
        " store = StoreSection(path=Path('store.sqlite'), operations_url='sqlite:///o.sqlite');"
        " run = lambda: service.run(Settings(store=store))"
    ),
    "page": (
        "from dashboard.web import app; run = lambda: app.run('127.0.0.1', 1, 'http://127.0.0.1:1')"
    ),
}
# The server ends as soon as it would serve, and tells what nobody will look through again.
_UNSERVED = """
import gc, sys, uvicorn
def serve(*_, **__):
    print("left and searched:", gc.get_freeze_count(), len(gc.get_objects()))
    raise SystemExit
uvicorn.run = uvicorn.Server.run = serve
run()
"""


@pytest.fixture
def operations(tmp_path: Path) -> Operations:
    """The operational database of a city with enough stations to make much garbage."""
    section = StoreSection(
        path=tmp_path / "store.sqlite", operations_url=f"sqlite:///{tmp_path}/operations.sqlite"
    )
    _, found = opened(section, lambda: NOW)
    found.inventory.register(
        Station(f"S{number}", "站", "Stop", "110105", "bank", 2) for number in range(3_000)
    )
    return found


def test_no_cycles_are_searched_for_while_the_whole_city_is_read(operations: Operations) -> None:
    searched: list[str] = []
    gc.callbacks.append(lambda phase, _: searched.append(phase))
    try:
        found = look(operations, NOW)
        during = list(searched)
    finally:
        gc.callbacks.pop()
    assert len(found.states) == 3_000
    assert during.count("start") <= 1, "at the end, of what is left"
    assert gc.isenabled()


@pytest.mark.parametrize("server", _SERVERS)
def test_a_server_searches_nothing_that_was_there_before_it_served(
    server: str, tmp_path: Path
) -> None:
    program = _SERVERS[server] + _UNSERVED
    told = subprocess.run(
        (sys.executable, "-c", program), cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    words = told.stdout.split("left and searched:")
    assert len(words) == 2, told.stderr
    left, searched = map(int, words[1].split())
    assert left > 50_000
    assert searched < left / 10
