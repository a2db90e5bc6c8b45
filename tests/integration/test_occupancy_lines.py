"""A radar at a pseudo terminal and Zigbee2MQTT on a real broker, both of which come and go."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

from serial import Serial  # type: ignore[import-untyped]

from contract.errors import BrokerUnavailable, Reason
from edge_agent.occupancy.ld2410_port import Radar
from edge_agent.occupancy.sensing import Presence, SensorLost, Silent
from edge_agent.occupancy.zigbee2mqtt import Bridge
from edge_agent.occupancy.zigbee2mqtt_subscriber import Subscriber
from simulators.occupancy.ld2410 import MOVING, NOBODY, STILL, VirtualRadar, report, virtual_radar
from simulators.occupancy.zigbee2mqtt import virtual_zigbee2mqtt
from tests.integration.broker import Broker, running_broker
from tests.integration.listening import NINE, Notes, Watch, in_background, running


def _radar(virtual: VirtualRadar, clock: Watch, *, quiet_seconds: float = 5) -> Radar:
    return Radar(
        "desk",
        virtual.port,
        clock=clock,
        rng=Random(1),
        quiet_seconds=quiet_seconds,
        first_pause_seconds=0.01,
    )


@asynccontextmanager
async def watched(
    directory: Path, *, quiet_seconds: float = 5
) -> AsyncIterator[tuple[VirtualRadar, Notes]]:
    """A radar that reports every ten milliseconds, and what its reader tells."""
    notes = Notes()
    with virtual_radar(directory) as virtual:
        radar = _radar(virtual, notes.clock, quiet_seconds=quiet_seconds)
        async with in_background(lambda: virtual.run(0.01)), running(radar, notes):
            yield virtual, notes


async def test_a_radar_is_told_when_it_changes_and_now_and_then(tmp_path: Path) -> None:
    async with watched(tmp_path) as (virtual, notes):
        assert not await notes.presence()
        virtual.state = MOVING
        assert await notes.presence()
        virtual.state = STILL
        notes.clock.now += timedelta(seconds=29)
        virtual.state = NOBODY
        assert not await notes.presence()
        notes.clock.now += timedelta(seconds=30)
        assert await notes.events.get() == Presence("desk", notes.clock.now, occupied=False)
        notes.clock.now -= timedelta(hours=1)
        assert await notes.events.get() == Presence("desk", notes.clock.now, occupied=False)
        assert notes.events.empty()


async def test_a_radar_that_repeats_itself_is_told_once(tmp_path: Path) -> None:
    async with watched(tmp_path) as (virtual, notes):
        assert not await notes.presence()
        virtual.send(report(NOBODY) * 5 + report(MOVING) * 5 + report(NOBODY))
        assert await notes.presence()
        assert not await notes.presence()


async def test_a_radar_that_is_unplugged_is_silent_until_it_is_plugged_in(tmp_path: Path) -> None:
    async with watched(tmp_path) as (virtual, notes):
        virtual.state = MOVING
        while not await notes.presence():
            pass
        virtual.unplug()
        assert await notes.silence() == "desk"
        assert isinstance(await notes.losses.get(), SensorLost)
        assert isinstance(await notes.losses.get(), SensorLost), "there is no port to open"
        virtual.plug()
        while await notes.events.get() != Presence("desk", NINE, occupied=True):
            pass


async def test_a_loose_plug_does_not_make_the_pauses_longer(tmp_path: Path) -> None:
    async with watched(tmp_path) as (virtual, notes):
        assert not await notes.presence()
        for _ in range(12):  # pauses that doubled each time would add up to half a minute
            virtual.unplug()
            assert await notes.silence() == "desk"
            virtual.plug()
            while isinstance(await notes.events.get(), Silent):
                pass


async def test_a_radar_that_reports_in_time_is_never_silent(tmp_path: Path) -> None:
    async with watched(tmp_path, quiet_seconds=0.2) as (virtual, notes):
        for number in range(40):  # each of them waits for the next report
            virtual.state = MOVING if number % 2 else NOBODY
            assert await notes.presence() is (number % 2 == 1)


async def test_a_radar_that_reports_nothing_is_silent(tmp_path: Path) -> None:
    notes = Notes()
    with virtual_radar(tmp_path) as virtual:
        async with running(_radar(virtual, notes.clock, quiet_seconds=0.05), notes):
            assert await notes.silence() == "desk"
            async with in_background(lambda: virtual.run(0.01)):
                while await notes.events.get() != Presence("desk", NINE, occupied=False):
                    pass


async def test_noise_alone_is_not_a_sign_of_life(tmp_path: Path) -> None:
    async with watched(tmp_path, quiet_seconds=0.1) as (virtual, notes):
        assert not await notes.presence()
        virtual.state = 5
        assert (await notes.refusals.get()).reason is Reason.SCHEMA
        assert await notes.silence() == "desk"


async def test_frames_are_found_behind_noise_on_the_line(tmp_path: Path) -> None:
    async with watched(tmp_path) as (virtual, notes):
        assert not await notes.presence()
        virtual.send(b"\xf4\xf3\xf2\xf1\x0d\x00" + report(MOVING) + report(NOBODY)[:9])
        assert await notes.presence()
        assert not await notes.presence()


async def test_a_radar_gives_its_port_back(tmp_path: Path) -> None:
    async with watched(tmp_path) as (virtual, notes):
        radar = _radar(virtual, notes.clock)
        async with running(radar) as second:
            assert await second.silence() == "desk", "the port is taken"
        await notes.presence()
    with virtual_radar(tmp_path) as virtual:
        notes = Notes()
        radar = _radar(virtual, notes.clock)
        async with in_background(lambda: virtual.run(0.01)), running(radar, notes):
            await notes.presence()
        Serial(virtual.port, exclusive=True).close()


def _subscriber(broker: Broker, clock: Watch) -> Subscriber:
    bridge = Bridge({"hall": 2, "door": 1})
    return Subscriber(bridge, broker.host, broker.port, clock=clock, most_pause_seconds=1)


@asynccontextmanager
async def subscribed(broker: Broker) -> AsyncIterator[Notes]:
    notes = Notes()
    async with running(_subscriber(broker, notes.clock), notes):
        yield notes


async def test_a_zigbee_sensor_is_heard_with_all_that_it_adds(tmp_path: Path) -> None:
    with (
        running_broker(tmp_path) as broker,
        virtual_zigbee2mqtt(broker.host, broker.port) as bridge,
    ):
        bridge.tell("hall", occupancy=True, illuminance=40)
        async with subscribed(broker) as notes:
            assert await notes.events.get() == Presence("hall", NINE, occupied=True)
            bridge.publish("zigbee2mqtt/hall", "not JSON")
            assert (await notes.refusals.get()).reason is Reason.NOT_JSON
            for contact in (True, False, True):
                bridge.tell("door", contact=contact)
            assert [await notes.entries() for _ in range(3)] == [0, 1, 0]
            bridge.set_available("door", available=False)
            assert await notes.silence() == "door"


async def test_a_bridge_that_stops_takes_its_sensors_with_it(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        async with subscribed(broker) as notes:
            with virtual_zigbee2mqtt(broker.host, broker.port) as bridge:
                bridge.tell("hall", presence=False)
                assert not await notes.presence()
            assert [await notes.silence() for _ in range(2)] == ["hall", "door"]
            assert notes.losses.empty()


async def test_a_broker_that_is_killed_makes_sensors_silent_until_it_is_back(
    tmp_path: Path,
) -> None:
    with (
        running_broker(tmp_path) as broker,
        virtual_zigbee2mqtt(broker.host, broker.port) as bridge,
    ):
        async with subscribed(broker) as notes:
            bridge.tell("hall", occupancy=True)
            assert await notes.presence()
            await asyncio.to_thread(broker.kill)
            assert [await notes.silence() for _ in range(2)] == ["hall", "door"]
            loss = await notes.losses.get()
            assert isinstance(loss, BrokerUnavailable)
            assert "nobody listens" not in str(loss), "told at once, not at the next attempt"
            await asyncio.to_thread(broker.start)
            bridge.tell("hall", occupancy=False)
            while await notes.events.get() != Presence("hall", NINE, occupied=False):
                pass


async def test_a_broker_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        await asyncio.to_thread(broker.kill)
        async with subscribed(broker) as notes:
            assert isinstance(await notes.losses.get(), BrokerUnavailable)
            await asyncio.to_thread(broker.start)
            with virtual_zigbee2mqtt(broker.host, broker.port) as bridge:
                bridge.tell("hall", occupancy=True)
                while await notes.events.get() != Presence("hall", NINE, occupied=True):
                    pass


async def test_a_broker_that_wants_another_password_is_a_loss(tmp_path: Path) -> None:
    with running_broker(tmp_path, extra="allow_anonymous false") as broker:
        async with subscribed(broker) as notes:
            assert "Not authorized" in str(await notes.losses.get())


async def test_a_subscriber_leaves_no_thread_behind(tmp_path: Path) -> None:
    with (
        running_broker(tmp_path) as broker,
        virtual_zigbee2mqtt(broker.host, broker.port) as bridge,
    ):
        before = _paho_threads()
        async with subscribed(broker) as notes:
            bridge.tell("hall", occupancy=True)
            assert await notes.presence()
            assert len(_paho_threads() - before) == 1
        assert _paho_threads() == before


def _paho_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "paho" in thread.name}
