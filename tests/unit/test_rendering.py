"""The pages as HTML: each language speaks alone, and every number of a chart is in a table."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from dashboard.web.answers import Trend
from dashboard.web.asking import asked
from dashboard.web.phrasebook import Language
from dashboard.web.screening_view import ScreeningSnapshot
from dashboard.web.site import BAR, VIEWS
from dashboard.web.texts import EN, TEXTS, ZH
from tests.fake_trends import WORDING, example_trend
from tests.snapshots import RENDERER, SNAPSHOTS, STATION, rendered

GLUCOSE = {"measure": "glucose"}
PAGES: list[tuple[str, dict[str, str]]] = [*((path, {}) for path in VIEWS), ("screening", GLUCOSE)]
NAMES = [path or "overview" for path in VIEWS] + ["glucose"]

every_page = pytest.mark.parametrize(("path", "query"), PAGES, ids=NAMES)

_TAGS = re.compile(r"<[^>]*>")
_SPOKEN = re.compile(r'(?:aria-label|placeholder)="([^"]*)"')
_FIGURE = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.DOTALL)
_FIELDS = re.compile(r"%\{[^}]*\}|<br>|<extra></extra>|</?b>")

# Symbols that are the same in both languages, and the link to the English page.
_OF_BOTH = re.compile(r"\b(?:BJ-[A-Z]{2}-\d+|mmHg|mmol|English|CSV|XLSX|bp1|glu1)\b")


def drawn(figure: Any) -> Iterator[str]:
    """The words that a chart shows, by itself or under the pointer."""
    for trace in figure["data"]:
        for key in ("name", "hovertemplate", "customdata", "y", "text"):
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


@every_page
def test_no_english_leaks_into_the_chinese_page(path: str, query: dict[str, str]) -> None:
    told = _OF_BOTH.sub("", words(rendered(path, "zh", query)))
    assert ZH.title in told
    assert re.findall(r"[A-Za-z]{3,}", told) == []


@every_page
def test_no_chinese_leaks_into_the_english_page(path: str, query: dict[str, str]) -> None:
    told = words(rendered(path, "en", query))
    assert EN.title in told
    assert re.findall("[\u4e00-\u9fff]+", told.replace(EN.other_language, "")) == []


class Outline(HTMLParser):
    """The headings of a page, its links, and what its tables and charts have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.plots = 0
        self.tables: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        given = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(given["href"] or "")
        if tag == "table":
            self.tables.append([])
        if tag in ("caption", "th") and self.tables:
            self.tables[-1].append(given.get("scope") or tag)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        self.plots += given.get("class") == "plot"


@every_page
def test_headings_are_in_order_and_names_are_unique(path: str, query: dict[str, str]) -> None:
    outline = Outline(rendered(path, "en", query))
    assert outline.headings[0] == 1
    assert set(outline.headings[1:]) == {2}
    assert len(outline.ids) == len(set(outline.ids))


@every_page
def test_every_table_has_a_caption_and_heads_with_a_scope(path: str, query: dict[str, str]) -> None:
    outline = Outline(rendered(path, "zh", query))
    assert len(outline.tables) >= 1
    for one in outline.tables:
        assert one[0] == "caption"
        assert set(one[1:]) == {"col", "row"}


@every_page
def test_every_link_keeps_the_language(path: str, query: dict[str, str]) -> None:
    outline = Outline(rendered(path, "en", query))
    inner = [link for link in outline.links if not link.startswith("#")]
    other = [link for link in inner if "lang=zh" in link]
    assert len(other) == 1
    assert other[0].startswith("?lang=zh")
    assert all("lang=en" in link for link in inner if link not in other)
    assert len(inner) >= len(BAR) + 2


def test_links_of_a_page_further_down_climb_to_the_root() -> None:
    html = rendered("stations/{station}", "zh")
    assert 'href="../usage?lang=zh"' in html
    assert 'src="../static/page.js?v=0"' in html
    assert f'href="../download/days.csv?lang=zh&amp;station={STATION}&amp;weeks=8"' in html
    assert '<a href="../stations?lang=zh" aria-current="true">' in html


def test_the_choices_are_kept_by_the_other_language() -> None:
    html = rendered("usage", "zh", {"area": "110105", "weeks": "12"})
    assert 'href="?lang=en&amp;area=110105&amp;weeks=12"' in html
    assert 'data-fragment="?lang=zh&amp;area=110105&amp;weeks=12&amp;part=live"' in html
    assert '<option value="110105" selected>朝阳区</option>' in html


@pytest.mark.parametrize("language", TEXTS)
def test_every_panel_of_health_carries_the_wording_of_the_api(language: Language) -> None:
    html = rendered("screening", language, whole=False)
    html += rendered("screening", language, GLUCOSE, whole=False)
    wording = WORDING[language].rstrip(".")
    for name in ("screening", "glucose", "extremes"):
        assert f"<strong>{wording}</strong>" in panel(html, name)
    for path, name in (("", "screening"), ("equity", "high"), ("equity", "reach")):
        told = panel(rendered(path, language), name)
        assert {"zh": "自愿自测,非诊断", "en": "not diagnosis"}[language] in told


@pytest.mark.parametrize("name", ["high", "reach", "evenness"])
def test_no_comparison_of_districts_stands_without_the_sentence_on_age(name: str) -> None:
    assert "No age or sex is collected" in panel(rendered("equity", "en"), name)
    assert "未采集年龄与性别" in panel(rendered("equity", "zh"), name)


def test_a_wording_is_text_and_never_markup() -> None:
    trend = Trend.model_validate(example_trend() | {"wording": {"zh": "<b>", "en": "<b>"}})
    seen = SNAPSHOTS["screening"]
    assert isinstance(seen, ScreeningSnapshot)
    changed = replace(seen, pressure=trend, extremes=trend)
    here = asked("screening", "zh", {})
    html = RENDERER.page(VIEWS["screening"], changed, here, whole=False)
    assert html.count("<strong>&lt;b&gt;</strong>") == 2


@every_page
def test_every_chart_has_a_table_in_its_panel(path: str, query: dict[str, str]) -> None:
    html = rendered(path, "zh", query, whole=False)
    for section in re.findall(r"<section.*?</section>", html, re.DOTALL):
        if 'class="plot"' in section:
            assert "<table" in section


def test_every_chart_of_screening_has_its_numbers_in_the_table() -> None:
    html = rendered("screening", "zh", whole=False)
    heads = re.findall(r'<th scope="col">([^<]*)', html)
    named = [*ZH.categories.values(), "≥140/90", "≥135/85", *ZH.quantities.values(), ZH.late]
    assert [head for head in heads if head in named] == named
    assert len(re.findall(r'class="plot"', html)) == 3
    assert html.count("130 (118–140)") == 3  # weeks with this median


def test_extremes_are_the_whole_citys_whatever_area_is_chosen() -> None:
    told = panel(rendered("screening", "zh", {"area": "110105"}), "extremes")
    assert "北京市" in told
    assert "朝阳区" not in told
    assert ZH.extremes_note in told
    assert "<td>14</td>" in told


def panel(html: str, name: str) -> str:
    """One section of a page."""
    (found,) = re.findall(rf'<section [^>]*id="{name}".*?</section>', html, re.DOTALL)
    return str(found)
