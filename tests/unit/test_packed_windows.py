"""Usage windows in 19 bytes: what comes out is what went in, to the last digit."""

from datetime import date

from contract.usage import WINDOW_SECONDS, Level, UsageWindow
from simulators import packed_windows
from simulators.city import stations
from simulators.packed_windows import Facts
from simulators.population import seeded
from simulators.station_days import station_day
from simulators.visits import usage_windows

DAY = date(2026, 3, 4)


def ends(windows: tuple[UsageWindow, ...]) -> list[int]:
    return [window.start + WINDOW_SECONDS for window in windows]


def test_a_citys_day_survives_packing_byte_for_byte() -> None:
    count = 0
    for station in stations(60, seeded(2)):
        windows = usage_windows(station, DAY, station_day(2, station, DAY).stays)
        packed = packed_windows.pack(windows, ends(windows))
        back = packed_windows.unpack(packed)
        assert back == windows
        assert [one.model_dump_json() for one in back] == [one.model_dump_json() for one in windows]
        assert len(packed) == packed_windows.SIZE * len(windows)
        count += len(windows)
    assert count > 2000


def test_what_no_sensor_told_stays_absent_and_is_not_zero() -> None:
    silent = UsageWindow(start=0)
    half = UsageWindow(start=900, entries=0, peak=0, occupied=0.0, mean=0.0, level=Level.FREE)
    full = UsageWindow(start=1800, entries=40, occupied=15, mean=21.37, peak=44, level=Level.FULL)
    windows = (silent, half, full)
    assert packed_windows.unpack(packed_windows.pack(windows, ends(windows))) == windows


def test_the_facts_are_those_of_the_windows_from_a_place_on() -> None:
    windows = (UsageWindow(start=900, entries=3), UsageWindow(start=1800))
    packed = packed_windows.pack(windows, [1800, 30_000])
    assert list(packed_windows.facts(packed)) == [Facts(900, 1800, 3), Facts(1800, 30_000, 0)]
    assert list(packed_windows.facts(packed, 1)) == [Facts(1800, 30_000, 0)]
    assert list(packed_windows.facts(packed, 2)) == []
