"""Bluetooth: the bus, BlueZ and its version, the adapter and its power."""

import re
import shutil
import subprocess

from contract.errors import LinkLost
from edge_agent.radio.inspection import NoBlueZ, NoBus, NotAllowed, inspect
from health_kiosk.doctor.finding import Check, Finding, Words

_BLUETOOTH = Check("bluetooth", Words("Bluetooth", "蓝牙"))
_OLDEST = (5, 55)  # what bleak works with
_SECONDS = 5.0


async def look(adapter: str | None) -> Finding:
    """Look at the adapter of that name; None at a station that has nothing on Bluetooth."""
    if adapter is None:
        return _BLUETOOTH.skip(Words("no device speaks Bluetooth", "本站没有蓝牙设备"))
    try:
        adapters = (await inspect(seconds=_SECONDS)).adapters
    except LinkLost as error:
        return _unreachable(error)
    if adapter not in adapters:
        return _BLUETOOTH.fail(
            Words("no adapter %s; there is: %s", "没有适配器 %s；现有：%s")
            % (adapter, ", ".join(sorted(adapters)) or "-"),
            Words("plug it in, or set [radio] adapter", "请插入适配器，或修改 [radio] adapter"),
        )
    version = bluez_version()
    if version is not None and version < _OLDEST:
        return _BLUETOOTH.fail(
            Words("BlueZ %d.%d is too old", "BlueZ %d.%d 版本过旧") % version,
            Words("install BlueZ %d.%d or later", "请安装 BlueZ %d.%d 或更新版本") % _OLDEST,
        )
    if not adapters[adapter]:
        return _BLUETOOTH.warn(
            Words("%s has no power", "%s 未上电") % adapter,
            Words(
                "the agent switches it on; if it cannot: rfkill unblock bluetooth",
                "站点程序会将其打开；若无法打开，请执行 rfkill unblock bluetooth",
            ),
        )
    known = "BlueZ" if version is None else f"BlueZ {version[0]}.{version[1]}"
    return _BLUETOOTH.ok(Words("%s, %s has power", "%s，%s 已上电") % (known, adapter))


def bluez_version() -> tuple[int, int] | None:
    """The version of BlueZ's own tool, as BlueZ does not tell its own; None without the tool."""
    program = shutil.which("bluetoothctl")
    if program is None:
        return None
    try:
        told = subprocess.run(  # noqa: S603  # a fixed argument
            (program, "--version"), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"(\d+)\.(\d+)", told.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _unreachable(error: LinkLost) -> Finding:
    if isinstance(error, NoBus):
        return _BLUETOOTH.fail(
            Words("the system bus does not answer (%s)", "系统总线无应答（%s）") % error,
            Words("systemctl start dbus", "请执行 systemctl start dbus"),
        )
    if isinstance(error, NoBlueZ):
        return _BLUETOOTH.fail(
            Words("BlueZ does not run", "BlueZ 未运行"),
            Words(
                "apt-get install bluez; systemctl enable --now bluetooth",
                "请执行 apt-get install bluez; systemctl enable --now bluetooth",
            ),
        )
    if isinstance(error, NotAllowed):
        return _BLUETOOTH.fail(
            Words("this user may not speak to BlueZ", "当前用户无权访问 BlueZ"),
            Words(
                "usermod -aG bluetooth health-kiosk, then restart the agent",
                "请执行 usermod -aG bluetooth health-kiosk，然后重启站点程序",
            ),
        )
    return _BLUETOOTH.fail(
        Words("BlueZ is there but does not answer (%s)", "BlueZ 在运行但无应答（%s）") % error,
        Words("systemctl restart bluetooth", "请执行 systemctl restart bluetooth"),
    )
