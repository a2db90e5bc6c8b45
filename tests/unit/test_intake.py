"""The intake: a frame that the disk refuses is kept, and what is too much is lost aloud."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from contract.errors import OutboxUnavailable
from edge_agent.devices import blood_pressure, models
from edge_agent.frame import Frame
from edge_agent.intake import Intake
from edge_agent.outbox import Outbox
from edge_agent.radio.link import Arrived
from edge_agent.telemetry import Telemetry
from tests.machine import Machine

NOON = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)


class Refusing(Outbox):
    """An outbox on a disk that takes nothing while a test says so."""

    refuses = False

    def journal_all(self, frames: Iterable[Frame]) -> None:
        if self.refuses:
            raise OutboxUnavailable("no room")
        super().journal_all(frames)

    def give_up_frames(self, many: int) -> None:
        if self.refuses:
            raise OutboxUnavailable("no room")
        super().give_up_frames(many)


class Station:
    """An intake that keeps three frames at the most."""

    def __init__(self, outbox: Refusing) -> None:
        self.outbox = outbox
        self.machine = Machine(NOON)
        self.telemetry = Telemetry()
        self.intake = Intake(outbox, self.telemetry, self.machine.clock(), most=3)

    def hear(self, *contents: bytes) -> None:
        for data in contents:
            arrived = Arrived(blood_pressure.MEASUREMENT_UUID, data)
            self.intake.take("cuff", models.GENERIC_CUFF, arrived)
            self.machine.pass_time(timedelta(seconds=1))

    def journalled(self) -> list[bytes]:
        return [frame.data for frame in self.outbox.journalled()]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Refusing(tmp_path / "o.sqlite", new_epoch=7, today=date(2026, 2, 6)) as outbox:
        yield Station(outbox)


def test_a_frame_is_in_the_journal_when_it_was_taken(station: Station) -> None:
    station.hear(b"a")
    (frame,) = station.outbox.journalled()
    at = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    title, uuid = models.GENERIC_CUFF.title, blood_pressure.MEASUREMENT_UUID
    assert frame == Frame(1, "cuff", title, uuid, at, b"a", "boot 1")
    assert station.intake.is_ready


def test_what_the_disk_refuses_goes_in_later_in_order_and_with_its_own_time(
    station: Station,
) -> None:
    station.hear(b"a")
    station.outbox.refuses = True
    station.hear(b"b", b"c")
    assert (station.journalled(), station.intake.is_ready) == ([b"a"], False)
    assert not station.intake.flush()
    station.outbox.refuses = False
    station.hear(b"d")
    assert station.journalled() == [b"a", b"b", b"c", b"d"]
    seconds = [frame.received_at.second for frame in station.outbox.journalled()]
    assert seconds == [0, 1, 2, 3]
    assert station.intake.is_ready


def test_a_disk_that_takes_again_is_found_without_a_new_frame(station: Station) -> None:
    station.outbox.refuses = True
    station.hear(b"a")
    station.outbox.refuses = False
    assert station.intake.flush()
    assert (station.journalled(), station.intake.is_ready) == ([b"a"], True)
    assert station.intake.flush()
    assert station.journalled() == [b"a"]


def test_what_cannot_be_kept_ends_the_conversation_and_is_declared_later(
    station: Station,
) -> None:
    station.outbox.refuses = True
    station.hear(b"a", b"b", b"c")
    for _ in range(9):
        with pytest.raises(OutboxUnavailable):
            station.hear(b"lost")
    assert station.telemetry.counts["edge_frames_lost_total"] == 9
    assert station.outbox.losses().frames == "<8"
    station.outbox.refuses = False
    assert not station.intake.is_ready
    assert station.intake.flush()
    assert station.journalled() == [b"a", b"b", b"c"]
    assert station.outbox.losses().frames == "10"
    assert station.intake.is_ready
