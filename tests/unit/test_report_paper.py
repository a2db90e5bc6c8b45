"""A report says what is shown with its interval, and what is hidden in words, never as 0."""

import re
from dataclasses import fields, replace
from datetime import datetime
from xml.etree import ElementTree

import pytest

from dashboard.reports.chinese import ZH
from dashboard.reports.english import EN
from dashboard.reports.facts import Facts, a_year_before
from dashboard.reports.headline import Tile
from dashboard.reports.languages import WORDS
from dashboard.reports.paper import Paper, paper
from dashboard.reports.words import Language
from ingest.calendar import ZONE
from tests.report_facts import facts, summary, week, with_usage

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=ZONE)
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def english(found: Facts) -> Paper:
    return paper(found, EN, NOW)


def said_in(svg: str) -> list[str]:
    """The words of a chart; that it can be parsed says that it is well-formed."""
    drawing = ElementTree.fromstring(svg)  # noqa: S314
    return [one.text or "" for one in drawing.iter() if one.tag.endswith("text")]


def test_the_headline_numbers_come_with_what_they_mean() -> None:
    assert english(facts()).tiles == (
        Tile("Stations in service", "4", "at most 3 told of their use in the same hour"),
        Tile("Entries", "250", "this week, rounded to 5"),
        Tile("Blood-pressure sessions", "1,000", "400 sessions per 100 entries"),
        Tile("Share ≥140/90", "27%", "95% interval 23–31%"),
    )


def test_a_share_of_few_sessions_is_marked() -> None:
    few = replace(facts(), windows=(week(1), week(0, 60)))
    assert english(few).tiles[3].note == "95% interval 23–31%; n<100: low precision"
    assert paper(few, ZH, NOW).tiles[3].note == "95% 区间 23–31%；n<100，精度低"


def test_a_hidden_week_is_said_to_be_hidden() -> None:
    hidden = replace(facts(), windows=(week(1), week(0, None)))
    sessions, share = english(hidden).tiles[2:]
    assert sessions == Tile(
        "Blood-pressure sessions", "hidden", "fewer than 20, or other numbers would tell"
    )
    assert (share.value, share.note) == ("hidden", "fewer than 20, or other numbers would tell")
    assert english(hidden).beside == (
        "The week before, 2026-W15: 27% (23–31%, n=1,000); hidden here, so there is nothing to"
        " compare.",
        "The whole city this week: 29% (25–33%, n=9,000); hidden here, so there is nothing to"
        " compare.",
    )
    assert "0%" not in (sessions.value, share.value)


def test_a_small_part_is_not_told_apart_from_zero() -> None:
    small = replace(facts(), windows=(week(0, 60, high=None, grade2_or_higher=None),))
    made = english(small)
    assert (made.tiles[3].value, made.tiles[3].note) == ("hidden", "fewer than 8")
    assert said_in(made.pictures["classes"].svg).count("fewer than 8") == 1
    assert "hidden" in said_in(made.pictures["trend"].svg)


@pytest.mark.parametrize(
    ("city", "verdict"),
    [
        (36, "the intervals do not overlap"),  # 32 to 40, and 23 to 31
        (35, "the intervals overlap, so no difference can be claimed"),
        (19, "the intervals overlap, so no difference can be claimed"),
        (18, "the intervals do not overlap"),
    ],
)
def test_a_difference_is_claimed_only_if_the_intervals_are_apart(city: int, verdict: str) -> None:
    made = english(replace(facts(), city=week(0, 9000, high=city)))
    assert made.beside[1].endswith(f"; {verdict}.")


@pytest.mark.parametrize(
    ("name", "found"),
    [("2026-W16", "2025-W16"), ("2026-W15", "2025-W15"), ("2026-W53", None), ("2025-W16", None)],
)
def test_a_year_ago_is_the_week_of_the_same_number(name: str, found: str | None) -> None:
    windows = [week(53), week(52), week(1), week(0)]
    before = a_year_before(windows, name)
    assert (before and before.window) == found


def test_what_there_is_to_compare_with_depends_on_the_place_and_the_week() -> None:
    assert english(facts()).beside[0] == "The week before, 2026-W15: hidden."
    year = replace(facts(), year_ago=week(52, 500, high=20))
    assert english(year).beside[1] == (
        "The same week a year ago, 2025-W16: 20% (16–24%, n=500); the intervals overlap, so no"
        " difference can be claimed."
    )
    assert len(english(year).beside) == 3
    first = replace(facts(), windows=(week(0),), city=None)
    assert english(first).beside == ()


def test_entries_of_too_few_or_without_a_sensor_are_said_in_words() -> None:
    few = with_usage(facts(), uptake=facts().usage.uptake.model_copy(update={"entries": "<8"}))  # type: ignore[union-attr]
    assert english(few).tiles[1].value == "fewer than 8"
    none = with_usage(facts(), uptake=None, reporting=None)
    assert english(none).tiles[1] == Tile(
        "Entries", "no data", "no door sensor told anything this week"
    )
    assert english(none).tiles[0].note == "fewer than 3 told of their use at the same time"


