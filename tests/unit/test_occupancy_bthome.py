"""BTHome service data against published vectors, and what each refusal is for."""

import json
from pathlib import Path
from typing import Any

import pytest
from bthome_ble.const import MEAS_TYPES
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from contract.errors import DecodeError, Reason
from edge_agent.occupancy.bthome import Advertisement, cipher, decode
from simulators.occupancy.bthome import encrypted_service_data, service_data

GOLDEN = Path(__file__).parent.parent / "golden" / "occupancy.json"
VECTORS: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["bthome"]

ADDRESS = "54:48:E6:8F:80:A5"
KEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
CIPHER = cipher(KEY)


def _ids(vector: dict[str, Any]) -> str:
    return str(vector["id"])


def _decode(frame: str) -> Advertisement:
    return decode(bytes.fromhex(frame), address=ADDRESS)


def test_the_golden_file_is_not_empty() -> None:
    assert len(VECTORS) == 10


@pytest.mark.parametrize("vector", VECTORS, ids=_ids)
def test_a_published_frame_decodes_to_what_its_source_states(vector: dict[str, Any]) -> None:
    key = vector.get("key")
    heard = decode(
        bytes.fromhex(vector["hex"]),
        address=vector.get("mac", ADDRESS),
        cipher=cipher(bytes.fromhex(key)) if key else None,
    )
    said = vector["expected"]
    assert (heard.packet_id, heard.count) == (said.get("packet_id"), said.get("count"))
    assert (heard.present, heard.is_open) == (None, None)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("40 2101", Advertisement(present=True)),
        ("44 2300", Advertisement(present=False)),
        ("40 2501", Advertisement(present=True)),
        ("40 2100 2301", Advertisement(present=True)),
        ("40 1101", Advertisement(is_open=True)),
        ("40 1100 1a01", Advertisement(is_open=True)),
        ("40 00ff 0903 3d0400", Advertisement(packet_id=255, count=3)),
        ("40 3e01000100", Advertisement(count=65537)),
        ("40 59fe", Advertisement(count=-2)),
        ("40", Advertisement()),
    ],
)
def test_what_tells_of_occupancy_is_understood(frame: str, expected: Advertisement) -> None:
    assert _decode(frame) == expected


@pytest.mark.parametrize(
    "skipped",
    [
        "0164",
        "02ca09",
        "05138a14",
        "f100010204",
        "5303414243",
        "5400",
        "3b02 07 0102",
        "3be1 07 01",
    ],
    ids=["1", "2", "3", "4", "text", "nothing-raw", "command", "command-with-reserved-bits"],
)
def test_an_object_of_any_size_is_skipped_as_a_whole(skipped: str) -> None:
    assert _decode(f"40 {skipped} 2101") == Advertisement(present=True)


def test_an_unknown_object_ends_the_reading_and_what_came_before_it_counts() -> None:
    assert _decode("40 0007 ff 2101") == Advertisement(packet_id=7)


def test_all_objects_of_the_library_are_known_with_their_sizes_and_no_others() -> None:
    says_its_size = {0x53, 0x54, 0x3B}
    for id_ in set(range(256)) - says_its_size:
        size = MEAS_TYPES[id_].data_length if id_ in MEAS_TYPES else 0
        frame = bytes((0x40, id_)) + b"\xff" * size + b"\x21\x01"
        expected = True if id_ in MEAS_TYPES else None
        assert decode(frame, address=ADDRESS).present is expected, hex(id_)
    assert says_its_size <= set(MEAS_TYPES)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("", Reason.TRUNCATED),
        ("42 a5808fe648", Reason.TRUNCATED),
        ("40 00", Reason.TRUNCATED),
        ("40 2101 3d01", Reason.TRUNCATED),
        ("40 53", Reason.TRUNCATED),
        ("40 3b", Reason.TRUNCATED),
        ("40 530241", Reason.TRUNCATED),
        ("20 2101", Reason.UNKNOWN_VERSION),
        ("41 a47266c95f730011223378237214", Reason.SCHEMA),
    ],
)
def test_a_frame_against_the_rules_is_refused_with_its_reason(frame: str, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        _decode(frame)
    assert caught.value.reason is reason


def test_an_encrypted_frame_is_understood_with_its_key() -> None:
    frame = encrypted_service_data({0x00: 9, 0x21: 1}, address=ADDRESS, key=KEY, counter=4711)
    heard = decode(frame, address=ADDRESS, cipher=CIPHER)
    assert heard == Advertisement(packet_id=9, counter=4711, present=True)


def test_an_included_address_counts_more_than_the_one_it_came_from() -> None:
    included, counter, elsewhere = bytes.fromhex("a5808fe64854"), bytes(4), "00:00:00:00:00:01"
    plain = decode(b"\x42" + included + b"\x21\x01", address=elsewhere)
    assert plain == Advertisement(present=True)
    nonce = included[::-1] + b"\xd2\xfc\x43" + counter
    sealed = AESCCM(KEY, tag_length=4).encrypt(nonce, b"\x21\x01", None)
    frame = b"\x43" + included + sealed[:-4] + counter + sealed[-4:]
    heard = decode(frame, address=elsewhere, cipher=CIPHER)
    assert heard == Advertisement(counter=0, present=True)


def test_a_forged_frame_is_refused() -> None:
    frame = encrypted_service_data({0x21: 0}, address=ADDRESS, key=KEY, counter=4711)
    forged = frame[:1] + bytes((frame[1] ^ 1,)) + frame[2:]
    for wrong, sender in ((forged, ADDRESS), (frame, "54:48:E6:8F:80:A6")):
        with pytest.raises(DecodeError) as caught:
            decode(wrong, address=sender, cipher=CIPHER)
        assert caught.value.reason is Reason.SCHEMA


def test_plain_data_cannot_speak_for_a_sensor_with_a_key() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(service_data({0x21: 0}), address=ADDRESS, cipher=CIPHER)
    assert caught.value.reason is Reason.SCHEMA


def test_an_encrypted_frame_without_its_check_is_cut_off() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(b"\x41" + bytes(7), address=ADDRESS, cipher=CIPHER)
    assert caught.value.reason is Reason.TRUNCATED


def test_a_key_of_the_wrong_size_is_an_error_before_anything_is_heard() -> None:
    with pytest.raises(ValueError, match="16 bytes, not 24"):
        cipher(bytes(24))
