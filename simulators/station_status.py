"""The status of a light station: birth, heartbeat and death, as its agent would word them."""

from contract.status import Agent, Kind, LedgerCount, Release, Status
from contract.topics import Stream, topic
from simulators.fleet_office import StationOptions
from simulators.mqtt_connection import Letter


def status_letter(
    kind: Kind, station: str, boot: str, ledger: LedgerCount, options: StationOptions
) -> Letter:
    """A retained status; a death says nothing but whose life has ended."""
    alive = kind is not Kind.DEATH
    status = Status(
        station=station,
        kind=kind,
        boot=boot,
        ledger=ledger if alive else None,
        agent=_agent(options) if alive else None,
    )
    payload = status.model_dump_json(by_alias=True, exclude_none=True)
    return Letter(topic(station, Stream.STATUS), payload, retain=True)


def _agent(options: StationOptions) -> Agent:
    return Agent(
        version="simulated",
        min_batch=options.min_batch,
        release=Release.WHEN_FULL,
        heartbeat_seconds=options.heartbeat_seconds,
    )
