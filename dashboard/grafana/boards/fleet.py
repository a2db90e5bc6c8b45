"""Fleet: who is online, what waits, how devices, clocks, files and ledgers are; who is silent."""

from collections.abc import Callable, Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import GridPos

from contract.places import Name
from dashboard.grafana import questions as ask
from dashboard.grafana.board import AREAS, DISTRICT_NAMES, board, choice, filled, written
from dashboard.grafana.columns import Column, Link, hidden, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Described,
    at,
    bars,
    lines,
    named,
    number,
    rows,
)
from dashboard.grafana.reading import light
from dashboard.grafana.sources import InfluxTarget, Source, influx

UID = "kiosk-fleet"
TITLE = Name("设备与站点运行", "Fleet")

Field = tuple[str, Name, str]

_AREA = "$area"
_HOUR = "time >= now() - 1h"
_TODAY = "time > now() - 1d"
"""A station has one point a day, at midnight: the last 24 hours hold today's and no other."""

_LAST_WORD = Name(
    "以每个站点最后一次上报为准,离线站点也计入",
    "By each station's last word, also of those that are offline.",
)
_ONLINE = ("online", Name("在线", "online"), GREEN)
_REGISTERED = ("registered", Name("登记", "registered"), BLUE)
_SILENT = ("silent", Name("无声", "silent"), VERMILION)
_NEVER = ("never_heard", Name("从未上报", "never heard"), GREY)
_BACKLOG = ("backlog_messages", Name("待发消息", "messages waiting"), BLUE)
_OLDEST = ("backlog_oldest_hours", Name("最久(小时)", "oldest, hours"), ORANGE)
_UNBALANCED = ("unbalanced", Name("台账不平衡的站点", "stations unbalanced"), ORANGE)
_GAP = ("ledger_gap", Name("下落不明的消息", "messages unaccounted for"), VERMILION)
_BATTERY = ("devices_low_battery", Name("电量低的设备", "devices with low battery"), ORANGE)
_UNHEARD = ("devices_silent", Name("一月未连上的设备", "devices not heard for a month"), VERMILION)
_DEAF = ("radio_deaf", Name("蓝牙收不到信号的站点", "stations with a deaf radio"), PURPLE)
_CLOCK = ("clock_waiting", Name("时钟未校准", "clock not set"), ORANGE)
_FULL = ("storage_full", Name("磁盘不能写", "disk refuses"), VERMILION)
_DAMAGED = ("files_damaged", Name("曾有文件损坏", "a file was damaged"), PURPLE)
_SPACE = ("space_critical", Name("磁盘将满", "disk nearly full"), SKY)

_CLOCKS = {
    "synchronised": Name("已同步", "synchronised"),
    "kept": Name("本机时钟", "kept"),
    "waiting": Name("未校准", "waiting"),
    "": Name("未告知", "not told"),
}
_STORAGES = {
    "sound": Name("正常", "sound"),
    "full": Name("已满", "full"),
    "read_only": Name("只读", "read-only"),
    "": Name("未告知", "not told"),
}
_RADIOS = {
    "hearing": Name("正常", "hearing"),
    "deaf": Name("收不到信号", "deaf"),
    "absent": Name("无适配器", "absent"),
    "unused": Name("未使用", "unused"),
    "": Name("未告知", "not told"),
}
_YES_NO = {"1": Name("是", "yes"), "0": Name("否", "no")}

_TO_STATION = (
    Link(Name("该站点使用情况", "Usage of this station"), "kiosk-station", "station"),
    Link(Name("该站点运行情况", "How this station was"), UID, "station"),
)
_TO_DISTRICT = (
    Link(Name("该区曲线", "Curves of this district"), UID, "area"),
    Link(Name("该区无声站点", "Silent stations of this district"), UID, "district"),
)
_STATION = Column("station", Name("站点", "Station"), links=_TO_STATION)
_SAID = (
    Column("backlog_messages", Name("待发消息", "Messages waiting"), decimals=0),
    Column("ledger_gap", Name("下落不明的消息", "Unaccounted for"), decimals=0),
    Column("version", Name("版本", "Version")),
    Column("clock", Name("时钟", "Clock"), words=_CLOCKS),
    Column("storage", Name("磁盘", "Disk"), words=_STORAGES),
    Column("radio", Name("蓝牙", "Radio"), words=_RADIOS),
)


