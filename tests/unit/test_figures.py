"""Every chart is one that Plotly accepts, and shows no more than was released."""

import json
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboard.web import class_figures, equity_figures, line_figures, usage_figures
from dashboard.web.answers import PartState, Trend, Window
from dashboard.web.figures import Figure
from dashboard.web.phrasebook import Texts
from dashboard.web.texts import EN, TEXTS, ZH
from dashboard.web.usage_answers import Day, TypicalHour
from dashboard.web.weeks import WEEKS_DRAWN
from tests.fake_trends import example_trend
from tests.fake_usage import example_days, example_week

HIDDEN = "hidden (<8 or n<20)"

WINDOWS = Trend.model_validate(example_trend()).windows
CELLS = [TypicalHour.model_validate(cell) for cell in example_week()]
DAYS = [Day.model_validate(day) for day in example_days(4)]
RATES = (("甲", 0.5), ("乙", None), ("丙", 2.5))
SHARES = (("甲", (30, 25, 36)), ("乙", None), ("丙", (40, 40, 40)))

DRAWINGS = {
    "shares": class_figures.category_shares,
    "high": line_figures.high_shares,
    "pressures": line_figures.pressures,
}


def every_figure(texts: Texts) -> dict[str, Figure]:
    """All charts, with much, little and nothing in them."""
    spans = {
        "": WINDOWS,
        " of many weeks": WINDOWS * 4,
        " of one week": WINDOWS[1:2],
        " of one hidden week": WINDOWS[:1],
        " of no week": (),
    }
    return {
        **{
            f"{name}{span}": draw(windows, texts, HIDDEN)
            for name, draw in DRAWINGS.items()
            for span, windows in spans.items()
        },
        "typical week": usage_figures.typical_week(CELLS, texts),
        "typical week of nobody": usage_figures.typical_week((), texts),
        "entries": usage_figures.entries(DAYS, texts),
        "entries of no day": usage_figures.entries((), texts),
        "rates": equity_figures.rates(RATES, "n", texts),
        "rates of nobody": equity_figures.rates((), "n", texts),
        "shares by place": equity_figures.shares(SHARES, "n", texts),
        "shares of nobody": equity_figures.shares((), "n", texts),
    }


def plain(figure: Figure) -> Any:
    """A figure as a browser gets it."""
    return json.loads(json.dumps(figure, allow_nan=False))


def drawn(name: str, windows: tuple[Window, ...] = WINDOWS) -> Any:
    """One chart of blood pressure in English, as a browser gets it."""
    return plain(DRAWINGS[name](windows, EN, HIDDEN))


def without(at: int, *names: str) -> tuple[Window, ...]:
    """The example, with parts or percentiles of one week hidden, though their numbers are sent."""
    week = WINDOWS[at]
    parts = tuple(
        part.model_copy(update={"state": PartState.HIDDEN}) if part.part in names else part
        for part in week.parts
    )
    percentiles = tuple(
        one.model_copy(update={"rule": "few_for_percentile"})
        if f"{one.quantity}_p{one.q}" in names
        else one
        for one in week.percentiles
    )
    changed = week.model_copy(update={"parts": parts, "percentiles": percentiles})
    return (*WINDOWS[:at], changed, *WINDOWS[at + 1 :])


@pytest.mark.parametrize("texts", TEXTS.values(), ids=list(TEXTS))
@pytest.mark.parametrize("name", every_figure(EN))
def test_plotly_accepts_every_figure(name: str, texts: Texts) -> None:
    figure = plain(every_figure(texts)[name])
    assert len(go.Figure(figure).data) == len(figure["data"])


def test_shares_are_stacked_from_calm_to_strong_with_the_hidden_part_on_top() -> None:
    figure = drawn("shares")
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert [trace["name"] for trace in bars] == [*EN.categories.values(), HIDDEN]
    assert [trace["y"][1] for trace in bars] == [44, 33, 22, None, 3]
    assert [trace["y"][11] for trace in bars] == [33, 34, 22, 9, None]
    assert figure["layout"]["barmode"] == "stack"
    assert all("base" not in trace for trace in figure["data"])


def test_a_hidden_week_is_all_hatched_and_says_so() -> None:
    figure = drawn("shares")
    *categories, hidden = figure["data"]
    assert hidden["y"][0] == 100
    assert hidden["marker"]["pattern"]["shape"] == "/"
    assert hidden["customdata"][0] == HIDDEN
    assert all(trace["y"][0] is None for trace in categories)
    assert figure["layout"]["annotations"][0]["text"] == "hidden"


