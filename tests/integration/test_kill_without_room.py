"""Killed while there is no room, the station has refused aloud and given up only what it said."""

from pathlib import Path

from tests.chaos.starvation import fill_the_disk, fill_the_quota


def test_a_full_quota_costs_only_usage_and_says_how_much(tmp_path: Path) -> None:
    station, emptied = fill_the_quota(tmp_path, seed=1)
    assert station.refusals >= 8
    assert emptied.ledger.dropped > 0
    assert len(station.frames) > 100


def test_a_full_disk_refuses_aloud_and_is_emptied_by_receipts_all_the_same(tmp_path: Path) -> None:
    station, _ = fill_the_disk(tmp_path, seed=1)
    assert station.refusals >= 8
    assert len(station.frames) > 100
