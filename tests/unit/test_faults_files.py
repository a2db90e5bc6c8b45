"""Scenarios are read, or refused with the file, the rule, the key, and what to write instead."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from simulators.city import BEIJING_TIME
from simulators.faults import (
    FaultKind,
    Rule,
    ScenarioError,
    find_scenario,
    load_scenario,
    scenario_names,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def rules(file: Path, text: str) -> tuple[Rule, ...]:
    file.write_text(text, encoding="utf-8")
    return load_scenario(file).rules


def test_every_key_of_a_rule_is_read(file: Path) -> None:
    (rule,) = rules(
        file,
        """
        [[rule]]
        fault = "flapping"
        amount = 20
        stations = ["BJ-CY-001", "BJ-CY-002"]
        district = "110105"
        venue = ["bank", "hub"]
        share = 0.5
        group = "g"
        start = 3
        at = 18:30:00
        duration = "1.5 hours"
        """,
    )
    assert rule == Rule(
        fault=FaultKind.FLAPPING,
        amount=20,
        stations=("BJ-CY-001", "BJ-CY-002"),
        districts=("110105",),
        venues=("bank", "hub"),
        share=0.5,
        group="g",
        start=3,
        at=time(18, 30),
        duration=1.5 * HOUR,
    )


def test_a_rule_needs_a_fault_and_nothing_else(file: Path) -> None:
    found = rules(file, "".join(f'[[rule]]\nfault = "{kind}"\n' for kind in FaultKind))
    assert [rule.fault for rule in found] == list(FaultKind)
    usual = {rule.fault: rule.amount for rule in found}
    assert usual[FaultKind.FLAPPING] == 30
    assert usual[FaultKind.CLOCK_JUMP] == 8
    assert usual[FaultKind.POISON] == usual[FaultKind.OFFLINE] == 1
    assert {(rule.share, rule.start, rule.at, rule.duration) for rule in found} == {
        (1.0, 0, time(), None)
    }


def test_random_faults_have_a_mean_time_between_and_two_lengths(file: Path) -> None:
    (rule,) = rules(
        file,
        '[[rule]]\nfault = "offline"\nevery = "4 weeks"\nlasting = ["90 seconds", "2 days"]',
    )
    assert rule.every == timedelta(days=28)
    assert rule.lasting == (timedelta(seconds=90), timedelta(days=2))


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("2026-11-02", date(2026, 11, 2)),
        ("2026-11-02T08:00:00", datetime(2026, 11, 2, 8, tzinfo=BEIJING_TIME)),
        ("2026-11-02T00:00:00Z", datetime(2026, 11, 2, 8, tzinfo=BEIJING_TIME)),
        ("0", 0),
    ],
)
def test_a_start_is_a_day_a_moment_or_a_number_of_days(
    file: Path, written: str, start: object
) -> None:
    (rule,) = rules(file, f'[[rule]]\nfault = "offline"\nstart = {written}')
    assert rule.start == start
    assert type(rule.start) is type(start)


@pytest.mark.parametrize(
    ("key", "line", "problem"),
    [
        ("fault", 'fault = "ofline"', "there is no fault ofline; write one of power_cut, offline"),
        ("fault", "fault = 3", "valid string"),
        ("duratoin", 'duratoin = "1 day"', "no such option; did you mean duration?"),
        ("district", 'district = "Chaoyang"', "there is no district Chaoyang; write one of 110101"),
        ("venue", 'venue = ["bank", "bar"]', "no kind of venue bar; write one of convenience"),
        ("stations", "stations = []", "at least 1 item"),
        ("share", "share = -0.1", "-0.1 is no share of stations; write more than 0 and at most 1"),
        ("share", "share = 0", "0 is no share of stations"),
        ("share", "share = 1.01", "1.01 is no share of stations"),
        ("share", "share = nan", "nan is no share of stations"),
        ("share", 'share = "a third"', "valid number"),
        ("start", 'start = "2026-11-02"', "'2026-11-02' is no start; write 2026-11-02 or 2026"),
        ("start", "start = true", "True is no start"),
        ("start", "start = -1", "-1 is before the run; write 0 for its first day"),
        ("at", 'at = "noon"', "'noon' is no time of day; write one without quotes"),
        ("at", "start = 2026-11-02T08:00:00\nat = 09:00:00", "leave it out, `start` has a time"),
        ("duration", 'duration = "3 dyas"', "'3 dyas' is no length of time; write one such as"),
        ("duration", "duration = 3", '3 is no length of time; write one such as "90 minutes"'),
        ("duration", 'duration = "0 hours"', "no length of time"),
        ("duration", f'duration = "{"9" * 400} hours"', "no length of time"),
        ("amount", "amount = 3", "leave it out, this fault has none"),
        ("lasting", 'lasting = ["1 hour", "2 hours"]', "write `duration`, or `every` for faults"),
        ("lasting", 'every = "1 day"', 'is missing; write the shortest and the longest, ["2 h'),
        (
            "lasting",
            'every = "1 day"\nlasting = ["3 hours", "2 hours"]',
            "write the shorter length first",
        ),
        ("lasting", 'every = "1 day"\nlasting = ["2 hours"]', "at least 2 items"),
        (
            "every",
            'every = "2 hours"\nlasting = ["2 hours", "3 hours"]',
            "write a longer time than a fault lasts on average",
        ),
        (
            "duration",
            'every = "1 day"\nlasting = ["1 hour", "2 hours"]\nduration = "1 hour"',
            "leave it out, with `every` faults come at random",
        ),
        (
            "start",
            'every = "1 day"\nlasting = ["1 hour", "2 hours"]\nstart = 1',
            "leave it out, with `every` faults come at random",
        ),
    ],
)
def test_a_mistake_is_named_by_rule_and_key_with_what_to_write(
    file: Path, key: str, line: str, problem: str
) -> None:
    fault = "" if line.startswith("fault") else 'fault = "offline"\n'
    with pytest.raises(ScenarioError) as caught:
        rules(file, f'[[rule]]\nfault = "offline"\n[[rule]]\n{fault}{line}')
    (told,) = str(caught.value).splitlines()
    assert told.startswith(f"{file}, rule 2, {key}: ")
    assert problem in told


@pytest.mark.parametrize(
    ("fault", "amount", "problem"),
    [
        ("poison", 1.5, "write a share of messages, from 0 to 1"),
        ("duplicated", -1, "write a share of messages, from 0 to 1"),
        ("cuff_error", 2, "write a share of blood-pressure sessions, from 0 to 1"),
        ("flapping", 0, "write seconds of one flap, from 1 to 3600"),
        ("clock_jump", 0, "write hours by which the clock is wrong, a multiple of 0.25 other than"),
        ("clock_jump", 0.1, "a multiple of 0.25 other than 0"),
        ("clock_jump", 200, "write hours by which the clock is wrong, from -168 to 168"),
        ("full_disk", -1, "write hours of usage for which there is room, from 0 to 8760"),
        ("full_disk", float("nan"), "write hours of usage for which there is room"),
    ],
)
def test_an_amount_is_what_its_fault_understands(
    file: Path, fault: str, amount: float, problem: str
) -> None:
    with pytest.raises(ScenarioError, match="rule 1, amount: ") as caught:
        rules(file, f'[[rule]]\nfault = "{fault}"\namount = {amount}')
    assert problem in str(caught.value)


def test_every_mistake_is_told_at_once(file: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        rules(file, '[[rule]]\nvenue = "bar"\n[[rule]]\nfault = "offline"\nshare = "x"')
    told = str(caught.value).splitlines()
    assert [line.removeprefix(f"{file}, ").split(":")[0] for line in told] == [
        "rule 1, fault",
        "rule 1, venue",
        "rule 2, share",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "rule: is missing"),
        ("rule = []", "rule: List should have at least 1 item"),
        ('fault = "offline"', "fault: no such option"),
        ("[[rule]\n", "is not TOML: "),
    ],
)
def test_a_file_without_rules_is_none(file: Path, text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        rules(file, text)
    assert problem in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    with pytest.raises(ScenarioError, match=rf"cannot read {file}: No such file"):
        load_scenario(file)
    file.write_bytes(b"# \xff")
    with pytest.raises(ScenarioError, match=rf"{file} is not UTF-8: save it as UTF-8"):
        load_scenario(file)


def test_a_scenario_is_found_by_its_name_or_its_path(file: Path) -> None:
    assert find_scenario("ordinary").name == "ordinary.toml"
    file.write_text("")
    assert find_scenario(str(file)) == file
    with pytest.raises(ScenarioError) as caught:
        find_scenario("ordnary")
    assert str(caught.value) == (
        "there is no scenario ordnary; write the path of a TOML file, or one of "
        "bad-messages, clock-jumps, everything, expired-certificates, flapping, full-disks, "
        "ordinary, power-cut, silent-sensors, three-days-offline"
    )
    assert load_scenario(find_scenario("flapping")).name == "flapping"
    assert len(scenario_names()) == 10
