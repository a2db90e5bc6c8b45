"""Each poison is refused by the real ingest for its own reason, and harms nothing beside it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from contract.batch import MEASURES, Measure
from contract.errors import Reason
from contract.glucose_batch import GlucoseRow, glucose_row
from contract.receipts import Outcome, ReceiptBatch
from contract.screening import Meal
from contract.screening_batch import BloodPressureRow, blood_pressure_row
from contract.topics import Stream, topic
from ingest.operations import Operations, Station
from ingest.pipeline import Delivery, Pipeline
from ingest.store.sqlite import SqliteStore
from ingest.telemetry import Telemetry
from simulators.city import CityStation, stations
from simulators.fault_poison import REASONS, Poison, kinds_for, poison, poison_of
from simulators.history import Logbook, Message
from simulators.population import seeded
from simulators.visits import usage_windows

CITY = stations(32, seeded(7))
HUB = CITY[0]
DAY = date(2026, 11, 3)
NOW = datetime(2026, 11, 4, tzinfo=UTC)
MEALS = {"glu_casual": Meal.CASUAL, "glu_fasting": Meal.FASTING}


def rows(measure: Measure) -> list[BloodPressureRow | GlucoseRow]:
    if measure == "bp":
        return [blood_pressure_row(100 + 7 * n, 60 + 5 * n, 70, single=False) for n in range(9)]
    meal = MEALS.get(measure, Meal.POSTPRANDIAL_2H)
    return [glucose_row(2.5 + 2 * n, meal, single=True) for n in range(9)]


def good_messages() -> Iterator[Message]:
    """One of each measure, and usage windows."""
    logbook = Logbook(HUB, 77, seeded(7), 5)
    for measure in MEASURES:
        logbook.stage(DAY, rows(measure), measure)
    yield from logbook.release_all()
    yield logbook.usage(usage_windows(HUB, DAY, ()))


GOOD = tuple(good_messages())
BROKEN = [(kind, message) for message in GOOD for kind in kinds_for(message.payload)]


class Centre:
    """A real pipeline with real databases, and its receipts by number."""

    def __init__(self, operations: Operations, store: SqliteStore, known: CityStation) -> None:
        registered = Station(
            known.id, known.name.zh, known.name.en, known.district, known.venue, known.seats
        )
        operations.inventory.register([registered])
        self.operations, self.store = operations, store
        self._pipeline = Pipeline(store, operations, Telemetry(), lambda: NOW)

    def settle(self, stream: Stream, *payloads: str | bytes) -> dict[tuple[int, int], Outcome]:
        where = topic(HUB.id, stream)
        deliveries = [
            Delivery(where, one if isinstance(one, bytes) else one.encode(), packet=0)
            for one in payloads
        ]
        return {
            (receipt.epoch, receipt.seq): receipt.outcome
            for answer in self._pipeline.settle(deliveries)
            for receipt in ReceiptBatch.model_validate_json(answer.payload).receipts
        }


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    path = tmp_path_factory.mktemp("centre")
    with closing(Operations(f"sqlite:///{path}/operations.sqlite")) as operations:
        yield Centre(operations, SqliteStore(path / "store.sqlite"), HUB)


def test_the_good_messages_are_good(centre: Centre) -> None:
    assert len(GOOD) == 5
    for message in GOOD:
        answers = centre.settle(message.stream, message.payload)
        assert answers == {(77, message.seq): Outcome.STORED}


@pytest.mark.parametrize(
    ("kind", "message"), BROKEN, ids=[f"{kind}-{message.seq}" for kind, message in BROKEN]
)
def test_poison_goes_into_quarantine_for_its_reason(
    centre: Centre, kind: Poison, message: Message
) -> None:
    before = Counter(centre.operations.quarantine.counts())
    rng = seeded(3, kind, message.payload)
    for _ in range(5):
        broken = poison_of(kind, rng, message.payload, HUB.id)
        centre.settle(message.stream, broken)
    after = Counter(centre.operations.quarantine.counts())
    assert after - before == {REASONS[kind]: 5}
    # The good one beside it is stored, and the station's ledger has nothing else.
    answers = centre.settle(message.stream, broken, message.payload)
    assert answers[77, message.seq] is Outcome.STORED
    assert [outcome for (epoch, _), outcome in answers.items() if epoch != 77] in (
        [], [Outcome.QUARANTINED],
    )  # fmt: skip
    spans = centre.operations.book.spans(HUB.id, 77)
    assert {span.outcome for span in spans} == {Outcome.STORED}
    assert any(span.first <= message.seq <= span.last for span in spans)


def test_every_kind_of_poison_can_be_made_of_some_message() -> None:
    made = {kind for message in GOOD for kind in kinds_for(message.payload)}
    assert made == set(Poison) == set(REASONS)
    assert set(REASONS.values()) == {
        Reason.NOT_JSON, Reason.SCHEMA, Reason.UNKNOWN_VERSION, Reason.STATION_MISMATCH,
        Reason.STORE_REFUSED,
    }  # fmt: skip


def test_poison_of_one_seed_is_always_the_same_and_no_two_are_alike() -> None:
    for message in GOOD:
        rng, again = Random(3), Random(3)
        drawn = [poison(rng, message.payload, HUB.id) for _ in range(100)]
        assert drawn == [poison(again, message.payload, HUB.id) for _ in range(100)]
        assert len(set(drawn)) == 100
        assert message.payload.encode() not in drawn


def test_poison_is_small_enough_for_the_broker() -> None:
    largest = max(
        len(poison_of(kind, Random(1), message.payload, HUB.id)) for kind, message in BROKEN
    )
    assert largest < 1_000_000


def test_a_message_of_tomorrow_is_not_poison(centre: Centre) -> None:
    logbook = Logbook(HUB, 78, seeded(7), 5)
    logbook.stage(NOW.date() + timedelta(2), rows("bp"))
    for message in logbook.release_all():
        assert centre.settle(message.stream, message.payload) == {(78, 1): Outcome.STORED}
