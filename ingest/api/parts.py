"""The parts of a running ingest process that its API looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ingest.operations import Operations
from ingest.pipeline import Pipeline
from ingest.settings import Settings
from ingest.store import Store
from ingest.subscriber import Subscriber
from ingest.telemetry import Telemetry
from ingest.watch import Watch
from ingest.whole_city import WholeCity


@dataclass(frozen=True)
class Service:
    """One ingest process, put together but not started."""

    settings: Settings
    store: Store
    operations: Operations
    pipeline: Pipeline
    subscriber: Subscriber
    watch: Watch
    city: WholeCity
    telemetry: Telemetry
    clock: Callable[[], datetime]
