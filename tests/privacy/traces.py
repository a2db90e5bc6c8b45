"""What a person or a device would leave behind, and whether bytes or text hold any of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contract.screening_batch import ScreeningBatch

_MAC = re.compile(rb"(?i)(?<![0-9a-f])[0-9a-f]{2}([:_-])[0-9a-f]{2}(\1[0-9a-f]{2}){4}(?![0-9a-f])")
_TIME_OF_DAY = re.compile(rb"\d\d:\d\d|\dT\d\d|T\d\d:?\d\d")
_TELLING_WORDS = re.compile(
    rb"(?i)slot|sequence|serial|address|device_time|user_id|received_at|started_at|timestamp"
)
FIELDS_OF_A_BATCH = frozenset(
    field.alias or name for name, field in ScreeningBatch.model_fields.items()
)


def telling_patterns(content: bytes) -> list[bytes]:
    """Everything in `content` that looks like an address, a time of day or a telling name."""
    patterns = (_MAC, _TIME_OF_DAY, _TELLING_WORDS)
    return [found.group() for pattern in patterns for found in pattern.finditer(content)]


@dataclass(frozen=True, slots=True)
class Traces:
    """What a test knows that nobody else may: by name, the ways in which it could be written."""

    written: Mapping[str, tuple[bytes, ...]]

    def found_in(self, content: bytes) -> list[str]:
        """The names of all that `content` holds, in any of the ways."""
        lower = content.lower()
        return [
            name
            for name, ways in self.written.items()
            if any(re.search(way, lower) is not None for way in ways)
        ]


def address(text: str) -> tuple[bytes, ...]:
    """A Bluetooth address as text, in a D-Bus path, bare, and as bytes in either order."""
    raw = bytes.fromhex(text.replace(":", ""))
    forms = [text, text.replace(":", "_"), text.replace(":", "")]
    return (*_words(forms), re.escape(raw), re.escape(raw[::-1]))


def number(value: float) -> tuple[bytes, ...]:
    """A number as a text would show it, and nothing longer that merely contains it."""
    texts = {f"{value:g}", f"{value:.1f}"}
    return tuple(rb"(?<![\d.])" + re.escape(text.encode()) + rb"(?![\d.]*\d)" for text in texts)


def moment(at: datetime) -> tuple[bytes, ...]:
    """A time of day to the minute, and the second since 1970, as texts would show them."""
    forms = [f"{at:%H:%M}", f"{at:%Hh%M}", str(int(at.timestamp()))]
    return _words(forms)


def frame(data: bytes) -> tuple[bytes, ...]:
    """A frame as it came, in hexadecimal, and as Python prints bytes."""
    return (re.escape(data.lower()), re.escape(data.hex().encode()), *_words([repr(data)[2:-1]]))


def _words(texts: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(re.escape(text.lower().encode()) for text in texts)
