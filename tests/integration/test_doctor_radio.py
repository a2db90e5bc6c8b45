"""The doctor at a bus with and without BlueZ, and at sensors that speak, are mute or missing."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dbus_fast import Variant
from paho.mqtt.publish import single

from edge_agent.sensor_settings import OccupancySection
from health_kiosk.doctor import bluetooth, sensors
from health_kiosk.doctor.finding import Finding, Sign
from health_kiosk.ports import free_port
from simulators.bus import private_bus
from tests.integration.broker import running_broker
from tests.integration.radio import system_bus_at, virtual_radio, watching


async def test_an_adapter_with_power_is_well_and_the_version_is_told(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path):
        found = await bluetooth.look("hci0")
    assert found.sign is Sign.OK
    assert found.said.en.startswith("BlueZ 5.")


async def test_an_adapter_of_another_name_is_told_which_there_are(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path):
        found = await bluetooth.look("hci7")
    assert (found.sign, found.said.en) == (Sign.FAIL, "no adapter hci7; there is: hci0")


async def test_an_adapter_without_power_is_left_as_it_is(tmp_path: Path) -> None:
    async with virtual_radio(tmp_path) as radio, watching(radio.address) as witness:
        await witness.call(
            "/org/bluez/hci0", "org.freedesktop.DBus.Properties", "Set", "ssv",
            "org.bluez.Adapter1", "Powered", Variant("b", False),
        )  # fmt: skip
        first, second = await bluetooth.look("hci0"), await bluetooth.look("hci0")
    assert (first.sign, first.said.en) == (Sign.WARN, "hci0 has no power")
    assert second == first


async def test_a_bus_without_bluez_and_no_bus_are_two_things(tmp_path: Path) -> None:
    async with private_bus(tmp_path) as address:
        with system_bus_at(address):
            assert (await bluetooth.look("hci0")).said.en == "BlueZ does not run"
    with system_bus_at(f"unix:path={tmp_path}/nothing"):
        found = await bluetooth.look("hci0")
    assert found.said.en == "the system bus does not answer (FileNotFoundError)"


async def test_a_station_without_bluetooth_is_not_asked_for_any() -> None:
    assert (await bluetooth.look(None)).sign is Sign.SKIP


async def look(
    *sensor: Mapping[str, object], port: int = 1883, agent_runs: bool = False
) -> list[Finding]:
    section = OccupancySection.model_validate({"sensors": sensor, "zigbee2mqtt_port": port})
    return [
        one
        async for one in sensors.look(
            section, agent_runs=agent_runs, clock=lambda: datetime.now(UTC), seconds=1.5
        )
    ]


DOOR = {"name": "door", "source": "zigbee2mqtt", "door": True}


async def test_a_zigbee_sensor_speaks_by_the_state_that_is_retained(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        payload = json.dumps({"contact": True})
        single("zigbee2mqtt/door", payload, hostname=broker.host, port=broker.port, retain=True)
        (speaks,) = await look(DOOR, port=broker.port)
        (mute,) = await look({**DOOR, "name": "window"}, port=broker.port)
    assert (speaks.name, speaks.sign) == ("sensor door", Sign.OK)
    assert (mute.sign, mute.said.en) == (Sign.WARN, "the bridge answers, but has nothing of window")


async def test_a_bridge_that_is_away_is_broken() -> None:
    (found,) = await look(DOOR, port=free_port())
    assert found.sign is Sign.FAIL
    assert found.said.en.startswith("Zigbee2MQTT's broker at 127.0.0.1:")


@contextmanager
def terminal() -> Iterator[str]:
    """A serial port on which nobody speaks."""
    ours, theirs = os.openpty()
    try:
        yield os.ttyname(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


async def test_a_radar_that_is_not_there_is_broken_and_a_beacon_is_not_waited_for() -> None:
    radar = {"name": "room", "source": "ld2410", "port": "/dev/no-such-port"}
    beacon = {"name": "chair", "source": "bthome", "address": "A4:C1:38:00:00:02"}
    lost, skipped = await look(radar, beacon)
    assert lost.said.en.startswith("/dev/no-such-port does not open (")
    assert lost.remedy is not None
    assert lost.remedy.en == "plug it in, or correct `port`"
    assert skipped.sign is Sign.SKIP


async def test_what_the_agent_holds_open_is_left_to_it() -> None:
    with terminal() as port:
        radar = {"name": "room", "source": "ld2410", "port": port}
        beam = {"name": "beam", "source": "gpio", "pin": 17}
        found = await look(radar, beam, agent_runs=True)
    assert [one.sign for one in found] == [Sign.SKIP, Sign.SKIP]


async def test_a_pin_on_a_computer_without_pins_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "native")
    (found,) = await look({"name": "beam", "source": "gpio", "pin": 17})
    assert found.sign is Sign.FAIL
    assert found.said.en.startswith("pin 17 cannot be read (")
