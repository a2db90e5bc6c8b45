"""Poison: messages that ingest must refuse into quarantine, and for which reason. Pure.

Each is a message of the station, broken in one way. It names an epoch of its own, so that no
ledger takes it for the message from which it was made.
"""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Any

from contract.batch import MAX_ROWS
from contract.errors import Reason
from contract.usage import MAX_WINDOWS, WINDOW_SECONDS

_Content = dict[str, Any]


class Poison(StrEnum):
    """A way in which a message is broken."""

    TORN = "torn"  # it ends in the middle
    NOT_TEXT = "not_text"  # its bytes are no UTF-8
    NEWER_VERSION = "newer_version"
    NO_NUMBER = "no_number"
    OTHER_STATION = "other_station"  # on its own topic, in the name of another
    TOO_BIG = "too_big"  # more sessions or windows than a message may carry
    FROM_THE_FUTURE = "from_the_future"  # so far that no database holds its time
    UNKNOWN_FIELD = "unknown_field"  # of a session: it could identify a person
    CONTRADICTION = "contradiction"  # a category that its bins exclude
    BETWEEN_BINS = "between_bins"  # a value that is no edge of a bin, and so too exact
    DAYS_REVERSED = "days_reversed"
    NO_QUARTER = "no_quarter"  # a window that begins between two quarters of an hour
    TWICE = "twice"  # one window twice in a message


REASONS: Mapping[Poison, Reason] = MappingProxyType(
    dict.fromkeys(Poison, Reason.SCHEMA)
    | {
        Poison.TORN: Reason.NOT_JSON,
        Poison.NOT_TEXT: Reason.NOT_JSON,
        Poison.NEWER_VERSION: Reason.UNKNOWN_VERSION,
        Poison.OTHER_STATION: Reason.STATION_MISMATCH,
        Poison.FROM_THE_FUTURE: Reason.STORE_REFUSED,
    }
)
"""Why each is refused."""

_BEYOND_ALL_TIME = (2**63 // WINDOW_SECONDS + 1) * WINDOW_SECONDS

_OF_SESSIONS = frozenset(
    {Poison.UNKNOWN_FIELD, Poison.CONTRADICTION, Poison.BETWEEN_BINS, Poison.DAYS_REVERSED}
)
_OF_WINDOWS = frozenset({Poison.NO_QUARTER, Poison.TWICE})


def kinds_for(payload: str | bytes) -> tuple[Poison, ...]:
    """The ways in which a message of screening or usage can be broken."""
    other = _OF_SESSIONS if "windows" in json.loads(payload) else _OF_WINDOWS
    return tuple(kind for kind in Poison if kind not in other)


def poison(rng: Random, payload: str | bytes, station: str) -> bytes:
    """A message of `station`, broken in one of its ways, made of a good `payload`."""
    return poison_of(rng.choice(kinds_for(payload)), rng, payload, station)


def poison_of(kind: Poison, rng: Random, payload: str | bytes, station: str) -> bytes:
    """A message broken in the way of `kind`, which must be one of `kinds_for(payload)`."""
    content: _Content = json.loads(payload)
    content |= {"station": station, "epoch": rng.randrange(1, 2**53), "seq": 1}
    if change := _CHANGES.get(kind):
        change(content)
    broken = json.dumps(content, separators=(",", ":")).encode()
    if kind is Poison.TORN:
        return broken[: -rng.randrange(1, len(broken) // 4)]
    return broken.replace(b'"', b'\xff"', 1) if kind is Poison.NOT_TEXT else broken


def _first(content: _Content) -> _Content:
    first: _Content = content["windows" if "windows" in content else "rows"][0]
    return first


def _newer_version(content: _Content) -> None:
    content["v"] = 2


def _no_number(content: _Content) -> None:
    del content["seq"]


def _other_station(content: _Content) -> None:
    content["station"] = "BJ-NOBODY"


def _too_big(content: _Content) -> None:
    if "windows" in content:
        start = _first(content)["start"]
        content["windows"] = [
            {"start": start + number * WINDOW_SECONDS} for number in range(MAX_WINDOWS + 1)
        ]
    else:
        content["rows"] = [_first(content)] * (MAX_ROWS + 1)


def _from_the_future(content: _Content) -> None:
    if "windows" in content:
        content["windows"] = [
            _first(content) | {"start": (2**63 // WINDOW_SECONDS + 1) * WINDOW_SECONDS}
        ]
    else:
        content["to"] = "9999-12-31"


def _unknown_field(content: _Content) -> None:
    _first(content)["user"] = 1


def _contradiction(content: _Content) -> None:
    row = _first(content)
    if "g" in row:
        row |= {"c": "high", "g": 3.9}
    else:
        row |= {"c": "grade3", "s": 110, "d": 70}
    row.pop("sub", None)


def _between_bins(content: _Content) -> None:
    row = _first(content)
    row["g" if "g" in row else "s"] = 7.1 if "g" in row else 123


def _days_reversed(content: _Content) -> None:
    content |= {"from": "2026-01-02", "to": "2026-01-01"}


def _no_quarter(content: _Content) -> None:
    _first(content)["start"] += 1


def _twice(content: _Content) -> None:
    content["windows"].append(_first(content))


_CHANGES: Mapping[Poison, Callable[[_Content], None]] = MappingProxyType(
    {
        Poison.NEWER_VERSION: _newer_version,
        Poison.NO_NUMBER: _no_number,
        Poison.OTHER_STATION: _other_station,
        Poison.TOO_BIG: _too_big,
        Poison.FROM_THE_FUTURE: _from_the_future,
        Poison.UNKNOWN_FIELD: _unknown_field,
        Poison.CONTRADICTION: _contradiction,
        Poison.BETWEEN_BINS: _between_bins,
        Poison.DAYS_REVERSED: _days_reversed,
        Poison.NO_QUARTER: _no_quarter,
        Poison.TWICE: _twice,
    }
)
