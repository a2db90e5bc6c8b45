"""What releases of trends have counted, and how far they have come: tallies, seals and keys.

A release of a week adds tallies in pieces, then *seals* the week: its tallies never change again.
When its cells are published the week is *frozen*. Every step may be repeated.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import starmap

from sqlalchemy import Connection, func, select

from ingest.calendar import Week, parse_week
from ingest.disclosure import Atom, CityWeek, Tally
from ingest.operations.database import Database
from ingest.operations.tables import city_weeks, released_weeks, tallies
from ingest.operations.tally_rows import COLUMNS, row_of, tally_of
from ingest.operations.times import utc
from ingest.operations.turn import turn
from ingest.pieces import pieces
from ingest.uncounted import uncounted
from ingest.windows import Block, block_of

STATIONS_AT_A_TIME = 250
"""How many stations are looked at together: what bounds the memory of a release."""


class Releases:
    """Door to the tallies; every method raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def turn(self) -> AbstractContextManager[None]:
        """Wait for the turn to release, among all workers, and have it for a block."""
        return turn(self._database, "release")

    def sealed(self) -> list[Week]:
        """Every week whose tallies are settled, oldest first."""
        with self._database.look() as connection:
            query = select(released_weeks.c.week).order_by(released_weeks.c.week)
            return [parse_week(week) for (week,) in connection.execute(query)]

    def frozen(self) -> list[Week]:
        """Every week whose cells are settled, oldest first."""
        known = released_weeks.c
        query = select(known.week).where(known.frozen_at.is_not(None)).order_by(known.week)
        with self._database.look() as connection:
            return [parse_week(week) for (week,) in connection.execute(query)]

    def counted(self, own: Week) -> dict[str, int]:
        """How many sessions of days in the week `own` have been counted of each station."""
        query = (
            select(tallies.c.station, func.sum(tallies.c.sessions))
            .where(tallies.c.own == str(own))
            .group_by(tallies.c.station)
        )
        with self._database.look() as connection:
            return {station: int(sessions) for station, sessions in connection.execute(query)}

    def counted_in(self, week: Week) -> int:
        """How many sessions the release of `week` has counted until now."""
        query = select(func.sum(tallies.c.sessions)).where(tallies.c.week == str(week))
        with self._database.look() as connection:
            return int(connection.execute(query).scalar() or 0)

    def add(self, week: Week, own: Week, stored: Sequence[Tally]) -> int:
        """Count, in the release of `week`, what is stored and no release has counted before.

        `stored` are all sessions of days in the week `own` at some stations. Returns how many
        sessions now count: none if `week` is sealed. What is counted before is looked up in the
        transaction that adds, so nothing counts twice, whoever does the same at the same time.
        """
        with self._database.begin_alone() as connection:
            if _is_sealed(connection, week):
                return 0
            before = _of_own(connection, own, {tally.station for tally in stored})
            fresh = uncounted(own, stored, before)
            if fresh:
                rows = [row_of(own, tally) for tally in fresh]
                connection.execute(tallies.insert(), rows)
        return sum(tally.n for tally in fresh)

    def seal(self, week: Week, key: bytes, now: datetime) -> bytes | None:
        """Settle for ever what counts in `week`; returns the key of its noise.

        That is `key`, or the one that it was sealed with before; None if it is frozen.
        """
        known = released_weeks.c
        with self._database.begin_alone() as connection:
            if not _is_sealed(connection, week):
                row = {"week": str(week), "sealed_at": utc(now), "noise_key": key}
                connection.execute(released_weeks.insert(), row)
            query = select(known.noise_key).where(known.week == str(week))
            kept: bytes | None = connection.execute(query).scalar_one()
            return kept

    def freeze(self, week: Week, now: datetime) -> None:
        """Settle for ever what is published of `week`, and forget the key of its noise."""
        here = (released_weeks.c.week == str(week)) & released_weeks.c.frozen_at.is_(None)
        with self._database.begin() as connection:
            connection.execute(
                released_weeks.update().where(here).values(frozen_at=utc(now), noise_key=None)
            )

    def homes(self, block: Block) -> dict[str, list[str]]:
        """Every station with tallies in a block: the districts it was in, the latest last."""
        query = (
            select(tallies.c.station, tallies.c.district)
            .where(tallies.c.week.in_(_names(block)))
            .group_by(tallies.c.station, tallies.c.district)
            .order_by(tallies.c.station, func.max(tallies.c.id))
        )
        found: defaultdict[str, list[str]] = defaultdict(list)
        with self._database.look() as connection:
            for station, district in connection.execute(query):
                found[station].append(district)
        return dict(found)

    def atoms(self, block: Block) -> dict[Atom, int]:
        """How many stations have tallies of each measure, week, district and venue in a block."""
        known = tallies.c
        atom = known.measure, known.week, known.district, known.venue
        query = (
            select(*atom, func.count(known.station.distinct()))
            .where(known.week.in_(_names(block)))
            .group_by(*atom)
        )
        with self._database.look() as connection:
            return {
                Atom(measure, parse_week(week), district, venue): stations
                for measure, week, district, venue, stations in connection.execute(query)
            }

    def tallies(self, block: Block, stations: Collection[str]) -> Iterator[Tally]:
        """The tallies of these stations in a block, by station, oldest first; read in pieces.

        Of a week that is sealed, so that they are those of one moment.
        """
        ordered = sorted(stations)
        query = _TALLIES.where(tallies.c.week.in_(_names(block))).order_by(
            tallies.c.station, tallies.c.id
        )
        for some in pieces(ordered, STATIONS_AT_A_TIME):
            with self._database.look() as connection:
                rows = connection.execute(query.where(tallies.c.station.in_(some))).all()
            yield from starmap(tally_of, rows)

    def keep_city_week(self, week: Week) -> None:
        """Sum the tallies of a sealed week up for the whole city, which outlives them."""
        sums: defaultdict[str, list[int]] = defaultdict(list)
        block = block_of(week, 1)
        for tally in self.tallies(block, self.homes(block)):
            steps = sums[tally.measure] or [0] * len(tally.steps)
            sums[tally.measure] = [a + b for a, b in zip(steps, tally.steps, strict=True)]
        rows = [
            {"week": str(week), "measure": measure, "counts": json.dumps(steps)}
            for measure, steps in sums.items()
        ]
        with self._database.begin() as connection:
            self._database.upsert(connection, city_weeks, rows)

    def city_weeks(self, block: Block) -> list[CityWeek]:
        """The whole city's sums in a block, by week and measure."""
        known = city_weeks.c
        query = (
            select(known.week, known.measure, known.counts)
            .where(known.week.in_(_names(block)))
            .order_by(known.week, known.measure)
        )
        with self._database.look() as connection:
            return [
                CityWeek(parse_week(week), measure, tuple(json.loads(counts)))
                for week, measure, counts in connection.execute(query)
            ]

    def forget(self, own_before: Week, week_before: Week, city_before: Week) -> int:
        """Delete what is needed no more; returns how many rows.

        That is tallies of days before `own_before` that counted before `week_before`, and the
        city's sums of weeks before `city_before`.
        """
        old = (tallies.c.own < str(own_before)) & (tallies.c.week < str(week_before))
        older = city_weeks.c.week < str(city_before)
        with self._database.begin() as connection:
            gone = connection.execute(tallies.delete().where(old)).rowcount
            return gone + connection.execute(city_weeks.delete().where(older)).rowcount


_TALLIES = select(*(tallies.c[name] for name in COLUMNS))


def _is_sealed(connection: Connection, week: Week) -> bool:
    query = select(released_weeks.c.week).where(released_weeks.c.week == str(week))
    return connection.execute(query).first() is not None


def _of_own(connection: Connection, own: Week, stations: Collection[str]) -> list[Tally]:
    """All that has been counted of some stations' sessions of one week."""
    query = _TALLIES.where(tallies.c.own == str(own), tallies.c.station.in_(sorted(stations)))
    return [tally_of(*row) for row in connection.execute(query)]


def _names(block: Block) -> list[str]:
    return [str(week) for week in block.members()]
