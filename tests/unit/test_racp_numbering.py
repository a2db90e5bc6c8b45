"""Downloads from meters whose numbers wrap, begin again or run backwards."""

from edge_agent.devices import racp
from edge_agent.devices.racp import OpCode, Operator, Outcome, Response
from edge_agent.devices.racp_download import Download, Ending
from edge_agent.devices.sequence_numbers import Numbering, Order
from tests.unit.racp_meter import Meter, at, numbers, remembered, taken


class TestAWrap:
    """After 65535 comes 0."""

    def test_past_the_last_number_the_newest_record_tells(self) -> None:
        meter = Meter(taken([65534, 65535, 0]))
        download = meter.converse(Download(65535, at(1)))
        assert meter.asked == [racp.report_last()]
        assert numbers(download) == [0]
        assert not download.was_reset

    def test_more_than_one_record_past_the_last_number_are_all_found(self) -> None:
        meter = Meter(taken([65534, 65535, 0, 1, 2]))
        download = meter.converse(Download(65535, at(1)))
        assert meter.asked == [racp.report_last(), racp.report_all()]
        assert numbers(download) == [0, 1, 2]
        assert remembered(download) == 2

    def test_records_on_both_sides_of_it_come_in_one_download(self) -> None:
        meter = Meter(taken([65532, 65533, 65534, 65535, 0, 1]))
        download = meter.converse(Download(65533, at(1)))
        assert meter.asked == [racp.report_from(65534), racp.report_all()]
        assert numbers(download) == [65534, 65535, 0, 1]
        assert remembered(download) == 1

    def test_numbers_that_were_skipped_do_not_hide_it(self) -> None:
        meter = Meter(taken([65532, 3, 4]))
        download = meter.converse(Download(65532, at(0)))
        assert meter.asked == [racp.report_from(65533), racp.report_last(), racp.report_all()]
        assert numbers(download) == [3, 4]
        assert not download.was_reset

    def test_nothing_new_at_the_last_number_is_a_success(self) -> None:
        download = Meter(taken([65534, 65535])).converse(Download(65535, at(1)))
        assert download.ending is Ending.COMPLETE
        assert numbers(download) == []


class TestAReset:
    """The memory was emptied, and the numbers begin again."""

    def test_all_that_the_meter_holds_is_new_then(self) -> None:
        meter = Meter(taken(range(3), since=100))
        download = meter.converse(Download(6, at(6)))
        assert meter.asked == [racp.report_from(7), racp.report_last(), racp.report_all()]
        assert download.was_reset
        assert numbers(download) == [0, 1, 2]
        assert remembered(download) == 2

    def test_it_shows_even_at_the_very_same_number(self) -> None:
        download = Meter(taken(range(7), since=100)).converse(Download(6, at(6)))
        assert download.was_reset
        assert numbers(download) == list(range(7))

    def test_without_a_known_time_the_same_number_is_taken_for_the_same_record(self) -> None:
        download = Meter(taken(range(7), since=100)).converse(Download(6))
        assert not download.was_reset
        assert numbers(download) == []

    def test_a_meter_emptied_is_remembered_as_new(self) -> None:
        download = Meter([]).converse(Download(6, at(6)))
        assert download.was_reset
        assert (numbers(download), remembered(download)) == ([], None)

    def test_it_shows_to_one_that_can_only_read_everything(self) -> None:
        refuses = dict.fromkeys((Operator.FROM, Operator.LAST), Outcome.OPERATOR_UNSUPPORTED)
        download = Meter(taken(range(3), since=100), refuses=refuses).converse(Download(6))
        assert download.was_reset
        assert numbers(download) == [0, 1, 2]

    def test_it_is_not_guessed_from_a_download_that_broke_off(self) -> None:
        refuses = dict.fromkeys((Operator.FROM, Operator.LAST), Outcome.OPERATOR_UNSUPPORTED)
        meter = Meter(taken(range(10)), refuses=refuses, silent_after=3)
        download = meter.converse(Download(6, at(6)))
        assert download.ending is Ending.PARTIAL
        assert not download.was_reset
        assert numbers(download) == []

    def test_a_success_without_records_is_no_proof_of_it(self) -> None:
        download = Download(6)
        success = racp.encode_response(Response(OpCode.REPORT, Outcome.SUCCESS))
        assert download.response_received(success) == racp.report_last()
        assert download.response_received(success) is None
        assert download.ending is Ending.COMPLETE
        assert not download.was_reset


class TestDescendingNumbers:
    """The newest record is always 0."""

    def test_the_first_record_is_asked_for(self) -> None:
        meter = Meter(taken(range(4)))
        download = meter.converse(Download(0, at(59), order=Order.DESCENDING))
        assert meter.asked == [racp.report_first()]
        assert numbers(download) == [0]
        assert remembered(download) == 0

    def test_the_same_record_is_not_given_again(self) -> None:
        meter = Meter(taken(range(4)))
        download = meter.converse(Download(0, at(0), order=Order.DESCENDING))
        assert (numbers(download), remembered(download)) == ([], None)
        assert not download.was_reset

    def test_the_lowest_number_is_the_newest_of_all(self) -> None:
        refuses = {Operator.FIRST: Outcome.OPERATOR_UNSUPPORTED}
        meter = Meter(taken(range(4)), refuses=refuses)
        assert numbers(meter.converse(Download(order=Order.DESCENDING))) == [0]


def test_more_than_half_of_all_numbers_ahead_is_behind() -> None:
    numbering = Numbering(last_sequence=100)
    assert numbering.rank(101) == 1
    assert numbering.rank(100 + 0x7FFF) == 0x7FFF
    assert numbering.rank((100 + 0x8000) & 0xFFFF) == -0x8000
    assert numbering.rank(99) == -1
