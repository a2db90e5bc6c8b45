"""Every chart is one that Plotly accepts, and shows no more than was released."""

import json
from typing import Any

import plotly.graph_objects as go
import pytest

from contract.disclosure import rounded
from dashboard.web import figures, screening_figures
from dashboard.web.api import BloodPressureTrend, WeekProfile, Window
from dashboard.web.figures import Figure
from dashboard.web.intervals import share_interval
from dashboard.web.phrasebook import Texts
from dashboard.web.texts import EN, TEXTS, ZH
from tests.fake_ingest import example_profile, example_trend

HIDDEN = "hidden (<8 or n<20)"

WINDOWS = BloodPressureTrend.model_validate(example_trend()).windows
PROFILE = WeekProfile.model_validate(example_profile())
EMPTY_PROFILE = PROFILE.model_copy(update={"cells": ()})


def every_figure(texts: Texts) -> dict[str, Figure]:
    """All charts, with much, little and nothing in them."""
    return {
        "shares": screening_figures.category_shares(WINDOWS, texts, HIDDEN),
        "shares of many weeks": screening_figures.category_shares(WINDOWS * 4, texts, HIDDEN),
        "shares of one hidden week": screening_figures.category_shares(WINDOWS[:1], texts, HIDDEN),
        "high": screening_figures.high_share(WINDOWS, texts, HIDDEN),
        "high of one hidden week": screening_figures.high_share(WINDOWS[:1], texts, HIDDEN),
        "high of no week": screening_figures.high_share((), texts, HIDDEN),
        "occupancy": figures.occupancy(PROFILE, texts),
        "occupancy of nobody": figures.occupancy(EMPTY_PROFILE, texts),
    }


def plain(figure: Figure) -> Any:
    """A figure as a browser gets it."""
    return json.loads(json.dumps(figure, allow_nan=False))


@pytest.mark.parametrize("texts", TEXTS.values(), ids=list(TEXTS))
@pytest.mark.parametrize("name", every_figure(EN))
def test_plotly_accepts_every_figure(name: str, texts: Texts) -> None:
    figure = plain(every_figure(texts)[name])
    assert len(go.Figure(figure).data) == len(figure["data"])


def test_shares_are_stacked_from_calm_to_strong_with_the_hidden_part_on_top() -> None:
    figure = plain(screening_figures.category_shares(WINDOWS, EN, HIDDEN))
    assert [trace["name"] for trace in figure["data"]] == [*EN.categories.values(), HIDDEN]
    assert [trace["y"][1] for trace in figure["data"]] == [44, 33, 22, None, None, 3]
    assert [trace["y"][11] for trace in figure["data"]] == [33, 34, 22, 7, 2, None]


def test_a_hidden_week_is_all_hatched_and_says_so() -> None:
    figure = plain(screening_figures.category_shares(WINDOWS, EN, HIDDEN))
    *categories, hidden = figure["data"]
    assert hidden["y"][0] == 100
    assert hidden["marker"]["pattern"]["shape"] == "/"
    assert hidden["customdata"][0] == HIDDEN
    assert all(trace["y"][0] is None for trace in categories)
    assert figure["layout"]["annotations"][0]["text"] == "hidden"


def test_the_hidden_part_of_a_week_names_its_categories() -> None:
    figure = plain(screening_figures.category_shares(WINDOWS, EN, HIDDEN))
    assert figure["data"][-1]["customdata"][1] == f"{HIDDEN}<br>Grade 2 range · Grade 3 range"


def test_a_number_that_must_not_be_shown_is_not_drawn_even_if_it_was_sent() -> None:
    sent = example_trend()["windows"]
    leaking = json.loads(json.dumps(sent).replace('"count": null', '"count": 7'))
    leaking = json.loads(json.dumps(leaking).replace('"share": null', '"share": 33'))
    windows = tuple(Window.model_validate(window) for window in leaking)
    for draw in (screening_figures.category_shares, screening_figures.high_share):
        assert (
            plain(draw(windows, EN, HIDDEN))["data"][0]["y"]
            == (plain(draw(WINDOWS, EN, HIDDEN))["data"][0]["y"])
        )


def test_n_stands_above_each_bar_with_a_mark_for_low_precision() -> None:
    figure = plain(screening_figures.category_shares(WINDOWS, ZH, HIDDEN))
    texts = [mark["text"] for mark in figure["layout"]["annotations"]]
    assert texts[:4] == ["隐<br>藏", "45*", "85*", "160"]


def test_the_high_line_breaks_where_a_week_is_hidden_and_is_hollow_where_n_is_small() -> None:
    hidden, line = plain(screening_figures.high_share(WINDOWS, EN, HIDDEN))["data"]
    assert line["y"][:7] == [None, 22, 29, 28, 27, None, 29]
    assert line["connectgaps"] is False
    assert [value is not None for value in hidden["y"]] == [y is None for y in line["y"]]
    assert line["marker"]["color"][1:4] == ["var(--surface)", "var(--surface)", "var(--accent)"]


def test_only_the_last_half_year_is_drawn() -> None:
    figure = plain(screening_figures.category_shares(WINDOWS * 4, EN, HIDDEN))
    assert len(figure["data"][0]["x"]) == screening_figures.WEEKS_DRAWN == 26
    assert figure["data"][0]["x"][-1] == "W46<br>11/9"


@pytest.mark.parametrize(("count", "n"), [(10, 20), (10, 35), (25, 100), (250, 1000), (20, 20)])
def test_the_interval_holds_every_share_that_rounds_to_these_counts(count: int, n: int) -> None:
    low, high = share_interval(count, n)
    for true_n in range(n - 2, n + 3):
        for true_count in range(count - 2, min(count + 2, true_n) + 1):
            assert rounded(true_n) == n
            assert low < 100 * true_count / true_n < high or true_count == true_n
    assert 0 <= low < high <= 100


def test_the_interval_is_wilsons_around_the_ends_that_rounding_leaves() -> None:
    # Wilson's bounds are where the distance to the share is exactly z standard errors of the bound.
    low, high = (end / 100 for end in share_interval(25, 100))
    for end, share in ((low, 23 / 102), (high, 27 / 98)):
        assert (share - end) ** 2 == pytest.approx(1.96**2 * end * (1 - end) / 100)
    # Never narrower than Wilson's own 18–34 % of 25/100.
    assert low < 0.175
    assert high > 0.343


def test_an_hour_without_data_is_blank_and_not_zero() -> None:
    (heat,) = plain(figures.occupancy(PROFILE, ZH))["data"]
    assert heat["y"][0] == "周一"
    assert heat["z"][6][19:] == [0.33, None, None, None, None]
    assert heat["zmin"] == 0
    assert heat["zmax"] == 1.94


def test_every_colour_is_the_pages_own() -> None:
    text = json.dumps(every_figure(EN))
    assert "#" not in text
    assert "rgb(" not in text
