"""Every way in which a link to the broker fails: nothing is lost, and nothing counts twice."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.status import Kind
from edge_agent.outbox import Outbox
from health_kiosk.ports import free_port
from tests.integration.broker import Broker, running_broker
from tests.integration.proxy import PUBACK, PUBLISH, Proxy, running_proxy
from tests.integration.publishing import (
    EPOCH,
    STATION,
    add_batch,
    add_usage,
    open_outbox,
    running_publisher,
    settings,
    until,
)
from tests.integration.receipting import Ingest, running_ingest

MESSAGES = 40
EVERYTHING = {(STATION, EPOCH, seq) for seq in range(1, MESSAGES + 1)}


@pytest.fixture
def ingest(broker: Broker) -> Iterator[Ingest]:
    with running_ingest(broker) as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with open_outbox(tmp_path) as opened:
        add_usage(opened, MESSAGES - 2)
        add_batch(opened)
        add_batch(opened)
        yield opened


@pytest.fixture
async def proxied(broker: Broker) -> AsyncIterator[tuple[Proxy, int]]:
    async with running_proxy(broker.host, broker.port) as running:
        yield running


async def test_eaten_acknowledgements_lead_to_a_new_connection(
    proxied: tuple[Proxy, int], ingest: Ingest, outbox: Outbox
) -> None:
    proxy, port = proxied
    proxy.passes = lambda kind, _packet: kind != PUBACK or proxy.connections > 1
    async with running_publisher(outbox, settings(port)) as station:
        await until(lambda: station.words.losses != [])
        await station.empty()
        assert station.words.losses == ["the broker does not acknowledge messages any more"]
    assert proxy.connections == 2
    assert set(ingest.copies) == EVERYTHING


async def test_eaten_receipts_lead_to_another_copy_and_no_new_connection(
    proxied: tuple[Proxy, int], ingest: Ingest, outbox: Outbox
) -> None:
    proxy, port = proxied
    eaten = 0

    def passes(kind: int, _packet: bytes) -> bool:
        nonlocal eaten
        if kind == PUBLISH and eaten < 10:
            eaten += 1
            return False
        return True

    proxy.passes = passes
    async with running_publisher(outbox, settings(port)) as station:
        await station.empty()
        assert station.words.losses == []
    assert set(ingest.copies) == EVERYTHING
    assert max(ingest.copies.values()) > 1
    assert proxy.connections == 1


async def test_a_half_open_link_is_noticed_and_given_up(
    proxied: tuple[Proxy, int], ingest: Ingest, outbox: Outbox
) -> None:
    proxy, port = proxied
    async with running_publisher(outbox, settings(port, heartbeat_seconds=0.2)) as station:
        await until(lambda: len(ingest.copies) >= 5)
        proxy.is_stopped = True
        await until(lambda: station.words.losses != [])
        assert not station.publisher.is_connected
        proxy.is_stopped = False
        await station.empty()
    assert set(ingest.copies) == EVERYTHING


async def test_a_half_open_link_is_noticed_when_there_is_nothing_to_send_but_heartbeats(
    proxied: tuple[Proxy, int], ingest: Ingest, outbox: Outbox
) -> None:
    proxy, port = proxied
    async with running_publisher(outbox, settings(port, heartbeat_seconds=0.2)) as station:
        await station.empty()
        proxy.is_stopped = True
        await until(lambda: station.words.losses != [])
    assert station.words.losses[0] == "the broker does not acknowledge messages any more"


async def test_resets_in_the_middle_of_a_backlog_lose_nothing(
    proxied: tuple[Proxy, int], ingest: Ingest, outbox: Outbox
) -> None:
    proxy, port = proxied
    async with running_publisher(outbox, settings(port, window=4)) as station:
        for seen in (3, 9, 20, 30):
            await until(lambda seen=seen: len(ingest.copies) >= seen)  # type: ignore[misc]
            proxy.reset()
        await station.empty()
    assert set(ingest.copies) == EVERYTHING
    assert proxy.connections >= 2


async def test_a_broken_link_publishes_the_death_of_this_life(
    proxied: tuple[Proxy, int], ingest: Ingest, outbox: Outbox
) -> None:
    proxy, port = proxied
    statuses = ingest.statuses[STATION]
    async with running_publisher(outbox, settings(port)) as station:
        await station.empty()
        proxy.is_stopped = True  # so that no new birth comes before the assertion
        proxy.reset()
        await until(lambda: [one.kind for one in statuses][-1] is Kind.DEATH)
        assert statuses[-1].boot == statuses[0].boot
        proxy.is_stopped = False
        await until(lambda: [one.kind for one in statuses][-1] is Kind.BIRTH)


async def test_a_slow_link_is_not_taken_for_a_broken_one(
    proxied: tuple[Proxy, int], ingest: Ingest, outbox: Outbox
) -> None:
    proxy, port = proxied
    proxy.delay_seconds = 0.02
    patient = settings(port, receipt_timeout_seconds=10)
    async with running_publisher(outbox, patient) as station:
        await station.empty()
        assert station.words.losses == []
    assert set(ingest.copies.values()) == {1}
    assert set(ingest.copies) == EVERYTHING


async def test_a_broker_killed_with_nothing_on_disk_costs_nothing(
    broker: Broker, ingest: Ingest, outbox: Outbox
) -> None:
    async with running_publisher(outbox, settings(broker.port, window=4)) as station:
        for seen in (5, 15):
            await until(lambda seen=seen: len(ingest.copies) >= seen)  # type: ignore[misc]
            broker.kill()
            broker.start()
        await station.empty()
    assert set(ingest.usage) | set(ingest.screening) == EVERYTHING
    assert outbox.ledger().dropped == 0


async def test_a_broker_that_comes_later_is_found(tmp_path: Path, outbox: Outbox) -> None:
    port = free_port()
    async with running_publisher(outbox, settings(port)) as station:
        await until(lambda: station.words.losses != [])
        assert station.words.losses == ["nothing listens at the broker's address and port"]
        with running_broker(tmp_path, extra=f"listener {port} 127.0.0.1"):
            await station.publisher.has_been_connected.wait()


async def test_a_name_that_nobody_resolves_is_asked_for_again(
    broker: Broker, ingest: Ingest, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    asked: list[str] = []

    def resolver(host: str, *arguments: Any, **named: Any) -> Any:
        asked.append(host)
        if len(asked) <= 2:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve("127.0.0.1", *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    named = settings(broker.port, host="broker.example")
    async with running_publisher(outbox, named) as station:
        await station.empty()
        assert station.words.losses == ["the broker's name cannot be resolved"]
    assert asked == ["broker.example"] * 3


async def test_a_name_server_that_does_not_answer_holds_up_nothing_else(
    broker: Broker, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    is_asked, may_answer = threading.Event(), threading.Event()

    def resolver(host: str, *arguments: Any, **named: Any) -> Any:
        is_asked.set()
        assert may_answer.wait(20)
        return resolve("127.0.0.1", *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    named = settings(broker.port, host="broker.example")
    async with running_publisher(outbox, named) as station:
        await until(is_asked.is_set)
        before = station.beats()
        station.publisher.wake()
        await until(lambda: station.beats() > before)
        assert not station.publisher.is_connected
        may_answer.set()
        await station.publisher.has_been_connected.wait()


async def test_an_agent_that_ends_while_it_connects_does_not_take_over_its_successor(
    broker: Broker, ingest: Ingest, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    is_asked, may_answer, is_through = threading.Event(), threading.Event(), threading.Event()

    def resolver(host: str, *arguments: Any, **named: Any) -> Any:
        if host == "slow.example":
            is_asked.set()
            assert may_answer.wait(20)
            is_through.set()
        return resolve("127.0.0.1", *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    async with running_publisher(outbox, settings(broker.port, host="slow.example")):
        await until(is_asked.is_set)
    async with running_publisher(outbox, settings(broker.port)) as station:
        await station.publisher.has_been_connected.wait()
        may_answer.set()
        await until(is_through.is_set)
        await station.empty()
        assert station.words.losses == []
