"""Acknowledgements eaten, connections reset and half-open: nothing is lost, nothing doubled."""

from pathlib import Path

from tests.chaos.weather import cut_off


def test_a_line_that_eats_resets_and_half_opens_costs_nothing(tmp_path: Path) -> None:
    cut_off(tmp_path, rounds=12, seed=3)