def test_the_trend_has_a_gap_where_a_week_is_hidden_and_hollow_points_where_n_is_small() -> None:
    svg = english(facts()).pictures["trend"].svg
    assert [one for one in said_in(svg) if one.startswith("W")] == ["W13", "W14", "W15", "W16"]
    assert said_in(svg).count("hidden") == 1
    solid = 'fill="#0072B2" stroke="#0072B2"'
    hollow = 'fill="#ffffff" stroke="#0072B2"'
    assert (svg.count(solid), svg.count(hollow)) == (2, 2)  # one hollow point is the legend's
    assert svg.count('stroke-width="1.8"') == 3  # two runs, and the legend


def test_districts_are_compared_with_intervals_and_the_own_stands_out() -> None:
    svg = english(facts()).pictures["districts"].svg
    said = said_in(svg)
    assert said[said.index("Chaoyang") :][:4] == ["Chaoyang", "200", "22% (18–26%)", "2.9"]
    assert said[said.index("Miyun") :][:4] == ["Miyun", "20", "fewer than 8", "no data"]
    assert said[said.index("Yanqing") :][:4] == ["Yanqing", "hidden", "hidden", "no data"]
    assert svg.count("#FFF1D6") == 1
    assert "#FFF1D6" not in english(facts("110000")).pictures["districts"].svg
    assert "differences of age" in english(facts()).notes["districts"]


def test_the_days_of_the_week_are_dark_and_small_ones_are_not_zero() -> None:
    svg = english(facts()).pictures["days"].svg
    assert (svg.count('fill="#0072B2"'), svg.count('fill="#56B4E9"')) == (7, 19)
    assert "<8" in said_in(svg)
    assert "–" in said_in(svg)  # a day of which no sensor told
    without = with_usage(facts(), days=())
    assert english(without).notes["days"].startswith("No days of these weeks")


def test_an_hour_without_data_is_not_an_empty_hour() -> None:
    svg = english(facts()).pictures["heat"].svg
    cells = re.findall(r'<rect [^>]*height="12.0" fill="(#\w+)"', svg)
    assert len(cells) == 7 * 24
    assert cells.count("#ffffff") == 7 * 24 - 3
    assert cells[2 * 24 + 13] == "#003f66"  # the busiest is the darkest
    assert "no data" in said_in(svg)


def test_the_stay_is_unknown_rather_than_zero() -> None:
    unknown = with_usage(
        facts(),
        summary=summary(stay_minutes=None, full_percent=None, peak_weekday=None, peak_hour=None),
    )
    values = [tile.value for tile in english(unknown).use_tiles]
    assert values == ["no data", "no data", "21%", "no data"]
    known = [(tile.value, tile.note) for tile in english(facts()).use_tiles]
    assert known[0] == ("12.5 min", "")
    assert known[3] == ("Wed 12:00", "1.7 people per station")


def test_quality_counts_what_is_hidden_late_and_of_one_reading() -> None:
    quality = english(facts()).quality
    assert quality[:2] == (
        "Hidden of the 16 numbers of the districts this week: 2",
        "Hidden as a whole, of the last 4 weeks here: 1",
    )
    assert quality[2].endswith(": 10 (1%)")
    assert quality[3] == "Sessions of a single reading: 250 (25%)"
    assert quality[4].endswith("(25 March 2026 to 21 April 2026): 97%")


def test_noise_in_the_counts_is_told() -> None:
    noisy = replace(facts(), windows=(week(0).model_copy(update={"epsilon": 0.5}),))
    assert english(noisy).quality[-1] == "Counts carry random noise (ε=0.5)"
    assert len(english(noisy).quality) == len(english(facts()).quality) + 1


def test_a_demonstration_says_so() -> None:
    assert english(facts()).demo == ""
    assert english(replace(facts(), demo=True)).demo.startswith("Demo:")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_report_carries_the_wording_and_the_method(language: Language) -> None:
    made = paper(facts(), WORDS[language], NOW)
    caution = {"zh": "自愿自测,非诊断", "en": "Voluntary self-measurement, not diagnosis."}
    assert made.caution == caution[language]
    method = " ".join(made.methods)
    for needed in {"zh": ("不是人数", "不是诊断", "隐藏不等于 0", "取整到 5", "少于 8"),
                   "en": ("not persons", "not diagnosis", "Hidden is not 0", "rounded to 5",
                          "below 8")}[language]:  # fmt: skip
        assert needed in method
    assert not re.search(r"\{\w*\}", str(made.plain()).replace("{page}", "").replace("{pages}", ""))


def test_both_languages_say_the_same_things() -> None:
    for field in fields(ZH):
        chinese, english_ = getattr(ZH, field.name), getattr(EN, field.name)
        assert sorted(re.findall(r"\{\w+\}", str(chinese))) == sorted(
            re.findall(r"\{\w+\}", str(english_))
        ), field.name
        if isinstance(chinese, dict):
            assert chinese.keys() == english_.keys()
        if isinstance(chinese, tuple):
            assert len(chinese) == len(english_)
