"""What is said of cuffs and meters: slow words, which change in the daily round alone."""

from datetime import date, timedelta

import pytest

from contract.condition import Battery, Device, LastHeard, Losses
from edge_agent.health import Health, battery_band, go_round, heard_band, said, talked

FRIDAY = date(2026, 2, 6)
CUFF, METER, SPARE = "k1", "k2", "k3"
KEYS = [CUFF, METER, SPARE]


def aliases(health: Health, keys: list[str] = KEYS) -> list[str]:
    return [device.alias for device in said(health, keys)]


def test_a_new_station_says_that_nothing_was_ever_heard() -> None:
    assert said(Health(), [CUFF, METER]) == (
        Device(alias="dev1", heard=LastHeard.NEVER),
        Device(alias="dev2", heard=LastHeard.NEVER),
    )


def test_nothing_that_is_said_moves_when_a_device_was_talked_to() -> None:
    health = go_round(Health(), KEYS, Losses(), FRIDAY)
    before = said(health, KEYS)
    health = talked(health, CUFF, "bp", 5)
    health = talked(health, METER, "glu", 80)
    assert said(health, KEYS) == before
    health = go_round(health, KEYS, Losses(), FRIDAY + timedelta(days=1))
    assert said(health, KEYS) == (
        Device(alias="bp1", heard=LastHeard.WEEK, battery=Battery.EMPTY),
        Device(alias="glu1", heard=LastHeard.WEEK, battery=Battery.GOOD),
        Device(alias="dev3", heard=LastHeard.NEVER),
    )


def test_what_is_kept_of_a_conversation_holds_no_time_of_it() -> None:
    once = talked(Health(), CUFF, "bp", 80)
    assert talked(once, CUFF, "bp", 81) == once
    assert once.to_json() == '{"devices":{"k1":{"kind":"bp","battery":"good","talked_to":true}}}'


def test_an_alias_stays_with_its_device_and_is_free_again_when_that_has_gone() -> None:
    health = talked(Health(), SPARE, "bp", None)
    health = go_round(health, KEYS, Losses(), FRIDAY)
    assert aliases(health) == ["dev1", "dev2", "bp1"]
    health = talked(talked(health, CUFF, "bp", None), METER, "glu", None)
    health = talked(health, SPARE, "dev", None)  # its model was not recognised this time
    health = go_round(health, KEYS, Losses(), FRIDAY)
    assert aliases(health) == ["bp2", "glu1", "bp1"]
    health = go_round(health, [CUFF, METER, "k4"], Losses(), FRIDAY)
    health = go_round(talked(health, "k4", "bp", None), [CUFF, METER, "k4"], Losses(), FRIDAY)
    assert aliases(health, [CUFF, METER, "k4"]) == ["bp2", "glu1", "bp1"]


def test_a_device_that_is_left_alone_grows_old_from_its_last_use() -> None:
    health = talked(Health(), CUFF, "bp", None)
    heard = []
    for days in (0, 6, 7, 29, 30):
        health = go_round(health, [CUFF], Losses(), FRIDAY + timedelta(days=days))
        heard += [device.heard.value for device in said(health, [CUFF])]
    assert heard == ["week", "week", "month", "month", "longer"]


def test_a_battery_that_is_not_told_keeps_its_last_word() -> None:
    health = talked(talked(Health(), CUFF, "bp", 20), CUFF, "bp", None)
    (device,) = said(go_round(health, [CUFF], Losses(), FRIDAY), [CUFF])
    assert device.battery is Battery.LOW


def test_more_devices_than_the_contract_takes_are_left_out() -> None:
    keys = [f"k{number}" for number in range(120)]
    health = Health()
    for key in keys:
        health = talked(health, key, "bp", None)
    health = go_round(health, keys, Losses(), FRIDAY)
    assert aliases(health, keys) == [f"bp{number}" for number in range(1, 65)]


def test_health_survives_its_own_text_and_never_quotes_another() -> None:
    health = go_round(talked(Health(), CUFF, "bp", 5), KEYS, Losses(sessions="10"), FRIDAY)
    assert Health.from_json(health.to_json()) == health
    with pytest.raises(ValueError, match="1 mistake") as caught:
        Health.from_json('{"round_on": "152/96"}')
    assert "152" not in str(caught.value)


@pytest.mark.parametrize(
    ("percent", "band"),
    [(100, "good"), (30, "good"), (29, "low"), (10, "low"), (9, "empty"), (0, "empty")],
)
def test_a_charge_is_one_of_three_words(percent: int, band: str) -> None:
    assert battery_band(percent) is Battery(band)


@pytest.mark.parametrize(
    ("days", "band"),
    [(-3, "week"), (0, "week"), (6, "week"), (7, "month"), (29, "month"), (30, "longer")],
)
def test_an_age_is_one_of_three_words(days: int, band: str) -> None:
    assert heard_band(FRIDAY - timedelta(days=days), FRIDAY) is LastHeard(band)


def test_what_was_never_heard_is_said_so() -> None:
    assert heard_band(None, FRIDAY) is LastHeard.NEVER
