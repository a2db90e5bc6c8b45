"""Both engines of the operational database and both stores, for every contract they must keep."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.operations import Operations
from ingest.store import Store
from tests.contract.stores import InInflux, Kind, Sqlite
from tests.integration.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/operations.sqlite"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def operations(url: str) -> Iterator[Operations]:
    with closing(Operations(url)) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "influx"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    if request.param == "sqlite":
        return Sqlite(tmp_path)
    return InInflux(request.getfixturevalue("influx"), tmp_path)


@pytest.fixture
def store(kind: Kind) -> Store:
    return kind.open()
