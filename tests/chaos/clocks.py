"""A clock of its own for a process: libfaketime lets it step while the process runs."""

from datetime import timedelta
from pathlib import Path


class SteppingClock:
    """The wall clock of every process that has `environment`; what counts from boot never steps."""

    def __init__(self, file: Path) -> None:
        """Raises RuntimeError if libfaketime is not installed."""
        self._file = file
        self.step_to(timedelta())
        self.environment = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def step_to(self, ahead: timedelta) -> None:
        """From about a second from now it is so much ahead of this machine's clock, or behind."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead.total_seconds():+.0f}\n")
        new.rename(self._file)


def _library() -> Path:
    for found in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"):
        return found
    raise RuntimeError("these tests need libfaketime: apt-get install libfaketime")
