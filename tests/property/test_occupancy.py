"""Occupancy holds for every input: events or a refusal, and windows that are always whole."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from bthome_ble import BTHomeBluetoothDeviceData
from bthome_ble.const import MEAS_TYPES
from habluetooth import BluetoothServiceInfoBleak
from hypothesis import example, given
from hypothesis import strategies as st

from contract.errors import DecodeError
from contract.usage import WINDOW_SECONDS, UsageWindow
from edge_agent.occupancy import bthome, ld2410
from edge_agent.occupancy.beacons import Beacon, Beacons, Counting
from edge_agent.occupancy.bthome import Advertisement
from edge_agent.occupancy.ld2410 import Framer, Report
from edge_agent.occupancy.sensing import Count, Entered, Event, Presence, Silent
from edge_agent.occupancy.windows import Aggregator, Expected, publishing_delay
from edge_agent.occupancy.zigbee2mqtt import Bridge
from simulators.occupancy.bthome import encrypted_service_data
from simulators.occupancy.ld2410 import report

ADDRESS = "54:48:E6:8F:80:A5"
KEY = bytes(range(16))
NINE = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)

# Whole objects with sizes as the library has them; the rest say their own.
SIZED = {id_: one.data_length for id_, one in MEAS_TYPES.items() if id_ not in (0x3B, 0x53, 0x54)}
OBJECTS = st.sampled_from(sorted(SIZED)).flatmap(
    lambda id_: st.binary(min_size=SIZED[id_], max_size=SIZED[id_]).map(
        lambda value: bytes((id_,)) + value
    )
)
PAYLOADS = st.lists(OBJECTS, max_size=6).map(b"".join)
SERVICE_DATA = st.one_of(
    st.binary(max_size=40),
    PAYLOADS.map(lambda body: b"\x40" + body),
    st.binary(max_size=30).map(lambda body: b"\x40" + body),
    st.binary(max_size=30).map(lambda body: b"\x41" + body),
)


def _oracle(data: bytes, key: bytes | None) -> Advertisement:
    """The same advertisement as the library has it."""
    library = BTHomeBluetoothDeviceData(bindkey=key)
    update = library.update(
        BluetoothServiceInfoBleak(
            name="sensor",
            address=ADDRESS,
            rssi=-60,
            manufacturer_data={},
            service_data={bthome.SERVICE_UUID: data},
            service_uuids=[bthome.SERVICE_UUID],
            source="",
            device=None,  # type: ignore[arg-type]
            advertisement=None,
            connectable=False,
            time=0.0,
            tx_power=None,
        )
    )
    # "motion", or "motion_1", "motion_2" where there are several.
    flags = {one.key: values.native_value for one, values in update.binary_entity_values.items()}
    numbers = {one.key: values.native_value for one, values in update.entity_values.items()}
    return Advertisement(
        packet_id=library.packet_id if library.packet_id is None else int(library.packet_id),
        counter=int(library.encryption_counter) if key else None,
        present=_any(flags, ("motion", "occupancy", "presence")),
        is_open=_any(flags, ("opening", "door")),
        count=next(
            (int(str(value)) for name, value in numbers.items() if name in ("count", "count_1")),
            None,
        ),
    )


def _any(flags: Mapping[str, object], names: Iterable[str]) -> bool | None:
    told = [bool(value) for key, value in flags.items() if key.partition("_")[0] in names]
    return any(told) if told else None


@given(SERVICE_DATA)
@example(b"")
def test_what_is_accepted_of_a_beacon_is_what_the_library_reads(data: bytes) -> None:
    try:
        heard = bthome.decode(data, address=ADDRESS)
    except DecodeError:
        return
    assert heard == _oracle(data, None)


@given(PAYLOADS)
def test_whole_objects_are_never_refused(body: bytes) -> None:
    assert bthome.decode(b"\x40" + body, address=ADDRESS) == _oracle(b"\x40" + body, None)


@given(st.dictionaries(st.sampled_from([0x00, 0x09, 0x11, 0x21]), st.integers(0, 255), min_size=1))
def test_what_is_encrypted_is_read_as_the_library_reads_it(objects: dict[int, int]) -> None:
    data = encrypted_service_data(objects, address=ADDRESS, key=KEY, counter=4711)
    assert bthome.decode(data, address=ADDRESS, cipher=bthome.cipher(KEY)) == _oracle(data, KEY)


@given(st.lists(SERVICE_DATA, max_size=5), st.sampled_from(Counting), st.booleans())
def test_any_broadcasts_are_events_or_decode_errors(
    broadcasts: list[bytes], counting: Counting, encrypts: bool
) -> None:
    beacons = Beacons({ADDRESS: Beacon("hall", KEY if encrypts else None, counting)})
    for number, data in enumerate(broadcasts):
        try:
            events = beacons.hear(ADDRESS, data, NINE + timedelta(seconds=10 * number))
        except DecodeError:
            continue
        for event in events:
            assert isinstance(event, Presence | Entered | Count)
            if isinstance(event, Entered):
                assert event.count >= 0


@given(st.binary(max_size=80))
def test_any_bytes_are_a_radar_report_or_a_decode_error(frame: bytes) -> None:
    try:
        assert isinstance(ld2410.decode(frame), Report)
    except DecodeError:
        return


NOISE = st.binary(max_size=40) | st.sampled_from([b"\xf4\xf3\xf2\xf1", b"\xf8\xf7\xf6\xf5"])
FRAMES = st.integers(0, 3).map(report)


@given(st.lists(NOISE | FRAMES), st.integers(1, 50))
def test_any_stream_yields_only_frames_whatever_the_pieces(parts: list[bytes], size: int) -> None:
    stream = b"".join(parts)
    framer = Framer()
    found = [
        frame for at in range(0, len(stream), size) for frame in framer.feed(stream[at : at + size])
    ]
    assert found == list(Framer().feed(stream))
    for frame in found:
        assert frame.startswith(b"\xf4\xf3\xf2\xf1")
        assert frame.endswith(b"\xf8\xf7\xf6\xf5")
        assert len(frame) <= 74


@given(st.lists(st.binary(max_size=40).filter(lambda noise: b"\xf4" not in noise)), FRAMES)
def test_a_frame_between_any_noise_is_found(noise: list[bytes], frame: bytes) -> None:
    stream = b"".join(one + frame for one in noise)
    assert list(Framer().feed(stream)) == [frame] * len(noise)


VALUES: st.SearchStrategy[object] = st.sampled_from(
    [None, True, False, 0, 1, 2.5, "", "online", "offline", [], [True], {}]
)


@given(
    st.sampled_from(["hall", "hall/availability", "bridge/state", "cellar"]),
    st.binary(max_size=60)
    | st.dictionaries(
        st.sampled_from(["occupancy", "presence", "contact", "state", "battery"]), VALUES
    ).map(lambda message: json.dumps(message).encode()),
)
def test_any_zigbee_message_is_events_or_a_decode_error(name: str, payload: bytes) -> None:
    try:
        events = Bridge({"hall": 2}).hear(f"zigbee2mqtt/{name}", payload, NINE)
    except DecodeError:
        return
    assert all(isinstance(event, Presence | Entered | Silent) for event in events)


# Steps of the clock in seconds: mostly it goes on, at times it jumps, by minutes or by decades.
STEPS = st.one_of(
    st.floats(0, 60),
    st.floats(0, 60),
    st.floats(-1800, 1800),
    st.sampled_from([0.0, 900.0, -900.0, 86_400.0, -86_400.0, 1e9, -1e9, -3e9]),
)
SAYINGS = st.one_of(
    st.none(),
    st.tuples(st.just("door"), st.integers(0, 5)),
    st.tuples(st.just("pir"), st.booleans()),
    st.tuples(st.just("counter"), st.integers(0, 30)),
    st.tuples(st.sampled_from(["door", "pir", "counter"]), st.none()),
)


def _event(sensor: str, value: int | bool | None, at: datetime) -> Event:
    if value is None:
        return Silent(sensor, at)
    if sensor == "door":
        return Entered(sensor, at, value)
    return Presence(sensor, at, bool(value)) if sensor == "pir" else Count(sensor, at, value)


@given(
    st.lists(st.tuples(STEPS, SAYINGS), max_size=120),
    st.sampled_from([None, timedelta(minutes=1), timedelta(minutes=10)]),
)
def test_windows_are_aligned_distinct_and_whole_whatever_the_clock_does(
    story: list[tuple[float, tuple[str, int | bool | None] | None]], silent_after: timedelta | None
) -> None:
    sensors = {
        "door": Expected(silent_after, is_door=True),
        "pir": Expected(silent_after),
        "counter": Expected(silent_after),
    }
    aggregator, at, windows = Aggregator(seats=8, sensors=sensors), NINE, list[UsageWindow]()
    came_in = 0
    for step, said in story:
        at += timedelta(seconds=step)
        closed = aggregator.advance(at)
        windows += [closed] if closed else []
        if said is not None:
            event = _event(*said, at)
            came_in += event.count if isinstance(event, Entered) else 0
            windows += [closed] if (closed := aggregator.take(event)) else []
    starts = [window.start for window in windows]
    assert len(set(starts)) == len(starts)
    assert sum(window.entries or 0 for window in windows) <= came_in
    for window in windows:
        _check(window)


def _check(window: UsageWindow) -> None:
    """The model has refused what is negative or unaligned; this is what it cannot know."""
    assert window.start % WINDOW_SECONDS == 0
    assert (window.mean is None) == (window.peak is None) == (window.level is None)
    if window.mean is not None and window.peak is not None and window.occupied is not None:
        assert window.mean <= window.peak + 0.01
        assert (window.peak > 0) or (window.occupied == 0)


@given(st.text(), st.integers(), st.floats(0, 900))
def test_a_publishing_delay_is_within_its_time(station: str, seed: int, spread: float) -> None:
    assert 0 <= publishing_delay(station, seed=seed, spread_seconds=spread) <= spread
