"""The desk: closes sessions, stages their rows, and lets batches go when the policy says so."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from contract.batch import MAX_ROWS, MEASURES
from contract.errors import Reason
from contract.status import Release
from edge_agent import sessions
from edge_agent.anonymise import anonymise
from edge_agent.memory import Memory
from edge_agent.outbox import Outbox
from edge_agent.release import Policy, compose, next_daily
from edge_agent.sessions import SessionCap
from edge_agent.settings import Settings
from edge_agent.telemetry import Telemetry

Clock = Callable[[], datetime]
"""Gives the present moment as an aware datetime."""


class Desk:
    """One station's desk; a person's reading goes in, an anonymous batch comes out."""

    def __init__(
        self,
        settings: Settings,
        outbox: Outbox,
        telemetry: Telemetry,
        wake_publisher: Callable[[], None],
        *,
        clock: Clock,
        rng: Random,
    ) -> None:
        self._station = settings.station.id
        self._zone = ZoneInfo(settings.station.timezone)
        self._gap = timedelta(seconds=settings.session.gap_seconds)
        self._cap = SessionCap(settings.session.max_per_device_hour)
        self._policy = Policy(
            settings.privacy.min_batch,
            settings.privacy.release,
            settings.privacy.release_at,
            settings.privacy.release_jitter_seconds,
        )
        self._outbox = outbox
        self._telemetry = telemetry
        self._wake_publisher = wake_publisher
        self._clock = clock
        self._rng = rng
        self._next_daily = self._plan()

    async def run(self) -> None:
        """Look at the journal and the staged rows about once a second, for ever."""
        tick = min(1.0, self._gap.total_seconds() / 4)
        while True:
            self.close_sessions()
            self.release_batches()
            await asyncio.sleep(tick)

    def close_sessions(self) -> None:
        """Move every finished session from the journal to the staged rows."""
        frames = self._outbox.journalled()
        closed = sessions.close(
            frames,
            now=self._clock(),
            gap=self._gap,
            memories=self._memories({frame.device for frame in frames}),
            zone=self._zone,
        )
        if not closed.used:
            return
        rejects = closed.rejects
        rows: list[tuple[str, date, str]] = []
        for session in closed.sessions:
            if self._cap.admits(session):
                anonymous = anonymise(session, self._zone)
                content = anonymous.row.model_dump_json(exclude_none=True)
                rows.append((anonymous.measure, anonymous.day, content))
            else:
                rejects[Reason.SESSION_CAP] += 1
        memories = {device: memory.to_json() for device, memory in closed.memories.items()}
        self._outbox.stage(rows, rejects=rejects, used=closed.used, memories=memories)
        self._telemetry.sessions_staged(len(rows))
        for reason, count in rejects.items():
            self._telemetry.readings_rejected(reason, count)

    def release_batches(self) -> None:
        """Turn staged rows into numbered messages if it is time and there are enough."""
        if self._policy.release is not Release.DAILY:
            self._release_full()
            return
        now = self._now()
        if now >= self._next_daily:
            self._release_full()
            self._outbox.pass_release(now.date())
            self._next_daily = self._plan()

    def _release_full(self) -> None:
        """Let each measure go for itself: different measures are never mixed in a batch."""
        counts = self._outbox.staged_counts()
        for measure in MEASURES:
            left = counts.get(measure, 0)
            while left >= self._policy.min_batch:
                self._release(measure)
                left -= MAX_ROWS

    def _release(self, measure: str) -> None:
        self._outbox.release(
            measure,
            MAX_ROWS,
            lambda seq, rows, rejects: compose(
                self._station, self._outbox.epoch, seq, measure, rows, rejects, self._rng
            ),
        )
        self._telemetry.batch_released()
        self._wake_publisher()

    def _memories(self, devices: Iterable[str]) -> dict[str, Memory]:
        texts = {device: self._outbox.memory(device) for device in devices}
        return {device: Memory.from_json(text) for device, text in texts.items() if text}

    def _plan(self) -> datetime:
        return next_daily(self._outbox.released_on(), self._policy, self._now(), self._rng)

    def _now(self) -> datetime:
        return self._clock().astimezone(self._zone)