def test_the_hidden_part_of_a_week_names_its_categories() -> None:
    words = drawn("shares")["data"][-1]["customdata"]
    assert words[1] == f"{HIDDEN}<br>Grade 2 range and higher"
    both = drawn("shares", without(1, "grade1"))["data"][-1]
    assert both["customdata"][1] == f"{HIDDEN}<br>Grade 1 range · Grade 2 range and higher"
    assert both["y"][1] == 100 - 44 - 33


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_number_that_must_not_be_shown_is_not_drawn_even_if_it_was_sent(name: str) -> None:
    sent = json.dumps(example_trend()["windows"])
    for key in ("n", "count", "share", "low", "high", "value"):
        sent = sent.replace(f'"{key}": null', f'"{key}": 33')
    leaking = tuple(Window.model_validate(window) for window in json.loads(sent))
    assert drawn(name, leaking)["data"] == drawn(name)["data"]


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_hidden_week_draws_nothing_of_the_parts_that_were_sent_with_it(name: str) -> None:
    sent = WINDOWS[11].model_dump() | {"state": "hidden"}
    figure = drawn(name, (Window.model_validate(sent),))
    hidden = next(trace for trace in figure["data"] if trace.get("name") == HIDDEN)
    assert hidden["y"][0] is not None
    for trace in figure["data"]:
        assert trace is hidden or all(y is None for y in trace["y"])
        assert trace is hidden or not any(trace.get("customdata", ()))


def test_a_part_that_was_not_sent_is_hidden() -> None:
    silent = tuple(w.model_copy(update={"parts": (), "percentiles": ()}) for w in WINDOWS)
    assert drawn("shares", silent)["data"][-1]["y"] == [100] * 12
    for name in ("high", "pressures"):
        hidden, *_, one, other = drawn(name, silent)["data"]
        assert one["y"] == other["y"] == [None] * 12
        assert None not in hidden["y"]


def test_n_stands_above_each_bar_with_a_mark_for_low_precision() -> None:
    figure = plain(class_figures.category_shares(WINDOWS, ZH, HIDDEN))
    numbers = figure["data"][0]
    assert numbers["text"][:4] == ["", "45*", "85*", "160"]
    assert numbers["y"][:2] == [None, 102]
    assert [mark["text"] for mark in figure["layout"]["annotations"]] == ["隐<br>藏"] * 2


def test_the_two_thresholds_are_two_lines_that_break_where_a_week_is_hidden() -> None:
    hidden, _, _, high, home = drawn("high")["data"]
    assert (high["name"], home["name"]) == ("≥140/90", "≥135/85 (self-measurement)")
    assert high["y"][:7] == [None, 22, 29, 28, 27, None, 29]
    assert home["y"][:7] == [None, 33, 35, 34, 35, None, 37]
    assert high["connectgaps"] is home["connectgaps"] is False
    assert [value is not None for value in hidden["y"]] == [y is None for y in high["y"]]
    assert hidden["y"][0] == drawn("high")["layout"]["yaxis"]["range"][1]


def test_lines_are_told_apart_without_colour_and_hollow_where_n_is_small() -> None:
    for name in ("high", "pressures"):
        *_, one, other = drawn(name)["data"]
        assert (one["marker"]["symbol"], other["marker"]["symbol"]) == ("circle", "diamond")
        assert (one["line"]["dash"], other["line"]["dash"]) == ("solid", "dot")
        hollow = [colour == "var(--surface)" for colour in one["marker"]["color"]]
        assert hollow == [window.low_precision for window in WINDOWS]
        assert hollow.count(True) == 2


def test_the_band_is_the_interval_that_the_api_gives_and_stays_open_over_a_hidden_week() -> None:
    _, band, home_band, high, _ = drawn("high")["data"]
    sent = [WINDOWS[at].shown("high") for at in range(12)]
    first = [part for part in sent[1:5] if part is not None]
    second = [part for part in sent[6:] if part is not None]
    assert len(first) + len(second) == 10
    for band_y, bounds in (
        (band["y"][:8], [*(p.high for p in first), *(p.low for p in reversed(first))]),
        (band["y"][9:-1], [*(p.high for p in second), *(p.low for p in reversed(second))]),
    ):
        assert band_y == bounds
    assert band["x"][:4] == high["x"][1:5] == band["x"][7:3:-1]
    assert band["x"][8] is band["y"][8] is None
    assert band["fill"] == "toself"
    assert band["fillcolor"] != home_band["fillcolor"]
    assert high["customdata"][11].startswith("31% (28–35%)")


def test_a_share_without_an_interval_is_a_point_without_a_band() -> None:
    parts = tuple(p.model_copy(update={"low": None, "high": None}) for p in WINDOWS[2].parts)
    week = WINDOWS[2].model_copy(update={"parts": parts})
    _, band, _, high, _ = drawn("high", (week,))["data"]
    assert (high["y"], high["error_y"]["array"], band["y"]) == ([29], [None], [])
    assert high["customdata"][0].startswith("29%<br>")


