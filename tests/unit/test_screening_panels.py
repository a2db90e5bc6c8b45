"""What the page says of screening in words and rows: released numbers, and why others are not."""

from typing import Any

import pytest

from dashboard.web import glucose_panel, screening_panels
from dashboard.web.answers import Overview, Trend, Window
from dashboard.web.glucose_panel import GlucosePanel, GlucoseTable
from dashboard.web.phrasebook import Language
from dashboard.web.screening_panels import ScreeningPanel
from dashboard.web.texts import EN, TEXTS, ZH
from ingest import trend_answers
from tests.fake_city import example_overview
from tests.fake_trends import (
    GLUCOSE,
    WORDING,
    Json,
    example_extremes,
    example_glucose,
    example_trend,
)

OVERVIEW = Overview.model_validate(example_overview())
TREND = Trend.model_validate(example_trend())
EXTREMES = Trend.model_validate(example_extremes())
CONTEXTS: dict[str, Trend | None] = {
    measure: Trend.model_validate(example_glucose(measure)) for measure in GLUCOSE
}


def pressure(trend: Trend | None = TREND, language: Language = "en") -> ScreeningPanel:
    """The panel of blood pressure."""
    return screening_panels.blood_pressure(OVERVIEW, trend, TEXTS[language], language)


def extremes(trend: Trend | None = EXTREMES, language: Language = "en") -> ScreeningPanel:
    """The panel of extremes."""
    return screening_panels.extremes(OVERVIEW, trend, TEXTS[language], language)


def glucose(
    contexts: dict[str, Trend | None] | None = None, language: Language = "en"
) -> GlucosePanel:
    """The panel of glucose."""
    found = CONTEXTS if contexts is None else contexts
    return glucose_panel.glucose(OVERVIEW, found, TEXTS[language], language)


def latest(**changes: Any) -> Trend:
    """The trend of one week, the last, with something of it changed."""
    week = Window.model_validate(TREND.windows[-1].model_dump() | changes)
    return TREND.model_copy(update={"windows": (week,)})


def with_part(name: str, **changes: Any) -> Trend:
    """The trend of one week, the last, with one of its parts changed."""
    week = TREND.windows[-1]
    parts = (p.model_dump() | (changes if p.part == name else {}) for p in week.parts)
    return latest(parts=tuple(parts))


@pytest.mark.parametrize(
    "example", [example_trend(), example_extremes(), *(example_glucose(m) for m in GLUCOSE)]
)
def test_the_examples_are_answers_that_ingest_can_give(example: Json) -> None:
    answer = trend_answers.Trends.model_validate(example)
    assert answer.model_dump(mode="json") == example
    assert trend_answers.WORDING.model_dump() == WORDING


def test_the_table_shows_the_newest_week_first_and_hides_what_the_chart_hides() -> None:
    rows = pressure().rows
    assert rows[0] == (
        *("2026-W46", "11/9–11/15", "1,255"),
        *("420 · 33%", "425 · 34%", "280 · 22%", "115 · 9%"),
        *("395 · 31% (28–35%)", "495 · 39% (36–43%)"),
        *("130 (118–140)", "80 (73–88)", "10"),
    )
    assert rows[-1] == ("2026-W35", "8/24–8/30", "hidden (<8 or n<20)")
    assert rows[-2][2:] == (
        *("45*", "20 · 44%", "15 · 33%", "10 · 22%", "<8"),
        *("10 · 22% (8–43%)", "15 · 33% (16–55%)", "129 (118–140)", "80 (73–88)", "<8"),
    )


def test_a_number_that_must_not_be_shown_is_not_written_even_if_it_was_sent() -> None:
    assert pressure(with_part("high", state="hidden")).rows[0][7] == "hidden"
    assert pressure(with_part("high", state="small")).rows[0][7] == "<8"
    assert pressure(latest(state="hidden")).rows[0][2:] == ("hidden (<8 or n<20)",)
    values = tuple(
        one.model_dump() | {"rule": "few_for_percentile"} for one in TREND.windows[-1].percentiles
    )
    assert pressure(latest(percentiles=values)).rows[0][9:11] == ("hidden", "hidden")


def test_the_table_holds_a_year_of_weeks() -> None:
    assert len(pressure(TREND.model_copy(update={"windows": TREND.windows * 9})).rows) == 53


def test_the_latest_week_is_told_in_a_sentence() -> None:
    assert pressure().lead == (
        "Latest release 2026-W46 (11/9–11/15): about 1,255 sessions, ≥140/90: 31%, ≥135/85: 39%"
    )
    assert pressure(with_part("high", state="small")).lead.endswith("≥140/90: <8, ≥135/85: 39%")
    hidden = TREND.model_copy(update={"windows": TREND.windows[:1]})
    assert pressure(hidden).lead == "Latest week 2026-W35 (8/24–8/30): hidden (<8 or n<20)"


@pytest.mark.parametrize(
    ("see", "language", "words"),
    [
        ("district", "en", "hidden (<8 or n<20) · see the district"),
        ("city", "en", "hidden (<8 or n<20) · see the whole city"),
        ("city", "zh", "隐藏(<8 或 n<20) · 请看全市"),
        ("a level of a later version", "zh", "隐藏(<8 或 n<20)"),
    ],
)
def test_a_hidden_week_says_where_to_look(see: str, language: Language, words: str) -> None:
    panel = pressure(latest(state="hidden", n=None, see=see), language)
    assert panel.rows[0][2] == words
    assert panel.lead.endswith(words)
    assert panel.notes == ()


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ("shown", "2026-W46 中约有 10 次测量迟到：在所属的周发布之后才送达，因此计入本周。"),
        ("small", "2026-W46 中迟到的测量（在所属的周发布之后才送达）少于 8 次。"),
        ("hidden", "2026-W46 中迟到的测量次数隐藏。"),
    ],
)
def test_a_note_says_how_many_sessions_were_late(state: str, note: str) -> None:
    assert pressure(with_part("late", state=state), "zh").notes == (note,)


