"""The station's file: that it can be read and is whole, and what waits in it."""

from datetime import datetime
from pathlib import Path

from contract.condition import Losses
from contract.errors import OutboxUnavailable
from edge_agent.outbox import Inspection, OutboxDamaged, OutboxTooNew, inspect
from health_kiosk.doctor.finding import Check, Finding, Words

_OUTBOX = Check("outbox", Words("outbox", "待发数据"))
_WAITS_TOO_LONG_HOURS = 24


def look(path: Path, now: datetime) -> Finding:
    """Look at the file at `path`; an agent may be using it."""
    try:
        if not path.exists():
            return _OUTBOX.ok(
                Words("no file yet; the agent begins one", "尚无文件，首次运行时建立")
            )
        found = inspect(path)
    except OutboxDamaged:
        return _OUTBOX.fail(
            Words("%s is damaged", "%s 已损坏") % str(path),
            Words(
                "restart the agent: it lays the file aside, begins a new one, and says so",
                "请重启站点程序：它会将此文件另存，新建文件，并如实上报",
            ),
        )
    except OutboxTooNew as error:
        return _OUTBOX.fail(
            Words("of another version (%s)", "版本不符（%s）") % error,
            Words("install the version that wrote it", "请安装写入该文件的版本"),
        )
    except (OutboxUnavailable, PermissionError) as error:
        return _OUTBOX.fail(
            Words("cannot be read (%s)", "无法读取（%s）") % error,
            Words("run the doctor as the agent's user", "请以站点程序的用户运行本检查"),
        )
    return _judged(found, now)


def _judged(found: Inspection, now: datetime) -> Finding:
    backlog = found.backlog
    hours = age_hours(backlog.oldest_at, now)
    said = Words(
        "%d messages and %d windows wait, the oldest for %s",
        "待发消息 %d 条，使用时段 %d 个，最早的已等待 %s",
    )
    said %= (backlog.messages, backlog.windows, "-" if hours is None else f"{hours} h")
    if hours is not None and hours >= _WAITS_TOO_LONG_HOURS:
        return _OUTBOX.warn(
            said,
            Words(
                "see the broker below, and whether ingest answers with receipts",
                "请看下面的服务器检查，以及中心是否发回回执",
            ),
        )
    dropped = found.ledger.dropped + sum(ended.dropped for ended in found.ended)
    if dropped or found.losses != Losses():
        return _OUTBOX.warn(
            Words(
                "something was given up in the past, all of it declared", "曾放弃部分数据，均已上报"
            ),
            Words("see health-kiosk edge status", "详见 health-kiosk edge status"),
        )
    return _OUTBOX.ok(said)


def age_hours(oldest_at: datetime | None, now: datetime) -> int | None:
    """Whole hours since `oldest_at`, never negative; None if nothing waits."""
    if oldest_at is None:
        return None
    return max(0, int((now - oldest_at).total_seconds() // 3600))