def fleet(language: Language) -> dashboard.Dashboard:
    """The board in one language."""
    made = board(UID, TITLE, language, "now-24h", refresh="1m")
    made.with_variable(choice("area", Name("曲线的范围", "Area of the curves"), AREAS, language))
    label = Name("列出站点的区", "District to list")
    made.with_variable(choice("district", label, DISTRICT_NAMES, language))
    made.with_variable(written("station", Name("站点", "Station"), "BJ-CY-012", language))
    return filled(made, language, _PANELS)


def _stat(title: Name, x: int, fields: Sequence[Field], about: Name) -> Callable[..., Described]:
    """One or two large numbers, green while they are 0 unless they count what is well."""

    def make(language: Language) -> Described:
        targets = [
            influx(
                Source.FLEET, chr(ord("A") + i), ask.fleet(f"last({one}) AS {one}", _AREA), "$col"
            )
            for i, (one, _, _) in enumerate(fields)
        ]
        panel = number(title, language, at(x, 0, 4, 4), targets).decimals(0)
        panel.description(language.of(about))
        if len(fields) == 1:
            return light(panel)
        return named(panel, _names(fields, language))

    return make


def _curves(
    title: Name, place: GridPos, fields: Sequence[Field], about: Name
) -> Callable[..., Described]:
    """Some fields over time."""

    def make(language: Language) -> Described:
        targets = [_over_time(chr(ord("A") + i), one) for i, (one, _, _) in enumerate(fields)]
        panel = lines(title, language, place, targets).decimals(0).min(0)
        return named(panel.description(language.of(about)), _names(fields, language))

    return make


def _over_time(ref: str, field: str) -> InfluxTarget:
    text = ask.fleet(f"last({field}) AS {field}", _AREA, ask.RANGE)
    text += " GROUP BY time($__interval) fill(none)"
    return influx(Source.FLEET, ref, text, "$col")


def _versions(language: Language) -> Described:
    text = (
        f"SELECT last(stations) AS stations FROM versions WHERE {ask.RANGE}"  # noqa: S608
        " GROUP BY time($__interval), version fill(none)"
    )
    target = influx(Source.FLEET, "A", text, "$tag_version")
    panel = bars(Name("软件版本", "Versions"), language, at(12, 20, 12, 8), [target], stacked=True)
    about = Name(
        "全市各版本的站点数;other 为未告知或少见的版本",
        'Stations of the city by version; "other" is a version that is not told, or rare.',
    )
    return panel.decimals(0).description(language.of(about))


def _districts(language: Language) -> Described:
    fields = (_REGISTERED, _ONLINE, _SILENT, _NEVER, _BACKLOG, _OLDEST, _UNBALANCED, _GAP, _BATTERY)
    what = ", ".join(f"last({one}) AS {one}" for one, _, _ in fields)
    text = f"SELECT {what} FROM fleet WHERE district <> '110000' AND {_HOUR} GROUP BY district"  # noqa: S608
    target = influx(Source.FLEET, "A", text, as_table=True)
    panel = rows(Name("各区", "Districts"), language, at(0, 28, 24, 10), [target])
    columns = (
        Column("district", Name("区", "District"), words=DISTRICT_NAMES, links=_TO_DISTRICT),
        *(Column(one, name, decimals=0) for one, name, _ in fields),
        *hidden("Time"),
    )
    return with_columns(panel.description(language.of(_LAST_WORD)), columns, language)


def _silent_stations(language: Language) -> Described:
    fields = ", ".join(one.key for one in _SAID)
    text = (
        f"SELECT station, last_seen * 1000 AS seen, {fields} FROM silent"  # noqa: S608
        f" WHERE district = '$district' AND listed = 1 AND {_TODAY} GROUP BY place"
    )
    target = influx(Source.FLEET, "A", text, as_table=True)
    title = Name("$district 区的无声站点", "Silent stations of $district")
    panel = rows(title, language, at(0, 38, 24, 10), [target])
    about = Name(
        "现在营业、十五分钟以上没有消息的站点,最久的在前,最多一百个。点击站点名称可查看其使用情况",
        "Open now and not heard of for 15 minutes: the longest first, a hundred at most. A "
        "station's name leads to its usage.",
    )
    seen = Column("seen", Name("最后消息", "Last heard"), "dateTimeFromNow")
    columns = (_STATION, seen, *_SAID, *hidden("Time", "place"))
    return with_columns(panel.description(language.of(about)), columns, language)


