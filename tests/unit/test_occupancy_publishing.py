"""What a window says in one word, and when it leaves the station."""

from collections import Counter

import pytest

from contract.usage import WINDOW_SECONDS, Level, level
from edge_agent.occupancy.windows import SPREAD_SECONDS, publishing_delay


@pytest.mark.parametrize(
    ("peak", "expected"),
    [
        (0, Level.FREE),
        (2, Level.FREE),
        (3, Level.SOME),
        (4, Level.SOME),
        (5, Level.BUSY),
        (7, Level.BUSY),
        (8, Level.FULL),
        (30, Level.FULL),
    ],
)
def test_a_level_is_a_quarter_of_the_seats(peak: int, expected: Level) -> None:
    assert level(peak, 8) is expected


def test_twenty_thousand_stations_do_not_publish_at_once() -> None:
    delays = [publishing_delay(f"BJ-CY-{number:05}", seed=1) for number in range(20_000)]
    seconds = Counter(int(delay) for delay in delays)
    assert set(seconds) == set(range(int(SPREAD_SECONDS)))
    assert max(seconds.values()) < 1.5 * 20_000 / SPREAD_SECONDS


def test_a_station_publishes_at_the_same_time_each_quarter_and_another_seed_moves_it() -> None:
    first, again, moved = (publishing_delay("BJ-CY-012", seed=seed) for seed in (1, 1, 2))
    assert first == again != moved
    assert publishing_delay("BJ-CY-012", seed=1, spread_seconds=0) == 0
    assert WINDOW_SECONDS > SPREAD_SECONDS
