"""Certificates: what is wrong with one is said, and a new one counts without a restart."""

import asyncio
import shutil
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from contract.topics import Stream, topic
from edge_agent.outbox import Outbox
from edge_agent.settings import TlsSection
from tests.integration.broker import running_broker
from tests.integration.certificates import Authority, Signed
from tests.integration.publishing import (
    STATION,
    add_usage,
    open_outbox,
    running_publisher,
    settings,
    until,
)
from tests.integration.refusing_broker import publish, running_refusing_broker


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with open_outbox(tmp_path) as opened:
        add_usage(opened, 1)
        yield opened


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "authority").mkdir()
    return Authority(tmp_path / "authority")


def encrypted(signed: Signed, more: str = "") -> str:
    return f"certfile {signed.certificate}\nkeyfile {signed.key}\n{more}"


def replace(old: Signed, new: Signed) -> None:
    shutil.copy(new.certificate, old.certificate)
    shutil.copy(new.key, old.key)


async def test_an_expired_certificate_is_said_and_its_renewal_counts(
    tmp_path: Path, authority: Authority, outbox: Outbox
) -> None:
    old, new = authority.sign("old", days=-2), authority.sign("new")
    with running_broker(tmp_path, extra=encrypted(old)) as broker:
        mqtt = settings(broker.port, tls=TlsSection(ca_file=authority.file))
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.losses != [])
            assert station.words.losses[0] == "the broker's certificate has expired"
            replace(old, new)
            broker.kill()
            broker.start()
            await station.publisher.has_been_connected.wait()


async def test_an_unknown_authority_is_said_and_the_right_one_counts_without_a_restart(
    tmp_path: Path, authority: Authority, outbox: Outbox
) -> None:
    (tmp_path / "stranger").mkdir()
    trusted = tmp_path / "trusted.pem"
    shutil.copy(Authority(tmp_path / "stranger").file, trusted)
    with running_broker(tmp_path, extra=encrypted(authority.sign("broker"))) as broker:
        mqtt = settings(broker.port, tls=TlsSection(ca_file=trusted))
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.losses != [])
            assert station.words.losses == ["the broker's certificate is of no known authority"]
            shutil.copy(authority.file, trusted)
            await station.publisher.has_been_connected.wait()


async def test_a_certificate_for_another_address_is_said(
    tmp_path: Path, authority: Authority, outbox: Outbox
) -> None:
    signed = authority.sign("broker", host="192.0.2.1")
    with running_broker(tmp_path, extra=encrypted(signed)) as broker:
        mqtt = settings(broker.port, tls=TlsSection(ca_file=authority.file))
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.losses != [])
            assert station.words.losses == ["the broker's certificate is for another address"]


async def test_a_station_proves_itself_with_a_certificate_that_may_be_renewed_at_any_time(
    tmp_path: Path, authority: Authority, outbox: Outbox
) -> None:
    extra = encrypted(
        authority.sign("broker"), f"cafile {authority.file}\nrequire_certificate true\n"
    )
    own, renewed = authority.sign("expired", days=-2), authority.sign("renewed")
    with running_broker(tmp_path, extra=extra) as broker:
        tls = TlsSection(ca_file=authority.file, certificate_file=own.certificate, key_file=own.key)
        async with running_publisher(outbox, settings(broker.port, tls=tls)) as station:
            await until(lambda: station.words.losses != [])
            assert not station.publisher.is_connected
            replace(own, renewed)
            await station.publisher.has_been_connected.wait()


async def test_a_missing_file_is_said_and_found_when_it_is_there(
    tmp_path: Path, authority: Authority, outbox: Outbox
) -> None:
    trusted = tmp_path / "trusted.pem"
    with running_broker(tmp_path, extra=encrypted(authority.sign("broker"))) as broker:
        mqtt = settings(broker.port, tls=TlsSection(ca_file=trusted))
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.losses != [])
            assert station.words.losses == ["a file of [mqtt] tls is not there"]
            shutil.copy(authority.file, trusted)
            await station.publisher.has_been_connected.wait()


async def test_a_broker_without_encryption_is_told_from_one_with_it(
    authority: Authority, outbox: Outbox
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with suppress(OSError):
            await reader.read()
        writer.close()

    plain = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with plain:
        mqtt = settings(plain.sockets[0].getsockname()[1], tls=TlsSection(ca_file=authority.file))
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.losses != [])
            assert station.words.losses[0] == "no TLS is spoken at the broker's port"


async def test_a_backlog_leaves_through_tls_as_without(
    tmp_path: Path, authority: Authority, outbox: Outbox
) -> None:
    add_usage(outbox, 200)
    extra = encrypted(authority.sign("broker"))
    with running_broker(tmp_path, extra=extra) as broker:
        mqtt = settings(
            broker.port,
            window=300,
            tls=TlsSection(ca_file=authority.file),
            receipt_timeout_seconds=30,
        )
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.counts["edge_messages_published_total"] == 201)
            station.add_usage()
            await until(lambda: station.words.counts["edge_messages_published_total"] == 202)
            assert station.words.losses == []


async def test_nothing_stays_behind_that_tls_has_decrypted_already(
    authority: Authority, outbox: Outbox
) -> None:
    signed = authority.sign("broker")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(signed.certificate, signed.key)
    async with running_refusing_broker(context) as (broker, port):
        mqtt = settings(port, tls=TlsSection(ca_file=authority.file), receipt_timeout_seconds=30)
        async with running_publisher(outbox, mqtt) as station:
            await until(lambda: station.words.counts["edge_messages_published_total"] == 1)
            await until(lambda: not station.publisher._unanswered)  # so that nothing else arrives
            config = topic(STATION, Stream.CONFIG)
            broker.say(b"".join(publish(config, b"%d" % number) for number in range(20)))
            await until(lambda: len(station.configs) == 20)
