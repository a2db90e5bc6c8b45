"""What doors, radars and Zigbee sensors say, and how long one waits for them."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contract.errors import DecodeError, Reason
from edge_agent.occupancy import ld2410, zigbee2mqtt
from edge_agent.occupancy.doorway import Doorway
from edge_agent.occupancy.ld2410 import Framer, Report
from edge_agent.occupancy.patience import Patience
from edge_agent.occupancy.sensing import Entered, Event, Presence, Silent
from edge_agent.occupancy.zigbee2mqtt import Bridge
from simulators.occupancy.ld2410 import BOTH, MOVING, NOBODY, STILL, report

GOLDEN = Path(__file__).parent.parent / "golden" / "occupancy.json"
START = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)


def test_the_first_of_two_passes_is_the_entry() -> None:
    doorway = Doorway()
    assert [doorway.passed(times) for times in (1, 1, 3, 0)] == [1, 0, 2, 0]


def test_the_radars_own_sample_decodes() -> None:
    (vector,) = json.loads(GOLDEN.read_text(encoding="utf-8"))["ld2410"]
    said = vector["expected_from_layout"]
    assert ld2410.decode(bytes.fromhex(vector["hex"])) == Report(
        is_moving=False,
        is_still=True,
        moving_cm=said["move_dist_cm"],
        moving_energy=said["move_energy"],
        still_cm=said["still_dist_cm"],
        still_energy=said["still_energy"],
        detection_cm=said["detect_dist_cm"],
    )


@pytest.mark.parametrize(
    ("state", "occupied"), [(NOBODY, False), (MOVING, True), (STILL, True), (BOTH, True)]
)
def test_a_radar_that_sees_anybody_says_so(state: int, occupied: bool) -> None:
    assert ld2410.decode(report(state, moving_cm=81)).is_occupied is occupied


def test_an_engineering_report_decodes_like_a_basic_one() -> None:
    body = b"\x01\xaa\x01" + bytes(8) + bytes(20) + b"\x55\x00"
    frame = b"\xf4\xf3\xf2\xf1" + bytes((len(body), 0)) + body + b"\xf8\xf7\xf6\xf5"
    assert ld2410.decode(frame).is_moving
    assert list(Framer().feed(frame)) == [frame]


WHOLE = report(MOVING, moving_cm=81)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (WHOLE[:-1], Reason.TRUNCATED),
        (WHOLE + WHOLE, Reason.SCHEMA),
        (b"\xf3" + WHOLE[1:], Reason.SCHEMA),
        (WHOLE[:-1] + b"\xf4", Reason.SCHEMA),
        (WHOLE.replace(b"\x02\xaa", b"\x03\xaa"), Reason.SCHEMA),
        (WHOLE.replace(b"\x02\xaa", b"\x02\xab"), Reason.SCHEMA),
        (WHOLE.replace(b"\x55\x00\xf8", b"\x56\x00\xf8"), Reason.SCHEMA),
        (report(4), Reason.SCHEMA),
    ],
)
def test_a_frame_against_the_rules_is_refused_with_its_reason(frame: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        ld2410.decode(frame)
    assert caught.value.reason is reason


@pytest.mark.parametrize("size", [1, 2, 5, 23, 24, 100])
def test_frames_are_found_in_pieces_of_any_size(size: int) -> None:
    stream = b"\x00\xf4\xf3" + WHOLE + b"\xf4\xf3\xf2" + report(NOBODY) + WHOLE
    framer = Framer()
    pieces = (stream[at : at + size] for at in range(0, len(stream), size))
    found = [frame for piece in pieces for frame in framer.feed(piece)]
    assert found == [WHOLE, report(NOBODY), WHOLE]


@pytest.mark.parametrize(
    "noise",
    [
        b"\xf4\xf3\xf2\xf1\xff\xff",
        b"\xf4\xf3\xf2\xf1\x41\x00",
        b"\xf4\xf3\xf2\xf1\x0d\x00",
        WHOLE[:-1],
        WHOLE[:-1] + b"\x00",
    ],
    ids=["endless", "too-long", "header-alone", "cut-off", "bad-tail"],
)
def test_noise_that_looks_like_a_header_costs_no_frame_behind_it(noise: bytes) -> None:
    assert list(Framer().feed(noise + WHOLE + WHOLE)) == [WHOLE, WHOLE]


def _bridge() -> Bridge:
    return Bridge({"hall": 2, "door": 1})


def _hear(bridge: Bridge, name: str, message: Any) -> tuple[Event, ...]:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return bridge.hear(f"zigbee2mqtt/{name}", payload, START)


@pytest.mark.parametrize(
    ("message", "occupied"),
    [
        ({"occupancy": True, "battery": 87, "voltage": 2900, "linkquality": 120}, True),
        ({"occupancy": False, "illuminance": 40}, False),
        ({"presence": True, "target_distance": 1.5, "motion_state": "small"}, True),
        ({"presence": False, "occupancy": None}, False),
        ({"presence": False, "occupancy": True}, True),
    ],
)
def test_a_zigbee_sensor_tells_who_is_there_among_other_things(
    message: dict[str, Any], occupied: bool
) -> None:
    assert _hear(_bridge(), "hall", message) == (Presence("hall", START, occupied),)


def test_a_message_about_other_things_tells_nothing() -> None:
    assert _hear(_bridge(), "hall", {"no_occupancy_since": 60, "battery": 87}) == ()


def test_a_contact_that_opens_is_a_pass_once() -> None:
    bridge = _bridge()
    contacts = [False, True, False, False, True]
    events = [_hear(bridge, "door", {"contact": one})[0] for one in contacts]
    assert [event.count for event in events if isinstance(event, Entered)] == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("payload", [{"state": "offline"}, b"offline"])
def test_what_is_offline_is_silent_and_a_door_then_starts_anew(payload: Any) -> None:
    bridge = _bridge()
    _hear(bridge, "door", {"contact": True})
    assert _hear(bridge, "door/availability", payload) == (Silent("door", START),)
    assert _hear(bridge, "door", {"contact": False}) == (Entered("door", START, 0),)
    assert _hear(bridge, "bridge/state", payload) == (
        Silent("hall", START),
        Silent("door", START),
    )


@pytest.mark.parametrize("payload", [{"state": "online"}, b"online"])
def test_what_comes_online_has_told_nothing_yet(payload: Any) -> None:
    for name in ("hall/availability", "bridge/state"):
        assert _hear(_bridge(), name, payload) == ()


def test_a_bridge_has_sensors_that_are_not_ours() -> None:
    assert _hear(_bridge(), "kitchen", b"not even JSON") == ()


def test_a_bridge_is_subscribed_to_by_name() -> None:
    assert Bridge({"hall/left": 2}, base="z2m").topics == (
        "z2m/bridge/state",
        "z2m/hall/left",
        "z2m/hall/left/availability",
    )


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("hall", b"", Reason.NOT_JSON),
        ("hall", b"\xff", Reason.NOT_JSON),
        ("hall", b'{"occupancy": tr', Reason.NOT_JSON),
        ("hall", b"[true]", Reason.SCHEMA),
        ("hall", b'{"occupancy": "yes"}', Reason.SCHEMA),
        ("hall", b'{"contact": 1}', Reason.SCHEMA),
        ("hall/availability", b"on", Reason.NOT_JSON),
        ("bridge/state", b'{"state": "confused"}', Reason.SCHEMA),
    ],
)
def test_a_message_that_makes_no_sense_is_refused(
    name: str, payload: bytes, reason: Reason
) -> None:
    with pytest.raises(DecodeError) as caught:
        _hear(_bridge(), name, payload)
    assert caught.value.reason is reason


def test_no_message_is_read_out_in_a_refusal() -> None:
    with pytest.raises(DecodeError) as caught:
        zigbee2mqtt.decode_state(b'{"occupancy": "Zhang San"}')
    assert "Zhang" not in str(caught.value)


def test_pauses_grow_to_their_limit_and_start_over_when_it_works() -> None:
    patience = Patience(Random(7), first_seconds=1, most_seconds=5)
    longest = [1, 2, 4, 5, 5]
    for most in longest:
        assert most / 2 <= patience.pause() <= most
    patience.reward()
    assert patience.pause() <= 1


def test_no_library_is_loaded_before_a_sensor_needs_it() -> None:
    rooms = ["bthome", "beacons", "gpio", "ld2410_port", "sensing", "windows", "zigbee2mqtt"]
    imports = "; ".join(f"import edge_agent.occupancy.{room}" for room in rooms)
    heavy = "{'serial', 'gpiozero', 'cryptography', 'paho', 'bleak', 'bthome_ble'}"
    program = f"import sys; {imports}; print(sorted({heavy} & set(sys.modules)))"
    finished = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "[]"
