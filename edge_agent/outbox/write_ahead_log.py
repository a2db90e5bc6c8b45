"""Whether the write-ahead log lost commits that SQLite will not miss. Pure but for one read.

SQLite reads the log up to the first frame whose checksum is wrong: after a power cut that is the
transaction that was never finished. But a frame that was turned bad later hides every commit
behind it, and numbers would be given twice. See "The WAL File" in SQLite's file format.
"""

import struct
from itertools import islice
from pathlib import Path

_HEADER = 32
_FRAME_HEADER = 24
_BIG_ENDIAN = 0x377F0683
_MAGICS = (0x377F0682, _BIG_ENDIAN)
_32_BITS = 0xFFFFFFFF

Sums = tuple[int, int]


def hidden_commits(path: Path) -> int:
    """How many commits stand behind the first bad frame of the log of the database at `path`.

    One may be the transaction in which the power failed; two cannot.
    """
    log = path.with_name(f"{path.name}-wal")
    content = log.read_bytes() if log.exists() else b""
    if len(content) < _HEADER + _FRAME_HEADER:
        return 0
    magic, _, page_size = struct.unpack(">3I", content[:12])
    if magic not in _MAGICS or not 512 <= page_size <= 65_536:
        return _commits_of_first_salts(content)
    order = ">" if magic == _BIG_ENDIAN else "<"
    sums = _add((0, 0), content[:24], order)
    if sums != struct.unpack(">2I", content[24:32]):
        return _commits_of_first_salts(content)
    salts = content[16:24]
    whole = True
    hidden = 0
    for start in range(_HEADER, len(content), _FRAME_HEADER + page_size):
        frame = content[start : start + _FRAME_HEADER + page_size]
        if whole:
            sums = _add(_add(sums, frame[:8], order), frame[_FRAME_HEADER:], order)
            whole = (
                len(frame) == _FRAME_HEADER + page_size
                and frame[8:16] == salts
                and frame[16:24] == struct.pack(">2I", *sums)
            )
        if not whole and frame[8:16] == salts and frame[4:8] != bytes(4):
            hidden += 1
    return hidden


def _commits_of_first_salts(content: bytes) -> int:
    """The commits in a log whose own header is bad: pages are taken to have the usual size."""
    salts = content[_HEADER + 8 : _HEADER + 16]
    frames = (content[start : start + 16] for start in range(_HEADER, len(content), 4120))
    return sum(frame[8:16] == salts and frame[4:8] != bytes(4) for frame in frames)


def _add(sums: Sums, data: bytes, order: str) -> Sums:
    """SQLite's running checksum over pairs of 32-bit words."""
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 8 * 2}I", data[: len(data) // 8 * 8])
    for one, two in zip(islice(words, 0, None, 2), islice(words, 1, None, 2), strict=True):
        first = (first + one + second) & _32_BITS
        second = (second + two + first) & _32_BITS
    return first, second
