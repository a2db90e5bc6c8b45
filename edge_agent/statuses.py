"""What a station says about itself: at birth, in each heartbeat, and by its will."""

from typing import NamedTuple

from contract.condition import Condition
from contract.status import Agent, Kind, Status
from edge_agent.outbox import Outbox


class Identity(NamedTuple):
    """Who publishes: the station, this run of its agent, and what the birth says about it."""

    station: str
    boot: str
    agent: Agent


def living(kind: Kind, identity: Identity, outbox: Outbox, condition: Condition | None) -> Status:
    """A birth or a heartbeat: everything there is to say. Raises OutboxUnavailable."""
    return Status(
        station=identity.station,
        kind=kind,
        boot=identity.boot,
        ledger=outbox.ledger(),
        agent=identity.agent,
        condition=condition,
        ended=outbox.ended(),
    )


def death(identity: Identity) -> Status:
    """The end of this life and of no other, which the broker publishes if nobody else can."""
    return Status(station=identity.station, kind=Kind.DEATH, boot=identity.boot)