def _one_station(language: Language) -> Described:
    fields = ", ".join(one.key for one in _SAID)
    text = (
        f"SELECT online, silent, {fields} FROM station"  # noqa: S608
        " WHERE station = '$station' AND time > now() - 30d ORDER BY time DESC"
    )
    target = influx(Source.FLEET, "A", text, as_table=True)
    title = Name("站点 $station 的最近 30 天", "Station $station, last 30 days")
    panel = rows(title, language, at(0, 48, 24, 10), [target])
    about = Name("每天一行,为当日最后的状态", "One row a day: how it was last on that day.")
    columns = (
        Column("Time", Name("日期", "Day"), "time:YYYY-MM-DD"),
        Column("online", Name("在线", "Online"), words=_YES_NO),
        Column("silent", Name("无声", "Silent"), words=_YES_NO),
        *_SAID,
    )
    return with_columns(panel.description(language.of(about)), columns, language)


def _names(fields: Sequence[Field], language: Language) -> list[tuple[str, str, str]]:
    return [(one, language.of(name), colour) for one, name, colour in fields]


_PANELS: dict[int, Callable[[Language], Described]] = {
    1: _stat(
        Name("在线 / 登记", "Online / registered"), 0, (_ONLINE, _REGISTERED),
        Name("在线:心跳未中断的站点;登记:在用的站点",
             "Online: its heartbeat has not stopped. Registered: in service."),
    ),
    2: _stat(
        Name("营业时间内无声", "Silent while open"), 4, (_SILENT,),
        Name("现在营业、十五分钟以上没有消息的站点,按中心收到消息的时刻判断",
             "Open now and not heard of for 15 minutes, by the centre's own clock."),
    ),
    3: _stat(
        Name("从未上报", "Never heard"), 8, (_NEVER,),
        Name("已登记但从未有过消息的站点:尚未安装,或名称不符",
             "Registered and never heard of: not installed yet, or under another name."),
    ),
    4: _stat(Name("待发消息", "Messages waiting"), 12, (_BACKLOG,), _LAST_WORD),
    5: _stat(Name("最久待发(小时)", "Oldest waiting, hours"), 16, (_OLDEST,), _LAST_WORD),
    6: _stat(Name("下落不明的消息", "Messages unaccounted for"), 20, (_GAP,), Name(
        "已编号而既未入库、隔离、放弃,也不在等待的消息;应当为零",
        "Numbered, and neither stored, quarantined, given up nor waiting; it should be none.",
    )),
    7: _curves(
        Name("在线与无声", "Online and silent"), at(0, 4, 12, 8),
        (_REGISTERED, _ONLINE, _SILENT, _NEVER),
        Name("无声只计营业中的站点,因此早晚会变", "Only stations that are open can be silent."),
    ),
    8: _curves(
        Name("台账", "Ledger"), at(12, 4, 12, 8), (_UNBALANCED, _GAP),
        Name("编号 = 入库 + 隔离 + 放弃 + 等待;不相等的站点与差额",
             "Numbered = stored + quarantined + given up + waiting: where that fails, and by how"
             " much."),
    ),
    9: _curves(Name("积压", "Backlog"), at(0, 12, 12, 8), (_BACKLOG, _OLDEST), _LAST_WORD),
    10: _curves(
        Name("设备", "Devices"), at(12, 12, 12, 8), (_BATTERY, _UNHEARD, _DEAF),
        Name("站点每天更新一次,因此不随测量变化", "Told once a day, so it does not move by use."),
    ),
    11: _curves(
        Name("时钟与磁盘", "Clocks and disks"), at(0, 20, 12, 8),
        (_CLOCK, _FULL, _DAMAGED, _SPACE), _LAST_WORD,
    ),
    12: _versions,
    13: _districts,
    14: _silent_stations,
    15: _one_station,
}  # fmt: skip
