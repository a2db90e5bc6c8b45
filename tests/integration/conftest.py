"""What many tests begin with; one that needs another kind makes its own by the same name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.outbox import Outbox
from tests.integration.broker import Broker, running_broker
from tests.integration.publishing import open_outbox


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path) as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with open_outbox(tmp_path) as opened:
        yield opened
