"""The ledger's rows: how each numbered message ended, and what its station says of them."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, literal_column, select

from contract.receipts import Outcome
from contract.status import Status
from ingest.ledger import Claim, Span, Tally, merged
from ingest.operations.book_tallies import Epoch, all_tallies, exact_tallies
from ingest.operations.database import Database
from ingest.operations.tables import claims, ledger, ledger_spans
from ingest.pieces import pieces

_PAIRS_AT_A_TIME = 100


__all__ = ["Book", "Entry", "Epoch"]


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
        # Tuples straight to the driver: a worker writes thousands a second. In one order for all
        # workers: two that have the same messages, delivered again, would lock each other out.
        rows = sorted((station, epoch, seq, end.value) for station, epoch, seq, end in entries)
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

    def claim(self, connection: Connection, statuses: Iterable[Status]) -> None:
        """Note what stations say of their epochs, the latest last, within a transaction."""
        latest = {
            (status.station, one.epoch): {"station": status.station, **one.model_dump()}
            for status in statuses
            for one in [*status.ended, *([status.ledger] if status.ledger else [])]
        }
        self._database.upsert(connection, claims, [latest[key] for key in sorted(latest)])

    def claims(self) -> dict[Epoch, Claim]:
        """What every station has said last of each of its epochs."""
        with self._database.look() as connection:
            return _claims(connection, select(claims))

    def claims_of(self, station: str) -> dict[Epoch, Claim]:
        """What one station has said last of each of its epochs."""
        with self._database.look() as connection:
            return _claims(connection, select(claims).where(claims.c.station == station))

    def tallies(self) -> dict[Epoch, Tally]:
        """What arrived of each station and epoch."""
        with self._database.look() as connection:
            return all_tallies(connection)

    def tallies_of(self, stations: Sequence[str]) -> dict[Epoch, Tally]:
        """The same of some stations, maybe a thousand."""
        with self._database.look() as connection:
            return exact_tallies(connection, stations) if stations else {}

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
        for some in pieces(seqs, 500):
            gone = ledger.c.seq.in_(some)
            connection.execute(ledger.delete().where(here, gone))
        return len(rows)


def _claims(connection: Connection, query: Select[*tuple[Any, ...]]) -> dict[Epoch, Claim]:
    return {
        (station, epoch): Claim(epoch, numbered, pending, dropped)
        for station, epoch, numbered, pending, dropped in connection.execute(query).all()
    }


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
