"""Every MQTT topic, built and parsed here and nowhere else."""

from enum import StrEnum
from typing import NamedTuple

from contract.envelope import is_station_id
from contract.errors import ContractError, Reason

_ROOT = "kiosk/v1"


class Stream(StrEnum):
    """The last level of a station's topics."""

    SCREENING = "screening"
    USAGE = "usage"
    STATUS = "status"
    RECEIPTS = "receipts"
    CONFIG = "config"


class Address(NamedTuple):
    """What a topic says: whose it is and what it carries."""

    station: str
    stream: Stream


INBOUND = (Stream.SCREENING, Stream.USAGE, Stream.STATUS)
"""What stations send and ingest reads."""


def topic(station: str, stream: Stream) -> str:
    """`kiosk/v1/{station}/{stream}`."""
    return f"{_ROOT}/{station}/{stream}"


def shared_subscription(stream: Stream, group: str = "ingest") -> str:
    """The filter by which the workers of `group` share one stream of all stations."""
    return f"$share/{group}/{_ROOT}/+/{stream}"


def parse(name: str) -> Address:
    """The address in a topic name; raises ContractError (UNKNOWN_TOPIC) for any other topic."""
    levels = name.split("/")
    if len(levels) == 4 and "/".join(levels[:2]) == _ROOT and is_station_id(levels[2]):
        try:
            return Address(levels[2], Stream(levels[3]))
        except ValueError:
            pass
    raise ContractError(Reason.UNKNOWN_TOPIC, f"not a topic of this contract: {name!r}")
