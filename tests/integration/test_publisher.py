"""What a station says of itself, and its messages: kept until their receipts come."""

from collections.abc import Sequence
from pathlib import Path

from contract.errors import OutboxUnavailable
from contract.receipts import Outcome
from contract.status import Kind
from contract.topics import Stream, topic
from edge_agent.outbox import Outbox
from tests.integration.broker import Broker
from tests.integration.publishing import (
    BOOT,
    DAY,
    EPOCH,
    STATION,
    add_batch,
    add_usage,
    running_publisher,
    settings,
    until,
)
from tests.integration.receipting import Identity, running_ingest

A_WEEK = 604_800


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


async def test_a_thousand_messages_are_delivered_once_each(broker: Broker, outbox: Outbox) -> None:
    add_usage(outbox, 1000)
    patient = settings(broker.port, receipt_timeout_seconds=30, window=100)
    with running_ingest(broker) as ingest:
        async with running_publisher(outbox, patient) as station:
            await station.empty()
        assert len(ingest.copies) == 1000
        assert max(ingest.copies.values()) == 1


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


async def test_a_station_whose_disk_refuses_everything_still_says_that_it_lives(
    broker: Broker, tmp_path: Path
) -> None:
    class ReadOnly(Outbox):
        is_writable = False

        def settle(self, epoch: int, seqs: Sequence[int]) -> None:  # type: ignore[override]
            if not self.is_writable:
                raise OutboxUnavailable("the station's file cannot be used now")
            super().settle(epoch, seqs)

    with ReadOnly(tmp_path / "outbox.sqlite", new_epoch=EPOCH, today=DAY) as outbox:
        add_usage(outbox, 12)
        with running_ingest(broker) as ingest:
            often = settings(broker.port, heartbeat_seconds=0.1, window=4)
            async with running_publisher(outbox, often) as station:
                refused = station.words.counts
                await until(lambda: refused["edge_disk_refusals_total"] >= 1)
                heard = len(ingest.statuses[STATION])
                await until(lambda: len(ingest.statuses[STATION]) >= heard + 3)
                await until(lambda: len(ingest.copies) == 12)
                assert outbox.ledger().pending == 12
                outbox.is_writable = True
                await station.empty()
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
