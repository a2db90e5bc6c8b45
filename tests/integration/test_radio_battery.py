"""The battery is read after the data, and a battery that cannot be read loses nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.devices.blood_pressure import BloodPressureReading, encode
from simulators.bluez import errors
from simulators.cuff import BATTERY_LEVEL_UUID, Cuff, Habits
from simulators.meter_habits import StripResult
from tests.integration.agent_radio import Listener
from tests.integration.meters import METER_ADDRESS, QUICK, place_meter
from tests.integration.radio import CUFF_ADDRESS, virtual_radio

STAYING = Habits(
    window_seconds=5.0, pause_seconds=5.0, patience_seconds=5.0, advertising_interval_seconds=0.02
)
FRAME = encode(BloodPressureReading(131.0, 84.0, pulse_bpm=72.0))


class WatchedCuff(Cuff):
    """Notes what was still to be sent when its battery was read, and may answer badly."""

    def __init__(self, answer: bytes | None = None, *, fails: bool = False) -> None:
        super().__init__(address=CUFF_ADDRESS, habits=STAYING, battery_percent=23)
        self.unsent_at_read: list[int] = []
        self._answer = answer
        self._fails = fails

    def on_read(self, uuid: str) -> bytes | None:
        if uuid != BATTERY_LEVEL_UUID:
            return super().on_read(uuid)
        self.unsent_at_read.append(len(self.unsent))
        if self._fails:
            raise errors.failed("Not connected")
        return self._answer


async def talk_to(cuff: Cuff, directory: Path) -> Listener:
    listener = Listener({CUFF_ADDRESS: None})
    async with virtual_radio(directory) as radio, listener.listening():
        radio.adapter.place(cuff)
        cuff.measure_frame(FRAME)
        await listener.counted("edge_conversations_total", 1)
    return listener


async def test_a_cuff_that_stays_tells_its_battery_after_its_results(tmp_path: Path) -> None:
    cuff = WatchedCuff()
    listener = await talk_to(cuff, tmp_path)
    assert [arrived.data for _, _, arrived in listener.heard] == [FRAME]
    assert cuff.unsent_at_read == [0]
    assert [(address, percent) for address, _, percent in listener.talked] == [(CUFF_ADDRESS, 23)]


async def test_a_cuff_that_hangs_up_by_itself_is_not_asked(tmp_path: Path) -> None:
    cuff = Cuff(address=CUFF_ADDRESS, habits=replace(STAYING, pause_seconds=0.02))
    listener = await talk_to(cuff, tmp_path)
    assert [arrived.data for _, _, arrived in listener.heard] == [FRAME]
    assert [percent for _, _, percent in listener.talked] == [None]


@pytest.mark.parametrize("answer", [b"", b"\xff"])
async def test_a_battery_that_makes_no_sense_is_left_out(answer: bytes, tmp_path: Path) -> None:
    listener = await talk_to(WatchedCuff(answer), tmp_path)
    assert [percent for _, _, percent in listener.talked] == [None]
    assert [arrived.data for _, _, arrived in listener.heard] == [FRAME]


async def test_a_link_lost_while_the_battery_is_read_loses_nothing(tmp_path: Path) -> None:
    listener = await talk_to(WatchedCuff(fails=True), tmp_path)
    assert [arrived.data for _, _, arrived in listener.heard] == [FRAME]
    assert [percent for _, _, percent in listener.talked] == [None]
    assert listener.telemetry.counts["edge_link_losses_total"] == 0


async def test_a_meter_tells_its_battery_after_its_records(tmp_path: Path) -> None:
    listener = Listener({METER_ADDRESS: None})
    async with virtual_radio(tmp_path) as radio, listener.listening():
        meter = place_meter(radio, QUICK)
        meter.measure(StripResult(glucose_mmol_l=6.1))
        await listener.counted("edge_conversations_total", 1)
    assert [percent for _, _, percent in listener.talked] == [80]
