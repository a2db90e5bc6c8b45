"""What leaves a station and when: live before backlog, screening before usage, gone on receipt."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from contract.errors import OutboxUnavailable
from contract.receipts import Outcome
from contract.status import Kind
from contract.topics import Stream, topic
from edge_agent.outbox import Message, Outbox
from tests.integration.broker import Broker, running_broker
from tests.integration.publishing import (
    BOOT,
    DAY,
    EPOCH,
    STATION,
    add_batch,
    add_usage,
    open_outbox,
    running_publisher,
    settings,
    until,
)
from tests.integration.receipting import Identity, running_ingest

A_WEEK = 604_800


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path) as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with open_outbox(tmp_path) as opened:
        yield opened


async def test_a_birth_comes_first_then_heartbeats_and_a_death_at_the_end(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 2)
    with running_ingest(broker) as ingest:
        statuses = ingest.statuses[STATION]
        async with running_publisher(outbox, settings(broker.port, heartbeat_seconds=0.1)):
            await until(lambda: len(statuses) >= 3)
        await until(lambda: statuses[-1].kind is Kind.DEATH)
        assert statuses[0].kind is Kind.BIRTH
        assert {one.kind for one in statuses[1:-1]} == {Kind.HEARTBEAT}
        assert {one.boot for one in statuses} == {BOOT}
        assert statuses[0].ledger is not None
        assert (statuses[0].ledger.numbered, statuses[0].ledger.pending) == (2, 2)


async def test_an_acknowledged_birth_is_what_counts_as_having_been_connected(
    broker: Broker, outbox: Outbox
) -> None:
    with running_ingest(broker) as ingest:
        async with running_publisher(outbox, settings(broker.port)) as station:
            assert not station.publisher.is_connected
            await station.publisher.has_been_connected.wait()
            assert station.publisher.is_connected
            await until(lambda: len(ingest.statuses[STATION]) == 1)
            assert station.words.losses == []


async def test_a_broker_s_word_deletes_nothing_and_a_receipt_does(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 5)
    add_batch(outbox)
    with running_ingest(broker, lambda _identity, copy: copy <= 2) as ingest:
        async with running_publisher(outbox, settings(broker.port)) as station:
            await until(lambda: min(ingest.copies.values(), default=0) >= 2)
            assert len(ingest.copies) == 6
            assert outbox.ledger().pending == 6
            await station.empty()
        assert set(ingest.copies) == {(STATION, EPOCH, seq) for seq in range(1, 7)}
        assert min(ingest.copies.values()) == 3
        assert len(ingest.screening) == 1


async def test_a_quarantined_message_is_settled_too(broker: Broker, outbox: Outbox) -> None:
    add_usage(outbox, 1)
    with running_ingest(broker) as ingest:
        ingest.outcome = Outcome.QUARANTINED
        async with running_publisher(outbox, settings(broker.port)) as station:
            await station.empty()


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


async def test_a_thousand_messages_are_delivered_once_each(broker: Broker, outbox: Outbox) -> None:
    add_usage(outbox, 1000)
    patient = settings(broker.port, receipt_timeout_seconds=30, window=100)
    with running_ingest(broker) as ingest:
        async with running_publisher(outbox, patient) as station:
            await station.empty()
        assert len(ingest.copies) == 1000
        assert max(ingest.copies.values()) == 1


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
        add_usage(outbox, 1000)
        with running_ingest(broker):
            async with running_publisher(outbox, settings(broker.port)) as station:
                await station.empty()
    assert 0 < max(asked) <= 16 + 16 + 64


async def test_messages_wait_while_nobody_ingests_and_it_is_said_once(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 3)
    async with running_publisher(outbox, settings(broker.port)) as station:
        await until(lambda: station.words.counts["edge_messages_published_total"] >= 6)
        assert station.words.lonely == 1
        assert outbox.ledger().pending == 3
        with running_ingest(broker):
            await station.empty()


async def test_receipts_that_the_disk_refuses_are_settled_later_without_another_copy(
    broker: Broker, tmp_path: Path
) -> None:
    class Stubborn(Outbox):
        refusals = 0

        def settle(self, epoch: int, seqs: Sequence[int]) -> None:  # type: ignore[override]
            if self.refusals < 1:
                self.refusals += 1
                raise OutboxUnavailable("no room for the station's file")
            super().settle(epoch, seqs)

    with Stubborn(tmp_path / "outbox.sqlite", new_epoch=EPOCH, today=DAY) as outbox:
        add_usage(outbox, 3)
        with running_ingest(broker) as ingest:
            async with running_publisher(outbox, settings(broker.port)) as station:
                await station.empty()
                assert station.words.counts["edge_disk_refusals_total"] == 1
        assert outbox.refusals == 1
        assert set(ingest.copies.values()) == {1}


async def test_a_batch_that_might_be_split_later_waits_until_the_disk_has_noted_its_departure(
    broker: Broker, tmp_path: Path
) -> None:
    class Forgetful(Outbox):
        refusals = 0

        def mark_sent(self, seqs: Sequence[int]) -> None:  # type: ignore[override]
            if seqs and self.refusals < 1:
                self.refusals += 1
                raise OutboxUnavailable("no room for the station's file")
            super().mark_sent(seqs)

    with Forgetful(tmp_path / "outbox.sqlite", new_epoch=EPOCH, today=DAY) as outbox:
        add_batch(outbox, rows=10)  # two halves of five would be allowed
        add_batch(outbox, rows=9)  # no smaller batch would, so it may go unnoted
        add_usage(outbox, 1)
        with running_ingest(broker) as ingest:
            async with running_publisher(outbox, settings(broker.port)) as station:
                await station.empty()
        assert [seq for _, _, seq in ingest.order] == [2, 3, 1]


async def test_receipts_of_another_epoch_and_what_is_no_receipt_change_nothing(
    broker: Broker, outbox: Outbox
) -> None:
    add_usage(outbox, 1)
    receipts = topic(STATION, Stream.RECEIPTS)
    strange = f'{{"station":"{STATION}","receipts":[{{"epoch":9,"seq":1,"outcome":"stored"}}]}}'
    with running_ingest(broker, lambda _identity, copy: copy == 1) as ingest:
        async with running_publisher(outbox, settings(broker.port)) as station:
            await until(lambda: len(ingest.copies) == 1)
            ingest.client.publish(receipts, b"not a receipt", 1)
            ingest.client.publish(receipts, strange, 1)
            await until(lambda: station.words.counts["edge_messages_settled_total"] == 1)
            assert outbox.ledger().pending == 1
            await station.empty()
            assert station.words.counts["edge_receipts_refused_total"] == 1


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


async def test_a_desired_configuration_that_was_there_before_is_handed_over(
    broker: Broker, outbox: Outbox
) -> None:
    with running_ingest(broker) as ingest:
        config = topic(STATION, Stream.CONFIG)
        ingest.client.publish(config, b'{"revision":"1"}', 1, retain=True).wait_for_publish(5)
        async with running_publisher(outbox, settings(broker.port)) as station:
            await until(lambda: station.configs == [b'{"revision":"1"}'])
            ingest.client.publish(config, b"", 1, retain=True)
            await until(lambda: station.configs == [b'{"revision":"1"}', b""])


async def test_a_thousand_stations_do_not_begin_their_backlog_together(
    broker: Broker, tmp_path: Path
) -> None:
    firsts = []
    for seed in range(6):
        (tmp_path / str(seed)).mkdir()
        with open_outbox(tmp_path / str(seed)) as outbox:
            add_usage(outbox, 1)
            mqtt = settings(broker.port, drain_spread_seconds=A_WEEK)
            async with running_publisher(outbox, mqtt, rng=Random(seed)) as station:
                await station.publisher.has_been_connected.wait()
                departures = station.publisher._departures
                firsts.append(departures.seconds_left(0) // 3600)
    assert len(set(firsts)) == 6


async def test_the_loop_beats_also_without_a_broker(outbox: Outbox) -> None:
    async with running_publisher(outbox, settings(1)) as station:
        station.publisher.wake()
        await until(lambda: station.beats() >= 2)
        station.publisher.wake()
        await until(lambda: station.beats() >= 3)


async def test_every_message_says_what_it_is_made_of(broker: Broker, outbox: Outbox) -> None:
    add_usage(outbox, 1)
    seen: list[Identity] = []
    with running_ingest(broker) as ingest:
        async with running_publisher(outbox, settings(broker.port)) as station:
            await station.empty()
            seen += ingest.order
        await until(lambda: len(ingest.statuses[STATION]) == 2)
        assert ingest.content_types == {"application/json"}
    assert seen == [(STATION, EPOCH, 1)]
