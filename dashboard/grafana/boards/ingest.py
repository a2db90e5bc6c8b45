"""Ingest: what the workers receive, how fast they answer, and what waits; from Prometheus."""

from collections.abc import Callable, Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import GridPos

from contract.places import Name
from dashboard.grafana.board import board, filled
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described, at, bars, lines, number
from dashboard.grafana.sources import metrics

UID = "kiosk-ingest"
TITLE = Name("数据接收", "Ingest")

Query = tuple[str, Name | str]
"""An expression, and the legend: words, or a template such as {{reason}}."""

_LAG = "sum by (le) (rate(ingest_receipt_lag_seconds_bucket[$__rate_interval]))"
_STORE = "sum by (le) (rate(ingest_store_write_seconds_bucket[$__rate_interval]))"
_BATCH = "sum by (le) (rate(ingest_batch_messages_bucket[$__rate_interval]))"
_MEAN_BATCH = (
    "sum(rate(ingest_batch_messages_sum[$__rate_interval]))"
    " / sum(rate(ingest_batch_messages_count[$__rate_interval]))"
)


def ingest(language: Language) -> dashboard.Dashboard:
    """The board in one language."""
    made = board(UID, TITLE, language, "now-6h", refresh="30s")
    return filled(made, language, _PANELS)


def _rate(counter: str, by: str = "") -> str:
    return f"sum{by}(rate({counter}[$__rate_interval]))"


def _quantiles(buckets: str) -> tuple[Query, ...]:
    return tuple(
        (f"histogram_quantile({share}, {buckets})", name)
        for share, name in ((0.5, "50 %"), (0.95, "95 %"), (0.99, "99 %"))
    )


def _stat(
    title: Name, x: int, expression: str, about: Name, unit: str = "short", decimals: int = 0
) -> Callable[[Language], Described]:
    def make(language: Language) -> Described:
        panel = number(title, language, at(x, 0, 4, 4), [metrics("A", expression)])
        return panel.unit(unit).decimals(decimals).description(language.of(about))

    return make


def _curves(
    title: Name,
    place: GridPos,
    queries: Sequence[Query],
    about: Name,
    unit: str = "short",
    *,
    stacked: bool = False,
) -> Callable[[Language], Described]:
    def make(language: Language) -> Described:
        draw = bars if stacked else lines
        targets = [
            metrics(
                chr(ord("A") + i),
                expression,
                language.of(legend) if isinstance(legend, Name) else legend,
            )
            for i, (expression, legend) in enumerate(queries)
        ]
        panel = draw(title, language, place, targets)
        return panel.unit(unit).min(0).description(language.of(about))

    return make


