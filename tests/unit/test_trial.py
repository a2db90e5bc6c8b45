"""A desired configuration on trial: every way from one state to the next."""

import pytest

from contract.condition import Configuration, Outcome
from contract.desired import DesiredConfiguration, DesiredSettings
from edge_agent import trial
from edge_agent.trial import State


def desired(revision: str, **radio: int) -> DesiredConfiguration:
    settings = DesiredSettings(radio=dict(radio))
    return DesiredConfiguration(station="BJ-CY-012", revision=revision, settings=settings)


OLD = desired("old", links=2)
NEW = desired("new", links=3)
OTHER = desired("other", links=4)
APPLIED = Configuration(revision="old", outcome=Outcome.APPLIED)
REFUSED = Configuration(
    revision="bad", outcome=Outcome.REFUSED, problem="radio.link: no such option"
)

IN_FORCE = trial.proven(trial.offered(State(), OLD))
ON_TRIAL = trial.offered(IN_FORCE, NEW)
ROLLED_BACK = trial.failed(ON_TRIAL, "the radio does not scan")


def reported(state: State) -> tuple[str, str, str | None] | None:
    report = state.report
    return None if report is None else (report.revision, report.outcome, report.problem)


def test_what_is_offered_is_tried_and_nothing_is_said_before_the_outcome() -> None:
    state = trial.offered(State(), OLD)
    assert (state.running, state.in_force, state.report) == (OLD, None, None)


def test_what_is_healthy_is_in_force_and_is_said_to_be_applied() -> None:
    assert (IN_FORCE.running, IN_FORCE.on_trial) == (OLD, None)
    assert reported(IN_FORCE) == ("old", "applied", None)


def test_what_is_on_trial_runs_while_what_was_before_stays_in_force() -> None:
    assert (ON_TRIAL.running, ON_TRIAL.in_force) == (NEW, OLD)
    assert reported(ON_TRIAL) == ("old", "applied", None)


def test_what_is_not_healthy_gives_way_to_what_was_before() -> None:
    assert (ROLLED_BACK.running, ROLLED_BACK.on_trial) == (OLD, None)
    assert reported(ROLLED_BACK) == ("new", "rolled_back", "the radio does not scan")


def test_a_first_one_that_fails_gives_way_to_the_file() -> None:
    assert trial.failed(trial.offered(State(), NEW), "no broker").running is None


def test_a_crash_during_the_trial_has_failed_it() -> None:
    state = trial.begun(State.model_validate_json(ON_TRIAL.model_dump_json()))
    assert state.running == OLD
    assert reported(state) == ("new", "rolled_back", "the agent ended during the trial")


def test_a_crash_before_or_after_a_trial_changes_nothing() -> None:
    for state in (State(), IN_FORCE, ROLLED_BACK):
        assert trial.begun(State.model_validate_json(state.model_dump_json())) == state


def test_a_process_that_is_told_to_end_tries_again_later() -> None:
    state = trial.begun(trial.interrupted(ON_TRIAL))
    assert (state.running, reported(state)) == (OLD, ("old", "applied", None))
    assert trial.offered(state, NEW).on_trial == NEW


@pytest.mark.parametrize(
    ("state", "again"), [(ON_TRIAL, NEW), (IN_FORCE, OLD), (ROLLED_BACK, NEW)], ids=str
)
def test_the_same_content_again_changes_nothing(state: State, again: DesiredConfiguration) -> None:
    assert trial.offered(state, again) == state


def test_what_was_rolled_back_is_tried_again_under_a_new_revision() -> None:
    renamed = NEW.model_copy(update={"revision": "new-again"})
    assert trial.offered(ROLLED_BACK, renamed).on_trial == renamed


def test_what_was_rolled_back_is_tried_again_with_other_settings() -> None:
    mended = NEW.model_copy(update={"settings": OTHER.settings})
    assert trial.offered(ROLLED_BACK, mended).on_trial == mended


def test_what_was_rolled_back_may_come_back_after_another() -> None:
    between = trial.offered(ROLLED_BACK, OLD)
    assert reported(between) == ("old", "applied", None)
    assert trial.offered(between, NEW).on_trial == NEW


def test_a_new_revision_of_settings_in_force_needs_no_trial() -> None:
    renamed = OLD.model_copy(update={"revision": "renamed"})
    state = trial.offered(IN_FORCE, renamed)
    assert (state.running, state.on_trial) == (renamed, None)
    assert reported(state) == ("renamed", "applied", None)


def test_settings_that_set_nothing_are_those_of_the_file() -> None:
    state = trial.offered(State(), desired("nothing"))
    assert (state.on_trial, reported(state)) == (None, ("nothing", "applied", None))


def test_another_one_during_a_trial_takes_its_place() -> None:
    state = trial.offered(ON_TRIAL, OTHER)
    assert (state.running, state.in_force) == (OTHER, OLD)
    assert trial.failed(state, "no broker").running == OLD


def test_the_one_in_force_again_during_a_trial_ends_it() -> None:
    state = trial.offered(ON_TRIAL, OLD)
    assert (state.running, state.on_trial) == (OLD, None)
    assert reported(state) == ("old", "applied", None)


@pytest.mark.parametrize("state", [State(), IN_FORCE, ROLLED_BACK], ids=str)
def test_a_refused_one_changes_what_is_said_and_nothing_else(state: State) -> None:
    after = trial.refused(state, REFUSED)
    assert after.report == REFUSED
    assert (after.running, after.on_trial) == (state.running, None)
    assert trial.refused(after, REFUSED) == after


def test_a_trial_goes_on_beside_a_refused_one_and_what_came_last_is_said() -> None:
    state = trial.refused(ON_TRIAL, REFUSED)
    assert state.running == NEW
    for ended in (trial.proven(state), trial.failed(state, "no broker")):
        assert ended.report == REFUSED
    assert trial.proven(state).in_force == NEW


def test_a_good_one_after_a_refused_one_is_said() -> None:
    state = trial.offered(trial.refused(IN_FORCE, REFUSED), OLD)
    assert reported(state) == ("old", "applied", None)


@pytest.mark.parametrize("state", [IN_FORCE, ON_TRIAL, ROLLED_BACK], ids=str)
def test_a_cleared_topic_leads_back_to_the_file_and_forgets(state: State) -> None:
    assert trial.cleared(state) == State()


def test_what_the_file_does_not_go_with_any_more_is_given_up() -> None:
    state = trial.unfit(IN_FORCE, REFUSED)
    assert (state.running, state.report) == (None, REFUSED)


@pytest.mark.parametrize("state", [State(), IN_FORCE, ROLLED_BACK], ids=str)
def test_there_is_no_outcome_without_a_trial(state: State) -> None:
    assert trial.proven(state) == state
    assert trial.failed(state, "no broker") == state
