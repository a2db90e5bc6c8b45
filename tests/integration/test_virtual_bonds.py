"""Bonds of the virtual BlueZ: what they open, how long they last, and how they are lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from dbus_fast import Variant

from simulators.bluez.daemon import virtual_bluez
from simulators.bluez.names import ADAPTER, ADAPTER_PATH, DEVICE, PROPERTIES
from simulators.bluez.peripheral import Bonding, Passkey
from simulators.bus import private_bus
from tests.integration.pairing import (
    BOND,
    NUMBER,
    SECRET_UUID,
    Locked,
    Person,
    attending,
    found,
    known,
)
from tests.integration.radio import (
    CUFF_ADDRESS,
    CUFF_PATH,
    QUICK,
    Radio,
    virtual_radio,
    watching,
)

NOT_PAIRED = "[org.bluez.Error.NotPermitted] Not paired"


async def _read(client: BleakClient) -> None:
    assert await client.read_gatt_char(SECRET_UUID) == b"secret"


async def _write(client: BleakClient) -> None:
    await client.write_gatt_char(SECRET_UUID, b"\x01", response=True)


async def _subscribe(client: BleakClient) -> None:
    await client.start_notify(SECRET_UUID, lambda _, __: None)


each_access = pytest.mark.parametrize("access", [_read, _write, _subscribe])


@each_access
async def test_an_encrypted_value_pairs_once_through_the_agent(
    tmp_path: Path, access: Callable[[BleakClient], Awaitable[None]]
) -> None:
    person, locked = Person(NUMBER), Locked(Passkey(NUMBER))
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.adapter.place(locked)
        async with attending(radio, person), BleakClient(await found()) as client:
            assert BOND[0] not in witness.events
            await access(client)
            await _read(client)
        assert person.heard == [("RequestPasskey", CUFF_PATH)]
        assert witness.order(*BOND) == BOND
        assert locked.written == ([b"\x01"] if access is _write else [])


async def _refused(access: Callable[[BleakClient], Awaitable[None]]) -> str:
    """What an access to a value of the connected peripheral is refused with; the link stays."""
    async with BleakClient(await found()) as client:
        with pytest.raises(BleakDBusError) as refusal:
            await access(client)
        assert client.is_connected
    return str(refusal.value)


@each_access
async def test_an_encrypted_value_stays_closed_without_an_agent(
    tmp_path: Path, access: Callable[[BleakClient], Awaitable[None]]
) -> None:
    locked = Locked(Bonding.JUST_WORKS)
    async with virtual_radio(tmp_path) as radio:
        radio.adapter.place(locked)
        assert await _refused(access) == NOT_PAIRED
        assert locked.written == []


@each_access
async def test_an_encrypted_value_stays_closed_if_pairing_is_refused(
    tmp_path: Path, access: Callable[[BleakClient], Awaitable[None]]
) -> None:
    locked = Locked(Passkey(NUMBER))
    async with virtual_radio(tmp_path) as radio, attending(radio, Person(NUMBER + 1)):
        radio.adapter.place(locked)
        assert await _refused(access) == NOT_PAIRED
        assert locked.written == []


async def test_a_link_that_breaks_while_pairing_ends_the_access(tmp_path: Path) -> None:
    person, locked = Person(NUMBER, hesitates=True), Locked(Passkey(NUMBER))
    async with virtual_radio(tmp_path) as radio, attending(radio, person):
        radio.adapter.place(locked)
        async with BleakClient(await found()) as client:
            reading = asyncio.create_task(_read(client))
            await person.until(("RequestPasskey", CUFF_PATH))
            locked.drop()
            with pytest.raises(BleakGATTProtocolError) as refusal:
                await reading
        assert refusal.value.code is BleakGATTProtocolErrorCode.UNLIKELY_ERROR


async def test_just_works_asks_the_agent_nothing(tmp_path: Path) -> None:
    person = Person(NUMBER)
    async with virtual_radio(tmp_path) as radio, attending(radio, person, "NoInputNoOutput"):
        radio.adapter.place(Locked(Bonding.JUST_WORKS))
        async with BleakClient(await found()) as client:
            await _read(client)
        assert person.heard == []


async def test_a_bond_outlives_the_link(tmp_path: Path) -> None:
    person, locked = Person(NUMBER), Locked(Passkey(NUMBER))
    async with virtual_radio(tmp_path) as radio, attending(radio, person) as witness:
        radio.adapter.place(locked)
        async with BleakClient(await found(), pair=True):
            pass
        locked.refuses_pairing = True
        assert await witness.call(CUFF_PATH, DEVICE, "Pair") == "org.bluez.Error.AlreadyExists"
        async with BleakClient(await found(), pair=True) as client:
            await _read(client)
        assert person.heard == [("RequestPasskey", CUFF_PATH)]


@pytest.mark.parametrize("trusted", [False, True])
async def test_a_bond_outlives_bluez_in_its_file(tmp_path: Path, trusted: bool) -> None:
    bonds = tmp_path / "bonds.json"
    async with virtual_radio(tmp_path, bonds=bonds) as radio:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        async with (
            attending(radio, Person(NUMBER)) as witness,
            BleakClient(await found(), pair=True),
        ):
            if not trusted:  # bleak has set it
                distrust = ("Set", "ssv", DEVICE, "Trusted", Variant("b", False))
                assert await witness.call(CUFF_PATH, PROPERTIES, *distrust) is None
    async with (
        virtual_radio(tmp_path, bonds=bonds) as radio,
        watching(radio.address) as witness,
    ):
        radio.adapter.place(Locked(Passkey(NUMBER)))
        await witness.until("+dev_A4_C1_38_00_00_01")
        assert await known(witness, "Paired") is True
        assert await known(witness, "Trusted") is trusted
        async with BleakClient(await found(), pair=True) as client:
            await _read(client)


async def test_a_bond_without_a_file_ends_with_bluez(tmp_path: Path) -> None:
    for _ in range(2):
        person = Person(NUMBER)
        async with virtual_radio(tmp_path) as radio, attending(radio, person):
            radio.adapter.place(Locked(Passkey(NUMBER)))
            async with BleakClient(await found(), pair=True) as client:
                await _read(client)
        assert person.heard[0] == ("RequestPasskey", CUFF_PATH)


async def test_a_removed_device_has_to_be_paired_again(tmp_path: Path) -> None:
    person, bonds = Person(NUMBER), tmp_path / "bonds.json"
    async with virtual_radio(tmp_path, bonds=bonds) as radio, attending(radio, person) as witness:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        async with BleakClient(await found(), pair=True):
            pass
        assert await witness.call(ADAPTER_PATH, ADAPTER, "RemoveDevice", "o", CUFF_PATH) is None
        assert CUFF_ADDRESS not in await asyncio.to_thread(bonds.read_text)
        device = await found()
        assert await known(witness, "Paired") is False
        async with BleakClient(device, pair=True):
            pass
        assert person.heard == [("RequestPasskey", CUFF_PATH)] * 2


async def test_a_peer_that_lost_its_bond_breaks_every_link_until_it_is_removed(
    tmp_path: Path,
) -> None:
    locked = Locked(Bonding.JUST_WORKS)
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.adapter.place(locked)
        async with BleakClient(await found(), pair=True) as client:
            await _read(client)
        locked.lost_bond = True
        seen = len(witness.events)
        assert await witness.call(CUFF_PATH, DEVICE, "Connect") == "org.bluez.Error.Failed"
        broken = [event for event in witness.events[seen:] if event.startswith("Connected=")]
        assert broken == ["Connected=True", "Connected=False"]
        assert await known(witness, "Paired") is True
        with pytest.raises(TimeoutError):
            await BleakClient(await found(), timeout=0.5).connect()
        await witness.call(ADAPTER_PATH, ADAPTER, "RemoveDevice", "o", CUFF_PATH)
        for _ in range(2):
            async with BleakClient(await found(), pair=True) as client:
                await _read(client)


async def test_an_agent_is_released_when_bluez_ends(tmp_path: Path) -> None:
    person = Person(NUMBER)
    async with (
        asyncio.timeout(10),
        private_bus(tmp_path) as address,
        AsyncExitStack() as station,
    ):
        async with virtual_bluez(address, timing=QUICK) as adapter:
            await station.enter_async_context(attending(Radio(adapter, address), person))
        await person.until("Release")
        assert person.heard == ["Release"]
