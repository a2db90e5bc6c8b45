"""The state directory and its disk: that what is written there stays there, and stays private."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from health_kiosk.doctor.finding import Check, Finding, Words

_STATE = Check("state_directory", Words("state directory", "状态目录"))
_SPACE = Check("disk_space", Words("disk space", "磁盘空间"))
_VOLATILE = ("tmpfs", "ramfs")
_MEGABYTE = 1_000_000

# The bounds of `contract.condition.Space`.
_AMPLE = 0.20
_CRITICAL = 0.05


def look(outbox: Path, mounts: Path = Path("/proc/mounts")) -> Iterator[Finding]:
    """Look at the directory of the station's file `outbox`; `mounts` is the kernel's list."""
    directory = outbox.parent
    if not directory.is_dir():
        yield _STATE.fail(
            Words("%s does not exist", "%s 不存在") % str(directory),
            Words(
                "install -d -o health-kiosk -m 0750 %s",
                "请执行 install -d -o health-kiosk -m 0750 %s",
            )
            % str(directory),
        )
        return
    problems = [*_access(outbox), *_keeping(directory, mounts)]
    yield from problems
    if not problems:
        said = Words("%s keeps what is written", "%s 可写入并可靠保存")
        yield _STATE.ok(said % str(directory))
    yield _space(directory)


def _access(outbox: Path) -> Iterator[Finding]:
    directory = outbox.parent
    found = directory.stat()
    files = directory.glob(f"{outbox.name}*")
    if strangers := [file.name for file in files if file.stat().st_uid != found.st_uid]:
        yield _STATE.fail(
            Words("%s: not owned by the owner of the directory", "%s：与目录的所有者不同")
            % ", ".join(sorted(strangers)),
            Words("chown --reference=%s %s*", "请执行 chown --reference=%s %s*")
            % (directory, outbox),
        )
    if found.st_mode & stat.S_IRWXO:
        yield _STATE.warn(
            Words("%s is open to every user", "%s 对所有用户开放") % str(directory),
            Words("chmod o= %s", "请执行 chmod o= %s") % str(directory),
        )


def _keeping(directory: Path, mounts: Path) -> Iterator[Finding]:
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"doctor")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield _STATE.fail(
            Words("%s takes nothing (%s)", "%s 无法写入（%s）")
            % (directory, error.strerror or type(error).__name__),
            Words(
                "make room or repair the disk; as another user, run the doctor as the agent's",
                "请清理空间或修复磁盘；若只是用户不对，请以站点程序的用户运行本检查",
            ),
        )
    if (kind := _file_system(directory.resolve(), mounts)) in _VOLATILE:
        yield _STATE.warn(
            Words("%s is in memory (%s)", "%s 位于内存中（%s）") % (directory, kind),
            Words(
                "set [outbox] path to a disk that survives a power cut",
                "请将 [outbox] path 设为断电不丢失的磁盘",
            ),
        )


def _space(directory: Path) -> Finding:
    disk = shutil.disk_usage(directory)
    share = disk.free / disk.total if disk.total else 0.0
    said = Words("%d MB free of %d MB", "剩余 %d MB，共 %d MB")
    said %= (disk.free // _MEGABYTE, disk.total // _MEGABYTE)
    remedy = Words("delete what is not needed", "请删除不需要的文件")
    if share < _CRITICAL:
        return _SPACE.fail(said, remedy)
    return _SPACE.ok(said) if share >= _AMPLE else _SPACE.warn(said, remedy)


def _file_system(directory: Path, mounts: Path) -> str:
    """The kind of file system at `directory`, empty if it is not known."""
    best, kind = -1, ""
    for line in mounts.read_text(errors="replace").splitlines():
        _, mounted, found, *_ = line.split(" ")
        place = Path(mounted.replace("\\040", " "))
        if directory.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), found
    return kind
