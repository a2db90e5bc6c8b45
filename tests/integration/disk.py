"""A real file system of a few megabytes, mounted for one test."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")
_CHUNK = 4096


class Disk:
    """A tmpfs at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> Path:
        """Fill all that is free with a file of somebody else's; the file."""
        ballast = self.path / "ballast"
        with ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(_CHUNK))
            except OSError:
                return ballast

    def make_read_only(self) -> None:
        """No file on it may be open for writing."""
        _run("mount", "-o", "remount,ro", str(self.path))

    def make_writable(self) -> None:
        """Undo `make_read_only`."""
        _run("mount", "-o", "remount,rw", str(self.path))


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Disk]:
    """A tmpfs of `size`, such as "4m", at the new folder `path`."""
    path.mkdir()
    options = f"size={size},uid={os.geteuid()},mode=0700"
    _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path))
    try:
        yield Disk(path)
    finally:
        _run("umount", "--lazy", str(path))  # a failed test may still hold a file open


def _run(*command: str) -> None:
    subprocess.run([*_AS_ROOT, *command], check=True, capture_output=True)
