"""The list of silent stations, by value: who is on it, in which place, what is written again."""

from datetime import datetime, timedelta
from typing import Any

from contract.places import DISTRICTS
from ingest.calendar import ZONE
from ingest.fleet import State
from ingest.silent import PLACES, SilentList
from ingest.store.fleet import Point

NOW = datetime(2026, 2, 6, 10, 0, tzinfo=ZONE)
DAY = int(datetime(2026, 2, 6, tzinfo=ZONE).timestamp())
CHAOYANG, DONGCHENG = "110105", "110101"


def state(name: str, last_seen: int, district: str = CHAOYANG, *, silent: bool = True) -> State:
    counts = {"registered": 1, "ledger_gap": 4, **({"silent": 1} if silent else {})}
    return State(name, district, last_seen, "1.2.0", None, counts)


def listed(points: list[Point], district: str = CHAOYANG) -> list[tuple[str, Any]]:
    return [
        (one.tags["place"], one.fields["station"])
        for one in points
        if one.tags["district"] == district and one.fields["listed"]
    ]


def test_the_longest_unheard_are_listed_first_by_district() -> None:
    found = [
        state("S3", 150), state("S1", 200), state("S2", 200), state("S4", 100, silent=False),
        state("S5", 400, DONGCHENG),
    ]  # fmt: skip
    points = SilentList().of(found, NOW)
    assert listed(points) == [("001", "S3"), ("002", "S1"), ("003", "S2")]
    assert listed(points, DONGCHENG) == [("001", "S5")]
    assert points[0].measurement == "silent"
    assert {one.time for one in points} == {DAY}
    first = next(one for one in points if one.fields["station"] == "S1")
    assert first.fields == {
        "listed": 1, "station": "S1", "last_seen": 200, "backlog_messages": 0, "ledger_gap": 4,
        "version": "1.2.0", "clock": "", "storage": "", "radio": "",
    }  # fmt: skip


def test_every_place_of_every_district_is_written_and_no_more() -> None:
    many = [state(f"S{number:03d}", number) for number in range(150)]
    points = SilentList().of(many, NOW)
    assert len(points) == len(DISTRICTS) * PLACES
    assert len({tuple(one.tags.values()) for one in points}) == len(points)
    assert len({tuple(one.fields) for one in points}) == 1, "a field that is absent keeps its value"
    assert listed(points) == [(f"{n + 1:03d}", f"S{n:03d}") for n in range(PLACES)]


def test_only_what_changed_is_written_again_and_all_of_it_on_a_new_day() -> None:
    known = SilentList()
    first = known.of([state("S1", 100)], NOW)
    assert known.of([state("S1", 100)], NOW) == first, "nobody said that it was written"
    known.written(first)
    assert known.of([state("S1", 100)], NOW) == []
    (gone,) = known.of([], NOW)
    assert (gone.tags["place"], gone.fields["listed"], gone.fields["station"]) == ("001", 0, "")
    assert len(known.of([state("S1", 100)], NOW + timedelta(days=1))) == len(first)
    known.forget()
    assert known.of([state("S1", 100)], NOW) == first
