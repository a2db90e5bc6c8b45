"""What a MeasureReport says to a person: a small table in both languages, and the disclaimer."""

from html import escape

from dashboard.exports.shown import Place, Share

CAUTION = {
    "zh": "自愿自测,非诊断;按次数而非人数;小数已隐藏或取整;未采集年龄与性别,各区差异可能是年龄差异",
    "en": "Voluntary self-measurement, not diagnosis. Sessions, not persons. Small numbers are"
    " hidden, others rounded. No age or sex is collected: differences between districts may be"
    " differences of age.",
}
_MEASURES = {
    "bp": ("血压 ≥140/90", "Blood pressure ≥140/90"),
    "glu_casual": ("随机血糖 ≥11.1 mmol/L", "Glucose at any time ≥11.1 mmol/L"),
}
_HIDDEN = "隐藏 hidden"


def narrative(place: Place) -> str:
    """XHTML for `text.div`."""
    title = f"{place.name.zh} {place.name.en}, {place.window} ({place.first} – {place.last})"
    rows = "".join(_row(measure, share) for measure, share in place.shares.items())
    cautions = "".join(
        f'<p xml:lang="{language}">{escape(text)}</p>' for language, text in CAUTION.items()
    )
    heads = ("", "次数 sessions", "其中 of which", "占比 share", "95 %")
    head = "".join(f"<th>{one}</th>" for one in heads)
    return (
        f'<div xmlns="http://www.w3.org/1999/xhtml"><p><b>{escape(title)}</b></p>'
        f"<table><tr>{head}</tr>{rows}</table>{cautions}</div>"
    )


def _row(measure: str, share: Share) -> str:
    name = " ".join(_MEASURES[measure])
    interval = _HIDDEN if share.share is None else f"{share.low}–{share.high} %"
    if share.low_precision and share.share is not None:
        interval += " (n<100 精度低 low precision)"
    if share.epsilon is not None:
        interval += f" (含噪声 with noise, ε={share.epsilon:g})"
    cells = (name, _count(share.sessions), _count(share.numerator), _percent(share), interval)
    return "<tr>" + "".join(f"<td>{escape(one)}</td>" for one in cells) + "</tr>"


def _count(count: int | None) -> str:
    return _HIDDEN if count is None else str(count)


def _percent(share: Share) -> str:
    return _HIDDEN if share.share is None else f"{share.share} %"
