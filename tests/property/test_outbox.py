"""Whatever is done to an outbox in whatever order: numbered = settled + dropped + pending."""

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from contract.errors import OutboxUnavailable
from contract.topics import Stream
from edge_agent.outbox import Limits, Message, Outbox

TODAY = date(2026, 2, 6)
START = datetime(2026, 2, 6, 4, tzinfo=UTC)
LIMITS = Limits(
    max_bytes=40 * 4096, usage_max_bytes=60_000, usage_max_days=2, reserve_bytes=16 * 1024
)
SIZES = st.integers(min_value=1, max_value=9_000)


class Life(RuleBasedStateMachine):
    """A model that remembers what was accepted, beside a real file with a tight quota."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="outbox"))
        self.now = START
        self.frames: list[bytes] = []
        self.staged = 0
        self.windows: set[int] = set()
        self.numbered = 0
        self.settled: set[int] = set()
        self.screening: set[int] = set()
        self.usage: set[int] = set()

    @initialize()
    def begin(self) -> None:
        """Open a new file."""
        self.outbox = self._open()

    def teardown(self) -> None:
        """Close and forget it."""
        self.outbox.__exit__()
        shutil.rmtree(self.folder)

    def _open(self) -> Outbox:
        return Outbox(
            self.folder / "outbox.sqlite",
            new_epoch=41,
            today=TODAY,
            limits=LIMITS,
            clock=lambda: self.now,
        )

    @rule(data=st.binary(min_size=1, max_size=600))
    def journal(self, data: bytes) -> None:
        """A frame comes; it is kept or refused aloud."""
        try:
            self.outbox.journal("cuff", "a cuff", "uuid", self.now, data)
        except OutboxUnavailable:
            return
        self.frames.append(data)

    @rule(size=SIZES)
    def stage(self, size: int) -> None:
        """A visit is over: its frames become a row."""
        used = [frame.number for frame in self.outbox.journalled()]
        try:
            self.outbox.stage([("bp", TODAY, "r" * size)], rejects={}, used=used)
        except OutboxUnavailable:
            return
        self.frames, self.staged = [], self.staged + 1

    @precondition(lambda self: self.staged)
    @rule(many=st.integers(1, 5))
    def release(self, many: int) -> None:
        """Rows become a message."""
        many = min(many, self.staged)
        try:
            self.outbox.release("bp", many, lambda seq, rows, _: b"s%d" % seq * len(rows))
        except OutboxUnavailable:
            return
        self.staged -= many
        self.numbered += 1
        self.screening.add(self.numbered)

    @rule(size=SIZES)
    def keep_window(self, size: int) -> None:
        """A quarter of an hour passes and its window is kept."""
        self.now += timedelta(minutes=15)
        start = int(self.now.timestamp())
        try:
            self.outbox.keep_window(start, "w" * size)
        except OutboxUnavailable:
            return
        self.windows.add(start)

    @rule(many=st.integers(1, 4), newest=st.booleans())
    def release_windows(self, many: int, newest: bool) -> None:
        """Windows become a message."""
        try:
            done = self.outbox.release_windows(
                many, lambda seq, windows: "".join(windows).encode(), newest=newest
            )
        except OutboxUnavailable:
            return
        if done:
            self.numbered += 1
            self.usage.add(self.numbered)

    @rule(seqs=st.sets(st.integers(1, 40), max_size=8))
    def settle(self, seqs: set[int]) -> None:
        """Receipts come, some of them again, some for messages that were given up."""
        before = {one.seq for one in self._pending()}
        self.outbox.settle(40, seqs)
        self.outbox.settle(41, seqs)
        self.settled |= seqs & before

    @rule(hours=st.integers(0, 30))
    def expire(self, hours: int) -> None:
        """Time passes, and what is too old goes."""
        self.now += timedelta(hours=hours)
        self.outbox.expire(self.now)

    @rule()
    def reopen(self) -> None:
        """The agent starts anew."""
        self.outbox.__exit__()
        self.outbox = self._open()

    def _pending(self) -> list[Message]:
        return self.outbox.pending(10_000)

    @invariant()
    def every_number_is_accounted_for(self) -> None:
        """The ledger balances, and what is neither pending nor settled was declared."""
        if not hasattr(self, "outbox"):
            return
        ledger = self.outbox.ledger()
        pending = self._pending()
        assert ledger.numbered == self.numbered
        assert ledger.pending == len(pending)
        assert ledger.numbered == len(self.settled) + ledger.dropped + ledger.pending
        assert self.outbox.drops().total() == ledger.dropped

    @invariant()
    def nothing_of_a_person_is_ever_given_up(self) -> None:
        """Frames, rows and screening messages go only where they should."""
        if not hasattr(self, "outbox"):
            return
        assert [frame.data for frame in self.outbox.journalled()] == self.frames
        assert self.outbox.staged_counts().get("bp", 0) == self.staged
        pending = self._pending()
        kept = [one.seq for one in pending if one.stream is Stream.SCREENING]
        assert kept == sorted(self.screening - self.settled)
        assert {stream for stream, _ in self.outbox.drops()} <= {Stream.USAGE}
        usage = [one.seq for one in pending if one.stream is Stream.USAGE]
        assert usage == sorted(usage)
        assert pending == [one for one in pending if one.seq in self.screening] + [
            one for one in pending if one.seq in self.usage
        ]


Life.TestCase.settings = settings(
    max_examples=max(settings().max_examples // 8, 25), stateful_step_count=40, deadline=None
)
TestLife = Life.TestCase
