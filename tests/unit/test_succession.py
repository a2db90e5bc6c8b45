"""Which life follows which, with lives and a disk that do what the test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from contract.condition import Outcome
from contract.errors import OutboxUnavailable
from edge_agent.settings import Settings
from edge_agent.succession import REPORT_NOTE, STATE_NOTE, Succession
from edge_agent.telemetry import Telemetry

CUFF = "C0:FF:EE:00:00:01"
SLOW = 30


class Disk:
    """Keeps notes, unless it is full."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}
        self.is_full = False

    def note(self, key: str, text: str) -> None:
        if self.is_full:
            raise OutboxUnavailable("no space")
        self.notes[key] = text

    def noted(self, key: str) -> str | None:
        return self.notes.get(key)


class Life:
    """Healthy when the test says so, and broken when it says so."""

    def __init__(self, settings: Settings, on_config: Callable[[bytes], None]) -> None:
        self.settings = settings
        self.on_config = on_config
        self.healthy = asyncio.Event()
        self.broken = asyncio.Event()
        self.ended = asyncio.Event()
        self.said = asyncio.Event()
        self.heartbeats = 0

    async def run(self) -> None:
        try:
            await self.broken.wait()
            raise ZeroDivisionError
        finally:
            self.ended.set()

    async def until_healthy(self) -> None:
        await self.healthy.wait()

    def ailment(self) -> str:
        return "it is ill"

    def say_how_it_is(self) -> None:
        self.heartbeats += 1
        self.said.set()


class Station:
    """One process after another on the same disk."""

    def __init__(self, **configuration: Any) -> None:
        self.disk = Disk()
        self.lives: asyncio.Queue[Life] = asyncio.Queue()
        self.file: dict[str, Any] = {
            "station": {"id": "A"},
            "mqtt": {"host": "b"},
            "radio": {"devices": [CUFF]},
            "configuration": {"trial_seconds": SLOW, **configuration},
        }
        self.succession: Succession | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        def begin(settings: Settings, on_config: Callable[[bytes], None]) -> Life:
            life = Life(settings, on_config)
            self.lives.put_nowait(life)
            return life

        settings = Settings.model_validate(self.file)
        succession = Succession(settings, self.disk, Telemetry(), begin)
        self.succession = succession

        async def run() -> None:
            await succession.run()

        task = asyncio.create_task(run())
        async with asyncio.timeout(5):
            try:
                yield task
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def life(self) -> Life:
        return await self.lives.get()

    @property
    def report(self) -> tuple[str, str, str | None] | None:
        assert self.succession is not None
        report = self.succession.report
        said = json.loads(self.disk.notes.get(REPORT_NOTE) or "null")
        assert said == (report and report.model_dump(mode="json", exclude_none=True))
        return None if report is None else (report.revision, report.outcome, report.problem)


def desired(revision: str, **radio: Any) -> bytes:
    whole = {"station": "A", "revision": revision, "settings": {"radio": radio}}
    return json.dumps(whole).encode()


async def applied(station: Station, payload: bytes) -> Life:
    """A life with `payload`, proven."""
    first = await station.life()
    first.on_config(payload)
    life = await station.life()
    life.healthy.set()
    await life.said.wait()
    return life


async def test_a_healthy_life_keeps_its_settings_and_says_so_at_once() -> None:
    station = Station()
    async with station.running():
        life = await applied(station, desired("r1", links=2))
        assert (life.settings.radio.links, life.heartbeats) == (2, 1)
        assert station.report == ("r1", Outcome.APPLIED, None)
    async with station.running():
        assert (await station.life()).settings.radio.links == 2


async def test_one_life_has_ended_before_the_next_begins() -> None:
    station = Station()
    async with station.running():
        first = await station.life()
        first.on_config(desired("r1", links=2))
        await station.life()
        assert first.ended.is_set()


