"""What a broker or the network says when it refuses, in one sentence each. Pure.

No sentence holds a name, an address or a path: they go to the log as they are.
"""

import errno
import socket
import ssl
from typing import NamedTuple

SUCCESS = 0x00
NO_SUBSCRIBERS = 0x10
NOT_AUTHORISED = 0x87
TAKEN_OVER = 0x8E
RECEIVE_MAXIMUM_EXCEEDED = 0x93
PACKET_TOO_LARGE = 0x95
FORMAT_INVALID = 0x99

_FAILURE = 0x80


class Problem(NamedTuple):
    """Why there is no connection.

    `is_lasting` means that trying again soon cannot help: somebody has to change something.
    `code` is the broker's reason code, if it gave one.
    """

    text: str
    is_lasting: bool = False
    code: int | None = None


BROKEN = Problem("the connection broke")
"""The other side is gone without a word."""

_REFUSALS = {
    0x84: ("the broker does not speak MQTT 5", True),
    0x85: ("the broker does not accept this station's id as client id", True),
    0x86: ("the broker does not accept this station's user name or password", True),
    NOT_AUTHORISED: ("the broker does not authorise this station", True),
    0x88: ("the broker is unavailable", False),
    0x89: ("the broker is busy", False),
    0x8A: ("the broker has banned this station", True),
    0x8C: ("the broker wants another way of authentication", True),
    0x90: ("the broker does not accept the topic of this station's will", True),
    PACKET_TOO_LARGE: ("the broker finds a packet too large", False),
    0x97: ("the broker's quota for this station is used up", True),
    0x99: ("the broker does not accept the format of this station's will", True),
    0x9A: ("the broker keeps no retained messages, which a status must be", True),
    0x9B: ("the broker has no QoS 1, which every message needs", True),
    0x9C: ("the broker asks to use another server: change [mqtt] host", True),
    0x9D: ("the broker has moved to another server: change [mqtt] host", True),
    0x9F: ("the broker accepts no more connections for the moment", False),
}

_ENDINGS = {
    SUCCESS: ("the broker ended the connection", False),
    0x81: ("the broker could not read a packet", False),
    0x82: ("the broker found an error of protocol", False),
    0x83: ("the broker ended the connection for a reason of its own", False),
    NOT_AUTHORISED: ("the broker no longer authorises this station", True),
    0x89: ("the broker is busy", False),
    0x8B: ("the broker is shutting down", False),
    0x8D: ("the broker heard nothing for too long", False),
    TAKEN_OVER: ("another agent has connected with this station's id; an id is for one", True),
    RECEIVE_MAXIMUM_EXCEEDED: ("the broker got more messages at once than it takes", False),
    PACKET_TOO_LARGE: ("the broker found a message too large", False),
    0x96: ("the broker got messages too fast", False),
    0x97: ("the broker's quota for this station is used up", True),
    0x98: ("somebody at the broker has ended this station's connection", True),
    0x9C: ("the broker asks to use another server: change [mqtt] host", True),
    0x9D: ("the broker has moved to another server: change [mqtt] host", True),
    0x9F: ("the broker accepts no more connections for the moment", False),
    0xA0: ("the broker's time for one connection was over", False),
}

_PUBLICATIONS = {
    0x80: "no reason given",
    0x83: "for a reason of its own",
    NOT_AUTHORISED: "not authorised",
    0x90: "it does not accept the topic",
    0x97: "quota used up",
    FORMAT_INVALID: "it does not accept the payload's format",
}

# OpenSSL's numbers for what is wrong with a certificate.
_CERTIFICATES = {
    9: "the broker's certificate is not valid yet; is this computer's clock right?",
    10: "the broker's certificate has expired",
    18: "the broker's certificate is of no known authority",
    19: "the broker's certificate is of no known authority",
    20: "the broker's certificate is of no known authority",
    21: "the broker's certificate is of no known authority",
    23: "the broker's certificate was revoked",
    62: "the broker's certificate is for another name",
    64: "the broker's certificate is for another address",
}

_NETWORK: tuple[tuple[type[OSError], str], ...] = (
    (socket.gaierror, "the broker's name cannot be resolved"),
    (ConnectionRefusedError, "nothing listens at the broker's address and port"),
    (TimeoutError, "the broker's address does not answer"),
    (ConnectionError, "the connection broke while it was made"),
    (FileNotFoundError, "a file of [mqtt] tls is not there"),
    (PermissionError, "a file of [mqtt] tls may not be read, or the network may not be used"),
)

_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


def refusal(code: int) -> Problem:
    """Why the broker did not accept the connection (CONNACK)."""
    text, is_lasting = _REFUSALS.get(code, ("the broker refused the connection", False))
    return Problem(f"{text} (0x{code:02X})", is_lasting, code)


def ending(code: int) -> Problem:
    """Why the broker ended the connection (DISCONNECT)."""
    text, is_lasting = _ENDINGS.get(code, ("the broker ended the connection", False))
    return Problem(f"{text} (0x{code:02X})", is_lasting, code)


def is_refused(code: int) -> bool:
    """Whether the reason code of an acknowledgement says that nothing was accepted."""
    return code >= _FAILURE


def publication(code: int) -> str:
    """Why the broker did not accept a message (PUBACK)."""
    return f"{_PUBLICATIONS.get(code, 'no reason known')} (0x{code:02X})"


def network(error: OSError) -> Problem:
    """Why no connection could be made at all."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Problem(
            _CERTIFICATES.get(error.verify_code, "the broker's certificate is not valid")
        )
    if isinstance(error, ssl.SSLError):
        return Problem(_tls(error))
    for kind, text in _NETWORK:
        if isinstance(error, kind):
            return Problem(text)
    if error.errno in _NO_WAY:
        return Problem("there is no way to the broker's network")
    return Problem(f"the connection failed: {error.strerror or type(error).__name__}")


def _tls(error: ssl.SSLError) -> str:
    if error.reason == "WRONG_VERSION_NUMBER":
        return "no TLS is spoken at the broker's port"
    return f"TLS failed: {(error.reason or 'no reason given').replace('_', ' ').lower()}"
