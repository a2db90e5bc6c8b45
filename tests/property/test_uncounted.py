"""Sums less sums: whatever comes late, again or from elsewhere, every session counts once."""

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ingest.calendar import Week
from ingest.disclosure import Tally, Weekly, tallied
from ingest.uncounted import uncounted

OWN, NEXT, LATER = Week(2026, 5), Week(2026, 6), Week(2026, 7)
PLACES = (("110105", "bank"), ("110105", "gas"), ("110101", "bank"))


class Session(NamedTuple):
    """What is stored of one session, without where it was."""

    station: str
    category: str
    systolic: int
    single: bool


SESSIONS = st.lists(
    st.builds(
        Session,
        st.sampled_from(["S1", "S2"]),
        st.sampled_from(["normal", "grade1", "grade2"]),
        st.sampled_from([110, 145, 150]),
        st.booleans(),
    ),
    max_size=30,
)
PLACE = st.sampled_from(PLACES)


def stored(sessions: list[Session], places: dict[str, tuple[str, str]], week: Week) -> list[Tally]:
    """All of them, as the store gives them."""
    return tallied(
        (
            Weekly(
                OWN, one.station, *places[one.station], "bp", one.category, one.systolic, 80, None,
                one.single,
            )
            for one in sessions
        ),
        week,
    )  # fmt: skip


def summed(tallies: list[Tally]) -> Counter[object]:
    """Every sum of each station, wherever it was."""
    sums: Counter[object] = Counter()
    for tally in tallies:
        for step, count in enumerate(tally.steps):
            sums[tally.station, "step", step] += count
        for quantity, counts in tally.bins.items():
            for edge, count in counts.items():
                sums[tally.station, quantity, edge] += count
        sums[tally.station, "single"] += tally.single
    return +sums


@given(SESSIONS, SESSIONS, st.tuples(PLACE, PLACE), st.tuples(PLACE, PLACE))
def test_every_session_counts_once_wherever_its_station_was(
    first: list[Session],
    late: list[Session],
    before: tuple[tuple[str, str], tuple[str, str]],
    after: tuple[tuple[str, str], tuple[str, str]],
) -> None:
    was, is_now = ({"S1": one[0], "S2": one[1]} for one in (before, after))
    counted = uncounted(OWN, stored(first, was, OWN), [])
    assert [tally.late for tally in counted] == [0] * len(counted)
    added = uncounted(OWN, stored([*first, *late], is_now, NEXT), counted)
    assert summed([*counted, *added]) == summed(stored([*first, *late], was, OWN))
    assert [tally.late for tally in added] == [tally.n for tally in added]
    assert uncounted(OWN, stored([*first, *late], was, LATER), [*counted, *added]) == []


@given(SESSIONS, SESSIONS)
def test_what_is_late_counts_where_it_is(first: list[Session], late: list[Session]) -> None:
    places = {"S1": PLACES[0], "S2": PLACES[1]}
    counted = uncounted(OWN, stored(first, places, OWN), [])
    added = uncounted(OWN, stored([*first, *late], places, NEXT), counted)
    alone = [one._replace(late=one.n) for one in stored(late, places, NEXT)]
    assert [_without_zeros(one) for one in added] == [_without_zeros(one) for one in alone]


@given(SESSIONS, SESSIONS)
def test_nothing_counts_below_nothing_when_sessions_are_gone(
    kept: list[Session], gone: list[Session]
) -> None:
    places = {"S1": PLACES[0], "S2": PLACES[1]}
    counted = uncounted(OWN, stored([*kept, *gone], places, OWN), [])
    assert uncounted(OWN, stored(kept, places, NEXT), counted) == []


def _without_zeros(tally: Tally) -> Tally:
    return tally._replace(bins={name: dict(+Counter(one)) for name, one in tally.bins.items()})