def test_a_week_without_neighbours_has_its_band_as_a_bar() -> None:
    _, band, _, high, _ = drawn("high", (WINDOWS[0], WINDOWS[1], WINDOWS[5]))["data"]
    assert band["y"] == []
    assert high["customdata"][1].endswith("Sessions n 45<br>n<100, low precision")
    part = WINDOWS[1].shown("high")
    assert part is not None
    assert part.low is not None
    assert part.high is not None
    assert high["error_y"]["array"] == [None, part.high - 22, None]
    assert high["error_y"]["arrayminus"] == [None, 22 - part.low, None]
    *_, alike, _ = drawn("high")["data"]
    assert alike["error_y"]["array"] == [None] * 12  # neighbours share a shape


def test_one_threshold_alone_may_be_hidden_and_the_chart_says_which() -> None:
    hidden, _, _, high, home = drawn("high", without(8, "high_home"))["data"]
    assert (high["y"][8], home["y"][8]) == (30, None)
    assert 0 < hidden["y"][8] < 10
    assert hidden["customdata"][8] == f"{HIDDEN}<br>≥135/85 (self-measurement)"


def test_medians_stand_in_the_middle_half_of_the_sessions() -> None:
    hidden, systolic_band, diastolic_band, systolic, diastolic = drawn("pressures")["data"]
    assert systolic["y"][:6] == [None, 129, 130, 128, 129, None]
    assert diastolic["y"][1] == 80
    assert systolic_band["y"][:9] == [140] * 4 + [118] * 4 + [None]
    assert diastolic_band["y"][:9] == [88] * 4 + [73] * 4 + [None]
    assert [y is not None for y in hidden["y"]] == [not window.is_shown for window in WINDOWS]
    low, high = drawn("pressures")["layout"]["yaxis"]["range"]
    assert (low, high) == (60, 160)
    assert (hidden["base"], hidden["y"][0]) == (60, 100)
    assert systolic["customdata"][11] == "130 (118–140) mmHg<br>Sessions n 1255"


def test_a_median_is_drawn_though_a_quartile_is_hidden() -> None:
    windows = without(2, "systolic_p25")
    hidden, band, _, systolic, _ = drawn("pressures", windows)["data"]
    assert systolic["y"][2] == 130
    assert hidden["y"][2] is None
    assert systolic["x"][2] not in band["x"]
    assert systolic["customdata"][2].startswith("130 (P75 140) mmHg")
    assert systolic["error_y"]["array"][1] == 140 - 129  # it lost its neighbour


def test_only_the_last_half_year_is_drawn() -> None:
    for name in DRAWINGS:
        trace = drawn(name, WINDOWS * 4)["data"][-1]
        assert len(trace["x"]) == WEEKS_DRAWN == 26
        assert trace["x"][-1] == "W46<br>11/9"


def test_an_hour_without_data_is_blank_and_not_zero() -> None:
    (heat,) = plain(usage_figures.typical_week(CELLS, ZH))["data"]
    assert heat["y"][0] == "周一"
    assert heat["z"][6][19:] == [0.33, None, None, None, None]
    assert heat["zmin"] == 0
    assert heat["zmax"] == 1.94


def test_a_day_without_a_sensor_is_blank_and_one_with_few_entries_is_hatched() -> None:
    bars, few = plain(usage_figures.entries(DAYS, EN))["data"]
    assert bars["y"][8:12] == [8040, None, None, 7260]
    assert few["y"][9] is None
    assert few["y"][10] > 0
    assert [y for y in few["y"] if y is not None] == [few["y"][10]]
    assert few["marker"]["pattern"]["shape"] == "/"
    assert few["customdata"][10] == "Wed 11/4<br>fewer than 8 entries"
    assert bars["customdata"][8] == "Mon 11/2<br>Entries 8040"


def test_places_are_ordered_and_those_that_are_hidden_come_last_with_a_word() -> None:
    figure = plain(equity_figures.rates(RATES, "n", EN))
    (bars,) = figure["data"]
    assert (bars["y"], bars["x"]) == (["乙", "甲", "丙"], [None, 0.5, 2.5])  # from below
    (mark,) = figure["layout"]["annotations"]
    assert (mark["y"], mark["text"]) == ("乙", "hidden")


def test_a_share_of_a_place_is_a_point_with_its_interval() -> None:
    figure = plain(equity_figures.shares(SHARES, "n", EN))
    (points,) = figure["data"]
    assert (points["y"], points["x"]) == (["乙", "甲", "丙"], [None, 30, 40])
    assert points["error_x"]["array"] == [None, 6, 0]
    assert points["error_x"]["arrayminus"] == [None, 5, 0]
    assert figure["layout"]["xaxis"]["range"] == [0, 50]


def test_every_colour_is_the_pages_own() -> None:
    text = json.dumps(every_figure(EN))
    assert "#" not in text
    assert "rgb(" not in text
