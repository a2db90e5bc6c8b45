"""Programme overview: what reports, who comes, what was released last, and where to look next."""

from grafana_foundation_sdk.builders import dashboard

from contract.places import CITY_ADCODE, Name
from dashboard.grafana import questions as ask
from dashboard.grafana.board import EIGHT_WEEKS, LAST_MIDNIGHT, board, filled
from dashboard.grafana.boards.district_map import district_map, district_table
from dashboard.grafana.columns import ISO_WEEK
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import (
    BLUE,
    GREEN,
    VERMILION,
    Described,
    at,
    bars,
    health,
    lines,
    named,
    number,
    words,
)
from dashboard.grafana.reading import light, time_shown
from dashboard.grafana.sources import Source, influx, metrics
from dashboard.grafana.wording import ENTRIES, FEW_NOT_DRAWN, together

UID = "kiosk-overview"
TITLE = Name("项目总览", "Programme overview")

_CITY_WEEKS = ask.tags(audience="internal", level="city", area=CITY_ADCODE, measure="bp", weeks="1")
_TROUBLES = ("unbalanced", "storage_full", "files_damaged", "clock_waiting", "radio_deaf")


def overview(language: Language) -> dashboard.Dashboard:
    """The board in one language."""
    made = board(UID, TITLE, language, EIGHT_WEEKS, fixed=True, until=LAST_MIDNIGHT)
    return filled(
        made,
        language,
        {
            1: _reporting,
            2: _registered,
            3: _silent,
            4: _entries_yesterday,
            5: _sessions,
            6: _last_window,
            7: _stations_light,
            8: _centre_light,
            9: _entries,
            10: _reporting_by_hour,
            11: lambda language: district_map(language, at(0, 16, 12, 14)),
            12: lambda language: district_table(language, at(12, 16, 12, 14)),
            13: _where_next,
        },
    )


def _reporting(language: Language) -> Described:
    text = ask.usage("last(stations) AS stations", "area_hour", CITY_ADCODE, span=ask.LAST_HOUR)
    title = Name("上一小时有上报的站点", "Stations that reported in the last hour")
    panel = number(title, language, at(0, 0, 4, 4), [influx(Source.USAGE, "A", text)])
    about = Name(
        "最近一个已结束的小时内,至少送来一个十五分钟窗口的站点数",
        "How many stations sent at least one quarter of an hour in the last hour that is over.",
    )
    return panel.decimals(0).description(language.of(about))


def _registered(language: Language) -> Described:
    targets = [
        influx(Source.FLEET, "A", ask.fleet("last(online) AS online"), "$col"),
        influx(Source.FLEET, "B", ask.fleet("last(registered) AS registered"), "$col"),
    ]
    panel = number(Name("在线 / 登记", "Online / registered"), language, at(4, 0, 4, 4), targets)
    about = Name(
        "在线:心跳未中断的站点;登记:在用的站点",
        "Online: its heartbeat has not stopped. Registered: in service.",
    )
    named(panel.decimals(0), [("online", language.of(Name("在线", "online")), GREEN)])
    named(panel, [("registered", language.of(Name("登记", "registered")), BLUE)])
    return panel.description(language.of(about))


def _silent(language: Language) -> Described:
    text = ask.fleet("last(silent) AS silent")
    title = Name("营业时间内无声的站点", "Stations silent while open")
    panel = number(title, language, at(8, 0, 4, 4), [influx(Source.FLEET, "A", text)])
    about = Name(
        "营业时间内应有消息而没有的站点,按中心收到消息的时刻判断",
        "Open now and not heard of for longer than they should be, by the centre's own clock.",
    )
    return light(panel.decimals(0)).description(language.of(about))


def _entries_yesterday(language: Language) -> Described:
    what = f"{ask.entries('last(entries)')} AS entries"
    text = ask.usage(what, "area_day", CITY_ADCODE, span="time >= now() - 2d AND $timeFilter")
    title = Name("昨日进站人次", "Entries yesterday")
    panel = number(title, language, at(12, 0, 4, 4), [influx(Source.USAGE, "A", text)])
    return panel.decimals(0).description(language.of(ENTRIES))


