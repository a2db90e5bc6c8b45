"""The only door to the station's SQLite file: journal, staged rows, and numbered messages."""

from edge_agent.outbox.box import Outbox
from edge_agent.outbox.failures import OutboxDamaged, OutboxTooNew
from edge_agent.outbox.inspection import Inspection, inspect
from edge_agent.outbox.records import Backlog, Limits, Message, Staged, Why

__all__ = [
    "Backlog",
    "Inspection",
    "Limits",
    "Message",
    "Outbox",
    "OutboxDamaged",
    "OutboxTooNew",
    "Staged",
    "Why",
    "inspect",
]
