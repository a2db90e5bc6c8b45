"""The clock and the zone whose midnight ends the station's day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from contract.condition import Clock
from health_kiosk.doctor.finding import Check, Finding, Words

_CLOCK = Check("clock", Words("clock", "时钟"))
_ZONE = Check("time_zone", Words("time zone", "时区"))


def look(source: Clock) -> Finding:
    """Judge where the time comes from."""
    if source is Clock.SYNCHRONISED:
        return _CLOCK.ok(Words("synchronised", "已同步"))
    if source is Clock.KEPT:
        return _CLOCK.ok(
            Words(
                "kept by a real-time clock, or trusted by [clock] trust",
                "由硬件时钟保持，或由 [clock] trust 指定为可信",
            )
        )
    return _CLOCK.warn(
        Words(
            "not synchronised: readings are held, not dated", "未同步：数据暂存，待同步后确定日期"
        ),
        Words(
            "timedatectl set-ntp true, or let this network reach a time server",
            "请执行 timedatectl set-ntp true，或允许访问时间服务器",
        ),
    )


def zone(name: str, now: datetime) -> Finding:
    """Say what the station takes for its local time, for whoever has a watch."""
    local = now.astimezone(ZoneInfo(name))
    said = Words("%s, where it is %s", "%s，当地时间 %s")
    return _ZONE.ok(said % (name, f"{local:%Y-%m-%d %H:%M} (UTC{local:%z})"))
