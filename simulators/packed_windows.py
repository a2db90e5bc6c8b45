"""Usage windows in 19 bytes each: a city keeps a day of them for every station. Pure."""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import NamedTuple

from contract.usage import Level, UsageWindow

_RECORD = Struct("<IIhhihb")
_LEVELS = tuple(Level)
_ABSENT = -1
_TENTHS, _HUNDREDTHS = 10, 100

SIZE = _RECORD.size
"""Bytes of one window."""


class Facts(NamedTuple):
    """What is needed of a window before it is sent: seconds since 1970, and who came in."""

    start: int
    made_at: int
    entries: int


def pack(windows: Sequence[UsageWindow], made_at: Sequence[int]) -> bytes:
    """Windows, each with the moment at which it is over, in seconds since 1970.

    Minutes keep one digit after the point and means two, as sensors tell them.
    """
    return b"".join(
        _RECORD.pack(
            window.start,
            end,
            _ABSENT if window.entries is None else window.entries,
            _ABSENT if window.occupied is None else round(window.occupied * _TENTHS),
            _ABSENT if window.mean is None else round(window.mean * _HUNDREDTHS),
            _ABSENT if window.peak is None else window.peak,
            _ABSENT if window.level is None else _LEVELS.index(window.level),
        )
        for window, end in zip(windows, made_at, strict=True)
    )


def unpack(packed: bytes | bytearray | memoryview) -> tuple[UsageWindow, ...]:
    """The windows that were packed."""
    return tuple(
        UsageWindow(
            start=start,
            entries=_present(entries),
            occupied=None if tenths == _ABSENT else tenths / _TENTHS,
            mean=None if hundredths == _ABSENT else hundredths / _HUNDREDTHS,
            peak=_present(peak),
            level=None if level == _ABSENT else _LEVELS[level],
        )
        for start, _, entries, tenths, hundredths, peak, level in _RECORD.iter_unpack(packed)
    )


def facts(packed: bytes, place: int = 0) -> Iterator[Facts]:
    """What is known of each window from the one at `place` on; absent entries are none."""
    for start in range(place * SIZE, len(packed), SIZE):
        window, end, entries, *_ = _RECORD.unpack_from(packed, start)
        yield Facts(window, end, max(entries, 0))


def _present(number: int) -> int | None:
    return None if number == _ABSENT else number
