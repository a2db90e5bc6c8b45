"""The life of a desired configuration: tried, then kept or rolled back. Pure.

    offered ──> on trial ──> in force       the life with it came up healthy in time
                    └──────> rolled back    it did not, or the process ended while it was tried

What ran before is in force until then. `State` is on disk before a trial begins, so that a crash
or a power cut finds it there: whatever ends the process without saying so has failed the trial.
"""

from pydantic import BaseModel, ConfigDict

from contract.condition import Configuration, Outcome
from contract.desired import DesiredConfiguration, options


class State(BaseModel):
    """Where a station stands with its desired configuration; None of one is the file's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    in_force: DesiredConfiguration | None = None
    on_trial: DesiredConfiguration | None = None
    rolled_back: DesiredConfiguration | None = None  # not tried again as long as it stays the same
    outcome: Configuration | None = None  # of the last one that was tried
    refusal: Configuration | None = None  # of one that was looked at later than that

    @property
    def running(self) -> DesiredConfiguration | None:
        """The one that the present life has."""
        return self.on_trial or self.in_force

    @property
    def report(self) -> Configuration | None:
        """What became of the one that was last looked at; None while nothing did."""
        return self.refusal or self.outcome


def offered(state: State, desired: DesiredConfiguration) -> State:
    """A desired configuration that can be taken has arrived, or has arrived again."""
    if desired == state.on_trial:
        return _changed(state, refusal=None)
    if desired == state.rolled_back:
        return state
    if desired == state.in_force or (
        state.on_trial is None and options(desired) == options(state.in_force)
    ):
        return State(in_force=desired, outcome=_report(desired, Outcome.APPLIED))
    return _changed(state, on_trial=desired, rolled_back=None, refusal=None)


def refused(state: State, refusal: Configuration) -> State:
    """One that cannot be taken has arrived: all goes on as it is, a trial too."""
    return _changed(state, refusal=refusal, rolled_back=None)


def cleared(_: State) -> State:
    """The operator wants the station's own file."""
    return State()


def proven(state: State) -> State:
    """The life with the one on trial is healthy: it is in force now."""
    if state.on_trial is None:
        return state
    return State(
        in_force=state.on_trial,
        outcome=_report(state.on_trial, Outcome.APPLIED),
        refusal=state.refusal,
    )


def failed(state: State, problem: str) -> State:
    """The life with the one on trial is not healthy, or has ended: what was before is again."""
    if state.on_trial is None:
        return state
    return State(
        in_force=state.in_force,
        rolled_back=state.on_trial,
        outcome=_report(state.on_trial, Outcome.ROLLED_BACK, problem),
        refusal=state.refusal,
    )


def begun(state: State) -> State:
    """A process begins: a trial that is still on was cut short by a crash or by the power."""
    return failed(state, "the agent ended during the trial")


def interrupted(state: State) -> State:
    """The process is told to end during a trial, which says nothing against the configuration.

    It is tried again when the broker hands it over once more.
    """
    return _changed(state, on_trial=None)


def unfit(state: State, refusal: Configuration) -> State:
    """The one in force does not go with the station's file any more, so the file stands alone."""
    return State(refusal=refusal)


def _report(
    desired: DesiredConfiguration, outcome: Outcome, problem: str | None = None
) -> Configuration:
    return Configuration(revision=desired.revision, outcome=outcome, problem=problem)


def _changed(state: State, **fields: object) -> State:
    return state.model_copy(update=fields)
