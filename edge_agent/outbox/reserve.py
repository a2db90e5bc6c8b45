"""A little disk space held back, so that room can be made on a disk that is full."""

import os
from pathlib import Path

from edge_agent.outbox.failures import free_bytes

_AMPLE = 2
"""The reserve is laid in when so many times its size is free."""

_BLOCK = os.urandom(4096)
"""What fills it: real bytes, for a file system may not store zeros."""


class Reserve:
    """A file of `size` bytes beside the station's file."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path.with_name(f"{path.name}.reserve")
        self._size = size
        self._there = self._is_whole()

    @property
    def is_spent(self) -> bool:
        """Whether it is not there, be it spent or never laid in."""
        return not self._there

    def spend(self) -> None:
        """Give its space back to the disk."""
        self._there = False
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return  # a read-only file system; the write that wants the space will say so

    @property
    def has_no_space(self) -> bool:
        """Whether the disk is too full for it to be made."""
        return free_bytes(self._path) < _AMPLE * self._size

    def lay_in(self) -> None:
        """Make it again if it is gone and there is ample space."""
        if self._there or self.has_no_space:
            return
        try:
            with self._path.open("wb") as file:
                for _ in range(self._size // len(_BLOCK)):
                    file.write(_BLOCK)
                file.flush()
                os.fsync(file.fileno())
            self._there = True
        except OSError:
            self.spend()  # later, then

    def _is_whole(self) -> bool:
        try:
            return self._path.stat().st_size >= self._size // len(_BLOCK) * len(_BLOCK)
        except OSError:
            return False
