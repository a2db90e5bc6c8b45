"""A download stays sane whatever a meter sends."""

from hypothesis import given
from hypothesis import strategies as st

from contract.errors import DecodeError
from edge_agent.devices import glucose, racp
from edge_agent.devices.glucose import GlucoseReading
from edge_agent.devices.racp_download import Download
from tests.property.test_codecs import records, words


@given(st.lists(records()), st.none() | words)
def test_a_download_gives_each_number_once_and_nothing_old(
    sent: list[GlucoseReading], last: int | None
) -> None:
    download = Download(last)
    for reading in sent:
        download.measurement_received(glucose.encode_measurement(reading))
    download.link_lost()
    given_ = [record.reading.sequence for record in download.records()]
    new = {reading.sequence for reading in sent}
    if last is None:
        assert given_ == ([max(new)] if new else [])
    else:
        assert sorted(given_) == sorted(
            number for number in new if 0 < (number - last) % 0x10000 < 0x8000
        )
    assert download.records() == ()


@given(st.none() | words, st.lists(st.binary(max_size=20) | st.none(), max_size=30))
def test_a_download_lives_through_any_answers(
    last: int | None, answers: list[bytes | None]
) -> None:
    download = Download(last)
    download.start()
    for answer in answers:
        try:
            written = download.timed_out() if answer is None else download.response_received(answer)
        except DecodeError:
            continue
        assert written is None or racp.decode_request(written).op_code != racp.OpCode.DELETE
    download.link_lost()
    assert download.ending is not None
