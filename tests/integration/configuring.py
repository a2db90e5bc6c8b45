"""An operator who desires a configuration, and a whole agent that may take it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import SystemRandom
from typing import Any

from contract.condition import Configuration
from contract.status import Kind, Status
from contract.topics import Stream, topic
from edge_agent import agent
from edge_agent.settings import Settings
from health_kiosk.retained import Broker as Where
from health_kiosk.retained import publish
from tests.integration.broker import Broker
from tests.integration.radio import CUFF_ADDRESS
from tests.integration.receipting import Ingest

STATION = "BJ-CY-012"
CONFIG = topic(STATION, Stream.CONFIG)


class Operator:
    """Who publishes desired configurations and reads statuses."""

    def __init__(self, broker: Broker, ingest: Ingest) -> None:
        self.where = Where(broker.host, broker.port)
        self._ingest = ingest

    def desire(self, settings: dict[str, Any], revision: str) -> None:
        """Publish it as it is, without the checks of the command line."""
        whole = {"station": STATION, "revision": revision, "settings": settings}
        publish(self.where, CONFIG, json.dumps(whole).encode())

    def clear(self) -> None:
        publish(self.where, CONFIG, b"")

    @property
    def statuses(self) -> list[Status]:
        return self._ingest.statuses[STATION]

    @property
    def boots(self) -> list[str]:
        """The lives that were born, in order."""
        born = (status.boot for status in self.statuses if status.kind is Kind.BIRTH)
        return list(dict.fromkeys(born))

    @property
    def births(self) -> int:
        return sum(status.kind is Kind.BIRTH for status in self.statuses)

    def heartbeat_seconds(self, boot: str) -> float:
        """What the birth of a life says of its settings."""
        birth = next(status for status in self.statuses if status.boot == boot)
        assert birth.agent is not None
        return birth.agent.heartbeat_seconds

    async def hears(self, what: Callable[[Status], bool]) -> Status:
        """The last status, as soon as it is such a one."""
        found = await asyncio.to_thread(
            self._ingest.has_seen, lambda: bool(self.statuses) and what(self.statuses[-1])
        )
        assert found, self.statuses[-1:]
        return self.statuses[-1]

    async def hears_of(self, revision: str) -> Configuration:
        """What the status says became of the revision, as soon as it says so."""
        status = await self.hears(lambda status: _configuration(status, revision) is not None)
        found = _configuration(status, revision)
        assert found is not None
        return found


def _configuration(status: Status, revision: str) -> Configuration | None:
    said = status.condition.configuration if status.condition else None
    return said if said is not None and said.revision == revision else None


@asynccontextmanager
async def running_agent(
    directory: Path, broker: Broker, *, trial_seconds: float = 5
) -> AsyncIterator[None]:
    """A whole agent in this process, on whatever system bus there is."""
    settings = Settings.model_validate(
        {
            "station": {"id": STATION},
            "mqtt": {"host": broker.host, "port": broker.port, "reconnect_max_seconds": 1},
            "radio": {"devices": [CUFF_ADDRESS], "retry_seconds": 0.05},
            "outbox": {"path": directory / "outbox.sqlite"},
            "configuration": {"trial_seconds": trial_seconds},
        }
    )
    running = asyncio.create_task(agent.run(settings, clock=agent.system_clock, rng=SystemRandom()))
    try:
        yield
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextmanager
def running_command(bus: str, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The agent as its own process, so that it can die."""
    with subprocess.Popen(
        (sys.executable, "-m", "health_kiosk", "edge", "--config", str(file)),
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus},
    ) as process:
        try:
            yield process
        finally:
            process.kill()
