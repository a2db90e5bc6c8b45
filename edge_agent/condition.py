"""What the station says about its own health, and the daily round in which the slow part moves."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from contract.condition import (
    Backlog,
    Condition,
    Configuration,
    Radio,
    Space,
)
from contract.errors import OutboxUnavailable
from edge_agent import health
from edge_agent.health import Health
from edge_agent.outbox import Outbox
from edge_agent.release import Policy, next_daily
from edge_agent.station_clock import StationClock
from edge_agent.telemetry import Telemetry

TICK_SECONDS = 60.0
_NOTE = "health"
_PROBE = "probe"
_PROBE_TEXT = "." * 4096  # more than a page of the file, so it finds no gap to slip into
_BETWEEN_PROBES = timedelta(minutes=15)
_SCARCE = 1 / 5
_CRITICAL = 1 / 20
_FAR = timedelta(days=2)


class Listening(Protocol):
    """The radio, as far as its condition is concerned."""

    @property
    def state(self) -> str:
        """One of the words of `contract.condition.Radio`."""

    def day_passed(self) -> None:
        """The daily round is being gone."""


class Place(NamedTuple):
    """What the settings say that concerns the condition; `devices` are keys, never addresses."""

    directory: Path
    zone: ZoneInfo
    devices: Sequence[str]
    policy: Policy


class Conditions:
    """The station's condition at any moment; give it no cause to change when somebody measures."""

    def __init__(
        self,
        place: Place,
        outbox: Outbox,
        clock: StationClock,
        telemetry: Telemetry,
        *,
        radio: Listening | None,
        configuration: Callable[[], Configuration | None] = lambda: None,
        rng: Random,
    ) -> None:
        """`radio` is None if the station needs none; `rng` draws the moments of the rounds."""
        self._place = place
        self._outbox = outbox
        self._clock = clock
        self._telemetry = telemetry
        self._radio = radio
        self._configuration = configuration
        self._rng = rng
        kept = outbox.noted(_NOTE)
        self._health = Health.from_json(kept) if kept else Health()
        self._is_kept = True
        self._next_round: datetime | None = None
        self._storage = outbox.storage
        self._next_probe = clock.since_start()

    async def run(self) -> None:
        """Look after the condition for ever."""
        while True:
            self.look()
            await asyncio.sleep(TICK_SECONDS)

    def now(self) -> Condition:
        """The condition as it may be told at any moment."""
        lost = self._outbox.losses()
        before = self._health.losses
        return Condition(
            backlog=self._backlog(),
            clock=self._clock.state,
            storage=self._storage,
            radio=Radio(self._radio.state) if self._radio else Radio.UNUSED,
            space=space_of(self._place.directory),
            devices=health.said(self._health, self._place.devices),
            losses=lost.model_copy(update={"sessions": before.sessions, "frames": before.frames}),
            configuration=self._configuration(),
        )

    def talked(self, device: str, kind: str, battery_percent: int | None) -> None:
        """A device was talked to: it is remembered on disk, and nothing is said before the round.

        `device` is its key; for `kind` see `edge_agent.health.talked`.
        """
        after = health.talked(self._health, device, kind, battery_percent)
        if after != self._health:
            self._keep(after)

    def look(self) -> None:
        """Do what is due: try the disk, and go the daily round."""
        uptime = self._clock.since_start()
        if uptime >= self._next_probe:
            self._next_probe = uptime + _BETWEEN_PROBES
            self._try_the_disk()
        if not self._is_kept:
            self._keep(self._health)
        if self._clock.trusted:
            self._go_round_if_due(self._clock.now().astimezone(self._place.zone))

    def _go_round_if_due(self, now: datetime) -> None:
        if self._next_round is None or self._next_round - now > _FAR:
            self._next_round = self._plan(now)
        if now < self._next_round:
            return
        lost = self._outbox.losses()
        self._keep(health.go_round(self._health, self._place.devices, lost, now.date()))
        self._next_round = self._plan(now)
        if self._radio is not None:
            self._radio.day_passed()
        self._telemetry.day_passed()

    def _plan(self, now: datetime) -> datetime:
        """The next round's moment; a round that a wrong clock dated later counts as today's."""
        today = now.date()
        last = min(self._health.round_on or today, today)
        # In UTC, because Python compares two times of one zone by what their clocks show.
        return next_daily(last, self._place.policy, now, self._rng).astimezone(UTC)

    def _keep(self, after: Health) -> None:
        self._health = after
        try:
            self._outbox.note(_NOTE, after.to_json())
        except OutboxUnavailable:
            self._is_kept = False  # the next look tries again
        else:
            self._is_kept = True

    def _try_the_disk(self) -> None:
        """What is said of the file comes from this, not from a frame that found the disk full."""
        with suppress(OutboxUnavailable):
            self._outbox.note(_PROBE, _PROBE_TEXT)
        found = self._outbox.storage
        with suppress(OutboxUnavailable):
            self._outbox.note(_PROBE, "")
        if found is not self._storage:
            self._storage = found
            self._telemetry.storage_changed(found)

    def _backlog(self) -> Backlog:
        backlog = self._outbox.backlog()
        oldest = backlog.oldest_at
        age = timedelta(0)
        if oldest is not None and self._clock.trusted:
            age = max(age, self._clock.now() - oldest)
        return Backlog(
            messages=backlog.messages,
            windows=backlog.windows,
            oldest_hours=age // timedelta(hours=1),
        )


def space_of(directory: Path) -> Space:
    """How much of the disk under `directory` is free; one that cannot be asked is critical."""
    try:
        usage = shutil.disk_usage(directory)
    except OSError:
        return Space.CRITICAL
    return space_band(usage.free / usage.total)


def space_band(free: float) -> Space:
    """The word for the free share of a disk."""
    if free < _CRITICAL:
        return Space.CRITICAL
    return Space.SCARCE if free < _SCARCE else Space.AMPLE
