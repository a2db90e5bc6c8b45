"""Conversations with meters of every temper: each new record arrives exactly once."""

import pytest

from contract.errors import DecodeError
from edge_agent.devices import glucose, racp
from edge_agent.devices.glucose import GlucoseContext
from edge_agent.devices.racp import OpCode, Operator, Outcome, RecordCount, Response
from edge_agent.devices.racp_download import Download, Ending
from tests.unit.racp_meter import Meter, at, numbers, remembered, taken


def test_only_what_is_new_is_asked_for_and_given_once() -> None:
    meter = Meter(taken(range(10)))
    download = meter.converse(Download(6, at(6)))
    assert meter.asked == [racp.report_from(7)]
    assert download.ending is Ending.COMPLETE
    assert numbers(download) == [7, 8, 9]
    assert numbers(download) == []
    assert remembered(download) == 9
    assert not download.was_reset


def test_of_an_unknown_meter_only_the_result_just_taken_is_wanted() -> None:
    meter = Meter(taken(range(10)))
    download = meter.converse(Download())
    assert meter.asked == [racp.report_last()]
    assert numbers(download) == [9]
    assert remembered(download) == 9


def test_an_unknown_meter_that_can_only_send_everything_still_gives_one_result() -> None:
    meter = Meter(taken(range(10)), refuses={Operator.LAST: Outcome.OPERATOR_UNSUPPORTED})
    download = meter.converse(Download())
    assert meter.asked == [racp.report_last(), racp.abort(), racp.report_all()]
    assert numbers(download) == [9]


def test_a_meter_without_records_has_answered_well() -> None:
    download = Meter([]).converse(Download())
    assert download.ending is Ending.COMPLETE
    assert (numbers(download), remembered(download)) == ([], None)
    assert not download.was_reset


def test_nothing_new_is_a_success_too() -> None:
    meter = Meter(taken(range(7)))
    download = meter.converse(Download(6, at(6)))
    assert meter.asked == [racp.report_from(7), racp.report_last()]
    assert download.ending is Ending.COMPLETE
    assert (numbers(download), remembered(download)) == ([], None)
    assert not download.was_reset


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome.OP_CODE_UNSUPPORTED,
        Outcome.INVALID_OPERATOR,
        Outcome.OPERATOR_UNSUPPORTED,
        Outcome.INVALID_OPERAND,
        Outcome.OPERAND_UNSUPPORTED,
    ],
)
def test_a_meter_that_cannot_count_is_asked_for_its_newest_record(outcome: Outcome) -> None:
    meter = Meter(taken(range(8)), refuses={Operator.FROM: outcome})
    download = meter.converse(Download(6, at(6)))
    assert meter.asked == [racp.report_from(7), racp.abort(), racp.report_last()]
    assert numbers(download) == [7]


def test_if_the_newest_record_is_not_the_next_one_all_are_read() -> None:
    meter = Meter(taken(range(10)), refuses={Operator.FROM: Outcome.OPERATOR_UNSUPPORTED})
    download = meter.converse(Download(6, at(6)))
    assert meter.asked[2:] == [racp.report_last(), racp.report_all()]
    assert numbers(download) == [7, 8, 9]


def test_each_way_of_asking_is_tried_before_a_meter_is_given_up() -> None:
    refuses = {
        Operator.FROM: Outcome.OPERATOR_UNSUPPORTED,
        Operator.LAST: Outcome.OPERATOR_UNSUPPORTED,
        Operator.ALL: Outcome.INVALID_OPERATOR,
    }
    meter = Meter(taken(range(10)), refuses=refuses)
    download = meter.converse(Download(6, at(6)))
    assert [frame for frame in meter.asked if frame != racp.abort()] == [
        racp.report_from(7),
        racp.report_last(),
        racp.report_all(),
        racp.report_from(1),
        racp.report_within(0, 0xFFFF),
    ]
    assert len(meter.asked) == 9
    assert numbers(download) == [7, 8, 9]

    deaf = Meter([], refuses={**refuses, Operator.WITHIN: Outcome.OP_CODE_UNSUPPORTED})
    assert deaf.converse(Download(6, at(6))).ending is Ending.REFUSED


@pytest.mark.parametrize(
    "outcome", [Outcome.SERVER_BUSY, Outcome.NOT_COMPLETED, Outcome.ABORT_UNSUCCESSFUL]
)
def test_a_meter_that_gives_up_has_given_what_it_gave(outcome: Outcome) -> None:
    download = Download(6, at(6))
    download.measurement_received(glucose.encode_measurement(taken([7])[0]))
    answer = racp.encode_response(Response(OpCode.REPORT, outcome))
    assert download.response_received(answer) is None
    assert download.ending is Ending.PARTIAL
    assert numbers(download) == [7]


def test_a_meter_that_falls_silent_is_stopped_and_what_arrived_is_kept() -> None:
    meter = Meter(taken(range(10)), silent_after=2)
    download = meter.converse(Download(6, at(6)))
    assert meter.asked == [racp.report_from(7), racp.abort()]
    assert download.ending is Ending.PARTIAL
    assert numbers(download) == [7, 8]
    assert remembered(download) == 8


