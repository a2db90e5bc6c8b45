"""Which life follows which: another desired configuration ends one and begins the next."""

import asyncio
from collections.abc import Callable
from typing import NoReturn, Protocol

from pydantic import ValidationError

from contract.condition import Configuration
from contract.desired import options
from contract.errors import OutboxUnavailable
from edge_agent import trial
from edge_agent.desired import Cleared, Unfit, Wanted, apply, judge, refusal
from edge_agent.settings import Settings
from edge_agent.telemetry import Telemetry
from edge_agent.trial import State

STATE_NOTE = "desired"
"""Where the outbox keeps `trial.State`; it holds passkeys, so nobody shows it."""

REPORT_NOTE = "configuration"
"""Where the outbox keeps what a status says of it, a `contract.condition.Configuration`, or ""."""


class Notes(Protocol):
    """The outbox, as far as it keeps small texts."""

    def note(self, key: str, text: str) -> None:
        """Keep a text durably. Raises OutboxUnavailable."""

    def noted(self, key: str) -> str | None:
        """The text last kept under `key`."""


class Life(Protocol):
    """What a life can do, whatever its parts are."""

    async def run(self) -> None:
        """Run until cancelled."""

    async def until_healthy(self) -> None:
        """Wait until every part that this station needs does its work."""

    def ailment(self) -> str:
        """What is missing until then, in words that may be published."""

    def say_how_it_is(self) -> None:
        """Send a heartbeat now, for the report has changed."""


Begin = Callable[[Settings, Callable[[bytes], None]], Life]
"""Makes a life of settings; the callable is to get each payload of the `config` topic."""


class Succession:
    """Runs the lives of one station, each with the settings that are due."""

    def __init__(self, file: Settings, notes: Notes, telemetry: Telemetry, begin: Begin) -> None:
        """`file` are the settings that the process was started with."""
        self._file = file
        self._notes = notes
        self._telemetry = telemetry
        self._begin = begin
        self._life: Life | None = None
        self._due = asyncio.Event()
        self._state = _noted(notes)
        obeys = file.configuration.remote
        self._become(trial.begun(self._state) if obeys else trial.cleared(self._state))

    @property
    def report(self) -> Configuration | None:
        """What became of the desired configuration that was last looked at."""
        return self._state.report

    async def run(self) -> NoReturn:
        """Run one life after another until cancelled; a bug in one of them ends all."""
        try:
            while True:
                await self._live()
        except asyncio.CancelledError:
            self._become(trial.interrupted(self._state))
            raise

    async def _live(self) -> None:
        """One life, until other settings are due."""
        self._due.clear()
        self._life = life = self._begin(self._settings(), self._look)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(life.run(), name="life")
            if self._state.on_trial is not None:
                await self._try(life)
            await self._due.wait()
            running.cancel()

    async def _try(self, life: Life) -> None:
        """Wait until the life is healthy, or the trial is over for another reason."""
        healthy = asyncio.create_task(life.until_healthy(), name="until healthy")
        due = asyncio.create_task(self._due.wait(), name="until due")
        try:
            await asyncio.wait(
                {healthy, due},
                timeout=self._file.configuration.trial_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if self._due.is_set():
                return
            if healthy.done():
                healthy.result()
                self._become(trial.proven(self._state))
            else:
                self._become(trial.failed(self._state, life.ailment()))
        finally:
            healthy.cancel()
            due.cancel()
            await asyncio.gather(healthy, due, return_exceptions=True)

    def _look(self, payload: bytes) -> None:
        """A message came on the `config` topic, perhaps one that was seen before."""
        if not self._file.configuration.remote:
            return
        match judge(payload, self._file):
            case Cleared():
                self._become(trial.cleared(self._state))
            case Wanted(desired=desired):
                self._become(trial.offered(self._state, desired))
            case Configuration() as refused:
                self._become(trial.refused(self._state, refused))

    def _become(self, state: State) -> None:
        before = self._state
        if state == before:
            return
        begins = state.on_trial is not None and state.on_trial != before.on_trial
        if not self._keep(state) and begins:
            return  # it could not be told after a crash; the broker offers it again
        self._state = state
        self._tell(before)
        if options(state.running) != options(before.running):
            self._due.set()
        elif state.report != before.report and self._life is not None:
            self._life.say_how_it_is()

    def _tell(self, before: State) -> None:
        report, on_trial = self._state.report, self._state.on_trial
        if report != before.report:
            if report is None:
                self._telemetry.configuration_cleared()
            else:
                self._telemetry.configuration_decided(
                    report.revision, report.outcome, report.problem or ""
                )
        if on_trial is not None and on_trial != before.on_trial:
            self._telemetry.configuration_tried(on_trial.revision)

    def _keep(self, state: State) -> bool:
        """Whether `state` is on disk now."""
        report = state.report.model_dump_json(exclude_none=True) if state.report else ""
        try:
            self._notes.note(STATE_NOTE, state.model_dump_json())
            self._notes.note(REPORT_NOTE, report)
        except OutboxUnavailable:
            return False
        return True

    def _settings(self) -> Settings:
        running = self._state.running
        try:
            return apply(running, self._file)
        except Unfit as unfit:
            # It was in force, and the file or this program has changed since.
            revision = running.revision if running else ""
            self._become(trial.unfit(self._state, refusal(revision, *unfit.problems)))
            self._due.clear()
            return self._file


def _noted(notes: Notes) -> State:
    try:
        return State.model_validate_json(notes.noted(STATE_NOTE) or "{}")
    except ValidationError:
        return State()  # another version wrote it; the broker offers the configuration again
