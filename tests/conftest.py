"""How often properties are tried (very often in `make fuzz`), and the InfluxDB that tests share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.integration.influx import Influx, running_influx

settings.register_profile("test", max_examples=200, deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


@pytest.fixture(scope="session")
def influx_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    """One InfluxDB for the whole session."""
    with running_influx(tmp_path_factory.mktemp("influx")) as server:
        yield server


@pytest.fixture
def influx(influx_server: Influx) -> Influx:
    """That InfluxDB, running and empty."""
    influx_server.reset()
    return influx_server
