"""The intake: a frame goes to the journal, or is kept here until the disk takes it.

While anything is kept, no new conversation should begin: a device keeps what it was not asked for,
and most keep it for longer than a disk is full.
"""

from collections import deque

from contract.errors import OutboxUnavailable
from edge_agent.devices.model import Model
from edge_agent.frame import Frame
from edge_agent.outbox import Outbox
from edge_agent.radio.link import Arrived
from edge_agent.station_clock import StationClock
from edge_agent.telemetry import Telemetry

MOST_KEPT = 512
"""More than any cuff is known to hold; a conversation that brings more is broken off."""


class Intake:
    """What the radio hears goes in here, in order; `flush` about once a second."""

    def __init__(
        self, outbox: Outbox, telemetry: Telemetry, clock: StationClock, *, most: int = MOST_KEPT
    ) -> None:
        self._outbox = outbox
        self._telemetry = telemetry
        self._clock = clock
        self._most = most
        self._kept: deque[Frame] = deque()
        self._lost = 0

    @property
    def is_ready(self) -> bool:
        """Whether a conversation may begin."""
        return not self._kept and not self._lost

    def take(self, device: str, model: Model, arrived: Arrived) -> None:
        """Journal a frame, or keep it.

        Raises OutboxUnavailable if no more can be kept. The frame is then lost and counted, and
        the conversation must end: a meter is asked later for what comes after the last record in
        the journal, so one in the middle must not be missing.
        """
        if len(self._kept) >= self._most and not self.flush():
            self._lost += 1
            self._telemetry.frame_lost()
            raise OutboxUnavailable("no disk takes what the radio hears")
        frame = Frame(
            0,
            device,
            model.title,
            arrived.characteristic,
            self._clock.since_start(),
            arrived.data,
            self._clock.boot,
        )
        self._kept.append(frame)
        self.flush()

    def flush(self) -> bool:
        """Journal what is kept and declare what was lost; whether the disk has taken it all."""
        try:
            if self._kept:
                self._outbox.journal_all(self._kept)
                self._kept.clear()
            if self._lost:
                self._outbox.give_up_frames(self._lost)
                self._lost = 0
        except OutboxUnavailable:
            self._telemetry.disk_refused()
            return False
        return True
