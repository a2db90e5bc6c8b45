"""A broker takes only so much: what is too large becomes smaller, and no row counts twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.topics import Stream, topic
from edge_agent.outbox import Outbox
from tests.integration.broker import running_broker
from tests.integration.publishing import (
    STATION,
    add_batch,
    add_usage,
    running_publisher,
    settings,
    until,
)
from tests.integration.receipting import running_ingest
from tests.integration.refusing_broker import (
    MAXIMUM_PACKET_SIZE,
    RECEIVE_MAXIMUM,
    RefusingBroker,
    connack,
    disconnect,
    running_refusing_broker,
)

USAGE = topic(STATION, Stream.USAGE)


@pytest.fixture
async def scripted() -> AsyncIterator[tuple[RefusingBroker, int]]:
    async with running_refusing_broker() as running:
        yield running


async def test_a_message_too_large_for_the_broker_is_halved_until_it_fits(
    tmp_path: Path, outbox: Outbox
) -> None:
    add_usage(outbox, 1, windows=100)
    add_batch(outbox, rows=40)
    with (
        running_broker(tmp_path, extra="max_packet_size 1200") as broker,
        running_ingest(broker) as ingest,
    ):
        async with running_publisher(outbox, settings(broker.port)) as station:
            await station.empty()
            assert station.words.losses == []
            assert station.words.counts["edge_messages_too_large_total"] == 0
    windows = [one.start for batch in ingest.usage.values() for one in batch.windows]
    assert len(windows) == len(set(windows)) == 100
    sizes = [len(batch.rows) for batch in ingest.screening.values()]
    assert sum(sizes) == 40
    assert min(sizes) >= 5
    assert len(sizes) > 1
    ledger = outbox.ledger()
    assert (ledger.numbered, ledger.dropped) == (len(ingest.copies), 0)


async def test_a_batch_that_cannot_be_halved_is_kept_and_reported_and_holds_up_nothing(
    tmp_path: Path, outbox: Outbox
) -> None:
    add_batch(outbox, rows=9)
    add_usage(outbox, 30)
    with (
        running_broker(tmp_path, extra="max_packet_size 500") as broker,
        running_ingest(broker) as ingest,
    ):
        async with running_publisher(outbox, settings(broker.port)) as station:
            await until(lambda: outbox.ledger().pending == 1)
            assert station.words.counts["edge_messages_too_large_total"] == 1
            assert [one.seq for one in outbox.pending(2)] == [1]
    assert len(ingest.usage) == 30


async def test_a_batch_that_may_have_arrived_is_never_halved(
    tmp_path: Path, outbox: Outbox
) -> None:
    add_batch(outbox, rows=40)
    with running_broker(tmp_path) as broker, running_ingest(broker, lambda *_: True) as ingest:
        async with running_publisher(outbox, settings(broker.port)):
            await until(lambda: len(ingest.copies) == 1)
    small = tmp_path / "small"
    small.mkdir()
    with running_broker(small, extra="max_packet_size 1200") as broker, running_ingest(broker):
        async with running_publisher(outbox, settings(broker.port)) as station:
            await until(lambda: station.words.counts["edge_messages_too_large_total"] == 1)
    assert outbox.ledger().numbered == outbox.ledger().pending == 1


async def test_a_broker_that_hangs_up_on_a_large_message_without_warning_gets_smaller_ones(
    scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted

    def puback(packet: bytes) -> int | None:
        if len(packet) <= 1000:
            return 0
        broker.say(disconnect(0x95))
        return None

    broker.puback = puback
    add_usage(outbox, 1, windows=60)
    async with running_publisher(outbox, settings(port)) as station:
        await until(lambda: station.words.counts["edge_messages_split_total"] >= 1)
        await until(lambda: any(len(one) <= 1000 for one in broker.published(USAGE)))
    assert station.words.losses[0] == "the broker found a message too large (0x95)"


async def test_the_broker_s_receive_maximum_is_never_exceeded(
    scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    broker.hello = lambda _: connack(0, bytes((RECEIVE_MAXIMUM, 0, 5)))
    broker.puback = lambda _packet: None
    add_usage(outbox, 30)
    async with running_publisher(outbox, settings(port, receipt_timeout_seconds=0.3)) as station:
        await until(lambda: station.words.losses != [])
        assert broker.connections == 1
        assert len(broker.published("kiosk")) <= 5
        assert len(broker.published(USAGE)) >= 3
    assert station.words.losses == ["the broker does not acknowledge messages any more"]


async def test_a_message_is_measured_against_the_broker_s_limit_to_the_byte(
    scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    add_usage(outbox, 1, windows=3)
    async with running_publisher(outbox, settings(port)):
        await until(lambda: broker.published(USAGE) != [])
    (packet, *_) = broker.published(USAGE)
    for size, copies in ((len(packet) + 2, 1), (len(packet) - 1, 0)):
        broker.packets.clear()
        limit = bytes((MAXIMUM_PACKET_SIZE,)) + size.to_bytes(4)
        broker.hello = lambda _, limit=limit: connack(0, limit)  # type: ignore[misc]
        async with running_publisher(outbox, settings(port)):
            await until(lambda: broker.published(USAGE) != [])
        assert broker.published(USAGE).count(packet) >= copies
        assert all(len(one) <= size for one in broker.published(USAGE))
