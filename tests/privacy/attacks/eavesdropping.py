"""Attacks F, I and J: what the hour of a visit, known from elsewhere, can be held against."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from contract.screening import HYPERTENSIVE
from contract.topics import Stream
from ingest.calendar import ZONE
from ingest.disclosure import Cell, Rules
from ingest.windows import Level
from tests.privacy.attacks.belief import Finding, Span, among, high_in
from tests.privacy.attacks.traffic import Seen

HOUR = timedelta(hours=1)


class Trace(NamedTuple):
    """A row about one person that somebody published: of where, of when, and its bins."""

    place: str
    first: datetime
    last: datetime
    bins: tuple[int | None, ...]
    high: bool

    def holds(self, seen: datetime) -> bool:
        """Whether it may be of that moment."""
        return self.first <= seen < self.last


class Counted(NamedTuple):
    """A published count of a station and a time: how many sessions, how many of them high."""

    first: datetime
    last: datetime
    n: Span
    high: Span


def eavesdropper(traffic: Iterable[Seen], seen: datetime, prior: float) -> Finding:
    """F: sees every message of the broker, whole, and knows when the victim used the cuff.

    Knows how stations work: the victim's row is in the first batch of blood pressure that arrives
    after the visit and whose days hold it. Rows are shuffled, so each may be the victim's.

    Bound: a station lets no fewer than five sessions go (K_EDGE), at a moment that no visit
    decides, so nothing but the share of high rows among five or more is learnt. That is a class
    for certain only if all are alike: of five, all high 0.1 %, all not high 21 % (from a prior of
    27 %), and 95 % of beliefs are at most what a random group of five or more comes to.
    """
    for message in sorted(traffic, key=lambda one: one.at):
        if message.at < seen or not message.topic.endswith(f"/{Stream.SCREENING}"):
            continue
        batch = json.loads(message.payload)
        if batch["measure"] == "bp" and batch["from"] <= str(seen.date()) <= batch["to"]:
            high = [row["c"] in HYPERTENSIVE for row in batch["rows"]]
            return Finding(sum(high) / len(high))
    return Finding(prior)


def two_views(traces: Sequence[Trace], station: str, seen: datetime, prior: float) -> Finding:
    """J: looks for the same bins in a row of the hour and in a row of the station.

    Sees every row that is published anywhere, and knows station and hour of the victim's visit.
    A row of an hour, whatever its place, is the victim's if the station has one like it.

    Bound: one reading is one row in one stream, dated by day, so there are no rows of an hour.
    """
    of_hour = [one for one in traces if one.holds(seen) and one.last - one.first <= HOUR]
    of_station = {one.bins for one in traces if one.holds(seen) and one.place == station}
    same = [one.high for one in of_hour if one.bins in of_station]
    return Finding(sum(same) / len(same)) if same else Finding(prior)


def joined(traces: Sequence[Trace]) -> float:
    """The share of rows with a day at most that have exactly one like them among rows of hours."""
    of_hours = [one for one in traces if one.last - one.first <= HOUR]
    others = [one for one in traces if one.last - one.first > HOUR]
    alone = 0
    for one in others:
        like = [h for h in of_hours if h.bins == one.bins and one.holds(h.first)]
        rivals = [o for o in others if o.bins == one.bins and o.first == one.first]
        alone += len(like) == 1 and len(rivals) == 1
    return alone / len(others) if others else 0.0


def traces_of(traffic: Iterable[Seen]) -> list[Trace]:
    """Every row in the messages of a broker, whichever stream it is in."""
    return [
        trace
        for message in traffic
        for trace in _rows_of(message.topic.split("/")[2], json.loads(message.payload))
    ]


def _rows_of(station: str, message: dict[str, Any]) -> Iterable[Trace]:
    for row in message.get("rows", ()):
        yield Trace(
            station,
            _midnight(date.fromisoformat(message["from"])),
            _midnight(date.fromisoformat(message["to"])) + timedelta(days=1),
            (row.get("s"), row.get("d"), row.get("p")),
            row["c"] in HYPERTENSIVE,
        )


def join_with_occupancy(
    entries: int | None, counts: Iterable[Counted], seen: datetime, prior: float
) -> Finding:
    """I: the usage of a station shows one visitor in the victim's hour; so does its health?

    Sees the hours of usage and every count of sessions at that station, and knows the hour.
    `entries` are those of that hour, None if they are not told. If one person came, a count of
    that hour is of this person alone.

    Bound: health has no hours. What is left is the group of four weeks, of which at least eight
    are high and at least eight are not: nothing is certain, and from 27 % the belief moves to at
    most 39 % for 95 % of groups of 34.
    """
    mine = [one for one in counts if one.first <= seen < one.last]
    if not mine:
        return Finding(prior)
    best = min(mine, key=lambda one: one.last - one.first)
    of_the_hour = best.last - best.first <= HOUR
    n = (1, 1) if of_the_hour and entries == 1 else best.n
    return among(n, best.high, prior)


def counted(cells: Iterable[Cell], station: str, rules: Rules) -> list[Counted]:
    """What released cells tell of a station's sessions at or above 140/90."""
    return [
        Counted(
            _midnight(cell.window.first),
            cell.window.closes(),
            rules.behind(cell.n, rules.minimum_sessions),
            high_in(cell, rules),
        )
        for cell in cells
        if (cell.level, cell.area, cell.part) == (Level.STATION, station, "high")
        and cell.n is not None
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
