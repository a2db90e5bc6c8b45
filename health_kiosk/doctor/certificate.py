"""When a certificate ends, read from its bytes (X.690 and RFC 5280). Pure.

The standard library tells it only of a certificate that it has just verified.
"""

from datetime import UTC, datetime
from typing import NamedTuple

_SEQUENCE = 0x30
_VERSION = 0xA0
_UTC_TIME = 0x17
_GENERALISED_TIME = 0x18
_CENTURY_TURN = 50


class NoCertificate(ValueError):
    """The bytes are not those of a certificate."""


class _Element(NamedTuple):
    tag: int
    content: bytes
    rest: bytes


def ends_at(der: bytes) -> datetime:
    """The last moment at which the certificate `der` is valid; raises NoCertificate."""
    signed = _expect(_SEQUENCE, _element(der).content)
    fields = signed.content
    if fields[:1] == bytes([_VERSION]):
        fields = _element(fields).rest
    for _ in ("serial number", "signature algorithm", "issuer"):
        fields = _element(fields).rest
    validity = _expect(_SEQUENCE, fields)
    not_after = _element(_element(validity.content).rest)
    return _moment(not_after)


def _element(data: bytes) -> _Element:
    """The first element of `data`, and what follows it."""
    if len(data) < 2:
        raise NoCertificate("it ends too early")
    start, length = 2, data[1]
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start])
    if len(data) < start + length:
        raise NoCertificate("it ends too early")
    return _Element(data[0], data[start : start + length], data[start + length :])


def _expect(tag: int, data: bytes) -> _Element:
    found = _element(data)
    if found.tag != tag:
        raise NoCertificate("it is built differently")
    return found


def _moment(element: _Element) -> datetime:
    text = element.content.decode("ascii", errors="replace")
    if element.tag == _UTC_TIME:
        century = "19" if text[:2].isdigit() and int(text[:2]) >= _CENTURY_TURN else "20"
        text = century + text
    elif element.tag != _GENERALISED_TIME:
        raise NoCertificate("its end is no time")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise NoCertificate("its end is no time") from error
