"""What passes between a connection and its owner."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from edge_agent.broker_answers import Problem


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to publish at QoS 1."""

    topic: str
    payload: bytes
    retain: bool = False


class Listener(Protocol):
    """Who is told, in the event loop's thread, what happens on the connection."""

    def connected(self) -> None:
        """The broker has accepted the connection; subscriptions are on their way."""

    def acknowledged(self, ticket: int, code: int) -> None:
        """The broker answered the message of `ticket` with this reason code."""

    def received(self, topic: str, payload: bytes) -> None:
        """A message has arrived on a subscribed topic."""

    def not_subscribed(self, topic: str, code: int) -> None:
        """The broker refused a subscription."""

    def disconnected(self, problem: Problem) -> None:
        """The connection has ended or was never made; another attempt will follow."""


class Limits(NamedTuple):
    """What the broker has said it takes."""

    at_once: int
    packet_bytes: int
