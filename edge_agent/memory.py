"""What a station remembers of one device between its visits. Pure."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from edge_agent.devices.date_time import DeviceTime


@dataclass(frozen=True, slots=True)
class Clock:
    """How far a device's clock is behind the station's, in seconds, as far as is known.

    `offset` is what two visits in succession have agreed on. `candidate` is what the last visit
    said if that was something else: the clock may have jumped, or its reading was an old one.
    """

    offset: float | None = None
    candidate: float | None = None

    @property
    def latest(self) -> float | None:
        """What the last visit that said anything about the clock has said."""
        return self.offset if self.candidate is None else self.candidate


@dataclass(frozen=True, slots=True)
class Memory:
    """What one device has told before. It holds no value that anybody measured.

    `last_sequence` and `last_base_time` are those of a meter's newest record. `seen` are the times
    on readings that have come already, the latest to come last: of the last visit, and of earlier
    ones because that may have broken off. `last_heard` is when its last frame came. `admitted` are
    the moments of its latest sessions, an hour of them at the most, for the cap on sessions.
    """

    last_sequence: int | None = None
    last_base_time: DeviceTime | None = None
    seen: tuple[DeviceTime, ...] = ()
    clock: Clock = Clock()
    last_heard: datetime | None = None
    admitted: tuple[datetime, ...] = ()

    def to_json(self) -> str:
        """As text, for the station's file."""
        return _TEXT.dump_json(self, exclude_defaults=True).decode()

    @classmethod
    def from_json(cls, text: str) -> "Memory":
        """From what `to_json` returned; raises a ValueError that does not quote any other text."""
        try:
            return _TEXT.validate_json(text)
        except ValidationError as error:
            raise ValueError(f"{error.error_count()} mistake(s) in a memory") from None


_TEXT = TypeAdapter(Memory)
