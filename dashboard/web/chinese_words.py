"""Lists of words in Chinese: for codes that ingest and stations use."""

PROBLEMS = {
    "not_storing": "自 {since} 起数据无法入库：数据库不接收。数据保存在各站点，恢复后自动补传",
    "store_away": "时序数据库自 {since} 起没有响应",
    "operations_away": "业务数据库自 {since} 起没有响应",
    "broker_away": "自 {since} 起与消息服务器断开",
    "quarantine_nearly_full": "隔离区已用 {count}%：满后将丢弃最旧的消息",
    "ledger_unbalanced": "台账不平衡的站点：{count} 个",
    "storage_full": "磁盘无法写入的站点：{count} 个",
    "files_damaged": "曾有数据文件损坏的站点：{count} 个",
    "clock_waiting": "时钟尚未校准的站点：{count} 个",
    "radio_deaf": "蓝牙收不到信号的站点：{count} 个",
}
"""What is wrong now, by ingest's codes."""

CONDITIONS = {
    "clock": "时钟",
    "storage": "存储",
    "radio": "蓝牙",
    "space": "磁盘空间",
    "backlog": "待传",
}
"""The things that a station says something of."""

STATES = {
    "synchronised": "已校准",
    "kept": "自行保持",
    "waiting": "等待校准",
    "sound": "正常",
    "full": "已满",
    "read_only": "只读",
    "hearing": "正常",
    "deaf": "收不到信号",
    "absent": "没有适配器",
    "unused": "未使用",
    "ample": "充足",
    "scarce": "偏少",
    "critical": "严重不足",
    "good": "充足",
    "low": "偏低",
    "empty": "耗尽",
}
"""What a station and its devices say of themselves."""

HEARD = {
    "week": "一周内有联系",
    "month": "一月内有联系",
    "longer": "超过一月没有联系",
    "never": "从未联系",
}
"""How long ago a device was talked to."""

FLEET = {
    "registered": "登记",
    "online": "在线",
    "offline": "离线",
    "silent": "营业时间失联",
    "never_heard": "从未上线",
    "backlog": "有积压",
    "clock": "时钟未校准",
    "storage": "磁盘异常",
    "radio": "蓝牙无信号",
    "devices": "设备异常",
    "ledger": "台账不平衡",
    "attention": "需要关注",
}
"""Stations by their state, and what is counted of the fleet."""

FLEET_NOTES = {
    "silent": "营业时间内 15 分钟以上没有消息",
    "never_heard": "已登记，但从未连接",
    "backlog": "积压一小时以上；共 {messages} 条消息待传，最久 {hours} 小时",
    "clock": "校准之前数据暂存在站点",
    "storage": "{full} 个无法写入 · {damaged} 个曾有文件损坏 · {space} 个空间将满",
    "radio": "收不到血压计和血糖仪",
    "devices": "{low} 台电量低 · {silent} 台从未联系或超过一月没有联系",
    "ledger": "缺 {n} 条消息",
}
"""What a number of the fleet means."""
