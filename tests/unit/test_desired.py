"""Reading a desired configuration: what it may set, what overrides it, what is said of it."""

import json
from typing import Any

import pytest

from contract.condition import Configuration, Outcome
from contract.desired import DesiredConfiguration
from edge_agent.desired import ALLOWED, Cleared, Wanted, check, judge
from edge_agent.settings import Settings

CUFF = "C0:FF:EE:00:00:01"


@pytest.fixture
def file() -> Settings:
    return Settings.model_validate(
        {
            "station": {"id": "BJ-CY-012"},
            "mqtt": {"host": "broker.example", "password": "secret", "window": 8},
            "radio": {"devices": [CUFF], "links": 2, "passkeys": {CUFF: 123456}},
        }
    )


def message(settings: dict[str, Any], **fields: Any) -> bytes:
    whole = {"v": 1, "station": "BJ-CY-012", "revision": "r1", "settings": settings, **fields}
    return json.dumps(whole).encode()


def wanted(payload: bytes, file: Settings) -> Settings:
    judged = judge(payload, file)
    assert isinstance(judged, Wanted), judged
    return judged.settings


def refused(payload: bytes, file: Settings) -> str:
    judged = judge(payload, file)
    assert isinstance(judged, Configuration), judged
    assert judged.outcome is Outcome.REFUSED
    assert judged.problem is not None
    assert "secret" not in judged.problem
    return judged.problem


def test_it_overrides_the_file_and_leaves_the_rest(file: Settings) -> None:
    settings = wanted(message({"radio": {"links": 3}, "occupancy": {"seats": 6}}), file)
    assert (settings.radio.links, settings.occupancy.seats) == (3, 6)
    assert (settings.radio.devices, settings.radio.retry_seconds) == ((CUFF,), 5)
    assert (settings.mqtt.window, settings.mqtt.host) == (8, "broker.example")
    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == "secret"


def test_the_environment_overrides_it(monkeypatch: pytest.MonkeyPatch, file: Settings) -> None:
    monkeypatch.setenv("EDGE__RADIO__ADAPTER", "hci1")
    settings = wanted(message({"radio": {"adapter": "hci9", "links": 3}}), file)
    assert (settings.radio.adapter, settings.radio.links) == ("hci1", 3)


def test_lists_and_tables_are_replaced_whole(file: Settings) -> None:
    other = "C0:FF:EE:00:00:02"
    radio = {"devices": [other], "passkeys": {other: 1}}
    settings = wanted(message({"radio": radio}), file)
    assert (settings.radio.devices, settings.radio.passkeys) == ((other,), {other: 1})


def test_nothing_means_back_to_the_file(file: Settings) -> None:
    assert judge(b"", file) == Cleared()


def test_every_option_is_either_allowed_or_known_to_be_kept_at_the_station() -> None:
    kept = {
        "mqtt": {"host", "port", "password", "tls"},
        "occupancy": {"zigbee2mqtt_host", "zigbee2mqtt_port"},
        "radio": set(),
    }
    for section, names in ALLOWED.items():
        known = Settings.model_fields[section].annotation
        assert known is not None
        assert set(known.model_fields) == names | kept[section]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"privacy": {"min_batch": 1}}, "privacy: may not be set from afar"),
        ({"session": {"max_per_device_hour": 99}}, "session: may not be set from afar"),
        ({"station": {"id": "BJ-CY-012"}}, "station: may not be set from afar"),
        ({"outbox": {"path": "/elsewhere"}}, "outbox: may not be set from afar"),
        ({"clock": {"trust": "always"}}, "clock: may not be set from afar"),
        ({"configuration": {}}, "configuration: may not be set from afar"),
        ({"mqtt": {"host": "elsewhere"}}, "mqtt.host: may not be set from afar"),
        ({"mqtt": {"tls": {}}}, "mqtt.tls: may not be set from afar"),
        (
            {"occupancy": {"zigbee2mqtt_host": "elsewhere"}},
            "occupancy.zigbee2mqtt_host: may not be set from afar",
        ),
        ({"radoi": {}}, "radoi: no such option; did you mean radio?"),
        ({"radio": {"adaptor": "x"}}, "radio.adaptor: no such option; did you mean adapter?"),
        ({"radio": {"links": 99}}, "radio.links: Input should be less than or equal to 16"),
        (
            {"occupancy": {"sensors": [{"name": "x", "source": "gpio", "pinn": 1, "pin": 2}]}},
            "occupancy.sensors.0.gpio.pinn: no such option; did you mean pin?",
        ),
        ({"radio": {"devices": []}}, "radio: passkeys of 1 device(s) that are not listed"),
        (
            {"radio": {"devices": [], "passkeys": {}}},
            "the whole: list a cuff or meter in [radio] devices, or an [occupancy] sensor",
        ),
    ],
    ids=str,
)
def test_what_it_may_not_do_is_told_by_its_place(
    settings: dict[str, Any], problem: str, file: Settings
) -> None:
    assert refused(message(settings), file) == problem


def test_several_problems_are_told_at_once(file: Settings) -> None:
    told = refused(message({"radio": {"links": 0, "retry_seconds": -1}}), file)
    assert "radio.links: " in told
    assert "radio.retry_seconds: " in told


@pytest.mark.parametrize(
    ("payload", "revision", "problem"),
    [
        (b"{", "unreadable", "the message: Invalid JSON"),
        (b"\xff\x00", "unreadable", "the message: Invalid JSON"),
        (b"[]", "unreadable", "the message: Input should be an object"),
        (message({}, revision="not good"), "unreadable", "revision: "),
        (message({}, revison="r2"), "r1", "revison: no such option; did you mean revision?"),
        (message({}, v=2), "r1", "v: "),
        (message({}, station="BJ-CY-013"), "r1", "station: this is for another one"),
        (b" " * 65_537, "unreadable", "longer than 65536 bytes"),
    ],
    ids=range(8),
)
def test_a_message_that_is_none_is_refused_and_never_raises(
    payload: bytes, revision: str, problem: str, file: Settings
) -> None:
    assert refused(payload, file).startswith(problem)
    judged = judge(payload, file)
    assert isinstance(judged, Configuration)
    assert judged.revision == revision


def test_no_address_key_or_line_break_gets_into_a_problem(file: Settings) -> None:
    key = "231d39c1d7cc1ab1aee224cd096db932"
    for name in (CUFF, CUFF.replace(":", "_"), key, "x\ny"):
        told = refused(message({"radio": {"passkeys": {name: -1}, name: 1}}), file)
        assert name not in told
        assert "\n" not in told


def test_a_problem_is_never_longer_than_a_status_takes(file: Settings) -> None:
    told = refused(message({"radio": {f"option_{number}": 1 for number in range(50)}}), file)
    assert len(told) == 300


def test_what_any_station_would_refuse_is_known_without_one() -> None:
    settings = {"radio": {"links": 99, "passkeys": {CUFF: 1}}, "mqtt": {"port": 1, "window": 0}}
    desired = DesiredConfiguration.model_validate_json(message(settings))
    assert check(desired) == [
        "mqtt.port: may not be set from afar",
        "radio.links: Input should be less than or equal to 16",
        "mqtt.window: Input should be greater than or equal to 1",
    ]
    good = {"radio": {"passkeys": {CUFF: 1}}, "mqtt": {"window": 4}}
    assert check(DesiredConfiguration.model_validate_json(message(good))) == []
