"""What arrived of each station's epochs: rows and runs of the ledger, added up."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Connection, String, and_, cast, func, literal, select

from contract.receipts import Outcome
from ingest.ledger import Tally
from ingest.operations.tables import ledger, ledger_spans
from ingest.pieces import pieces

Epoch = tuple[str, int]
"""A station and one of its epochs."""

_STATIONS_AT_A_TIME = 500

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
# PostgreSQL would add up to a Decimal, which the API would answer with as a string.
_LENGTH = cast(func.sum(ledger_spans.c.last - ledger_spans.c.first + 1), BigInteger)
_RUNS = select(
    ledger_spans.c.station,
    ledger_spans.c.epoch,
    ledger_spans.c.outcome,
    literal(None, String).label("covered"),
    _LENGTH.label("count"),
    func.max(ledger_spans.c.last).label("highest"),
).group_by(ledger_spans.c.station, ledger_spans.c.epoch, ledger_spans.c.outcome)

# The rows of a large city are a million, so they are counted without a look at any span: runs,
# rows of any outcome, and of those the few that are not stored. One statement sees one moment.
_ANY, _OTHER, _RUN = range(3)
_ANY_ROWS = select(
    literal(_ANY).label("kind"),
    ledger.c.station,
    ledger.c.epoch,
    literal(None, String).label("outcome"),
    func.count().label("count"),
    func.min(ledger.c.seq).label("lowest"),
    func.max(ledger.c.seq).label("highest"),
).group_by(ledger.c.station, ledger.c.epoch)
_OTHER_ROWS = (
    select(
        literal(_OTHER).label("kind"),
        ledger.c.station,
        ledger.c.epoch,
        ledger.c.outcome,
        func.count().label("count"),
        func.min(ledger.c.seq).label("lowest"),
        func.max(ledger.c.seq).label("highest"),
    )
    .where(ledger.c.outcome != Outcome.STORED.value)
    .group_by(ledger.c.station, ledger.c.epoch, ledger.c.outcome)
)
_ALL_RUNS = select(
    literal(_RUN).label("kind"),
    ledger_spans.c.station,
    ledger_spans.c.epoch,
    ledger_spans.c.outcome,
    _LENGTH.label("count"),
    func.min(ledger_spans.c.first).label("lowest"),
    func.max(ledger_spans.c.last).label("highest"),
).group_by(ledger_spans.c.station, ledger_spans.c.epoch, ledger_spans.c.outcome)
_QUICK = _ANY_ROWS.union_all(_OTHER_ROWS, _ALL_RUNS)


def all_tallies(connection: Connection) -> dict[Epoch, Tally]:
    """The tallies of all stations."""
    found, mixed = _quick_tallies(connection)
    names = sorted({station for station, _ in mixed})
    for some in pieces(names, _STATIONS_AT_A_TIME):
        found |= exact_tallies(connection, some)
    return found


def _quick_tallies(connection: Connection) -> tuple[dict[Epoch, Tally], set[Epoch]]:
    """All tallies; wrong are those, named beside, of which a row may lie within a run."""
    arrived: defaultdict[Epoch, int] = defaultdict(int)
    refused: defaultdict[Epoch, int] = defaultdict(int)  # the few that are not stored
    highest: defaultdict[Epoch, int] = defaultdict(int)
    lowest_row: dict[Epoch, int] = {}
    last_of_runs: defaultdict[Epoch, int] = defaultdict(int)
    stored = Outcome.STORED.value
    for kind, station, epoch, outcome, count, low, high in connection.execute(_QUICK).all():
        one = station, epoch
        highest[one] = max(highest[one], high)
        if kind == _ANY:
            arrived[one] += count
            lowest_row[one] = low
            continue
        if kind == _RUN:
            arrived[one] += count
            last_of_runs[one] = max(last_of_runs[one], high)
        if outcome != stored:
            refused[one] += count
    found = {
        one: Tally(count - refused.get(one, 0), refused.get(one, 0), highest[one])
        for one, count in arrived.items()
    }
    return found, {one for one, low in lowest_row.items() if low <= last_of_runs.get(one, 0)}


def exact_tallies(connection: Connection, stations: Sequence[str]) -> dict[Epoch, Tally]:
    """The tallies of some stations; a row within a run counts once."""
    rows = _ROWS.where(ledger.c.station.in_(stations))
    runs = _RUNS.where(ledger_spans.c.station.in_(stations))
    ended: defaultdict[Epoch, Counter[str]] = defaultdict(Counter)
    highest: defaultdict[Epoch, int] = defaultdict(int)
    for station, epoch, now, before, count, last in connection.execute(runs.union_all(rows)):
        one = station, epoch
        highest[one] = max(highest[one], last)
        if before == Outcome.STORED.value or before == now:
            ended[one][now] += 0
            continue
        ended[one][now] += count
        if before:
            ended[one][before] -= count
    return {one: _tally(counts, highest[one]) for one, counts in ended.items()}


def _tally(ended: Mapping[str, int], highest: int) -> Tally:
    return Tally(
        ended.get(Outcome.STORED.value, 0), ended.get(Outcome.QUARANTINED.value, 0), highest
    )
