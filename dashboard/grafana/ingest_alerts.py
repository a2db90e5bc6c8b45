"""Alert rules about ingest itself, and what it counts: asked of its metrics in Prometheus."""

from contract.places import Name
from dashboard.grafana.alerting import Rule, Severity, condition, counted

_BOARD = "kiosk-ingest"
_REJECTS_TODAY = "sum by (reason) (increase(ingest_rejects_total[1d]))"
_REJECTS_BEFORE = "sum by (reason) (increase(ingest_rejects_total[7d] offset 1d)) / 7"
_WRITTEN = "max(ingest_fleet_written_seconds)"
_RELEASED = "max(max_over_time(ingest_released_until_seconds[1h]))"
_UNTIL = "min(ingest_broker_certificate_until_seconds > 0)"

INGEST_RULES = (
    Rule(
        "kiosk-ingest-down",
        Name("数据接收停止", "Ingest down"),
        Name("没有接收进程连着消息服务器", "No ingest worker is connected to the broker"),
        Name(
            "查看接收容器和消息服务器的日志并重启;在此期间站点保留数据",
            "See the logs of ingest and of the broker, and start what is down. Stations keep their"
            " data meanwhile.",
        ),
        Severity.CRITICAL,
        [counted("A", "sum(ingest_broker_connected) or vector(0)"), condition("$A < 1")],
        "5m",
        _BOARD,
        1,
        tells_errors=True,
    ),
    Rule(
        "kiosk-ingest-problem",
        Name("数据接收有故障", "Ingest reports a problem"),
        Name(
            "数据接收报告:{{ .Labels.code }}",
            "Ingest reports: {{ .Labels.code }}",
        ),
        Name(
            "store_away、operations_away:检查 InfluxDB、PostgreSQL 及其磁盘;"
            "not_storing:批次无法提交,见接收日志",
            "store_away, operations_away: check InfluxDB, PostgreSQL and their disks. not_storing:"
            " a batch cannot be committed, see the log of ingest.",
        ),
        Severity.CRITICAL,
        [counted("A", "max by (code) (ingest_problem)"), condition("$A > 0")],
        "10m",
        _BOARD,
        8,
    ),
    Rule(
        "kiosk-receipt-lag",
        Name("回执缓慢", "Receipts are slow"),
        Name(
            "百分之一的批次 5 秒以上才得到回执,或有消息等待超过 1 分钟",
            "One batch in a hundred waits more than 5 s for its receipts, or a message more than a"
            " minute",
        ),
        Name(
            "在“数据接收”看板看哪个阶段变慢;数据库慢则查其磁盘,处理器不足则增加接收进程",
            "See on the ingest board which stage is slow. Of a slow database check the disk; if the"
            " processor is short, start another worker.",
        ),
        Severity.WARNING,
        [
            counted(
                "A",
                "histogram_quantile(0.99, sum by (le)"
                " (rate(ingest_receipt_lag_seconds_bucket[10m]))) >= 0 or vector(0)",
            ),
            counted("B", "max(ingest_unanswered_seconds)"),
            condition("$A > 5 || $B > 60"),
        ],
        "10m",
        _BOARD,
        3,
    ),
    Rule(
        "kiosk-rejects-high",
        Name("设备拒收读数偏多", "Many readings refused at stations"),
        Name(
            "一天内因 {{ .Labels.reason }} 被拒收的读数达 100 次以上,且为前一周日均的两倍",
            "Readings refused within a day for {{ .Labels.reason }}: 100 or more, and twice the"
            " mean of the week before",
        ),
        Name(
            "cuff_loose、body_moved:检查袖带与张贴的测量说明;strip_error、device_fault:检查试纸批次与设备;undated:检查设备时钟",
            "cuff_loose, body_moved: check cuffs and the notice on how to measure. strip_error,"
            " device_fault: check the lot of strips and the devices. undated: check their clocks.",
        ),
        Severity.WARNING,
        [
            counted(
                "A",
                f"({_REJECTS_TODAY} >= bool 100)"
                f" * ({_REJECTS_TODAY} >= bool 2 * ({_REJECTS_BEFORE} or 0 * {_REJECTS_TODAY}))",
            ),
            condition("$A > 0"),
        ],
        "1h",
        _BOARD,
        9,
    ),
    Rule(
        "kiosk-messages-discarded",
        Name("隔离区已满,消息被丢弃", "Quarantine full: messages discarded"),
        Name(
            "过去一小时有被隔离的消息因空间不足被丢弃",
            "Within the last hour quarantined messages were given up for want of room",
        ),
        Name(
            "查看隔离原因(health-kiosk quarantine list);"
            "登记未知站点或修正后重放,必要时调大 [quarantine]",
            "See why they are there: health-kiosk quarantine list. Register unknown stations, or"
            " mend and replay; if need be give [quarantine] more room.",
        ),
        Severity.CRITICAL,
        [
            counted("A", "sum(increase(ingest_quarantine_discarded_total[1h]))"),
            condition("$A > 0"),
        ],
        "0s",
        _BOARD,
        7,
    ),
    Rule(
        "kiosk-release-overdue",
        Name("发布逾期", "Release overdue"),
        Name(
            "最近发布的一周结束已超过 9 天:本应在周末后一天发布下一周",
            "The last week that was released ended more than 9 days ago: the next one is due a day"
            " after its end",
        ),
        Name(
            "查看接收日志中的 release put off;数据库恢复后会自动继续。"
            "若 [release] automatic = false,请运行 health-kiosk trends release",
            'Look for "release put off" in the log of ingest; it goes on by itself when the'
            " databases are back. With [release] automatic = false run:"
            " health-kiosk trends release.",
        ),
        Severity.WARNING,
        [
            counted("A", f"(time() - {_RELEASED}) * ({_RELEASED} > bool 0)"),
            condition("$A > 777600"),
        ],
        "1h",
        _BOARD,
        12,
    ),
    Rule(
        "kiosk-certificate-expiring",
        Name("证书即将到期", "Certificate expiring"),
        Name(
            "消息服务器的证书将在 21 天内到期,到期后所有站点都无法连接",
            "The broker's certificate ends within 21 days, and then no station can connect",
        ),
        Name(
            "更换消息服务器的证书并重新加载,再逐个重启接收进程以便看到新证书;"
            "站点信任的是签发机构,无需改动",
            "Renew the broker's certificate and reload it, then restart the ingest workers one by"
            " one, for they see it when they connect. Stations trust its issuer: no change there.",
        ),
        Severity.WARNING,
        [
            counted("A", f"({_UNTIL} or vector(time() + 31536000)) - time()"),
            condition("$A < 1814400"),
        ],
        "1h",
        _BOARD,
        13,
    ),
    Rule(
        "kiosk-fleet-stale",
        Name("站点状态数据过时", "State of the fleet out of date"),
        Name(
            "20 分钟没有写入站点状态:看板与站点告警停在过去",
            "The state of the fleet was not written for 20 minutes: boards and alerts about"
            " stations stand still",
        ),
        Name(
            "查看接收日志中的 state of the fleet not written;检查 InfluxDB 的 kiosk_fleet 和令牌",
            'Look for "state of the fleet not written" in the log of ingest; check InfluxDB\'s'
            " kiosk_fleet and the token.",
        ),
        Severity.WARNING,
        [
            counted(
                "A",
                f"(time() - {_WRITTEN})"
                " * (max(max_over_time(ingest_fleet_written_seconds[1d])) > bool 0)",
            ),
            condition("$A > 1200"),
        ],
        "10m",
        _BOARD,
        11,
    ),
)
"""What is known of ingest itself."""
