"""The virtual BlueZ as its own command line meets it: Debian's bluetoothctl, unmodified."""

import os
import re
import shutil
from asyncio.subprocess import PIPE, STDOUT, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from edge_agent.devices.blood_pressure import MEASUREMENT_UUID
from simulators.bluez.peripheral import Passkey
from tests.integration.pairing import NUMBER, SECRET_UUID, Locked
from tests.integration.radio import CUFF_ADDRESS, virtual_radio

FRAMES: Final = (b"\x00\x76\x00\x4e\x00\xff\x07", b"\x00\x7c\x00\x54\x00\xff\x07")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x01\x02\r]")


class Shell:
    """A running bluetoothctl; what it says is read from where the last answer ended."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._said = b""
        self._read = 0

    async def say(self, command: str, *answers: str) -> str:
        """Types a line and waits for these answers, in order; what was said until then."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()
        return await self.until(*answers)

    async def until(self, *answers: str) -> str:
        """Waits for these answers, in order; what was said until then."""
        begin = self._read
        for answer in answers:
            while (at := self._text.find(answer, self._read)) < 0:
                await self._more()
            self._read = at + len(answer)
        return self._text[begin : self._read]

    @property
    def _text(self) -> str:
        return _COLOURS.sub("", self._said.decode(errors="replace"))

    async def _more(self) -> None:
        assert self._process.stdout is not None
        said = await self._process.stdout.read(4096)
        if not said:
            pytest.fail(f"bluetoothctl has ended; it said:\n{self._text}")
        self._said += said


@asynccontextmanager
async def bluetoothctl(home: Path) -> AsyncIterator[Shell]:
    """bluetoothctl on what this process takes for the system bus, with its agent registered."""
    program = shutil.which("bluetoothctl")
    if program is None:
        pytest.fail("bluetoothctl is missing: apt-get install bluez")
    environment = {**os.environ, "HOME": str(home), "TERM": "dumb"}
    process = await create_subprocess_exec(
        program, stdin=PIPE, stdout=PIPE, stderr=STDOUT, env=environment
    )
    try:
        shell = Shell(process)
        await shell.until("Agent registered")
        yield shell
        await shell.say("quit", "quit")
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_lists_the_adapter_and_what_a_scan_finds(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, bluetoothctl(tmp_path) as shell:
        radio.place_cuff().measure_frame(FRAMES[0])
        await shell.say("list", "Controller 00:1A:7D:DA:71:01 virtual [default]")
        await shell.say("show", "Powered: yes", "Roles: central", "or_patterns")
        await shell.say("scan on", f"[NEW] Device {CUFF_ADDRESS} Virtual Cuff")
        await shell.say("devices", f"Device {CUFF_ADDRESS} Virtual Cuff")
        await shell.say(
            f"info {CUFF_ADDRESS}",
            "Paired: no",
            "Connected: no",
            "UUID: Blood Pressure",
            "RSSI: -60",
        )
        await shell.say("scan off", "RSSI is nil", "Discovering: no", "Discovery stopped")


async def test_it_pairs_reads_and_receives_every_indication(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, bluetoothctl(tmp_path) as shell:
        cuff = radio.place_cuff()
        for frame in FRAMES:
            cuff.measure_frame(frame)
        await shell.say("scan on", f"[NEW] Device {CUFF_ADDRESS}")
        said = await shell.say(f"pair {CUFF_ADDRESS}", "Pairing successful")
        order = ["Connected: yes", "Paired: yes", "Bonded: yes", "ServicesResolved: yes"]
        assert sorted(order, key=said.index) == order
        await shell.say(
            f"gatt.list-attributes {CUFF_ADDRESS}",
            "Manufacturer Name String",
            "Blood Pressure Measurement",
            "Client Characteristic Configuration",
        )
        await shell.say("gatt.select-attribute 00002a19-0000-1000-8000-00805f9b34fb", "char")
        await shell.say("gatt.read", "Value:", "50 ")
        await shell.say(f"gatt.select-attribute {MEASUREMENT_UUID}", "char")
        rows = [frame.hex(" ") for frame in FRAMES]
        await shell.say("gatt.notify on", "Notifying: yes", *rows, "Connected: no")
        assert cuff.unsent == ()


async def test_it_disconnects_and_removes(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, bluetoothctl(tmp_path) as shell:
        radio.place_cuff().measure_frame(FRAMES[0])
        await shell.say("scan on", f"[NEW] Device {CUFF_ADDRESS}")
        await shell.say("scan off", "Discovery stopped")
        await shell.say(f"connect {CUFF_ADDRESS}", "Connection successful", "ServicesResolved: yes")
        await shell.say(f"disconnect {CUFF_ADDRESS}", "Successful disconnected", "Connected: no")
        await shell.say(
            f"remove {CUFF_ADDRESS}", f"[DEL] Device {CUFF_ADDRESS}", "Device has been removed"
        )
        await shell.say(f"info {CUFF_ADDRESS}", f"Device {CUFF_ADDRESS} not available")


async def test_it_settles_a_passkey_through_its_own_agent(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, bluetoothctl(tmp_path) as shell:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        await shell.say("scan on", f"[NEW] Device {CUFF_ADDRESS}")
        await shell.say(f"pair {CUFF_ADDRESS}", "Enter passkey")
        await shell.say(str(NUMBER + 1), "Failed to pair: org.bluez.Error.AuthenticationFailed")
        await shell.say(f"pair {CUFF_ADDRESS}", "Enter passkey")
        await shell.say(str(NUMBER), "Paired: yes", "Pairing successful")


async def test_it_is_asked_for_a_passkey_by_an_encrypted_value(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, bluetoothctl(tmp_path) as shell:
        radio.adapter.place(Locked(Passkey(NUMBER)))
        await shell.say("default-agent", "Default agent request successful")
        await shell.say("scan on", f"[NEW] Device {CUFF_ADDRESS}")
        await shell.say(f"connect {CUFF_ADDRESS}", "ServicesResolved: yes")
        await shell.say(f"gatt.select-attribute {SECRET_UUID}", "char")
        await shell.say("gatt.read", "Enter passkey")
        await shell.say(str(NUMBER), "Bonded: yes", b"secret".hex(" "))


async def test_it_switches_the_adapter_off_and_on(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path), bluetoothctl(tmp_path) as shell:
        await shell.say("power off", "Powered: no", "Changing power off succeeded")
        await shell.say("scan on", "org.bluez.Error.NotReady")
        await shell.say("power on", "Powered: yes", "Changing power on succeeded")
        await shell.say("scan on", "Discovery started")


async def test_a_missing_bluetoothctl_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="apt-get install bluez"):
        async with bluetoothctl(tmp_path):
            pass
