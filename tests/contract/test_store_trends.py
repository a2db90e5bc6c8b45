"""What every store promises the release of trends: sessions as they came, cells as made."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from random import Random

import pytest

from contract.errors import StoreUnavailable
from contract.places import CITY_ADCODE
from ingest.calendar import Week
from ingest.disclosure import RULES, Cell, Rule, State, release, tallied
from ingest.store import Store
from ingest.store.populations import is_percentile
from ingest.windows import Audience, Block, Level, block_of
from tests.contract.stores import (
    CHAOYANG,
    DONGCHENG,
    STATION,
    WEEK,
    Kind,
    glucose,
    sessions,
)

INTERNAL, PUBLIC = Audience.INTERNAL, Audience.PUBLIC
FOUR, TWELVE = block_of(WEEK, 4), block_of(WEEK, 12)
HOMES = {"S1": CHAOYANG, "S2": CHAOYANG, "S3": DONGCHENG}


def cells(
    level: Level = Level.DISTRICT,
    area: str = CHAOYANG,
    window: Block = FOUR,
    audience: Audience = INTERNAL,
    measure: str = "bp",
) -> list[Cell]:
    """A population with a cell of every kind."""
    above = None if level is Level.CITY else Level.CITY
    one = Cell(
        audience, level, area, window, measure, "high", State.SHOWN,
        n=85, count=40, share=47, low=35, high=59, low_precision=True,
    )  # fmt: skip
    nothing = replace(one, count=None, share=None, low=None, high=None)
    hidden = replace(nothing, state=State.HIDDEN, see=above)
    return [
        one,
        replace(hidden, part="normal", state=State.SMALL, rule=Rule.SMALL_PART),
        replace(hidden, part="high_normal", rule=Rule.SMALL_COMPLEMENT),
        replace(hidden, part="grade1", rule=Rule.DERIVABLE),
        replace(hidden, part="single", rule=Rule.REMAINDER),
        replace(one, part="grade3", count=0, share=0, low=0, high=6, per_thousand=0),
        replace(nothing, part="systolic_p50", value=131.0),
        replace(nothing, part="glucose_p95", value=7.1),
        replace(hidden, part="systolic_p25", rule=Rule.TELLS_A_SMALL_PART),
        replace(hidden, part="systolic_p75", rule=Rule.OPEN_TAIL),
        replace(hidden, part="systolic_p90", rule=Rule.FEW_FOR_PERCENTILE),
    ]


def noisy() -> list[Cell]:
    """A population with noise, whose count is not low any more."""
    one = Cell(
        PUBLIC, Level.CITY, CITY_ADCODE, block_of(WEEK, 1), "glu_fasting", "usual", State.SHOWN,
        n=1205, count=985, share=82, low=79, high=85, epsilon=0.5,
    )  # fmt: skip
    return [
        one,
        replace(
            one, part="glucose_p50", state=State.HIDDEN, rule=Rule.NOISE, count=None,
            share=None, low=None, high=None,
        ),
    ]  # fmt: skip


def read(store: Store, of: list[Cell]) -> list[Cell]:
    one = of[0]
    return store.trends.cells(one.audience, one.level, one.area, one.measure)


def together(found: Iterable[Cell]) -> list[list[Cell]]:
    """Cells population by population."""
    return [
        list(group)
        for _, group in groupby(found, lambda one: (one.audience, one.level, one.area, one.measure))
    ]


def counts(found: Iterable[Cell]) -> list[Cell]:
    """The cells that count, without the percentiles."""
    return [one for one in found if not is_percentile(one.part)]


def part(found: Iterable[Cell]) -> list[tuple[Level, str, str]]:
    """Level, area and window of the cells that are part of what is high."""
    return [(one.level, one.area, str(one.window)) for one in found if one.part == "high"]


@pytest.mark.parametrize("level", [Level.CITY, Level.DISTRICT, Level.VENUE, Level.STATION])
def test_cells_of_every_kind_are_read_as_they_were_published(kind: Kind, level: Level) -> None:
    published = cells(level, "S1")
    kind.open().trends.publish(published, HOMES)
    assert read(kind.open(), published) == published


@pytest.mark.parametrize("epsilon", [None, Fraction(1, 2)])
def test_real_cells_of_a_week_are_read_as_they_were_released(
    store: Store, epsilon: Fraction | None
) -> None:
    written = [
        one._replace(venue=venue, single=number % 3 == 0)
        for number, venue in enumerate(("hub", "bank", "gas"))
        for one in sessions(number * 60 + 10, number * 25, station=f"S{number}")
    ]
    store.write([*written, *glucose(55)])
    stations = store.trends.session_counts(WEEK)
    tallies = tallied(store.trends.sessions(WEEK, stations), WEEK)
    rules = {who: replace(one, epsilon=epsilon) for who, one in RULES.items()}
    for audience in Audience:
        made = release(tallies, audience, block_of(WEEK, 1), Random(7), rules=rules)
        store.trends.publish(made, {})
        store.trends.publish(made, {})
        shown = [one for one in made if one.n is not None]
        assert {one.state for one in shown} >= {State.SHOWN, State.SMALL}
        for population in together(made):
            assert read(store, population) == population
        found = [one for one in store.trends.cells_within(FOUR) if one.audience is audience]
        assert sorted(found, key=repr) == sorted(counts(made), key=repr)


def test_cells_with_noise_are_read_as_they_were_published(store: Store) -> None:
    store.trends.publish(noisy(), {})
    assert read(store, noisy()) == noisy()


def test_the_same_cells_published_again_change_nothing(store: Store) -> None:
    published = [*cells(), *cells(Level.STATION, "S1")]
    for _ in range(2):
        store.trends.publish(published, HOMES)
        store.trends.mark_released(WEEK)
    assert read(store, cells()) == cells()
    assert store.trends.cells_within(FOUR, CHAOYANG) == counts(cells(Level.STATION, "S1"))
    assert store.trends.released_weeks() == [WEEK]


def test_a_population_that_is_hidden_whole_is_not_told_from_one_that_is_not_there(
    store: Store,
) -> None:
    hidden = [
        replace(
            one, state=State.HIDDEN, rule=Rule.FEW_SESSIONS, n=None, count=None, share=None,
            low=None, high=None, per_thousand=None, value=None, low_precision=False,
            see=Level.CITY,
        )
        for one in cells(area=DONGCHENG)
    ]  # fmt: skip
    store.trends.publish([*hidden, *cells()], {})
    assert read(store, hidden) == []
    assert store.trends.compared(INTERNAL, Level.DISTRICT, FOUR, "bp") == cells()


@pytest.mark.parametrize("name", ["normal", "systolic_p50", "none"])
def test_one_part_may_be_compared_alone(store: Store, name: str) -> None:
    published = [*cells(Level.STATION, "S1"), *cells(Level.STATION, "S2")]
    store.trends.publish(published, HOMES)
    found = store.trends.compared(INTERNAL, Level.STATION, FOUR, "bp", CHAOYANG, name)
    assert found == [one for one in published if one.part == name]


def test_cells_of_one_area_stand_with_the_oldest_window_first(store: Store) -> None:
    weeks = [block_of(WEEK, 1), block_of(Week(2026, 2), 1), FOUR, TWELVE]
    for window in weeks:
        store.trends.publish(cells(Level.CITY, CITY_ADCODE, window), {})
    other = cells(Level.CITY, CITY_ADCODE, measure="glu_casual")
    store.trends.publish([*other, *cells(Level.CITY, CITY_ADCODE, audience=PUBLIC)], {})
    found = store.trends.cells(INTERNAL, Level.CITY, CITY_ADCODE, "bp")
    assert [window for _, _, window in part(found)] == [
        "2026-B01x12", "2026-W02", "2026-B02x4", "2026-W06",
    ]  # fmt: skip
    assert all(one.measure == "bp" and one.audience is INTERNAL for one in found)


def test_the_areas_of_a_level_are_compared_in_one_window(store: Store) -> None:
    for area in (DONGCHENG, CHAOYANG):
        for window in (FOUR, FOUR.following, TWELVE):
            store.trends.publish(cells(area=area, window=window), {})
    store.trends.publish(cells(Level.VENUE, "hub"), {})
    found = store.trends.compared(INTERNAL, Level.DISTRICT, FOUR, "bp")
    assert found == [*cells(area=DONGCHENG), *cells(area=CHAOYANG)]
    assert store.trends.compared(PUBLIC, Level.DISTRICT, FOUR, "bp") == []
    assert store.trends.compared(INTERNAL, Level.DISTRICT, FOUR, "glu_casual") == []


def test_stations_are_compared_within_their_district(store: Store) -> None:
    made = [cell for name in HOMES for cell in cells(Level.STATION, name)]
    store.trends.publish(made, HOMES)
    found = store.trends.compared(INTERNAL, Level.STATION, FOUR, "bp", CHAOYANG)
    assert found == [*cells(Level.STATION, "S1"), *cells(Level.STATION, "S2")]
    assert store.trends.compared(INTERNAL, Level.STATION, FOUR, "bp") == []


def test_what_a_block_covers_is_found_without_stations_or_for_the_stations_of_a_district(
    store: Store,
) -> None:
    inside, outside = block_of(Week(2026, 12), 1), block_of(Week(2026, 13), 1)
    for window in (inside, outside, TWELVE, Block(48, 0)):
        store.trends.publish(cells(Level.CITY, CITY_ADCODE, window), {})
    store.trends.publish(cells(window=FOUR, audience=PUBLIC), {})
    for name in HOMES:
        store.trends.publish(cells(Level.STATION, name), HOMES)
    assert sorted(part(store.trends.cells_within(TWELVE))) == [
        (Level.CITY, CITY_ADCODE, "2026-B01x12"),
        (Level.CITY, CITY_ADCODE, "2026-W12"),
        (Level.DISTRICT, CHAOYANG, "2026-B02x4"),
    ]
    assert part(store.trends.cells_within(TWELVE, CHAOYANG)) == [
        (Level.STATION, "S1", "2026-B02x4"),
        (Level.STATION, "S2", "2026-B02x4"),
    ]
    assert store.trends.cells_within(FOUR.following, CHAOYANG) == []


def test_a_station_without_a_home_and_cells_that_do_not_belong_together_are_a_bug(
    store: Store,
) -> None:
    with pytest.raises(KeyError):
        store.trends.publish(cells(Level.STATION, "S9"), HOMES)
    first, *others = cells()
    with pytest.raises(ValueError, match="do not belong together"):
        store.trends.publish([replace(first, n=90), *others], {})


def test_released_weeks_stand_in_order(store: Store) -> None:
    assert store.trends.released_weeks() == []
    for week in (WEEK.following, WEEK, Week(2025, 52)):
        store.trends.mark_released(week)
    assert store.trends.released_weeks() == [Week(2025, 52), WEEK, WEEK.following]


def test_whatever_a_text_holds_it_comes_back_the_same(store: Store) -> None:
    odd = 'a, b=c "d" \\ 中文'
    store.write([one._replace(district=odd, venue=odd, category=odd) for one in sessions(1, 0)])
    (found,) = store.trends.sessions(WEEK, [STATION])
    assert (found.district, found.venue, found.category) == (odd, odd, odd)
    published = cells(Level.STATION, odd)
    store.trends.publish(published, {odd: odd})
    assert read(store, published) == published
    assert store.trends.compared(INTERNAL, Level.STATION, FOUR, "bp", odd) == published


def test_trends_of_a_store_that_cannot_be_used_are_unavailable(kind: Kind, store: Store) -> None:
    kind.take_away()
    trends = store.trends
    for ask in (
        trends.weeks,
        trends.released_weeks,
        lambda: trends.session_counts(WEEK),
        lambda: list(trends.sessions(WEEK, [STATION])),
        lambda: trends.publish(cells(), {}),
        lambda: trends.mark_released(WEEK),
        lambda: read(store, cells()),
        lambda: trends.compared(INTERNAL, Level.DISTRICT, FOUR, "bp"),
        lambda: trends.cells_within(FOUR),
    ):
        with pytest.raises(StoreUnavailable):
            ask()
