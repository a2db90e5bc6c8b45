"""The whole round of the doctor, in the order in which a station needs things."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge_agent import lock, synchronisation
from edge_agent.life import needs_radio
from edge_agent.settings import Settings
from health_kiosk.doctor import (
    agent,
    bluetooth,
    broker,
    clock,
    outbox,
    sensors,
    state,
    station_file,
)
from health_kiosk.doctor.finding import Finding


async def diagnose(settings: Settings, path: Path) -> AsyncIterator[Finding]:
    """Look at everything that the settings from `path` name, and change nothing."""
    for finding in station_file.look(settings, path):
        yield finding
    file = settings.outbox.path
    for finding in state.look(file):
        yield finding
    yield agent.look(file)
    yield outbox.look(file, _now())
    yield clock.look(synchronisation.source(settings.clock.trust))
    yield clock.zone(settings.station.timezone, _now())
    yield await bluetooth.look(settings.radio.adapter if needs_radio(settings) else None)
    for finding in broker.look(settings.station.id, settings.mqtt, _now()):
        yield finding
    async for finding in sensors.look(settings.occupancy, agent_runs=_agent_runs(file), clock=_now):
        yield finding


def _now() -> datetime:
    return datetime.now(ZoneInfo("UTC"))


def _agent_runs(file: Path) -> bool:
    try:
        return lock.is_held(file)
    except OSError:
        return True  # it may: then nothing is touched that it uses
