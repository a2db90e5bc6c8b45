"""Whose clock is believed: the kernel's word, or a real-time clock that agrees."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.condition import Clock
from edge_agent import synchronisation
from edge_agent.settings import Trust

NOW = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "status", "synchronised"),
    [
        (0, 0x2001, True),  # as systemd-timesyncd leaves it: STA_NANO, STA_PLL
        (1, 0x0001, True),  # a leap second is announced
        (5, 0x0040, False),  # never set
        (5, 0x0001, False),  # an error that the status does not explain
        (0, 0x0041, False),
        (-1, 0, False),  # it must not be asked
    ],
)
def test_the_kernel_is_believed_only_while_it_says_that_it_is_synchronised(
    state: int, status: int, synchronised: bool
) -> None:
    assert synchronisation.is_synchronised(state, status) is synchronised


def test_the_kernel_of_this_machine_answers() -> None:
    assert synchronisation.kernel_is_synchronised() in (True, False)


def test_the_time_since_the_start_never_stands_still_and_the_start_has_a_name() -> None:
    first = synchronisation.boot_time()
    assert 0 < first <= synchronisation.boot_time()
    assert first >= float(Path("/proc/uptime").read_text().split()[0]) - 1
    assert len(synchronisation.boot_id()) == 36
    assert synchronisation.boot_id() == synchronisation.boot_id()


def _clocks(directory: Path, *shown: str) -> Path:
    for number, text in enumerate(shown):
        (directory / f"rtc{number}").mkdir()
        (directory / f"rtc{number}" / "since_epoch").write_text(text)
    return directory


def _seconds(moment: datetime) -> str:
    return f"{int(moment.timestamp())}\n"


def test_a_real_time_clock_that_agrees_keeps_the_time(tmp_path: Path) -> None:
    clocks = _clocks(tmp_path, _seconds(NOW - timedelta(seconds=100)))
    assert _source(Trust.AUTO, clocks) is Clock.KEPT


def test_one_of_several_is_enough(tmp_path: Path) -> None:
    clocks = _clocks(tmp_path, "", "30\n", _seconds(NOW))
    (tmp_path / "rtc3").mkdir()
    assert _source(Trust.AUTO, clocks) is Clock.KEPT


def test_a_real_time_clock_whose_battery_was_empty_proves_nothing(tmp_path: Path) -> None:
    clocks = _clocks(tmp_path, "30\n")
    assert _source(Trust.AUTO, clocks) is Clock.WAITING


def test_without_any_clock_the_time_is_unknown_unless_the_settings_trust_it(
    tmp_path: Path,
) -> None:
    assert _source(Trust.AUTO, tmp_path / "none") is Clock.WAITING
    assert _source(Trust.ALWAYS, tmp_path / "none") is Clock.KEPT


@pytest.mark.parametrize("trust", list(Trust))
def test_the_word_of_the_kernel_comes_first(tmp_path: Path, trust: Trust) -> None:
    assert _source(trust, tmp_path, kernel=True) is Clock.SYNCHRONISED


def _source(trust: Trust, clocks: Path, *, kernel: bool = False) -> Clock:
    return synchronisation.source(
        trust, system=lambda: NOW, kernel=lambda: kernel, real_time_clocks=clocks
    )
