"""The disk under the databases: a real file system that can be filled, and made slow if permitted.

A loop file with ext4 if this user may make one, else a tmpfs, else a plain folder. A loop device is
slowed down by the kernel (`blkio.throttle` of a version 1 control group: so many writes a second).
Where that is not to be had, whoever fills or slows a disk stops the databases' processes instead.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_BYTES = 192 * 2**20
_CHUNK = 4096
_WRITES_A_SECOND = 12
_THROTTLE = Path("/sys/fs/cgroup/blkio/blkio.throttle.write_iops_device")
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


class Disk:
    """A folder for databases at `path`, readable for every user; `device` is its block device."""

    def __init__(self, path: Path, how: str, device: str = "") -> None:
        self.path = path
        self.how = how
        self._device = device
        self._ballast = path / "ballast"

    @property
    def is_full(self) -> bool:
        """Whether somebody else's file takes all of it."""
        return self._ballast.exists()

    @property
    def can_be_filled(self) -> bool:
        """Whether its size is its own."""
        return self.how != "a plain folder"

    @property
    def can_be_slowed(self) -> bool:
        """Whether the kernel slows its writes down."""
        return bool(self._device) and os.access(_THROTTLE, os.W_OK)

    def fill(self) -> None:
        """Somebody else's file takes all that is free."""
        free = os.statvfs(self.path)
        with self._ballast.open("ab", buffering=0) as file:
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize)
            with suppress(OSError):
                file.seek(0, os.SEEK_END)
                while True:
                    file.write(bytes(_CHUNK))

    def empty(self) -> None:
        """That file is deleted."""
        self._ballast.unlink(missing_ok=True)

    def slow_down(self) -> None:
        """A dozen writes a second."""
        _THROTTLE.write_text(f"{self._device} {_WRITES_A_SECOND}\n")

    def speed_up(self) -> None:
        """As fast as the machine's own."""
        _THROTTLE.write_text(f"{self._device} 0\n")

    def mend(self) -> None:
        """Undo whatever was done to it."""
        self.empty()
        if self.can_be_slowed:
            self.speed_up()


@contextmanager
def open_disk() -> Iterator[Disk]:
    """The best disk that is permitted; it is gone at the end."""
    with ExitStack() as stack:
        # A test's own folder is its user's alone, and PostgreSQL's user must get to the disk.
        place = Path(tempfile.mkdtemp(prefix="kiosk-disk-"))
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        place.chmod(0o755)
        where = place / "disk"
        where.mkdir()
        for attempt in (_on_loop_file, _in_memory):
            with suppress(subprocess.CalledProcessError, FileNotFoundError):
                disk = attempt(where, stack)
                where.chmod(0o755)
                stack.callback(disk.mend)
                yield disk
                return
        yield Disk(where, "a plain folder")


def _on_loop_file(where: Path, stack: ExitStack) -> Disk:
    image = where.with_name("image")
    with image.open("wb") as file:
        file.truncate(_BYTES)
    # Nothing is set aside for root: who fills the disk fills it for all.
    _run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(image))
    device = _run("losetup", "--find", "--show", str(image))
    stack.callback(_run, "losetup", "-d", device)
    _run("mount", device, str(where))
    stack.callback(_run, "umount", "--lazy", str(where))
    numbers = Path(f"/sys/block/{Path(device).name}/dev").read_text().strip()
    return Disk(where, "ext4 on a loop file", numbers)


def _in_memory(where: Path, stack: ExitStack) -> Disk:
    _run("mount", "-t", "tmpfs", "-o", f"size={_BYTES}", "tmpfs", str(where))
    stack.callback(_run, "umount", "--lazy", str(where))
    return Disk(where, "a tmpfs")


def _run(program: str, *arguments: str) -> str:
    found = shutil.which(program, path=_PATH)
    if found is None:
        raise FileNotFoundError(program)
    done = subprocess.run((found, *arguments), check=True, capture_output=True, text=True)
    return done.stdout.strip()
