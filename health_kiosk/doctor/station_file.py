"""The settings: that they are this station's own, and keep their secrets."""

import stat
from collections.abc import Iterator
from pathlib import Path

from edge_agent.settings import Settings
from health_kiosk.doctor.finding import Check, Finding, Words

SAMPLE_STATION = "BJ-CY-012"
"""The station in `deploy/station.toml`."""

_SETTINGS = Check("settings", Words("settings", "设置"))
_LOOPBACK = ("127.", "::1", "localhost")


def look(settings: Settings, path: Path) -> Iterator[Finding]:
    """Look at settings that could be read from `path`."""
    problems = list(_problems(settings, path))
    yield from problems
    if not problems:
        said = Words("%s; every option is understood", "%s；所有选项均可识别")
        yield _SETTINGS.ok(said % settings.station.id)


def _problems(settings: Settings, path: Path) -> Iterator[Finding]:
    if settings.station.id == SAMPLE_STATION:
        yield _SETTINGS.warn(
            Words("%s is the station of the sample", "%s 是示例中的站点编号") % SAMPLE_STATION,
            Words("write this station's own id into %s", "请在 %s 中填写本站自己的编号")
            % str(path),
        )
    if _holds_secrets(settings) and path.stat().st_mode & stat.S_IROTH:
        yield _SETTINGS.fail(
            Words("%s has secrets and everybody can read it", "%s 含有密码，但任何人都可读取")
            % str(path),
            Words("chmod o= %s", "请执行 chmod o= %s") % str(path),
        )
    mqtt = settings.mqtt
    if mqtt.tls is None and not mqtt.host.startswith(_LOOPBACK):
        yield _SETTINGS.warn(
            Words("the way to %s is not encrypted", "到 %s 的连接未加密") % mqtt.host,
            Words("set `tls` in [mqtt]", "请在 [mqtt] 中设置 `tls`"),
        )


def _holds_secrets(settings: Settings) -> bool:
    keys = (getattr(sensor, "key", None) for sensor in settings.occupancy.sensors)
    return bool(settings.mqtt.password or settings.radio.passkeys or any(keys))
