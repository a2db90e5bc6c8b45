"""Both languages say everything, and a visitor gets the right one."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import dashboard.web
from contract.condition import Battery, Clock, LastHeard, Radio, Space, Storage
from dashboard.web.api import IngestUnavailable
from dashboard.web.asking import MEASURES
from dashboard.web.class_figures import CATEGORIES
from dashboard.web.equity_panels import RATES
from dashboard.web.glucose_panel import CUT_OFFS
from dashboard.web.line_figures import PRESSURES, SERIES
from dashboard.web.negotiation import chosen
from dashboard.web.phrasebook import Texts
from dashboard.web.site import VIEWS
from dashboard.web.station_rows import SOUND
from dashboard.web.texts import EN, TEXTS, ZH
from ingest.answers import ProblemCode
from ingest.disclosure.scales import SCALES
from ingest.windows import Level

NAMES = [field.name for field in fields(Texts)]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_THE_SAME_IN_CHINESE = {"html_lang", "other_language", "full_stop", "months"}


def words_of(texts: Texts, name: str) -> list[str]:
    """Every string that a field holds."""
    value = getattr(texts, name)
    if isinstance(value, dict):
        return list(value.values())
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_empty_in_either_language(name: str) -> None:
    for texts in TEXTS.values():
        assert words_of(texts, name)
        assert all(word.strip() for word in words_of(texts, name))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_fill_in_the_same_things(name: str) -> None:
    chinese, english = (
        [sorted(_PLACEHOLDER.findall(word)) for word in words_of(texts, name)] for texts in (ZH, EN)
    )
    assert chinese == english


@pytest.mark.parametrize("name", [n for n in NAMES if n not in _THE_SAME_IN_CHINESE])
def test_chinese_is_chinese_and_english_is_not(name: str) -> None:
    assert any(_CHINESE.search(word) for word in words_of(ZH, name))
    assert not any(_CHINESE.search(word) for word in words_of(EN, name))


@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_left_over(name: str) -> None:
    folder = Path(dashboard.web.__file__).parent
    sources = [*folder.glob("*.py"), *folder.glob("templates/*.html")]
    of_words = ("phrasebook.py", "chinese.py", "english.py", "chinese_words.py", "english_words.py")
    used = "".join(path.read_text() for path in sources if path.name not in of_words)
    spoken = re.search(rf"\b(t|texts|text)\.{name}\b", used)
    assert spoken or f'"{name.removesuffix("_note")}"' in used


def test_every_problem_that_ingest_can_have_is_a_sentence() -> None:
    for texts in TEXTS.values():
        assert set(texts.problems) == set(ProblemCode)


def test_everything_that_a_station_says_of_itself_has_a_word() -> None:
    kinds = (Clock, Storage, Radio, Space, Battery)
    for texts in TEXTS.values():
        assert set(texts.states) == {word for kind in kinds for word in kind}
        assert set(texts.heard) == set(LastHeard)
    assert set(SOUND) <= set(EN.conditions)


def test_every_view_and_every_choice_has_a_name() -> None:
    for texts in TEXTS.values():
        assert set(texts.views) == {view.name for view in VIEWS.values()}
        assert tuple(texts.measures) == MEASURES
        assert tuple(texts.reached) == RATES


def test_every_notice_says_what_to_do() -> None:
    refusals: list[type[IngestUnavailable]] = [IngestUnavailable]
    refusals += IngestUnavailable.__subclasses__()
    assert len(refusals) == 4
    for texts in TEXTS.values():
        for refusal in refusals:
            assert getattr(texts, f"{refusal.notice}_note")


def test_every_part_of_blood_pressure_has_a_name_and_a_place() -> None:
    released = {part.name for part in SCALES["bp"].parts}
    assert set(CATEGORIES) | set(SERIES) == released
    for texts in TEXTS.values():
        assert tuple(texts.categories) == CATEGORIES
        assert tuple(texts.series) == SERIES
        assert tuple(texts.quantities) == PRESSURES


def test_every_part_of_every_glucose_context_has_a_name_and_a_place() -> None:
    contexts = {name: scale for name, scale in SCALES.items() if name != "bp"}
    for texts in TEXTS.values():
        assert set(texts.glucose_measures) == set(CUT_OFFS) == set(contexts)
        for name, scale in contexts.items():
            assert set(CUT_OFFS[name]) == {part.name for part in scale.parts}
            assert set(CUT_OFFS[name]) <= set(texts.glucose_parts)


def test_a_hidden_window_can_say_where_to_look() -> None:
    for texts in TEXTS.values():
        assert set(texts.see) == {Level.DISTRICT, Level.CITY}


def test_the_health_panels_say_what_they_must_in_chinese() -> None:
    assert ZH.caution == "自愿自测,非诊断;按次数而非人数;小数已隐藏或取整"


@pytest.mark.parametrize(
    ("asked", "accept_language", "language"),
    [
        ("en", "zh-CN", "en"),
        ("zh", "en-GB", "zh"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en-GB,en;q=0.9,zh;q=0.3", "en"),
        (None, "de-DE,en;q=0.5", "en"),
        (None, "fr", "zh"),
        (None, "", "zh"),
        ("xx", "en", "en"),
        (None, "en;q=much", "zh"),
    ],
)
def test_the_address_decides_before_the_browser(
    asked: str | None, accept_language: str, language: str
) -> None:
    assert chosen(asked, accept_language) == language
