"""Twenty thousand messages of poison, and huge ones, in a real worker's queue before good ones."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from contract.errors import Reason
from contract.topics import Stream, topic
from ingest.operations import Operations
from ingest.operations.quarantine import Fill
from tests.integration.broker import running_broker
from tests.integration.ingest import DONGCHENG, Talker, talking, until
from tests.integration.insistence import PATIENCE_SECONDS, Insistent, insisting, ledger
from tests.integration.workers import Worker, prepared

POISON = 20_000
KEPT = 1_000
HUGE, HUGE_BYTES = 16, 10 * 2**20
MOST_GROWTH_KIB = 128 * 2**10  # some copies of one huge message, and not all of them at once
_BOUNDS = f"[quarantine]\nmax_messages = {KEPT}\nreplay_every_seconds = 0.2\n"


@dataclass
class Centre:
    """A worker that has worked, its database, a station that insists, and somebody who does not."""

    worker: Worker
    operations: Operations
    station: Insistent
    vandal: Talker


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    url = f"sqlite:///{tmp_path}/operations.sqlite"
    with (
        running_broker(tmp_path) as broker,
        closing(prepared(url)) as operations,
        insisting(broker) as station,
        talking(broker, DONGCHENG) as vandal,
    ):
        worker = Worker(tmp_path, broker.port, url, "ingest-1", _BOUNDS)
        try:
            worker.start()
            station.send(200)
            station.wait_for_all()
            yield Centre(worker, operations, station, vandal)
        finally:
            worker.kill()


def poison(number: int) -> tuple[str, bytes]:
    """A topic's station and a payload: garbage, a version to come, a station that nobody knows."""
    if number % 3 == 0:
        return DONGCHENG, b"\xff garbage %d" % number
    if number % 3 == 1:
        return DONGCHENG, b'{"v":9,"station":"%s","n":%d}' % (DONGCHENG.encode(), number)
    return "BJ-XX-999", (
        b'{"v":1,"station":"BJ-XX-999","epoch":1,"seq":%d,"windows":[{"start":900}]}'
        % (number // 3 + 1)
    )


def test_twenty_thousand_poisoned_messages_hold_nobody_up_and_are_kept_within_bounds(
    centre: Centre,
) -> None:
    before = centre.worker.resident_kib()
    centre.worker.kill()
    for number in range(POISON):
        station, payload = poison(number)
        last = centre.vandal.client.publish(topic(station, Stream.USAGE), payload, qos=1)
    last.wait_for_publish(PATIENCE_SECONDS)
    centre.station.send(100)
    centre.worker.start()
    centre.station.wait_for_all()
    fill = centre.operations.quarantine.fill
    until(lambda: fill() == Fill(KEPT, fill().bytes, POISON - KEPT))
    until(lambda: centre.worker.metric("ingest_quarantine_discarded_total") == POISON - KEPT)
    assert centre.worker.problems() == {"quarantine_nearly_full": 100}
    assert centre.worker.resident_kib("VmHWM") - before < MOST_GROWTH_KIB
    found = ledger(centre.operations)
    assert (found.balanced, found.stored) == (True, 300)
    assert found.quarantined == POISON // 3  # of which each had a number


def test_messages_of_ten_megabytes_are_kept_and_others_go_on(centre: Centre) -> None:
    before = centre.worker.resident_kib()
    centre.worker.kill()
    beginning = b'{"v":1,"station":"%s","epoch":1,"seq":1,"windows":["' % DONGCHENG.encode()
    for number in range(HUGE):
        payload = beginning + b"%d" % number + b"x" * HUGE_BYTES + b'"]}'
        centre.vandal.send(Stream.USAGE, payload)
    centre.station.send(100)
    centre.worker.start()
    centre.station.wait_for_all()
    until(lambda: centre.operations.quarantine.counts() == {Reason.SCHEMA: HUGE})
    assert [one.seq for one in centre.vandal.receipted(1)][:1] == [1]
    assert centre.operations.quarantine.fill().bytes > HUGE * HUGE_BYTES
    assert centre.worker.resident_kib("VmHWM") - before < MOST_GROWTH_KIB
    found = ledger(centre.operations)
    assert (found.balanced, found.stored, found.quarantined) == (True, 300, 1)
