"""Pairing with the virtual BlueZ: who is asked what, and how it fails."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from bleak import BleakClient

from simulators.bluez.names import AGENTS, DEVICE, ROOT_PATH
from simulators.bluez.peripheral import Bonding, Passkey, PasskeyEntry
from tests.integration.pairing import (
    AGENT_PATH,
    BOND,
    NUMBER,
    SECRET_UUID,
    Locked,
    Person,
    attending,
    found,
    known,
    refusal_of_pairing,
)
from tests.integration.radio import CUFF_PATH, QUICK, virtual_radio, watching


@pytest.mark.parametrize(
    ("entry", "question"),
    [
        (PasskeyEntry.STATION, ("RequestPasskey", CUFF_PATH)),
        (PasskeyEntry.PERIPHERAL, ("DisplayPasskey", CUFF_PATH, NUMBER, 0)),
        (PasskeyEntry.COMPARED, ("RequestConfirmation", CUFF_PATH, NUMBER)),
    ],
)
async def test_a_passkey_is_settled_through_the_agent_while_connected(
    tmp_path: Path, entry: PasskeyEntry, question: object
) -> None:
    person = Person(NUMBER)
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.adapter.place(Locked(Passkey(NUMBER, entry)))
        async with attending(radio, person), BleakClient(await found(), pair=True) as client:
            assert await client.read_gatt_char(SECRET_UUID) == b"secret"
        ordered = ["Connected=True", *BOND, "ServicesResolved=True"]
        assert witness.order(*ordered) == ordered
        assert person.heard == [question]


@pytest.mark.parametrize("answer", [NUMBER + 1, None], ids=["wrong", "refused"])
async def test_a_wrong_or_refused_passkey_leaves_neither_bond_nor_link(
    tmp_path: Path, answer: int | None
) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        async with attending(radio, Person(answer)):
            assert await refusal_of_pairing() == "org.bluez.Error.AuthenticationFailed"
        assert await known(witness, "Paired") is False
        assert await known(witness, "Connected") is False


async def test_a_passkey_cannot_be_settled_without_an_agent(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        assert await refusal_of_pairing() == "org.bluez.Error.AuthenticationFailed"


async def test_an_agent_without_a_keyboard_is_not_asked_for_a_passkey(tmp_path: Path) -> None:
    person = Person(NUMBER)
    async with virtual_radio(tmp_path) as radio, attending(radio, person, "NoInputNoOutput"):
        radio.adapter.place(Locked(Passkey(NUMBER)))
        assert await refusal_of_pairing() == "org.bluez.Error.AuthenticationFailed"
        assert person.heard == []


@pytest.mark.parametrize(
    "locked",
    [Locked(Bonding.NONE), Locked(Bonding.JUST_WORKS, refuses=True)],
    ids=["never pairs", "not in pairing mode"],
)
async def test_a_peripheral_may_refuse_to_pair(tmp_path: Path, locked: Locked) -> None:
    async with virtual_radio(tmp_path) as radio, attending(radio, Person(NUMBER)):
        radio.adapter.place(locked)
        assert await refusal_of_pairing() == "org.bluez.Error.AuthenticationFailed"


async def test_a_question_nobody_answers_is_taken_back(tmp_path: Path) -> None:
    person, timing = Person(NUMBER, hesitates=True), replace(QUICK, pairing_timeout_seconds=0.1)
    async with virtual_radio(tmp_path, timing=timing) as radio, attending(radio, person):
        radio.adapter.place(Locked(Passkey(NUMBER)))
        assert await refusal_of_pairing() == "org.bluez.Error.AuthenticationTimeout"
        await person.until("Cancel")


async def test_a_broken_link_takes_the_question_back(tmp_path: Path) -> None:
    person, locked = Person(NUMBER, hesitates=True), Locked(Passkey(NUMBER))
    async with virtual_radio(tmp_path) as radio, attending(radio, person):
        radio.adapter.place(locked)
        pairing = asyncio.create_task(refusal_of_pairing())
        await person.until(("RequestPasskey", CUFF_PATH))
        locked.drop()
        assert await pairing == "org.bluez.Error.AuthenticationCanceled"
        await person.until("Cancel")


async def test_pairing_can_be_cancelled_and_is_not_begun_twice(tmp_path: Path) -> None:
    person = Person(NUMBER, hesitates=True)
    async with virtual_radio(tmp_path) as radio, attending(radio, person) as witness:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        await found()
        assert await witness.call(CUFF_PATH, DEVICE, "CancelPairing") == (
            "org.bluez.Error.DoesNotExist"
        )
        pairing = asyncio.create_task(witness.call(CUFF_PATH, DEVICE, "Pair"))
        await person.until(("RequestPasskey", CUFF_PATH))
        assert await witness.call(CUFF_PATH, DEVICE, "Pair") == "org.bluez.Error.InProgress"
        assert await witness.call(CUFF_PATH, DEVICE, "CancelPairing") is None
        assert await pairing == "org.bluez.Error.AuthenticationCanceled"
        assert await known(witness, "Connected") is False


async def test_a_client_that_leaves_takes_its_pairing_with_it(tmp_path: Path) -> None:
    person = Person(NUMBER, hesitates=True)
    async with virtual_radio(tmp_path) as radio, attending(radio, person) as witness:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        await found()
        async with watching(radio.address) as other:
            pairing = asyncio.create_task(other.call(CUFF_PATH, DEVICE, "Pair"))
            await person.until(("RequestPasskey", CUFF_PATH))
        pairing.cancel()
        async with asyncio.timeout(QUICK.pairing_timeout_seconds / 2):
            await person.until("Cancel")
        assert await known(witness, "Connected") is False


async def test_a_client_is_asked_before_the_default_agent(tmp_path: Path) -> None:
    first, last = Person(NUMBER), Person(NUMBER)
    async with virtual_radio(tmp_path) as radio, attending(radio, first) as witness:
        async with attending(radio, last):
            radio.adapter.place(Locked(Passkey(NUMBER)))
            await found()
            assert await witness.call(CUFF_PATH, DEVICE, "Pair") is None
        assert first.heard == [("RequestPasskey", CUFF_PATH)]
        assert last.heard == []


async def test_the_latest_default_agent_is_asked_for_as_long_as_it_stays(tmp_path: Path) -> None:
    first, last = Person(NUMBER), Person(NUMBER)
    async with virtual_radio(tmp_path) as radio, attending(radio, first):
        radio.adapter.place(Locked(Passkey(NUMBER)))
        async with attending(radio, last), BleakClient(await found(), pair=True) as client:
            await client.unpair()
        assert first.heard == []
        async with BleakClient(await found(), pair=True):
            pass
        assert first.heard == last.heard == [("RequestPasskey", CUFF_PATH)]


@pytest.mark.parametrize(
    ("member", "signature", "arguments", "error"),
    [
        ("RegisterAgent", "os", (AGENT_PATH, "KeyboardDisplay"), "AlreadyExists"),
        ("UnregisterAgent", "o", ("/another",), "DoesNotExist"),
        ("RequestDefaultAgent", "o", ("/another",), "DoesNotExist"),
    ],
)
async def test_an_agent_is_registered_once_and_by_its_path(
    tmp_path: Path, member: str, signature: str, arguments: tuple[str, ...], error: str
) -> None:
    async with virtual_radio(tmp_path) as radio, attending(radio, Person(NUMBER)) as witness:
        refusal = await witness.call(ROOT_PATH, AGENTS, member, signature, *arguments)
        assert refusal == f"org.bluez.Error.{error}"


async def test_an_agent_has_a_capability_that_exists(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        register = ("RegisterAgent", "os", AGENT_PATH, "Telepathy")
        refusal = await witness.call(ROOT_PATH, AGENTS, *register)
        assert refusal == "org.bluez.Error.InvalidArguments"


async def test_an_agent_that_was_taken_back_is_asked_no_more(tmp_path: Path) -> None:
    person = Person(NUMBER)
    async with virtual_radio(tmp_path) as radio, attending(radio, person) as witness:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        assert await witness.call(ROOT_PATH, AGENTS, "UnregisterAgent", "o", AGENT_PATH) is None
        assert await refusal_of_pairing() == "org.bluez.Error.AuthenticationFailed"
        assert person.heard == []