_PANELS: dict[int, Callable[[Language], Described]] = {
    1: _stat(
        Name("已连接的工作进程", "Workers connected"), 0, "sum(ingest_broker_connected)",
        Name("与消息服务器保持连接的接收进程数;为零则没有数据入库",
             "Ingest workers with a connection to the broker; with none nothing is stored."),
    ),
    2: _curves(
        Name("消息与记录", "Messages and records"), at(0, 4, 12, 8),
        ((_rate("ingest_messages_total"), Name("消息/秒", "messages/s")),
         (_rate("ingest_records_total"), Name("记录/秒", "records/s"))),
        Name("入库的消息,以及其中的测量与时间窗口",
             "Messages committed, and the sessions and usage windows in them."),
    ),
    3: _curves(
        Name("回执延迟", "Receipt lag"), at(12, 4, 12, 8),
        (*_quantiles(_LAG),
         ("max(ingest_unanswered_seconds)", Name("等待中最久", "oldest waiting"))),
        Name("从一批消息的第一条到达至发出回执;站点收到回执才删除数据",
             "From the arrival of a batch's first message to its receipts. A station deletes"
             " nothing before its receipt."),
        "s",
    ),
    4: _curves(
        Name("每批消息数", "Messages in a batch"), at(0, 12, 12, 8),
        ((_MEAN_BATCH, Name("平均", "mean")), (f"histogram_quantile(0.99, {_BATCH})", "99 %")),
        Name("负载越大,批次越大", "Batches grow with the load."),
    ),
    5: _curves(
        Name("各阶段耗时", "Time by stage"), at(12, 12, 12, 8),
        ((_rate("ingest_stage_seconds_total", " by (stage) "), "{{stage}}"),),
        Name("每秒用于各阶段的时间;接近进程数即已饱和",
             "Seconds spent in each stage per second; near the number of workers they are"
             " saturated."),
        "s", stacked=True,
    ),
    6: _curves(
        Name("每小时隔离的消息", "Messages quarantined by the hour"), at(0, 20, 12, 8),
        (("sum by (reason) (increase(ingest_quarantined_total[1h]))", "{{reason}}"),),
        Name("被拒收的消息按原因;整条保留,可登记站点或修正后重放",
             "Refused messages by reason. They are kept whole, and can be mended and replayed."),
    ),
    7: _curves(
        Name("隔离区", "Quarantine"), at(12, 20, 12, 8),
        (("max(ingest_quarantine_messages)", Name("消息", "messages")),
         ("sum(increase(ingest_quarantine_discarded_total[1h]))",
          Name("一小时内丢弃", "discarded within an hour"))),
        Name("隔离区满后最早的消息被丢弃并计数", "When it is full the oldest go, and are counted."),
    ),
    8: _curves(
        Name("提交失败", "Commit failures"), at(0, 28, 12, 8),
        (("sum(increase(ingest_commit_failures_total[10m]))",
          Name("十分钟内", "within ten minutes")),
         ("max by (code) (ingest_problem)", "{{code}}")),
        Name("数据库不可用时批次保留并重试;1 表示该故障正在发生",
             "While a database is away the batch is kept and tried again. 1 is a problem that"
             " lasts."),
    ),
    9: _curves(
        Name("站点一天内拒收的读数", "Readings refused at stations within a day"),
        at(12, 28, 12, 8),
        (("sum by (reason) (increase(ingest_rejects_total[1d])) > 0", "{{reason}}"),),
        Name("站点随批次上报的区间的下限之和,不含 8 次以下;重发的批次会重复计入",
             "The lower bounds of the bands in batches, added up: fewer than 8 are not in it, and a"
             " batch that is sent again counts again."),
    ),
    10: _curves(
        Name("写库耗时", "Time of store writes"), at(0, 36, 12, 8), _quantiles(_STORE),
        Name("数据库提交一批或报告不能提交所用的时间",
             "Until the store had committed a batch, or said that it cannot."),
        "s",
    ),
    11: _stat(
        Name("站点状态的时效", "Age of the fleet's state"), 4,
        "time() - max(ingest_fleet_written_seconds > 0)",
        Name("距上次写入站点状态;5,000 站以下每分钟一次,以上每五分钟一次",
             "Since the state of the fleet was written: every minute, from 5,000 stations on every"
             " five."),
        "s",
    ),
    12: _stat(
        Name("距最近发布周结束", "Since the last released week ended"), 8,
        "time() - max(ingest_released_until_seconds > 0)",
        Name("通常在 1 至 8 天之间", "Usually between 1 and 8 days."), "s", 1,
    ),
    13: _stat(
        Name("消息服务器证书剩余", "Broker's certificate ends in"), 12,
        "min(ingest_broker_certificate_until_seconds > 0) - time()",
        Name("无加密时没有数据", "No data without encryption."), "s", 1,
    ),
    14: _stat(
        Name("待重算的小时", "Hours to be made anew"), 16, "max(ingest_dirty_hours)",
        Name("使用窗口到达后待重新汇总的小时数;应很快回到零",
             "Marks of hours whose windows have come or changed; it should soon be none again."),
    ),
    15: _stat(
        Name("隔离区大小", "Size of the quarantine"), 20, "max(ingest_quarantine_bytes)",
        Name("被隔离消息的字节数", "The quarantined messages' size."), "bytes", 1,
    ),
}  # fmt: skip
