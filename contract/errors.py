"""The two kinds of failure, each an instruction to whoever meets it, and all reasons.

    Rejected      permanent: count it, keep it in quarantine or drop it with its reason, carry on
      DecodeError     a peripheral's bytes break their profile
      ContractError   a message breaks the contract
    Unavailable   transient: keep the item, back off, try again
      LinkLost            Bluetooth
      BrokerUnavailable   MQTT
      StoreUnavailable    database
      OutboxUnavailable   the station's own file

Anything else is a bug: it is not caught, the process ends, and the data is on disk.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why something was refused; closed, so that it is safe as a metric label."""

    # A peripheral's frame, or the reading in it.
    TRUNCATED = "truncated"
    UNKNOWN_OP_CODE = "unknown_op_code"
    FAILED_MEASUREMENT = "failed_measurement"
    OUT_OF_RANGE = "out_of_range"
    BODY_MOVED = "body_moved"
    CUFF_LOOSE = "cuff_loose"
    CONTROL_SOLUTION = "control_solution"
    NOT_GLUCOSE = "not_glucose"
    STRIP_ERROR = "strip_error"
    DEVICE_FAULT = "device_fault"
    RESENT = "resent"
    UNDATED = "undated"
    SESSION_CAP = "session_cap"
    TOO_FEW = "too_few"
    # A message at ingest.
    NOT_JSON = "not_json"
    SCHEMA = "schema"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_STATION = "unknown_station"
    STATION_MISMATCH = "station_mismatch"
    STORE_REFUSED = "store_refused"
    EXPIRED = "expired"


class Rejected(Exception):
    """Refused for good: trying again cannot help."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class DecodeError(Rejected):
    """The bytes of a frame break their Bluetooth profile."""


class ContractError(Rejected):
    """A message breaks the contract between station and ingest."""


class Unavailable(Exception):
    """Not now: keep the item and try again later."""


class LinkLost(Unavailable):
    """The Bluetooth link, the adapter or BlueZ itself went away."""


class BrokerUnavailable(Unavailable):
    """The MQTT broker cannot be reached or refused the connection."""


class StoreUnavailable(Unavailable):
    """The database did not commit."""


class OutboxUnavailable(Unavailable):
    """The station's file cannot be written now: a full disk or quota, or a read-only one."""
