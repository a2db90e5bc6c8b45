"""One station: how it is used, how it works, and what was released of it in four-week windows."""

from functools import partial

from grafana_foundation_sdk.builders import dashboard

from contract.condition import Clock, Radio, Storage
from contract.places import Name
from dashboard.grafana.board import EIGHT_WEEKS, LAST_MIDNIGHT, board, choice, filled, written
from dashboard.grafana.boards import cells, glucose, use
from dashboard.grafana.boards.cells import STATION
from dashboard.grafana.columns import Column, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described, at, rows
from dashboard.grafana.sources import Source, influx
from dashboard.grafana.wording import NO_DATA

UID = "kiosk-station"
TITLE = Name("单个站点", "One station")

_CLOCK: dict[str, Name] = {
    Clock.SYNCHRONISED: Name("已校准", "synchronised"),
    Clock.KEPT: Name("由硬件时钟保持", "kept by a real-time clock"),
    Clock.WAITING: Name("未校准", "not known yet"),
}
_STORAGE: dict[str, Name] = {
    Storage.SOUND: Name("正常", "sound"),
    Storage.FULL: Name("已满", "full"),
    Storage.READ_ONLY: Name("只读", "read-only"),
}
_RADIO: dict[str, Name] = {
    Radio.HEARING: Name("正常", "hearing"),
    Radio.DEAF: Name("收不到信号", "deaf"),
    Radio.ABSENT: Name("没有适配器", "no adapter"),
    Radio.UNUSED: Name("不使用", "not used"),
}
_EXAMPLE = "BJ-CY-001"
_STATION = use.Of("station", "$station")


def station(language: Language) -> dashboard.Dashboard:
    """The board in one language."""
    made = board(UID, TITLE, language, EIGHT_WEEKS, fixed=True, until=LAST_MIDNIGHT)
    made.with_variable(written("station", Name("站点编号", "Station"), _EXAMPLE, language))
    made.with_variable(choice("part", Name("类别", "Part"), cells.PARTS, language))
    return filled(
        made,
        language,
        {
            **use.panels(_STATION),
            9: _working,
            10: partial(cells.classes, STATION, place=at(0, 37, 16, 10)),
            11: partial(cells.sessions, STATION, place=at(16, 37, 8, 10)),
            12: partial(cells.part, STATION, place=at(0, 47, 12, 9)),
            13: partial(cells.pressure, "systolic", STATION, place=at(12, 47, 12, 9)),
            14: partial(cells.part_table, STATION, place=at(0, 56, 24, 8)),
            15: partial(cells.at_home, STATION, place=at(0, 64, 12, 9)),
            16: partial(cells.pressure, "diastolic", STATION, place=at(12, 64, 12, 9)),
            **{
                17 + index: partial(glucose.classes, one, STATION, place=at(8 * index, 73, 8, 9))
                for index, one in enumerate(glucose.MEASURES)
            },
        },
    )


def _working(language: Language) -> Described:
    text = (
        "SELECT last(last_seen) * 1000 AS last_seen, online, silent, backlog_messages,"
        " backlog_oldest_hours, ledger_gap, devices_low_battery, devices_silent, version, clock,"
        " storage, radio FROM station WHERE station = '$station' AND time >= now() - 2d"
    )
    target = influx(Source.FLEET, "A", text, as_table=True)
    title = Name("站点运行", "How the station works")
    panel = rows(title, language, at(0, 32, 24, 5), [target]).no_value(language.of(NO_DATA))
    about = Name(
        "站点最近一次上报的运行状态;与来访者无关",
        "What the station said of itself last; nothing in it depends on visitors.",
    )
    return with_columns(panel.description(language.of(about)), _working_columns(), language)


def _working_columns() -> tuple[Column, ...]:
    yes_no = {"0": Name("否", "no"), "1": Name("是", "yes")}
    return (
        Column("last_seen", Name("最近收到", "Heard last"), "dateTimeAsIso"),
        Column("online", Name("在线", "Online"), words=yes_no),
        Column("silent", Name("无声", "Silent"), words=yes_no),
        Column("backlog_messages", Name("待传消息", "Messages waiting"), decimals=0),
        Column("backlog_oldest_hours", Name("最旧(小时)", "Oldest (hours)"), decimals=0),
        Column("ledger_gap", Name("台账缺口", "Ledger gap"), decimals=0),
        Column("devices_low_battery", Name("电量低的设备", "Devices low on battery"), decimals=0),
        Column("devices_silent", Name("无声的设备", "Silent devices"), decimals=0),
        Column("version", Name("版本", "Version")),
        Column("clock", Name("时钟", "Clock"), words=_CLOCK),
        Column("storage", Name("磁盘", "Disk"), words=_STORAGE),
        Column("radio", Name("蓝牙", "Radio"), words=_RADIO),
    )
