"""A broker that refuses: the reason is said in one sentence, the data is kept, and tried again."""

import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from contract.status import Kind
from contract.topics import Stream, topic
from edge_agent.outbox import Outbox
from tests.integration.broker import Broker, running_broker
from tests.integration.publishing import (
    DAY,
    EPOCH,
    STATION,
    add_usage,
    open_outbox,
    running_publisher,
    settings,
    until,
)
from tests.integration.receipting import running_ingest
from tests.integration.refusing_broker import (
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


def reload(broker: Broker) -> None:
    """Let mosquitto read its password and ACL files again."""
    os.kill(broker.pid, signal.SIGHUP)


def write_password(file: Path, password: str) -> None:
    file.touch(mode=0o600)
    subprocess.run(("mosquitto_passwd", "-b", str(file), STATION, password), check=True)


async def test_a_wrong_password_is_said_and_tried_again_until_it_is_right(
    tmp_path: Path, outbox: Outbox
) -> None:
    passwords = tmp_path / "passwords"
    write_password(passwords, "another")
    extra = f"allow_anonymous false\npassword_file {passwords}"
    with running_broker(tmp_path, extra=extra) as broker:
        mqtt = settings(broker.port, password=SecretStr("right"))
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.losses != [])
            assert station.words.losses[0].startswith("the broker does not ")
            assert not station.publisher.has_been_connected.is_set()
            write_password(passwords, "right")
            reload(broker)
            await station.publisher.has_been_connected.wait()
            assert len(station.words.losses) == 1  # said once, however often it was tried


async def test_a_publication_that_is_not_authorised_is_kept_and_sent_when_it_is(
    tmp_path: Path, outbox: Outbox
) -> None:
    acl = tmp_path / "acl"
    status = f"topic write {topic(STATION, Stream.STATUS)}\n"
    acl.write_text(f"user {STATION}\n{status}topic read kiosk/v1/{STATION}/#\n")
    acl.chmod(0o600)
    add_usage(outbox, 3)
    with running_broker(tmp_path, extra=f"acl_file {acl}") as broker:
        async with running_publisher(outbox, settings(broker.port)) as station:
            await until(lambda: station.words.refusals != [])
            assert station.words.refusals[0] == "not authorised (0x87)"
            await until(lambda: station.publisher.is_connected)
            assert outbox.ledger().pending == 3
            acl.write_text("topic readwrite #\npattern readwrite #\n")
            reload(broker)
            with running_ingest(broker) as ingest:
                await station.empty()
        assert set(ingest.copies) == {(STATION, EPOCH, seq) for seq in (1, 2, 3)}


async def test_after_a_refusal_one_message_tries_the_way_for_the_others(
    scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    broker.puback = lambda packet: 0x97 if USAGE.encode() in packet else 0
    add_usage(outbox, 10)
    async with running_publisher(outbox, settings(port)) as station:
        await until(lambda: len(station.words.refusals) == 10)
        await until(lambda: len(station.words.refusals) == 12)
        assert set(station.words.refusals) == {"quota used up (0x97)"}
        assert len(broker.published(USAGE)) == 12
        assert station.words.losses == []
    assert outbox.ledger().pending == 10


async def test_a_message_whose_format_is_refused_does_not_hold_up_the_others(
    scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    broker.puback = lambda packet: 0x99 if b'"seq":1,' in packet else 0
    add_usage(outbox, 5)
    patient = settings(port, receipt_timeout_seconds=30)
    async with running_publisher(outbox, patient) as station:
        await until(lambda: len(broker.published(USAGE)) == 5)
        await until(lambda: station.words.refusals != [])
        station.add_usage()
        await until(lambda: len(broker.published(USAGE)) == 6)
    assert len(station.words.refusals) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x87, "the broker does not authorise this station (0x87)"),
        (0x8A, "the broker has banned this station (0x8A)"),
        (0x97, "the broker's quota for this station is used up (0x97)"),
        (0x9C, "the broker asks to use another server: change [mqtt] host (0x9C)"),
        (0x88, "the broker is unavailable (0x88)"),
    ],
)
async def test_a_refused_connection_is_said_and_tried_again(
    code: int, words: str, scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    broker.hello = lambda connection: connack(code if connection == 1 else 0)
    async with running_publisher(outbox, settings(port)) as station:
        await station.publisher.has_been_connected.wait()
        assert station.words.losses == [words]
    assert broker.connections == 2


async def test_a_reason_is_said_once_however_often_it_is_met(
    scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    broker.hello = lambda connection: connack(0x88 if connection <= 4 else 0)
    async with running_publisher(outbox, settings(port)) as station:
        await station.publisher.has_been_connected.wait()
        assert station.words.losses == ["the broker is unavailable (0x88)"]
    assert broker.connections == 5


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x98, "somebody at the broker has ended this station's connection (0x98)"),
        (0x93, "the broker got more messages at once than it takes (0x93)"),
        (0x8B, "the broker is shutting down (0x8B)"),
        (0x8E, "another agent has connected with this station's id; an id is for one (0x8E)"),
    ],
)
async def test_an_ended_connection_is_said_and_made_again(
    code: int, words: str, scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    async with running_publisher(outbox, settings(port)) as station:
        await station.publisher.has_been_connected.wait()
        broker.say(disconnect(code))
        await until(lambda: broker.connections == 2)
        assert station.words.losses == [words]


async def test_a_station_that_may_not_hear_its_receipts_says_so_and_asks_again(
    scripted: tuple[RefusingBroker, int], outbox: Outbox
) -> None:
    broker, port = scripted
    broker.suback = 0x87
    async with running_publisher(outbox, settings(port)) as station:
        await until(lambda: broker.connections == 2)
        said = set(station.words.losses)
    assert said == {"the broker does not let this station have its receipts"}


async def test_what_is_no_broker_is_given_up(outbox: Outbox) -> None:
    async with running_refusing_broker() as (broker, port):
        broker.hello = lambda _: b""
        timing = settings(port)
        async with running_publisher(outbox, timing) as station:
            await until(lambda: station.words.losses != [])
            assert station.words.losses == ["the broker does not answer; is it one for MQTT?"]


async def test_two_agents_with_one_id_are_told_and_both_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        running_broker(tmp_path) as broker,
        running_ingest(broker) as ingest,
        open_outbox(tmp_path / "a") as one,
        Outbox(tmp_path / "b" / "outbox.sqlite", new_epoch=EPOCH + 1, today=DAY) as other,
    ):
        add_usage(one, 5)
        add_usage(other, 5, epoch=EPOCH + 1)
        async with (
            running_publisher(one, settings(broker.port)) as first,
            running_publisher(other, settings(broker.port)) as second,
        ):
            await first.empty()
            await second.empty()
            words = "does another agent use this station's id?"
            told = (first.words.losses, second.words.losses)
            await until(lambda: any(words in one for losses in told for one in losses))
        assert len(ingest.copies) == 10
        await until(lambda: ingest.statuses[STATION][-1].kind is Kind.DEATH)
