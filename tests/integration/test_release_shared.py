"""Two processes that share the stations of a block tell what one alone would have told."""

import sqlite3
from functools import partial
from pathlib import Path
from shutil import copytree

from contract.places import DISTRICTS
from ingest.centre import opened
from ingest.counting import count
from ingest.disclosure import Cell
from ingest.settings import RetentionSection, StoreSection
from ingest.station_cells import Task, halves, publish_stations
from ingest.windows import Audience, Level, block_of, closing_with
from tests.integration import releasing
from tests.integration.releasing import (
    BANK,
    CHAOYANG,
    DONGCHENG,
    GAS,
    LAST,
    MOVING,
    NOISY,
    STORE,
    WEEKS,
    counted,
    due,
    filled,
    release,
    told,
)

TWELVE = block_of(LAST, 12)
EARLIER = frozenset(closing_with(LAST)) - {(Audience.PUBLIC, TWELVE)}
KEY = b"the same for every week"


def of_the_block(cells: list[Cell]) -> list[Cell]:
    return [
        one
        for one in cells
        if (one.audience, one.level, one.window) == (Audience.PUBLIC, Level.STATION, TWELVE)
    ]


def test_the_cells_and_their_noise_are_those_of_one_process_alone(tmp_path: Path) -> None:
    alone = filled(tmp_path / "alone")
    release(alone, due(LAST), KEY)
    copytree(tmp_path / "alone", tmp_path / "shared")
    with sqlite3.connect(tmp_path / "shared" / "store.sqlite") as database:
        key = ("public", "station", 12)
        query = "DELETE FROM trends WHERE audience = ? AND level = ? AND weeks = ?"
        assert database.execute(query, key).rowcount >= 3
    section = StoreSection(
        path=tmp_path / "shared" / "store.sqlite",
        operations_url=f"sqlite:///{tmp_path}/shared/operations.sqlite",
        retention=RetentionSection(raw_days=0, trends_days=0),
    )
    shared = releasing.opened(tmp_path / "shared")
    homes = shared.operations.releases.homes(TWELVE)
    task = Task(Audience.PUBLIC, TWELVE, NOISY, KEY, EARLIER)
    assert of_the_block(list(told(shared.store))) == []
    publish_stations(*shared, task, homes, partial(opened, section), shared_from=1)
    expected = of_the_block(list(told(alone.store)))
    assert {one.area[:5] for one in expected} == {"BJ-CY", "BJ-DC"}
    assert of_the_block(list(told(shared.store))) == expected


def test_what_two_processes_count_is_counted_once(tmp_path: Path) -> None:
    centre = filled(tmp_path, WEEKS[:1])
    section = StoreSection(
        path=tmp_path / "store.sqlite",
        operations_url=f"sqlite:///{tmp_path}/operations.sqlite",
        retention=RetentionSection(raw_days=0, trends_days=0),
    )
    for _ in range(2):
        count(*centre, WEEKS[0], partial(opened, section), shared_from=2)
    assert counted(centre.operations) == {
        (site.station, str(WEEKS[0])): sessions
        for site, sessions in ((BANK, 65), (GAS, 30), (STORE, 35), (MOVING, 25))
    }


def test_the_shares_have_about_as_many_stations_and_every_district_once() -> None:
    sizes = {CHAOYANG: 33, DONGCHENG: 7, "110108": 30, "110106": 19, "110119": 3}
    latest = {f"{one}-{number}": one for one, size in sizes.items() for number in range(size)}
    districts = sorted(DISTRICTS)
    one, other = halves(latest, districts)
    assert sorted([*one, *other]) == districts
    assert abs(sum(sizes.get(d, 0) for d in one) - sum(sizes.get(d, 0) for d in other)) <= 7