def test_a_meter_that_ignores_the_abort_too_is_left() -> None:
    download = Download(6)
    assert download.timed_out() == racp.abort()
    late = racp.encode_response(Response(OpCode.REPORT, Outcome.SUCCESS))
    assert download.response_received(late) is None
    assert download.ending is None
    assert download.timed_out() is None
    assert download.ending is Ending.PARTIAL
    assert download.timed_out() is None


def test_an_abort_without_answer_does_not_end_the_search_for_a_request() -> None:
    download = Download(6)
    refusal = racp.encode_response(Response(OpCode.REPORT, Outcome.OPERATOR_UNSUPPORTED))
    assert download.response_received(refusal) == racp.abort()
    assert download.timed_out() == racp.report_last()


def test_a_meter_that_hangs_up_early_leaves_a_partial_download() -> None:
    download = Download(6)
    download.start()
    download.measurement_received(glucose.encode_measurement(taken([7])[0]))
    assert numbers(download) == []
    download.link_lost()
    assert download.ending is Ending.PARTIAL
    assert numbers(download) == [7]


def test_hanging_up_after_the_last_record_is_the_normal_end() -> None:
    download = Meter(taken(range(10))).converse(Download(6))
    download.link_lost()
    assert download.ending is Ending.COMPLETE


def test_if_reading_everything_breaks_off_no_gap_is_left_behind() -> None:
    meter = Meter(taken(range(10)), refuses={Operator.FROM: Outcome.OPERATOR_UNSUPPORTED})
    download = Download(3, at(3))
    download.start()
    for frame in (Response(OpCode.REPORT, Outcome.OPERATOR_UNSUPPORTED), Response(3, 1)):
        download.response_received(racp.encode_response(frame))
    download.measurement_received(glucose.encode_measurement(meter.memory[9]))
    success = racp.encode_response(Response(OpCode.REPORT, Outcome.SUCCESS))
    assert download.response_received(success) == racp.report_all()
    for reading in meter.memory[:6]:
        download.measurement_received(glucose.encode_measurement(reading))
    download.link_lost()
    assert numbers(download) == [4, 5]
    assert remembered(download) == 5


def test_a_context_belongs_to_the_record_of_its_number_wherever_it_arrives() -> None:
    contexts = {number: GlucoseContext(number, meal=number % 5 + 1) for number in (8, 9, 7)}
    download = Meter(taken(range(11)), contexts).converse(Download(6))
    joined = {record.reading.sequence: record.context for record in download.records()}
    assert joined == {**contexts, 10: None}


def test_a_context_that_comes_after_the_end_still_finds_its_record() -> None:
    download = Meter(taken(range(8))).converse(Download(6))
    ketone = GlucoseContext(7, meal=6)
    download.context_received(glucose.encode_context(ketone))
    (record,) = download.records()
    assert record.context == ketone


def test_a_record_that_the_last_answer_overtook_is_not_lost() -> None:
    download = Meter(taken(range(8))).converse(Download(6))
    assert numbers(download) == [7]
    download.measurement_received(glucose.encode_measurement(taken([8])[0]))
    assert numbers(download) == [8]
    assert remembered(download) == 8


def test_a_record_sent_twice_is_one_record() -> None:
    download = Download(6)
    frame = glucose.encode_measurement(taken([7])[0])
    download.measurement_received(frame)
    download.measurement_received(frame)
    download.link_lost()
    download.measurement_received(frame)
    assert numbers(download) == [7]


def test_a_record_pushed_before_it_is_asked_for_is_kept() -> None:
    download = Download()
    download.measurement_received(glucose.encode_measurement(taken([7])[0]))
    deaf = Meter([], refuses=dict.fromkeys(Operator, Outcome.OP_CODE_UNSUPPORTED))
    assert deaf.converse(download).ending is Ending.REFUSED
    assert numbers(download) == [7]


def test_a_meter_that_ignores_the_filter_gives_nothing_old() -> None:
    download = Download(6, at(6))
    download.start()
    for reading in taken(range(9)):
        download.measurement_received(glucose.encode_measurement(reading))
    download.response_received(racp.encode_response(Response(OpCode.REPORT, Outcome.SUCCESS)))
    assert download.ending is Ending.COMPLETE
    assert numbers(download) == [7, 8]


def test_an_answer_to_what_was_not_asked_changes_nothing() -> None:
    download = Download(6)
    for answer in (RecordCount(7), Response(5, Outcome.SUCCESS), Response(OpCode.ABORT, 1)):
        assert download.response_received(racp.encode_response(answer)) is None
    assert download.ending is None


def test_a_broken_frame_is_refused_and_the_download_goes_on() -> None:
    download = Download(6)
    for receive in (
        download.measurement_received,
        download.context_received,
        download.response_received,
    ):
        with pytest.raises(DecodeError):
            receive(b"\x06")
    assert numbers(Meter(taken(range(8))).converse(download)) == [7]
