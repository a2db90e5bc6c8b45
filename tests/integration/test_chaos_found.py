"""What chaos has found once, each as small as it can be made."""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract.errors import StoreUnavailable
from contract.receipts import Outcome
from contract.status import Status
from contract.topics import Stream
from ingest.operations import Entry, Operations, Station
from tests.integration.broker import running_broker
from tests.integration.ingest import CHAOYANG, running_ingest, screening, status, talking
from tests.integration.postgres import running_postgres

_ROUNDS = 8
_STATIONS = 30
_PATIENCE_SECONDS = 60


def _heartbeat(station: str, numbered: int) -> Status:
    told = status("heartbeat", "0" * 16, numbered=numbered) | {"station": station}
    return Status.model_validate(told)


def test_two_workers_with_the_same_messages_in_other_orders_do_not_lock_each_other_out() -> None:
    names = [f"BJ-CY-{number:03d}" for number in range(_STATIONS)]
    failures: list[StoreUnavailable] = []
    with (
        running_postgres() as server,
        closing(Operations(url := server.database())) as one,
        closing(Operations(url)) as other,
    ):
        both = threading.Barrier(2, timeout=_PATIENCE_SECONDS)

        def work(operations: Operations, order: list[str]) -> None:
            for number in range(1, _ROUNDS + 1):
                both.wait()
                try:
                    operations.record(
                        entries=[Entry(name, 7, number, Outcome.STORED) for name in order],
                        statuses=[_heartbeat(name, number) for name in order],
                        now=datetime.now(UTC),
                    )
                except StoreUnavailable as failure:
                    failures.append(failure)

        threads = [
            threading.Thread(target=work, args=(one, names)),
            threading.Thread(target=work, args=(other, names[::-1])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE_SECONDS)
        assert failures == []
        assert one.book.tallies()[names[0], 7].stored == _ROUNDS


def test_a_station_that_was_registered_after_the_clock_stepped_back_is_known(
    tmp_path: Path,
) -> None:
    ahead = timedelta(hours=2)
    new = Station("BJ-HD-007", "海淀区银行", "Haidian bank", "110108", "bank", 4)
    with (
        running_broker(tmp_path) as broker,
        running_ingest(broker, tmp_path, clock=lambda: datetime.now(UTC) + ahead) as ingest,
        talking(broker) as known,
        talking(broker, new.id) as unknown,
    ):
        known.send(Stream.SCREENING, screening(1, CHAOYANG))
        known.receipted(1)  # the inventory was read
        ahead = timedelta()
        ingest.operations.inventory.register([new])
        unknown.send(Stream.SCREENING, screening(1, new.id))
        (receipt,) = unknown.receipted(1)
        assert receipt.outcome is Outcome.STORED
