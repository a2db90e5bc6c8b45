"""The strings and numbers of the Device Information Service 0x180A."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge_agent.devices import device_information
from edge_agent.devices.device_information import PnpId, SystemId, VendorSource

GOLDEN = Path(__file__).parent.parent / "golden" / "pnp_id.json"
PNP_IDS: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["values"]


def test_the_golden_file_is_not_empty() -> None:
    assert len(PNP_IDS) == 3


@pytest.mark.parametrize("value", PNP_IDS, ids=[value["id"] for value in PNP_IDS])
def test_a_pnp_id_is_what_its_source_states(value: dict[str, Any]) -> None:
    data, said = bytes.fromhex(value["hex"]), value["expected"]
    pnp = device_information.decode_pnp_id(data)
    assert pnp == PnpId(said["source"], said["vendor"], said["product"], said["version"])
    assert isinstance(pnp.source, VendorSource)
    assert device_information.encode_pnp_id(pnp) == data


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"Contour", "Contour"),
        (b" UA-651BLE \0\0\0", "UA-651BLE"),
        (b"BM85\0old text", "BM85"),
        ("鱼跃".encode(), "鱼跃"),
        (b"", None),
        (b"\0\0\0\0", None),
        (b"   ", None),
        (b"Model Number", None),
        (b"Serial Number\0", None),
        (b"\xc8\xfd", "\ufffd\ufffd"),
    ],
)
def test_padding_and_placeholders_are_not_text(value: bytes, text: str | None) -> None:
    assert device_information.decode_string(value) == text


def test_a_system_id_is_kept_but_does_not_show_itself() -> None:
    # 5 bytes of the maker, 3 of the organisation, each with the low byte first.
    value = bytes.fromhex("0504030201ccbbaa")
    system = device_information.decode_system_id(value)
    assert system == SystemId(manufacturer=0x0102030405, organisation=0xAABBCC)
    assert device_information.encode_system_id(system) == value
    assert repr(system) == "SystemId()"


def test_what_identifies_a_device_is_marked() -> None:
    marked = {uuid[4:8] for uuid in device_information.IDENTIFYING_UUIDS}
    assert marked == {"2a23", "2a25"}


def test_a_string_is_sent_as_utf_8() -> None:
    assert device_information.encode_string("鱼跃") == "鱼跃".encode()
