"""The ledger's rows: how each numbered message ended, and what its station says of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    and_,
    cast,
    func,
    literal,
    literal_column,
    select,
)

from contract.receipts import Outcome
from contract.status import LedgerCount, Status
from ingest.ledger import Span, Tally, merged
from ingest.operations.database import Database
from ingest.operations.tables import claims, ledger, ledger_spans

Epoch = tuple[str, int]
"""A station and one of its epochs."""

_PAIRS_AT_A_TIME = 100


class Entry(NamedTuple):
    """A line of the ledger: how one numbered message ended. In the order of the table's columns."""

    station: str
    epoch: int
    seq: int
    outcome: Outcome


class Book:
    """Door to the ledger; every method raises StoreUnavailable if the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._adding = self._write_statement()

    def write(self, connection: Connection, entries: Iterable[Entry]) -> None:
        """Add lines within a transaction; writing one again changes nothing.

        What is stored stays stored: only a quarantined message may end anew.
        """
        # Tuples straight to the driver: a worker writes thousands a second.
        rows = [(station, epoch, seq, end.value) for station, epoch, seq, end in entries]
        if rows:
            connection.exec_driver_sql(self._adding, rows)

    def _write_statement(self) -> str:
        """What `write` executes, in the database's own words, with places for a tuple."""
        added = self._database.insert(ledger)
        statement = added.on_conflict_do_update(
            index_elements=ledger.primary_key,
            set_={"outcome": added.excluded.outcome},
            where=ledger.c.outcome != literal_column(f"'{Outcome.STORED.value}'"),
        )
        return self._database.positional(statement)

    def claim(self, connection: Connection, status: Status) -> None:
        """Note what a station says of its epochs, within a transaction."""
        said = [*status.ended, *([status.ledger] if status.ledger else [])]
        by_epoch = {one.epoch: {"station": status.station, **one.model_dump()} for one in said}
        self._database.upsert(connection, claims, list(by_epoch.values()))

    def claims(self) -> dict[Epoch, LedgerCount]:
        """What every station has said last of each of its epochs."""
        with self._database.look() as connection:
            return {
                (row["station"], row["epoch"]): LedgerCount.model_validate(dict(row))
                for row in connection.execute(select(claims)).mappings()
            }

    def tallies(self) -> dict[Epoch, Tally]:
        """What arrived of each station and epoch."""
        counts: defaultdict[Epoch, dict[Outcome, int]] = defaultdict(
            lambda: dict.fromkeys(Outcome, 0)
        )
        highest: defaultdict[Epoch, int] = defaultdict(int)
        with self._database.look() as connection:
            for station, epoch, outcome, covered, count, last in connection.execute(_COUNTS):
                now, before = Outcome(outcome), covered and Outcome(covered)
                highest[station, epoch] = max(highest[station, epoch], last)
                if before is Outcome.STORED or before is now:
                    continue
                counts[station, epoch][now] += count
                if before:
                    counts[station, epoch][before] -= count
        return {
            one: Tally(found[Outcome.STORED], found[Outcome.QUARANTINED], highest[one])
            for one, found in counts.items()
        }

    def spans(self, station: str, epoch: int) -> list[Span]:
        """How every message of one epoch ended that arrived, in order."""
        with self._database.look() as connection:
            return _spans(connection, station, epoch)

    def epochs(self, station: str) -> list[int]:
        """The epochs of which anything is known."""
        with self._database.look() as connection:
            found = {
                epoch
                for table in (ledger, ledger_spans, claims)
                for (epoch,) in connection.execute(
                    select(table.c.epoch).where(table.c.station == station).distinct()
                )
            }
        return sorted(found)

    def compact(self, *, least: int = 64) -> int:
        """Turn the rows of epochs that have at least so many into spans; returns their number.

        The table of rows would otherwise grow by millions a day. Safe beside any other worker.
        """
        crowded = (
            select(ledger.c.station, ledger.c.epoch)
            .group_by(ledger.c.station, ledger.c.epoch)
            .having(func.count() >= least)
        )
        with self._database.look() as connection:
            pairs = iter([(station, epoch) for station, epoch in connection.execute(crowded)])
        done = 0
        while some := list(islice(pairs, _PAIRS_AT_A_TIME)):
            with self._database.begin_alone() as connection:
                for station, epoch in some:
                    done += self._compact(connection, station, epoch)
        return done

    def _compact(self, connection: Connection, station: str, epoch: int) -> int:
        here = and_(ledger.c.station == station, ledger.c.epoch == epoch)
        query = select(ledger.c.seq, ledger.c.outcome).where(here).with_for_update()
        rows = [(seq, Outcome(outcome)) for seq, outcome in connection.execute(query)]
        before = _stored_spans(connection, station, epoch)
        _replace_spans(connection, station, epoch, merged(before, rows))
        seqs = [seq for seq, _ in rows]
        for start in range(0, len(seqs), 500):
            gone = ledger.c.seq.in_(seqs[start : start + 500])
            connection.execute(ledger.delete().where(here, gone))
        return len(rows)


_SPAN_OF_ROW = and_(
    ledger_spans.c.station == ledger.c.station,
    ledger_spans.c.epoch == ledger.c.epoch,
    ledger.c.seq.between(ledger_spans.c.first, ledger_spans.c.last),
)
_ROWS = (
    select(
        ledger.c.station,
        ledger.c.epoch,
        ledger.c.outcome,
        ledger_spans.c.outcome.label("covered"),
        func.count().label("count"),
        func.max(ledger.c.seq).label("highest"),
    )
    .select_from(ledger.outerjoin(ledger_spans, _SPAN_OF_ROW))
    .group_by(ledger.c.station, ledger.c.epoch, ledger.c.outcome, ledger_spans.c.outcome)
)
_RUNS = select(
    ledger_spans.c.station,
    ledger_spans.c.epoch,
    ledger_spans.c.outcome,
    literal(None, String).label("covered"),
    # PostgreSQL would add up to a Decimal, which the API would answer with as a string.
    cast(func.sum(ledger_spans.c.last - ledger_spans.c.first + 1), BigInteger).label("count"),
    func.max(ledger_spans.c.last).label("highest"),
).group_by(ledger_spans.c.station, ledger_spans.c.epoch, ledger_spans.c.outcome)
_COUNTS = _RUNS.union_all(_ROWS)


def _spans(connection: Connection, station: str, epoch: int) -> list[Span]:
    here = and_(ledger.c.station == station, ledger.c.epoch == epoch)
    rows = connection.execute(select(ledger.c.seq, ledger.c.outcome).where(here))
    return merged(
        _stored_spans(connection, station, epoch), ((seq, Outcome(end)) for seq, end in rows)
    )


def _stored_spans(connection: Connection, station: str, epoch: int) -> list[Span]:
    kept = ledger_spans.c
    query = select(kept.first, kept.last, kept.outcome).where(
        kept.station == station, kept.epoch == epoch
    )
    return [Span(first, last, Outcome(end)) for first, last, end in connection.execute(query)]


def _replace_spans(connection: Connection, station: str, epoch: int, spans: Sequence[Span]) -> None:
    kept = ledger_spans.c
    connection.execute(ledger_spans.delete().where(kept.station == station, kept.epoch == epoch))
    connection.execute(
        ledger_spans.insert(),
        [
            {"station": station, "epoch": epoch, **span._asdict(), "outcome": span.outcome.value}
            for span in spans
        ],
    )