def _sessions(language: Language) -> Described:
    text = ask.trend("last(n) AS n", *_CITY_WEEKS, span="time >= now() - 8w")
    title = Name("最近发布周的血压测量次数", "Blood-pressure sessions, last released week")
    panel = number(title, language, at(16, 0, 4, 4), [influx(Source.TRENDS, "A", text)])
    return health(panel.decimals(0), language)


def _last_window(language: Language) -> Described:
    text = "SELECT last(released) FROM release WHERE time >= now() - 52w"
    target = influx(Source.TRENDS, "A", text, as_table=True)
    panel = number(Name("最近发布的周", "Last released week"), language, at(20, 0, 4, 4), [target])
    about = Name(
        "每周结束一天后冻结并发布,此后不再改变",
        "A week is frozen and released a day after its end, and never changes again.",
    )
    return time_shown(panel).unit(ISO_WEEK).description(language.of(about))


def _stations_light(language: Language) -> Described:
    added = " + ".join(f"last({name})" for name in _TROUBLES)
    text = ask.fleet(f"{added} AS troubles")
    title = Name("数据质量:站点", "Data quality: stations")
    panel = number(title, language, at(0, 4, 12, 3), [influx(Source.FLEET, "A", text)])
    about = Name(
        "台账不平衡、磁盘不能写、文件损坏、时钟未校准、蓝牙收不到信号的站点数之和;绿色为零",
        "Stations whose ledger does not balance, whose disk, files, clock or radio are in trouble, "
        "added up; green is none.",
    )
    return light(panel.decimals(0)).description(language.of(about))


def _centre_light(language: Language) -> Described:
    title = Name("数据质量:中心", "Data quality: the centre")
    target = metrics("A", "sum(max by (code) (ingest_problem))")
    panel = number(title, language, at(12, 4, 12, 3), [target])
    about = Name(
        "中心当前的问题数:消息服务器、数据库不可用,或有数据不能入库;绿色为零",
        "Problems at the centre now: broker or databases away, or data that cannot be stored; "
        "green is none.",
    )
    return light(panel.decimals(0)).description(language.of(about))


def _entries(language: Language) -> Described:
    text = ask.shown_days("area_day", CITY_ADCODE)
    title = Name("每日进站人次", "Entries by day")
    panel = bars(title, language, at(0, 7, 12, 9), [influx(Source.USAGE, "A", text, "$col")])
    named(panel.decimals(0), [("entries", language.of(Name("人次", "entries")), BLUE)])
    return panel.description(language.of(together(ENTRIES, FEW_NOT_DRAWN)))


def _reporting_by_hour(language: Language) -> Described:
    text = ask.usage("stations", "area_hour", CITY_ADCODE, ask.SEEN)
    title = Name("每小时有上报的站点", "Stations reporting by hour")
    panel = lines(title, language, at(12, 7, 12, 9), [influx(Source.USAGE, "A", text, "$col")])
    named(
        panel.decimals(0).min(0), [("stations", language.of(Name("站点", "stations")), VERMILION)]
    )
    about = Name(
        "每小时至少送来一个十五分钟窗口的站点数;突然下降说明断网或停电",
        "Stations that sent at least one quarter of each hour; a sudden drop is an outage.",
    )
    return panel.description(language.of(about))


def _where_next(language: Language) -> Described:
    boards = (
        ("kiosk-usage", Name("驿站使用", "Station usage")),
        ("kiosk-screening", Name("筛查趋势", "Screening trends")),
        ("kiosk-screening-public", Name("筛查趋势(公开口径)", "Screening trends (public)")),
        ("kiosk-equity", Name("公平性", "Equity")),
        ("kiosk-station", Name("单个站点", "One station")),
        ("kiosk-fleet", Name("设备与站点运行", "Fleet")),
        ("kiosk-ingest", Name("数据接收", "Ingest")),
    )
    said = Name(
        "\n".join(f"- [{name.zh}](/d/{uid}-zh)" for uid, name in boards),
        "\n".join(f"- [{name.en}](/d/{uid}-en)" for uid, name in boards),
    )
    panel = words(Name("其他看板", "Other boards"), said, language, at(0, 30, 24, 7))
    return panel.description(language.of(Name("到其他看板的链接", "Links to the other boards.")))
