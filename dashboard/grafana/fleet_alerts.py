"""Alert rules about stations: who is silent, what waits, what is missing.

They are asked of the state of the fleet, so of ingest's own clock: a batch that comes late, or a
station whose clock is wrong, raises no alarm. What the fields mean is in `ingest.fleet`.
"""

from contract.places import CITY_ADCODE, Name
from dashboard.grafana.alerting import (
    Question,
    Rule,
    Severity,
    asked,
    condition,
    reduced,
)

_BOARD = "kiosk-fleet"
_NOW, _HOURS = 1200, 3 * 3600
_DISTRICTS = f"district <> '{CITY_ADCODE}'"
_CITY = f"district = '{CITY_ADCODE}'"
_PLACE = "{{ .Labels.district }}"
"""Without a dollar sign, which provisioning would take for a variable of the environment."""


def _last(ref: str, fields: str, where: str) -> tuple[Question, Question]:
    """The last value of the fleet, and the same as a number; `ref` is the number's letter."""
    query = f"SELECT {fields} FROM fleet WHERE {where} AND $timeFilter GROUP BY district"  # noqa: S608
    return asked(f"Q{ref}", query, _NOW), reduced(ref, f"Q{ref}")


def _heard(where: str) -> list[Question]:
    """S: silent stations; H: stations that ever spoke."""
    return [
        *_last("S", "last(silent)", where),
        *_last("H", "last(registered) - last(never_heard)", where),
    ]


def _backlog() -> list[Question]:
    by_time = (
        f"SELECT mean(backlog_messages) FROM fleet WHERE {_DISTRICTS} AND $timeFilter"  # noqa: S608
        " GROUP BY time(10m), district fill(none)"
    )
    return [
        asked("Q", by_time, _HOURS),
        reduced("L", "Q"),
        reduced("M", "Q", "min"),
        *_last("N", "last(registered)", _DISTRICTS),
        condition("$L >= 50 && $L >= $N && $L >= 1.5 * $M"),
    ]


FLEET_RULES = (
    Rule(
        "kiosk-stations-silent",
        Name("一个区的站点在营业时间无声", "Stations of a district silent in opening hours"),
        Name(
            f"{_PLACE} 区有十分之一以上(或 50 个以上)站点在营业时间超过 15 分钟没有消息",
            f"District {_PLACE}: a tenth of the stations, or 50, are open and were not heard of"
            " for 15 minutes",
        ),
        Name(
            "在“设备与站点运行”看板查看无声站点;同一街区同时无声多为断电或断网,个别无声请联系场所检查电源与网络",
            "See the silent stations on the fleet board. Neighbours that fell silent together have"
            " lost power or network; of a single one ask the venue to check both.",
        ),
        Severity.WARNING,
        [
            *_heard(_DISTRICTS),
            condition("($S >= 1 && $S * 10 >= $H && ($S >= 2 || $H <= 2)) || $S >= 50"),
        ],
        "10m",
        _BOARD,
        2,
    ),
    Rule(
        "kiosk-city-silent",
        Name("全市大量站点无声", "Many stations of the city silent"),
        Name(
            "全市四分之一以上的站点在营业时间没有消息,问题多半在中心一侧",
            "A quarter of all stations are open and not heard of: the trouble is likely at the"
            " centre",
        ),
        Name(
            "先检查消息服务器(证书、磁盘、端口)和中心网络,再看运营商;站点会保留数据,恢复后自动补传",
            "Check the broker (certificate, disk, port) and the centre's network first, then the"
            " carrier. Stations keep their data and send it when the way is open again.",
        ),
        Severity.CRITICAL,
        [*_heard(_CITY), condition("$S >= 10 && $S * 4 >= $H")],
        "10m",
        _BOARD,
        2,
        tells_errors=True,
    ),
    Rule(
        "kiosk-backlog-growing",
        Name("积压增长", "Backlog growing"),
        Name(
            f"{_PLACE} 区待发消息在三小时内增长一半以上,平均每站超过一条",
            f"District {_PLACE}: messages that wait have grown by half within three hours, to more"
            " than one for each station",
        ),
        Name(
            "若“数据接收”看板正常,请检查该区网络;若回执也慢,请先处理数据接收。站点数据不会丢失,但磁盘有限",
            "If the ingest board is well, check the district's network; if receipts are slow too,"
            " see to ingest first. Nothing is lost, but a station's disk is finite.",
        ),
        Severity.WARNING,
        _backlog(),
        "30m",
        _BOARD,
        4,
    ),
    Rule(
        "kiosk-ledger-gap",
        Name("台账缺口", "Ledger gap"),
        Name(
            f"{_PLACE} 区有消息已编号却下落不明",
            f"District {_PLACE}: messages were numbered and ended in no way",
        ),
        Name(
            "运行 health-kiosk ledger 找出站点和编号;"
            "检查消息服务器是否丢弃消息、中心数据库是否从旧备份恢复",
            "Find station and numbers with: health-kiosk ledger. See whether the broker dropped"
            " messages, or a database was restored from an old backup.",
        ),
        Severity.CRITICAL,
        [*_last("G", "last(ledger_gap)", _DISTRICTS), condition("$G > 0")],
        "30m",
        _BOARD,
        8,
    ),
)
"""What is known of stations."""
