"""A small city on its own clock, with a real mosquitto, and a real ingest or one that listens."""

import math
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contract.errors import Unavailable
from contract.topics import Stream
from ingest.calendar import parse_week
from simulators.city import BEIJING_TIME
from simulators.city_run import CityOptions, CityRun
from simulators.truth import TruthHeader, write_truth
from tests.integration.broker import Broker
from tests.integration.city import (
    CITY,
    MONDAY,
    city_ingest,
    lived,
    options,
    sessions,
    stored_sessions,
    windows,
)
from tests.integration.receipting import Identity, Ingest, running_ingest

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=BEIJING_TIME)
FEW = CITY[:20]


def truth_of(run: CityRun, path: Path) -> bytes:
    """The truth file of a run."""
    made = run.options
    header = TruthHeader(
        seed=made.fleet.seed, stations=20, first=made.first, last=made.last, min_batch=5
    )
    write_truth(path, header, run.weeks())
    return path.read_bytes()


def told(ingest: Ingest) -> Counter[tuple[str, int]]:
    """How often each window came in a numbered message that was not a mere copy."""
    return Counter(
        (batch.station, window.start) for batch in ingest.usage.values() for window in batch.windows
    )


def test_the_truth_is_what_ingest_has_stored(broker: Broker, tmp_path: Path) -> None:
    with city_ingest(broker, tmp_path) as service:
        with CityRun(CITY, options(broker, days=2)) as run:
            weeks = lived(run)
            accounts = list(run.accounts())
        stored = {
            one.station: (one.windows, one.entries)
            for one in service.store.windows.sums(
                [parse_week("2026-W10")], [station.id for station in CITY]
            )
        }
        assert stored == {week.station: (week.windows, week.entries) for week in weeks}
        assert sum(count for count, _ in stored.values()) > 5000
        staged = sum(account.staged for account in accounts)
        assert stored_sessions(service, weeks) == sessions(weeks) - staged > 50
    assert [account.station for account in accounts] == sorted(station.id for station in CITY)
    for account in accounts:
        assert account.numbered == account.stored > 0
        assert (account.pending, account.unnumbered, account.quarantined) == (0, 0, 0)
        assert account.windows == windows(weeks)[account.station]
        assert sum((account.by_week or {}).values()) == account.sessions


def test_a_window_is_told_within_two_minutes_of_the_quarter_and_alone(broker: Broker) -> None:
    with running_ingest(broker) as ingest, CityRun(FEW, options(broker, speed=600.0)) as run:
        run.connect()
        run.clock.run_at(100_000)
        run.live(NINE + timedelta(minutes=14))
        run.finish()
        before = set(ingest.usage)
        run.clock.run_at(600)
        run.live(NINE + timedelta(minutes=18))
        run.finish()
        news = [batch for identity, batch in ingest.usage.items() if identity not in before]
        assert {window.start for batch in news for window in batch.windows} == {NINE.timestamp()}
        assert {len(batch.windows) for batch in news} == {1}
        # Who opens at nine and later had nothing to tell.
        assert len(news) == len({batch.station for batch in news}) >= 15


@pytest.mark.parametrize(("windows_at_once", "days"), [(192, 3), (1, 1)])
def test_what_waited_for_a_broker_leaves_in_few_messages(
    broker: Broker, windows_at_once: int, days: int
) -> None:
    made = options(broker, days=days + 1, windows_at_once=windows_at_once, rest=0.1)
    back = NINE + timedelta(days)
    with running_ingest(broker) as ingest, CityRun(FEW, made) as run:
        run.connect()
        run.live(NINE)
        run.finish()
        broker.kill()
        while run.fleet.connected:
            run.fleet.loop.turn()
        run.live(back)
        waiting = run.progress.unnumbered
        assert waiting > 20 * 20 * days
        broker.start()
        run.finish()
        run.live()
        run.finish()
        assert set(told(ingest).values()) == {1}
        assert len(told(ingest)) == windows(list(run.weeks())).total()
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    for (station, _, _), batch in ingest.usage.items():
        if 0 <= batch.windows[0].start - NINE.timestamp() + 900 < days * 86_400:
            sizes[station].append(len(batch.windows))
    assert sum(sum(each) for each in sizes.values()) == waiting
    # Who is open round the clock has 288 windows of three days: 192 and the others.
    for each in sizes.values():
        assert len(each) == math.ceil(sum(each) / windows_at_once)
    assert max(max(each) for each in sizes.values()) == windows_at_once


