"""What leaves a station and when: live before backlog, screening before usage."""

from pathlib import Path
from random import Random

from edge_agent.departures import Departures
from edge_agent.outbox import Message, Outbox
from edge_agent.telemetry import Telemetry
from tests.integration.broker import Broker
from tests.integration.publishing import (
    DAY,
    EPOCH,
    STATION,
    add_batch,
    add_usage,
    running_publisher,
    settings,
    until,
)
from tests.integration.receipting import running_ingest

A_WEEK = 604_800


async def test_new_messages_do_not_wait_for_older_ones(broker: Broker, outbox: Outbox) -> None:
    add_usage(outbox, 30)
    slowly = settings(broker.port, drain_spread_seconds=A_WEEK, receipt_timeout_seconds=30)
    with running_ingest(broker) as ingest:
        async with running_publisher(outbox, slowly) as station:
            await station.publisher.has_been_connected.wait()
            station.add_usage(3)
            station.add_batch()
            await until(lambda: len(ingest.order) == 4)
            assert {seq for _, _, seq in ingest.order} == {31, 32, 33, 34}
            await until(lambda: outbox.ledger().pending == 30)


async def test_older_messages_leave_no_faster_than_the_limit_and_new_ones_between_them(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 30)
    one_a_week = settings(broker.port, drain_per_second=1 / A_WEEK, receipt_timeout_seconds=30)
    with running_ingest(broker) as ingest:
        async with running_publisher(outbox, one_a_week) as station:
            await until(lambda: len(ingest.order) == 1)
            for count in range(2, 8):
                station.add_usage()
                await until(lambda count=count: len(ingest.order) == count)  # type: ignore[misc]
            assert [seq for _, _, seq in ingest.order] == [1, 31, 32, 33, 34, 35, 36]


async def test_a_backlog_leaves_screening_first_and_then_in_order(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 40)
    add_batch(outbox)
    add_batch(outbox)
    with running_ingest(broker) as ingest:
        async with running_publisher(outbox, settings(broker.port)) as station:
            await station.empty()
        assert [seq for _, _, seq in ingest.order] == [41, 42, *range(1, 41)]


async def test_no_more_are_on_their_way_without_a_receipt_than_the_window_allows(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 50)
    with running_ingest(broker, lambda _identity, _copy: True) as ingest:
        async with running_publisher(outbox, settings(broker.port, window=4)):
            await until(lambda: min(ingest.copies.values(), default=0) >= 3)
        assert set(ingest.copies) == {(STATION, EPOCH, seq) for seq in range(1, 5)}


async def test_memory_does_not_grow_with_the_outbox(broker: Broker, tmp_path: Path) -> None:
    asked = []

    class Watched(Outbox):
        def pending(self, limit: int, *, after: int = 0) -> list[Message]:
            asked.append(limit)
            return super().pending(limit, after=after)

    with Watched(tmp_path / "outbox.sqlite", new_epoch=EPOCH, today=DAY) as outbox:
        add_usage(outbox, 300)
        with running_ingest(broker):
            async with running_publisher(outbox, settings(broker.port)) as station:
                await station.empty()
    assert 0 < max(asked) <= 16 + 16 + 64


async def test_more_windows_are_numbered_only_after_everything_older_has_left(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 20)
    waiting = [3, 2, 1]
    pending: list[int] = []

    def supply() -> bool:
        pending.append(outbox.ledger().pending)
        if waiting:
            waiting.pop()
            add_usage(outbox, 1, windows=5)
            return True
        return False

    with running_ingest(broker) as ingest:
        quick = settings(broker.port, receipt_timeout_seconds=30)
        async with running_publisher(outbox, quick, supply=supply) as station:
            await until(lambda: len(ingest.order) == 23)
            await station.empty()
        assert [seq for _, _, seq in ingest.order] == list(range(1, 24))
        assert len(pending) == 4
        assert max(pending) < 16


async def test_no_more_windows_are_numbered_while_nobody_answers(
    broker: Broker, outbox: Outbox
) -> None:
    asked: list[int] = []

    def supply() -> bool:
        asked.append(1)
        add_usage(outbox, 1)
        return True

    with running_ingest(broker, lambda _identity, _copy: True) as ingest:
        async with running_publisher(outbox, settings(broker.port), supply=supply):
            await until(lambda: min(ingest.copies.values(), default=0) >= 3)
        assert len(asked) <= 16


def test_a_thousand_stations_do_not_begin_their_backlog_together(outbox: Outbox) -> None:
    add_usage(outbox, 1)
    begins = []
    for seed in range(200):
        departures = Departures(
            settings(1, drain_spread_seconds=60),
            outbox,
            Telemetry(),
            min_batch=5,
            supply=lambda: False,
            rng=Random(seed),
        )
        departures.begin(now=1000)
        assert departures.choose(1000, 10, lambda _: 10_000) == []
        begins.append(departures.seconds_left(1000))
        assert departures.choose(1000 + begins[-1] - 0.01, 10, lambda _: 10_000) == []
        assert len(departures.choose(1000 + begins[-1], 10, lambda _: 10_000)) == 1
    assert 0 < min(begins) < 3
    assert 57 < max(begins) <= 60
