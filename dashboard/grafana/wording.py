"""Words that several boards share, in both languages."""

from contract.disclosure import SMALLEST_COUNT
from contract.places import Name

NO_DATA = Name("无数据", "no data")
ENTRIES = Name(
    "按进站人次而非人数,同一人可多次计入;小数已隐藏或取整",
    "Entries, not persons: one person may come in many times. "
    "Small numbers are hidden, others rounded.",
)
NO_AGE_OR_SEX = Name(
    "未采集年龄与性别,各区差异可能是年龄差异",
    "No age or sex is collected: differences between districts may be differences of age.",
)
WHOLE_DAYS = Name(
    "最近 8 个整周,截至昨日午夜(北京时间)",
    "The last eight whole weeks, up to last midnight in Beijing.",
)
SEVEN_DAYS = Name("最近七个整日", "The last seven whole days.")
_FEW = Name(f"<{SMALLEST_COUNT}", f"<{SMALLEST_COUNT}")
FEW = {"0": _FEW, "5": _FEW}
"""Counts of entries that are not told apart: only they are rounded to these."""

FEW_NOT_DRAWN = Name(
    f"少于 {SMALLEST_COUNT} 人次的日子不画出",
    f"Days with fewer than {SMALLEST_COUNT} entries are not drawn.",
)
NOT_LISTED = Name("未列出的区没有站点", "A district that is not listed has no station.")
GAPS = Name(
    "没有点的时段:未发布,或因测量太少而整体隐藏,二者不作区分",
    "A window without a point is not released, or hidden whole because it has too few sessions.",
)
INTERVAL = Name(
    "色带为 95% 区间(含取整误差,并按同一人重复测量放宽)",
    "The band is the 95 % interval, widened for rounding and for persons who measure repeatedly.",
)
LOW_PRECISION = Name("n<100,精度低", "n<100: low precision")
HIDDEN = Name("隐藏", "hidden")

STATES = {
    "shown": Name("公布", "shown"),
    "small": Name("过少,只公布上限", "too few: only a bound"),
    "hidden": HIDDEN,
}
RULES = {
    "few_sessions": Name("测量太少", "too few sessions"),
    "small_part": Name("该类太少", "the part is too small"),
    "small_complement": Name("该类以外太少", "too few outside the part"),
    "derivable": Name("可由其他类推算", "could be reckoned from other parts"),
    "remainder": Name("可由其他地区推算", "could be reckoned from other areas"),
    "extreme": Name("只在全市长时段公布", "only for the city in long windows"),
    "few_for_percentile": Name("对该分位数太少", "too few for this percentile"),
    "tells_a_small_part": Name("会暴露过小的类", "would tell a part that is too small"),
    "open_tail": Name("超出最末分组", "beyond the last bin"),
    "noise": Name("加噪时段无分位数", "no percentiles with noise"),
}

WEEKDAYS = {
    "1": Name("周一", "Monday"),
    "2": Name("周二", "Tuesday"),
    "3": Name("周三", "Wednesday"),
    "4": Name("周四", "Thursday"),
    "5": Name("周五", "Friday"),
    "6": Name("周六", "Saturday"),
    "7": Name("周日", "Sunday"),
}


def together(*parts: Name) -> Name:
    """Several sentences as one text."""
    return Name("。".join(part.zh for part in parts), " ".join(_ended(part.en) for part in parts))


def _ended(text: str) -> str:
    return text if text.endswith((".", "!")) else text + "."