def test_same_seed_same_truth_whatever_the_speed_and_the_broker(
    broker: Broker, tmp_path: Path
) -> None:
    with running_ingest(broker):
        with CityRun(FEW, options(broker, days=2)) as run:
            lived(run)
            quiet = truth_of(run, tmp_path / "quiet.jsonl")
        with CityRun(FEW, options(broker, days=2, speed=40_000.0, window=1, hold_at=5)) as run:
            run.connect()
            run.live(NINE)
            broker.kill()
            run.live(NINE + timedelta(hours=5))
            broker.start()
            run.live()
            run.finish()
            troubled = truth_of(run, tmp_path / "troubled.jsonl")
        changed = CityRun(FEW, options(broker, days=2))
        with changed:
            nothing_yet = truth_of(changed, tmp_path / "nothing.jsonl")
    assert quiet == troubled
    assert quiet != nothing_yet


def test_the_clock_holds_until_receipts_come(broker: Broker) -> None:
    deaf = [True]

    def is_lost(_identity: Identity, _copy: int) -> bool:
        return deaf[0]

    with (
        running_ingest(broker, is_lost) as ingest,
        CityRun(FEW, options(broker, speed=3000.0, hold_at=3, receipt_timeout_seconds=0.3)) as run,
    ):
        run.connect()
        # The clock also waits for a simulator that is late, so what is under way is asked too.
        run.live(
            stop=lambda: (
                run.clock.is_held and run.fleet.under_way >= 3 and ingest.copies.total() > 8
            )
        )
        assert run.fleet.under_way <= 3 + len(FEW)
        held_at = run.clock.now()
        assert held_at < NINE
        deaf[0] = False
        run.clock.run_at(100_000)
        run.live(NINE)
        assert run.clock.now() >= NINE
        run.live()
        run.finish()
        assert run.fleet.pending == 0
        assert set(told(ingest).values()) == {1}


def test_every_receipt_has_a_waiting_time(broker: Broker) -> None:
    def first_copy(_identity: Identity, copy: int) -> bool:
        return copy == 1

    made = options(broker, receipt_timeout_seconds=0.5)
    with running_ingest(broker, first_copy), CityRun(FEW, made) as run:
        lived(run)
        assert run.fleet.waits.count == run.fleet.messages > 2 * len(FEW)
        shortest, longest = run.fleet.waits.quantile(0.01), run.fleet.waits.longest
        assert shortest is not None
        # Each message was lost once, so that it took one timeout, 10 % more or less.
        assert 0.42 < shortest < longest < 15


def test_a_run_without_an_ingest_says_so(broker: Broker) -> None:
    impatient = options(broker)
    fleet = impatient.fleet.__class__(
        address=impatient.fleet.address, seed=3, stalled_after_seconds=1.0
    )
    made = CityOptions(fleet=fleet, first=MONDAY, last=MONDAY, speed=100_000.0, hold_at=5)
    with (
        CityRun(FEW, made) as run,
        pytest.raises(Unavailable, match="no receipt has come for 1 s after 0 messages; is ingest"),
    ):
        lived(run)


def test_sessions_leave_in_batches_of_five_and_more(broker: Broker) -> None:
    with running_ingest(broker) as ingest, CityRun(CITY, options(broker, days=2)) as run:
        weeks = lived(run)
        rows = [len(batch.rows) for batch in ingest.screening.values()]
        assert min(rows) >= 5
        assert sum(rows) + sum(one.staged for one in run.accounts()) == sessions(weeks)
        by_stream = Counter(
            stream for identity in ingest.order for stream in _stream(ingest, identity)
        )
        assert by_stream[Stream.USAGE] == len(ingest.usage)


def _stream(ingest: Ingest, identity: Identity) -> list[Stream]:
    return [Stream.USAGE] if identity in ingest.usage else [Stream.SCREENING]
