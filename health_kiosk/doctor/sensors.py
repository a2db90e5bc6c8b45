"""The occupancy sensors: that each can be opened and says something."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from contract.errors import Rejected, Unavailable
from edge_agent.occupancy.gpio import PinSensor, Wiring
from edge_agent.occupancy.ld2410_port import Radar
from edge_agent.occupancy.sensing import Clock, Event, Sensor, Silent
from edge_agent.occupancy.zigbee2mqtt import Bridge
from edge_agent.occupancy.zigbee2mqtt_subscriber import Subscriber
from edge_agent.sensor_settings import (
    AnySensor,
    BthomeSensor,
    GpioSensor,
    OccupancySection,
    RadarSensor,
)
from health_kiosk.doctor.finding import Check, Finding, Words

SECONDS = 6.0
"""A radar reports ten times a second, a pin and a retained state at once."""

_BUSY = Words("not tried: the agent runs and uses it", "未测试：站点程序正在使用")
_BEACON = Words("advertises over Bluetooth; not waited for", "通过蓝牙广播，不等待其信号")


async def look(
    occupancy: OccupancySection, *, agent_runs: bool, clock: Clock, seconds: float = SECONDS
) -> AsyncIterator[Finding]:
    """Try each sensor for so many seconds; what only one process can open is left to the agent.

    What a sensor says of people is not told, only that it speaks.
    """
    for sensor in occupancy.sensors:
        check = Check(f"sensor {sensor.name}", Words("sensor %s", "传感器 %s") % sensor.name)
        if isinstance(sensor, BthomeSensor):
            yield check.skip(_BEACON)
        elif agent_runs and isinstance(sensor, GpioSensor | RadarSensor):
            yield check.skip(_BUSY)
        else:
            yield await _try(check, sensor, occupancy, clock, seconds)


class _Ears:
    """Notes the first word of a sensor, or why it has none."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.heard: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def sensed(self, event: Event) -> None:
        if event.sensor == self._name and not isinstance(event, Silent):
            self._end(None)

    def refused(self, problem: Rejected) -> None:
        self._end(f"its messages are not understood ({problem.reason})")

    def lost(self, problem: Unavailable) -> None:
        self._end(str(problem))

    def _end(self, problem: str | None) -> None:
        if not self.heard.done():
            self.heard.set_result(problem)


async def _try(
    check: Check, sensor: AnySensor, occupancy: OccupancySection, clock: Clock, seconds: float
) -> Finding:
    ears = _Ears(sensor.name)
    running = asyncio.create_task(_built(sensor, occupancy, clock).run(ears))
    try:
        ended: set[asyncio.Future[Any]] = {running, ears.heard}
        await asyncio.wait(ended, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()  # a library that is missing, or a bug
        if not ears.heard.done():
            return _mute(check, sensor)
        problem = ears.heard.result()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    if problem is None:
        return check.ok(Words("speaks", "有信号"))
    return check.fail(Words(problem, problem), _remedy(sensor))


def _built(sensor: AnySensor, occupancy: OccupancySection, clock: Clock) -> Sensor:
    rng = Random(0)  # noqa: S311  # only for pauses that nobody waits for
    if isinstance(sensor, GpioSensor):
        wiring = Wiring(sensor.pin, sensor.pull_up)
        return PinSensor(sensor.name, wiring, clock=clock, rng=rng)
    if isinstance(sensor, RadarSensor):
        return Radar(sensor.name, sensor.port, clock=clock, rng=rng)
    host, port = occupancy.zigbee2mqtt_host, occupancy.zigbee2mqtt_port
    return Subscriber(Bridge({sensor.name: 1}), host, port, clock=clock)


def _mute(check: Check, sensor: AnySensor) -> Finding:
    """It is not lost, but says nothing: a Zigbee sensor that told no state that was retained."""
    return check.warn(
        Words("the bridge answers, but has nothing of %s", "网桥有应答，但没有 %s 的状态")
        % sensor.name,
        Words(
            "check its friendly name, set it off once, and let Zigbee2MQTT retain its states",
            "请检查其名称、触发一次，并让 Zigbee2MQTT 保留状态（retain）",
        ),
    )


def _remedy(sensor: AnySensor) -> Words:
    if isinstance(sensor, RadarSensor):
        if not Path(sensor.port).exists():
            return Words("plug it in, or correct `port`", "请接好设备，或改正 `port`")
        return Words(
            "check its wires; for the right to open it: usermod -aG dialout health-kiosk",
            "请检查接线；若无权限，请执行 usermod -aG dialout health-kiosk",
        )
    if isinstance(sensor, GpioSensor):
        return Words(
            "check `pin` and that lgpio is there; for the right: usermod -aG gpio health-kiosk",
            "请检查 `pin` 以及是否装有 lgpio；若无权限，请执行 usermod -aG gpio health-kiosk",
        )
    return Words(
        "check that Zigbee2MQTT and its broker run, and [occupancy] zigbee2mqtt_host",
        "请检查 Zigbee2MQTT 及其服务器是否运行，以及 [occupancy] zigbee2mqtt_host",
    )
