"""The desk: closes sessions, stages their rows, and lets batches go when the policy says so."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from contract.batch import MAX_ROWS, MEASURES
from contract.errors import OutboxUnavailable, Reason
from contract.status import Release
from edge_agent import held_frames, sessions
from edge_agent.anonymise import anonymise
from edge_agent.frame import Frame
from edge_agent.memory import Memory
from edge_agent.outbox import Outbox
from edge_agent.release import Policy, compose, next_daily
from edge_agent.sessions import Session, SessionCap
from edge_agent.settings import Settings
from edge_agent.station_clock import (
    STEP,
    UNKNOWN_START,
    StationClock,
    starts_from_json,
    starts_to_json,
)
from edge_agent.telemetry import Telemetry

STARTS = "starts"
"""The note that tells when the machine was started, by boot."""

RELEASES = "releases"
"""The note that tells which days had their daily release."""

_DAY = timedelta(days=1)
_MOST_RELEASES = 40
_MOST_DRIFT = timedelta(seconds=1)  # of a start from what was noted of it


class Desk:
    """One station's desk; a person's reading goes in, an anonymous batch comes out.

    While nobody knows the time, all of it waits. What the disk refuses is tried again at the next
    look: nothing is in memory that is not in the journal.
    """

    def __init__(
        self,
        settings: Settings,
        outbox: Outbox,
        telemetry: Telemetry,
        wake_publisher: Callable[[], None],
        *,
        clock: StationClock,
        rng: Random,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`beat` is called at each look."""
        self._station = settings.station.id
        self._zone = ZoneInfo(settings.station.timezone)
        self._gap = timedelta(seconds=settings.session.gap_seconds)
        self._most_per_hour = settings.session.max_per_device_hour
        self._hold = timedelta(hours=settings.clock.hold_hours)
        self._staged_days = timedelta(days=settings.privacy.staged_max_days)
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
        self._beat = beat
        self._starts = starts_from_json(outbox.noted(STARTS))
        self._planned: tuple[datetime, datetime] | None = None

    async def run(self) -> None:
        """Look at the journal and the staged rows about once a second, for ever."""
        tick = min(1.0, self._gap.total_seconds() / 4)
        while True:
            self.look()
            self._beat()
            await asyncio.sleep(tick)

    def look(self) -> None:
        """Do everything that is due; what the disk refuses stays due."""
        for task in (self.remember_start, self.close_sessions, self.release_batches):
            try:
                task()
            except OutboxUnavailable:
                self._telemetry.disk_refused()

    def remember_start(self) -> None:
        """Note when the machine was started, so that a later run can date what this one heard."""
        boot, started = self._clock.boot, self._clock.started
        noted = self._starts.get(boot)
        if started is None or (noted is not None and abs(started - noted) <= _MOST_DRIFT):
            return
        used = {frame.boot for frame in self._outbox.journalled()}
        starts = {one: at for one, at in self._starts.items() if one in used}
        starts[boot] = started
        self._outbox.note(STARTS, starts_to_json(starts))
        self._starts = starts

    def close_sessions(self) -> None:
        """Move every finished session from the journal to the staged rows."""
        starts = self._starts
        if self._clock.started is not None:
            starts = {**starts, self._clock.boot: self._clock.started}
        uptime = self._clock.since_start()
        frames = held_frames.place(
            self._outbox.journalled(),
            starts,
            boot=self._clock.boot,
            since_start=uptime,
            hold=self._hold,
        )
        if frames.undatable:
            self._give_up(frames)
        if self._clock.trusted or uptime - UNKNOWN_START > self._hold:
            self._close(frames.dated)

    def release_batches(self) -> None:
        """Turn staged rows into numbered messages if it is time and there are enough.

        Once a day, at the moment of the daily release whatever the policy, what has waited for
        too long is given up.
        """
        if not self._clock.trusted:
            return
        is_daily = self._policy.release is Release.DAILY
        if not is_daily:
            self._release_full()
        now = self._clock.now()
        if now < self._next_daily():
            return
        if is_daily:
            self._release_full()
        today = now.astimezone(self._zone).date()
        self._outbox.expire(now)
        if given_up := self._outbox.expire_staged(today - self._staged_days):
            self._outbox.stage([], rejects={Reason.TOO_FEW: given_up}, used=[])
        self._pass_release(today)
        self._planned = None

    def _give_up(self, frames: held_frames.Placed) -> None:
        used = [frame.number for frame in frames.undatable]
        self._outbox.stage([], rejects=frames.undated, used=used)
        self._count(frames.undated)

    def _close(self, frames: Iterable[Frame]) -> None:
        frames = list(frames)
        memories = self._memories({frame.device for frame in frames})
        closed = sessions.close(
            frames, now=self._clock.now(), gap=self._gap, memories=memories, zone=self._zone
        )
        if not closed.used:
            return
        rejects = closed.rejects
        counted = {device: memory.admitted for device, memory in memories.items()}
        cap = SessionCap(self._most_per_hour, counted)
        rows: list[tuple[str, date, str]] = []
        for session in closed.sessions:
            if cap.admits(session):
                rows.append(self._row(session))
            else:
                rejects[Reason.SESSION_CAP] += 1
        remembered = {
            device: replace(memory, admitted=cap.admitted(device)).to_json()
            for device, memory in closed.memories.items()
        }
        self._outbox.stage(rows, rejects=rejects, used=closed.used, memories=remembered)
        self._telemetry.sessions_staged(len(rows))
        self._count(rejects)

    def _row(self, session: Session) -> tuple[str, date, str]:
        anonymous = anonymise(session, self._zone)
        content = anonymous.row.model_dump_json(exclude_none=True)
        return anonymous.measure, anonymous.day, content

    def _count(self, rejects: Mapping[Reason, int]) -> None:
        for reason, count in rejects.items():
            self._telemetry.readings_rejected(reason, count)

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

    def _next_daily(self) -> datetime:
        """The moment of the next daily release, planned anew after a step of the clock."""
        started = self._clock.started or UNKNOWN_START
        if self._planned is None or abs(started - self._planned[0]) > STEP:
            self._planned = started, self._plan()
        return self._planned[1]

    def _plan(self) -> datetime:
        """Today or later, on a day that had no release yet."""
        now = self._clock.now().astimezone(self._zone)
        passed = {self._outbox.released_on(), *self._passed()}
        day = now.date()
        while day in passed:
            day += _DAY
        return next_daily(day - _DAY, self._policy, now, self._rng)

    def _passed(self) -> list[date]:
        """The days whose release is over, the last of them: a clock may come back to any."""
        days: list[str] = json.loads(self._outbox.noted(RELEASES) or "[]")
        return [date.fromisoformat(day) for day in days]

    def _pass_release(self, day: date) -> None:
        days = [*self._passed(), day][-_MOST_RELEASES:]
        self._outbox.note(RELEASES, json.dumps([one.isoformat() for one in days]))
        self._outbox.pass_release(day)