async def test_a_life_that_does_not_come_up_in_time_is_rolled_back() -> None:
    station = Station(trial_seconds=0.01)
    async with station.running():
        (await station.life()).on_config(desired("r1", links=2))
        assert (await station.life()).settings.radio.links == 2
        last = await station.life()
        assert last.settings.radio.links == 4
        assert station.report == ("r1", Outcome.ROLLED_BACK, "it is ill")
        last.on_config(desired("r1", links=2))
        assert station.lives.empty()


async def test_a_bug_in_a_life_ends_the_process_and_its_trial_has_failed() -> None:
    station = Station()
    async with station.running() as task:
        (await station.life()).on_config(desired("r1", links=2))
        (await station.life()).broken.set()
        with pytest.raises(ExceptionGroup) as ended:
            await task
        assert ended.group_contains(ZeroDivisionError)
    async with station.running():
        assert (await station.life()).settings.radio.links == 4
        assert station.report == ("r1", Outcome.ROLLED_BACK, "the agent ended during the trial")


async def test_a_process_told_to_end_during_a_trial_tries_again() -> None:
    station = Station()
    async with station.running():
        (await station.life()).on_config(desired("r1", links=2))
        await station.life()
    async with station.running():
        life = await station.life()
        assert (life.settings.radio.links, station.report) == (4, None)
        life.on_config(desired("r1", links=2))
        assert (await station.life()).settings.radio.links == 2


async def test_a_better_one_during_a_trial_takes_its_place() -> None:
    station = Station()
    async with station.running():
        (await station.life()).on_config(desired("r1", links=2))
        (await station.life()).on_config(desired("r2", links=3))
        life = await station.life()
        life.healthy.set()
        await life.said.wait()
        assert (life.settings.radio.links, station.report) == (3, ("r2", Outcome.APPLIED, None))


async def test_a_refused_one_is_said_at_once_and_once() -> None:
    station = Station()
    async with station.running():
        life = await station.life()
        for _ in range(2):
            life.on_config(desired("r1", link=2))
        assert station.report == (
            "r1",
            Outcome.REFUSED,
            "radio.link: no such option; did you mean links?",
        )
        assert (life.heartbeats, station.lives.empty()) == (1, True)


async def test_an_empty_message_leads_back_to_the_file() -> None:
    station = Station()
    async with station.running():
        (await applied(station, desired("r1", links=2))).on_config(b"")
        assert (await station.life()).settings.radio.links == 4
        assert station.report is None


async def test_a_station_that_is_not_to_obey_does_not() -> None:
    station = Station()
    async with station.running():
        await applied(station, desired("r1", links=2))
    station.file["configuration"]["remote"] = False
    async with station.running():
        life = await station.life()
        assert (life.settings.radio.links, station.report) == (4, None)
        life.on_config(desired("r2", links=3))
        assert station.report is None
        assert "r2" not in station.disk.notes[STATE_NOTE]


async def test_what_the_file_no_longer_goes_with_is_given_up_and_said() -> None:
    station = Station()
    async with station.running():
        await applied(station, desired("r1", passkeys={CUFF: 1}))
    station.file["radio"] = {"devices": ["C0:FF:EE:00:00:02"]}
    async with station.running():
        life = await station.life()
        assert life.settings.radio.passkeys == {}
        said = ("r1", Outcome.REFUSED, "radio: passkeys of 1 device(s) that are not listed")
        assert station.report == said
        life.on_config(desired("r1", passkeys={CUFF: 1}))
        assert (station.report, life.heartbeats) == (said, 0)


async def test_a_trial_that_cannot_be_written_down_is_not_begun() -> None:
    station = Station()
    async with station.running():
        life = await station.life()
        station.disk.is_full = True
        life.on_config(desired("r1", links=2))
        station.disk.is_full = False
        life.on_config(desired("r1", links=2))
        assert (await station.life()).settings.radio.links == 2
        assert "r1" in station.disk.notes[STATE_NOTE]


async def test_a_note_that_nobody_can_read_is_as_good_as_none() -> None:
    station = Station()
    station.disk.notes[STATE_NOTE] = '{"from": "a later version"}'
    async with station.running():
        life = await station.life()
        assert (life.settings.radio.links, station.report) == (4, None)