def test_noise_is_announced_with_its_epsilon() -> None:
    assert pressure(latest(epsilon=1.0)).notes[1:] == ("Counts carry random noise (ε=1).",)
    assert len(pressure().notes) == 1


def test_before_the_first_release_the_page_says_when_it_will_be() -> None:
    panel = pressure(TREND.model_copy(update={"windows": ()}), "zh")
    assert (panel.shape, panel.charts) == ("empty", {})
    assert panel.lead == "尚未发布任何一周：第一周将于11月24日发布"


@pytest.mark.parametrize("language", TEXTS)
def test_every_panel_of_health_carries_what_the_api_words(language: Language) -> None:
    said = {"wording": {"zh": "仅供参考。", "en": "For orientation."}}
    trend = Trend.model_validate(example_trend() | said)
    words = {"zh": "仅供参考", "en": "For orientation"}[language]
    assert pressure(trend, language).wording == words
    assert extremes(trend, language).wording == words
    assert glucose({"glu_casual": None, "glu_fasting": trend}, language).wording == words


@pytest.mark.parametrize("language", TEXTS)
def test_a_panel_that_cannot_be_read_still_carries_the_caution(language: Language) -> None:
    texts = TEXTS[language]
    for panel in (
        pressure(None, language),
        extremes(None, language),
        glucose(dict.fromkeys(GLUCOSE), language),
    ):
        assert (panel.shape, panel.lead) == ("unavailable", texts.section_unavailable)
        assert panel.wording == texts.caution


def test_extremes_are_told_per_thousand_sessions_or_in_a_word() -> None:
    panel = extremes()
    assert panel.lead == EN.extremes_note
    assert panel.rows == (
        ("2026/9/7–11/29", "2026-B04x12", "5,480", "hidden", "–"),
        ("2026/6/15–9/6", "2026-B03x12", "640", "fewer than 8", "–"),
        ("2026/3/23–6/14", "2026-B02x12", "hidden (<8 or n<20)"),
        ("2025/12/29–3/22", "2026-B01x12", "9,310", "130", "14"),
    )
    assert [row[3:] for row in extremes(language="zh").rows[:2]] == [
        ("隐藏", "–"),
        ("少于 8 次", "–"),
    ]


def test_extremes_are_said_to_be_of_the_whole_city_before_there_are_any() -> None:
    panel = extremes(EXTREMES.model_copy(update={"windows": ()}), "zh")
    assert panel.shape == "empty"
    assert panel.lead == f"{ZH.no_extremes_yet} {ZH.extremes_note}"
    assert "仅有全市数据" in panel.lead


def table(panel: GlucosePanel, measure: str) -> GlucoseTable:
    """One context of a panel."""
    return next(one for one in panel.tables if one.measure == measure)


def test_a_context_of_glucose_has_a_table_only_if_anything_of_it_is_released() -> None:
    assert [one.measure for one in glucose().tables] == ["glu_casual", "glu_fasting"]
    none = {"glu_postprandial_2h": CONTEXTS["glu_postprandial_2h"]}
    assert (glucose(none).shape, glucose(none).lead) == ("empty", EN.no_glucose_yet)
    some = CONTEXTS | {"glu_casual": None}
    assert [one.measure for one in glucose(some).tables] == ["glu_fasting"]
    assert glucose(none | {"glu_casual": None}).shape == "unavailable"


def test_the_latest_weeks_of_a_context_stand_side_by_side_with_its_own_ranges() -> None:
    fasting = table(glucose(language="zh"), "glu_fasting")
    assert fasting.name == "空腹"
    assert [(one.name, one.dates) for one in fasting.weeks[:2]] == [
        ("2026-W46", "11/9–11/15"),
        ("2026-W45", "11/2–11/8"),
    ]
    assert [(one.name, one.cut_off, one.cells[0]) for one in fasting.lines] == [
        ("次数 n", "", ("315", "")),
        ("偏低", "<3.9", ("<8", "")),
        ("未见明显异常", "3.9–6.0", ("270", "86% (80–91%)")),
        ("偏高", "6.1–6.9", ("30", "10% (6–15%)")),
        ("高", "≥7.0", ("10", "3% (1–7%)")),
        ("中位数", "P25–P75", ("5.8", "5.1–6.9")),
    ]
    casual = table(glucose(), "glu_casual")
    assert [one.cut_off for one in casual.lines[1:-1]] == ["<3.9", "3.9–7.7", "7.8–11.0", "≥11.1"]


def test_a_hidden_week_of_glucose_has_a_word_and_no_number() -> None:
    trend = CONTEXTS["glu_fasting"]
    assert trend is not None
    until = trend.model_copy(update={"windows": trend.windows[4:8]})
    fasting = table(glucose({"glu_fasting": until}), "glu_fasting")
    assert fasting.weeks[2].hidden == "hidden (<8 or n<20) · see the whole city"
    assert [line.cells[2] for line in fasting.lines] == [None] * 6
    assert [line.cells[3] for line in fasting.lines][:2] == [("60*", ""), ("<8", "")]


def test_a_hidden_median_of_glucose_is_a_word() -> None:
    trend = CONTEXTS["glu_casual"]
    assert trend is not None
    windows: tuple[Window, ...] = tuple(
        window.model_copy(update={"percentiles": ()}) for window in trend.windows
    )
    casual = table(
        glucose({"glu_casual": trend.model_copy(update={"windows": windows})}), "glu_casual"
    )
    assert casual.lines[-1].cells[0] == ("hidden", "")
