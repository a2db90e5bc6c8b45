"""A session's timestamp is its identity: the same for a replay, different for any other session."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contract.screening_batch import ScreeningBatch
from ingest.calendar import ZONE
from ingest.records import identity, session_records
from ingest.store.line_protocol import session_line

days = st.dates(date(2020, 1, 1), date(2100, 1, 1))
stations = st.from_regex(r"[A-Z]{2}-[A-Z]{2}-[0-9]{3}", fullmatch=True)
epochs = st.integers(1, 2**53 - 4)
seqs = st.integers(1, 2**53 - 12)
places = st.tuples(stations, epochs, seqs, st.integers(0, 500))


@given(days, st.lists(places, min_size=2, max_size=50, unique=True))
def test_sessions_of_one_day_never_share_a_timestamp(
    day: date, found: list[tuple[str, int, int, int]]
) -> None:
    assert len({identity(day, *place) for place in found}) == len(found)


@given(days, stations, epochs, seqs)
def test_neighbouring_numbers_never_share_a_timestamp(
    day: date, station: str, epoch: int, seq: int
) -> None:
    found = {
        identity(day, station, epoch + e, seq + s, row)
        for e in range(3)
        for s in range(12)
        for row in range(12)
    }
    assert len(found) == 3 * 12 * 12


@given(days, places)
def test_a_timestamp_is_the_same_again_and_within_its_day_in_beijing(
    day: date, place: tuple[str, int, int, int]
) -> None:
    at = identity(day, *place)
    assert at == identity(day, *place)
    midnight = int(datetime.combine(day, datetime.min.time(), ZONE).timestamp()) * 10**9
    assert 0 <= at - midnight < 86_400 * 10**9


@given(days, stations, epochs, seqs, st.integers(0, 30))
def test_a_replayed_batch_makes_the_same_points_and_no_two_alike(
    day: date, station: str, epoch: int, seq: int, span: int
) -> None:
    batch = ScreeningBatch.model_validate(
        {
            "station": station, "epoch": epoch, "seq": seq, "measure": "bp",
            "from": day - timedelta(days=span), "to": day, "rejects": {},
            "rows": [{"c": "normal", "s": 110, "d": 70}] * 20,
        }
    )  # fmt: skip
    lines = [session_line(record) for record in session_records(batch, "110105")]
    again = [session_line(record) for record in session_records(batch, "110105")]
    assert lines == again
    assert len({line.rsplit(" ", 1)[1] for line in lines}) == 20
