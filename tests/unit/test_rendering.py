"""The page as HTML: each language speaks alone, and every number of a chart is in a table."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from dashboard.web.answers import Overview, StationList, Trend, WeekProfile
from dashboard.web.assets import Asset
from dashboard.web.phrasebook import Language
from dashboard.web.rendering import Renderer, Snapshot
from dashboard.web.texts import EN, TEXTS, ZH
from tests.fake_ingest import example_overview, example_profile, example_stations
from tests.fake_trends import GLUCOSE, example_extremes, example_glucose, example_trend

ASSET = Asset(b"", b"", "text/plain", "0")
RENDERER = Renderer(dict.fromkeys(("style.css", "page.js", "plotly.js"), ASSET))
SNAPSHOT = Snapshot(
    Overview.model_validate(example_overview()),
    StationList.model_validate(example_stations()),
    WeekProfile.model_validate(example_profile()),
    Trend.model_validate(example_trend()),
    {measure: Trend.model_validate(example_glucose(measure)) for measure in GLUCOSE},
    Trend.model_validate(example_extremes()),
)

_TAGS = re.compile(r"<[^>]*>")
_SPOKEN = re.compile(r'(?:aria-label|placeholder)="([^"]*)"')
_FIGURE = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.DOTALL)
_FIELDS = re.compile(r"%\{[^}]*\}|<br>|<extra></extra>|</?b>")

# Symbols that are the same in both languages, and the link to the English page.
_OF_BOTH = re.compile(r"\b(?:BJ-[A-Z]{2}-\d+|mmHg|mmol|English)\b")


def drawn(figure: Any) -> Iterator[str]:
    """The words that a chart shows, by itself or under the pointer."""
    for trace in figure["data"]:
        for key in ("name", "hovertemplate", "customdata", "y"):
            value = trace.get(key, "")
            for word in value if isinstance(value, list) else [value]:
                yield _FIELDS.sub(" ", word) if isinstance(word, str) else ""
    yield from (mark["text"] for mark in figure["layout"].get("annotations", ()))


def words(html: str) -> str:
    """What a reader sees or hears of a page: text, labels, and the words of the charts."""
    seen = " ".join(word for figure in _FIGURE.findall(html) for word in drawn(json.loads(figure)))
    labels = " ".join(_SPOKEN.findall(html))
    body = re.sub(r"<script.*?</script>|<head>.*?</head>", " ", html, flags=re.DOTALL)
    return unescape(" ".join((_TAGS.sub(" ", body), labels, seen)))


def test_no_english_leaks_into_the_chinese_page() -> None:
    told = _OF_BOTH.sub("", words(RENDERER.page(SNAPSHOT, "110000", "zh", whole=True)))
    assert "血糖筛查" in told
    assert told.count("收缩压 ") >= 2  # in the table, and under the pointer
    assert re.findall(r"[A-Za-z]{3,}", told) == []


def test_no_chinese_leaks_into_the_english_page() -> None:
    told = words(RENDERER.page(SNAPSHOT, "110000", "en", whole=True))
    assert "Glucose screening" in told
    assert re.findall("[\u4e00-\u9fff]+", told.replace(EN.other_language, "")) == []


@pytest.mark.parametrize("language", TEXTS)
def test_every_panel_of_health_carries_the_wording_of_the_api(language: Language) -> None:
    html = RENDERER.page(SNAPSHOT, "110000", language, whole=False)
    trend = SNAPSHOT.blood_pressure
    assert trend is not None
    wording = {"zh": trend.wording.zh, "en": trend.wording.en.rstrip(".")}[language]
    for name in ("screening", "glucose", "extremes"):
        (panel,) = re.findall(rf'<section [^>]*id="{name}".*?</section>', html, re.DOTALL)
        assert f"<strong>{wording}</strong>" in panel


def test_a_wording_is_text_and_never_markup() -> None:
    trend = Trend.model_validate(example_trend() | {"wording": {"zh": "<b>", "en": "<b>"}})
    changed = Snapshot(SNAPSHOT.overview, None, None, trend, dict.fromkeys(GLUCOSE, trend), trend)
    html = RENDERER.page(changed, "110000", "zh", whole=False)
    assert html.count("<strong>&lt;b&gt;</strong>") == 3


def test_every_chart_of_screening_has_its_numbers_in_the_table() -> None:
    html = RENDERER.page(SNAPSHOT, "110000", "zh", whole=False)
    heads = re.findall(r'<th scope="col">([^<]*)', html)
    named = [*ZH.categories.values(), "≥140/90", "≥135/85", *ZH.quantities.values(), ZH.late]
    assert [head for head in heads if head in named] == named
    assert len(re.findall(r'class="plot"', html)) == 4
    assert html.count("130 (118–140)") == 3  # weeks with this median


def test_extremes_are_the_whole_citys_whatever_area_is_chosen() -> None:
    html = RENDERER.page(SNAPSHOT, "110105", "zh", whole=False)
    (panel,) = re.findall(r'<section [^>]*id="extremes".*?</section>', html, re.DOTALL)
    assert "北京市" in panel
    assert "朝阳区" not in panel
    assert ZH.extremes_note in panel
    assert "<td>14</td>" in panel
