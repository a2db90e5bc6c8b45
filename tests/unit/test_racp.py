"""0x2A52 requests and responses against published frames."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.errors import DecodeError, Reason
from edge_agent.devices import racp
from edge_agent.devices.racp import OpCode, Operator, Outcome, RecordCount, Request, Response

GOLDEN = Path(__file__).parent.parent / "golden" / "racp.json"
FRAMES: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["frames"]
REFUSED = [frame for frame in FRAMES if frame.get("expected_rejection")]
ANSWERS = [
    frame
    for frame in FRAMES
    if frame["direction"] == "server_to_client" and frame["expected"] is not None
]
REQUESTS = [
    frame
    for frame in FRAMES
    if frame["direction"] == "client_to_server" and frame["expected"] is not None
]
BUILDERS = {
    "0101": racp.report_all(),
    "0105": racp.report_first(),
    "0106": racp.report_last(),
    "010301f800": racp.report_from(0x00F8),
    "0103010100": racp.report_from(1),
    "0102010500": racp.report_up_to(5),
    "0104010000ffff": racp.report_within(0, 0xFFFF),
    "0401": racp.count_all(),
    "0403013412": racp.count_from(0x1234),
    "0300": racp.abort(),
}


def _ids(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["id"] for frame in frames]


def test_the_golden_file_is_not_empty() -> None:
    assert (len(ANSWERS), len(REQUESTS), len(REFUSED)) == (10, 8, 2)


@pytest.mark.parametrize("frame", ANSWERS, ids=_ids(ANSWERS))
def test_an_answer_is_what_its_source_states(frame: dict[str, Any]) -> None:
    said = frame["expected"]
    expected: RecordCount | Response
    if "count" in said:
        expected = RecordCount(said["count"])
    else:
        expected = Response(said["request_opcode"], said["response_code"])
    assert racp.decode_response(bytes.fromhex(frame["hex"])) == expected


@pytest.mark.parametrize("frame", REQUESTS, ids=_ids(REQUESTS))
def test_a_request_is_what_its_source_states(frame: dict[str, Any]) -> None:
    said = frame["expected"]
    assert racp.decode_request(bytes.fromhex(frame["hex"])) == Request(
        said["opcode"], said["operator"], bytes.fromhex(said.get("operand", ""))
    )
    if frame["op"] == "encode":
        assert frame["hex"].lower() in BUILDERS


@pytest.mark.parametrize("frame", REFUSED, ids=_ids(REFUSED))
def test_a_frame_cut_off_is_refused(frame: dict[str, Any]) -> None:
    decode = (
        racp.decode_request if frame["direction"] == "client_to_server" else racp.decode_response
    )
    with pytest.raises(DecodeError) as caught:
        decode(bytes.fromhex(frame["hex"]))
    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize(("frame", "built"), BUILDERS.items(), ids=BUILDERS)
def test_a_request_is_built_by_the_book(frame: str, built: bytes) -> None:
    assert built.hex() == frame


def test_nothing_here_asks_a_meter_to_delete() -> None:
    assert not [name for name in dir(racp) if "delete" in name]
    assert {frame[:2] for frame in BUILDERS} == {"01", "03", "04"}


def test_codes_have_the_names_of_the_standard() -> None:
    assert [code.value for code in OpCode] == [*range(1, 9)]
    assert [operator.value for operator in Operator] == [*range(7)]
    assert [outcome.value for outcome in Outcome] == [*range(1, 11)]
    request = racp.decode_request(bytes.fromhex("0102030405"))
    assert (request.op_code, request.operator) == (OpCode.REPORT, Operator.UP_TO)
    answer = racp.decode_response(bytes.fromhex("0600010A"))
    assert answer == Response(OpCode.REPORT, Outcome.SERVER_BUSY)


def test_a_code_that_the_standard_does_not_name_stays_a_number() -> None:
    assert racp.decode_response(bytes.fromhex("0600F1F2")) == Response(0xF1, 0xF2)
    assert racp.decode_request(bytes.fromhex("F1F2")) == Request(0xF1, 0xF2)


@pytest.mark.parametrize("frame", ["0101", "0700", "0000"])
def test_a_frame_that_answers_nothing_is_refused(frame: str) -> None:
    with pytest.raises(DecodeError) as caught:
        racp.decode_response(bytes.fromhex(frame))
    assert caught.value.reason is Reason.UNKNOWN_OP_CODE


@pytest.mark.parametrize("frame", ["0500", "0500F7", "0500010203"])
def test_a_count_has_two_bytes_or_four(frame: str) -> None:
    with pytest.raises(DecodeError) as caught:
        racp.decode_response(bytes.fromhex(frame))
    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize(
    "answer", [RecordCount(0), RecordCount(247), Response(OpCode.REPORT, Outcome.NO_RECORDS_FOUND)]
)
def test_an_answer_survives_a_round_trip(answer: RecordCount | Response) -> None:
    assert racp.decode_response(racp.encode_response(answer)) == answer


@pytest.mark.parametrize(
    ("frame", "sequences"),
    [
        (racp.report_up_to(5), range(6)),
        (racp.report_from(5), range(5, 0x10000)),
        (racp.report_within(3, 5), range(3, 6)),
        (racp.report_all(), None),
        (bytes.fromhex("0103020500"), None),
        (bytes.fromhex("01030105"), None),
        (bytes.fromhex("01030100050006"), None),
        (bytes.fromhex("0104010500"), None),
        (bytes.fromhex("0105010500"), None),
    ],
    ids=["up-to", "from", "within", "all", "by-time", "short", "odd", "half-a-range", "first"],
)
def test_a_simulated_meter_can_tell_which_records_are_meant(
    frame: bytes, sequences: range | None
) -> None:
    assert racp.decode_request(frame).sequences == sequences
