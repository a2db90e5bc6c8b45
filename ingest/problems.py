"""What is wrong now: a closed list of codes with their numbers. Pure."""

from collections.abc import Callable, Iterable, Iterator

from contract.condition import Clock, Condition, Radio, Storage
from ingest.answers import CurrentProblem, ProblemCode
from ingest.operations.quarantine import Fill
from ingest.settings import QuarantineSection
from ingest.watch import Health

NEARLY_FULL_PERCENT = 90

_AT_STATIONS: dict[ProblemCode, Callable[[Condition], bool]] = {
    ProblemCode.STORAGE_FULL: lambda one: one.storage is not Storage.SOUND,
    ProblemCode.FILES_DAMAGED: lambda one: one.losses.damaged_files > 0,
    ProblemCode.CLOCK_WAITING: lambda one: one.clock is Clock.WAITING,
    ProblemCode.RADIO_DEAF: lambda one: one.radio in (Radio.DEAF, Radio.ABSENT),
}


def of_process(health: Health) -> Iterator[CurrentProblem]:
    """What this process cannot reach or do."""
    for code, since in (
        (ProblemCode.NOT_STORING, health.not_storing),
        (ProblemCode.STORE_AWAY, health.store_away),
        (ProblemCode.OPERATIONS_AWAY, health.operations_away),
        (ProblemCode.BROKER_AWAY, health.broker_away),
    ):
        if since is not None:
            yield CurrentProblem(code=code, since=since)


def of_quarantine(fill: Fill, bounds: QuarantineSection) -> Iterator[CurrentProblem]:
    """Whether the quarantine will soon have to discard what it keeps."""
    full = max(fill.messages / bounds.max_messages, fill.bytes / (bounds.max_megabytes * 2**20))
    if 100 * full >= NEARLY_FULL_PERCENT:
        yield CurrentProblem(
            code=ProblemCode.QUARANTINE_NEARLY_FULL, count=min(100, int(100 * full))
        )


def of_ledgers(unbalanced: set[str]) -> Iterator[CurrentProblem]:
    """How many stations miss a message, of those whose ledgers are `unbalanced`."""
    if unbalanced:
        yield CurrentProblem(code=ProblemCode.LEDGER_UNBALANCED, count=len(unbalanced))


def of_stations(conditions: Iterable[Condition]) -> Iterator[CurrentProblem]:
    """How many stations said last that something is wrong with them."""
    said = list(conditions)
    for code, is_wrong in _AT_STATIONS.items():
        count = sum(map(is_wrong, said))
        if count:
            yield CurrentProblem(code=code, count=count)
