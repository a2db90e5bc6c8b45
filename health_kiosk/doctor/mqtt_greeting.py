"""The first packets of MQTT 5, as bytes: CONNECT, its answer CONNACK, and DISCONNECT. Pure."""

from typing import Final

DISCONNECT: Final = b"\xe0\x00"

_CONNECT = 0x10
_CONNACK = 0x20
_CLEAN_START, _PASSWORD, _USER_NAME = 0x02, 0x40, 0x80
_KEEPALIVE_SECONDS = 30

REASONS: Final = {
    0x00: "success",
    0x80: "unspecified error",
    0x84: "unsupported protocol version",
    0x85: "client identifier not valid",
    0x86: "bad user name or password",
    0x87: "not authorized",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8A: "banned",
    0x97: "quota exceeded",
    0x9C: "use another server",
    0x9D: "server moved",
    0x9F: "connection rate exceeded",
}


class NotMqtt(ValueError):
    """The answer is not one of an MQTT 5 broker."""


def connect(client_id: str, user_name: str, password: str | None) -> bytes:
    """A CONNECT that starts a clean session, which ends with the connection, and has no will."""
    flags = _CLEAN_START | _USER_NAME | (_PASSWORD if password is not None else 0)
    variable = _text("MQTT") + bytes([5, flags]) + _KEEPALIVE_SECONDS.to_bytes(2) + b"\x00"
    payload = _text(client_id) + _text(user_name)
    if password is not None:
        payload += _text(password)
    body = variable + payload
    return bytes([_CONNECT]) + _length(len(body)) + body


def reason(answer: bytes) -> int | None:
    """The reason code of a CONNACK, None while it is not complete; raises NotMqtt."""
    if answer and answer[0] != _CONNACK:
        raise NotMqtt("the answer is no CONNACK")
    if len(answer) < 2:
        return None
    start = next((at + 1 for at in range(1, len(answer)) if not answer[at] & 0x80), None)
    if start is None or len(answer) < start + 2:
        return None
    return answer[start + 1]


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2) + data


def _length(length: int) -> bytes:
    """The variable byte integer of MQTT, at least one byte."""
    encoded = bytearray()
    while True:
        length, piece = divmod(length, 128)
        encoded.append(piece | (0x80 if length else 0))
        if not length:
            return bytes(encoded)
