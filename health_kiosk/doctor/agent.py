"""Whether an agent runs, and that not two do."""

from pathlib import Path

from edge_agent import lock
from health_kiosk.doctor.finding import Check, Finding, Words

_AGENT = Check("agent", Words("agent", "站点程序"))


def look(outbox: Path) -> Finding:
    """Say whether an agent works on the file `outbox`."""
    try:
        runs = lock.is_held(outbox)
    except OSError as error:
        return _AGENT.skip(
            Words("this user may not look (%s)", "当前用户无权查看（%s）") % error.strerror
        )
    if not runs:
        return _AGENT.warn(
            Words("does not run", "未运行"),
            Words("systemctl start health-kiosk-edge", "请执行 systemctl start health-kiosk-edge"),
        )
    pid = lock.holder(outbox)
    return _AGENT.ok(Words("runs as process %s", "正在运行，进程号 %s") % (pid or "?"))
