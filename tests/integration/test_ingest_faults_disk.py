"""A disk without room at the centre: nothing is receipted until there is room again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.settings import StoreSection
from tests.integration.broker import Broker, running_broker
from tests.integration.disk import Disk, small_disk
from tests.integration.ingest import FOREVER, running_ingest, session_count, until
from tests.integration.insistence import Signs, insisting, ledger
from tests.integration.test_ingest_faults import FAILURES


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path, persistent=True) as running:
        yield running


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "small", "4m") as mounted:
        yield mounted


@pytest.mark.parametrize("full", ["store", "operations"])
def test_a_database_without_room_loses_nothing_and_goes_on_when_there_is_some(
    broker: Broker, disk: Disk, tmp_path: Path, full: str
) -> None:
    places = {"store": tmp_path, "operations": tmp_path} | {full: disk.path}
    store = StoreSection(
        path=places["store"] / "store.sqlite",
        operations_url=f"sqlite:///{places['operations']}/operations.sqlite",
        retention=FOREVER,
    )
    with running_ingest(broker, tmp_path, store=store) as ingest, insisting(broker) as station:
        signs = Signs(ingest)
        station.send(20)
        station.wait_for_all()
        until(lambda: signs.problems() == {})
        ballast = disk.fill()
        station.send(200)
        until(lambda: signs.metric(FAILURES) >= 2)
        assert signs.shown("not_storing")
        known = len(station.outcomes)  # what the last pages that were there had room for
        assert known < 220
        assert ledger(ingest.operations).stored == known
        ballast.unlink()
        station.wait_for_all()
        assert session_count(ingest) == 440
        until(lambda: ledger(ingest.operations).balanced and signs.all_is_well())
        assert ledger(ingest.operations).stored == 220


def test_a_disk_that_both_databases_share_may_be_full_for_long(
    broker: Broker, disk: Disk, tmp_path: Path
) -> None:
    with running_ingest(broker, disk.path) as ingest, insisting(broker) as station:
        signs = Signs(ingest)
        for round_ in (1, 2):
            ballast = disk.fill()
            station.send(300)
            until(lambda: signs.shown("not_storing"))
            ballast.unlink()
            station.wait_for_all()
            assert session_count(ingest) == 600 * round_
        until(lambda: ledger(ingest.operations).balanced and signs.all_is_well())
        assert ledger(ingest.operations).stored == 600
