"""What changes in what is released when a session is not there, or comes late, and what never."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.calendar import Week, week_of
from ingest.disclosure import (
    Cell,
    Rule,
    StationBlock,
    Tally,
    Weekly,
    release,
    surroundings,
    tallied,
)
from ingest.windows import Audience, Block, Level, closing_with, levels_of
from tests.trends_city import Site, counted, drawn, of_category, weekly

SITES = (
    Site("A1", "110101", "bank"), Site("A2", "110101", "gas"), Site("A3", "110101", "bank"),
    Site("B1", "110102", "bank"), Site("B2", "110102", "hub"), Site("C1", "110105", "gas"),
)  # fmt: skip
FIRST = Week(2026, 1)
Cells = dict[str, Cell]


def weeks(number: int) -> list[Week]:
    return [week_of(FIRST.first + timedelta(weeks=offset)) for offset in range(number)]


def released(tallies: Sequence[Tally], number: int) -> Cells:
    """All cells by name, after so many weeks."""
    cells: list[Cell] = []
    for week in weeks(number):
        for audience, block in closing_with(week):
            mine = [one for one in tallies if block.holds(one.week)]
            before = [cell for cell in cells if block.covers(cell.window)]
            cells += release(mine, audience, block, Random(0), before)
    return {cell.name: cell for cell in cells}


def population(cell: Cell) -> str:
    return cell.name.rsplit(":", 1)[0]


def by_remainders(*releases: Cells) -> set[str]:
    """The populations of which R8 withholds something in any of these releases."""
    return {
        population(cell)
        for cells in releases
        for cell in cells.values()
        if cell.rule is Rule.REMAINDER
    }


def elsewhere(gone: Weekly, before: Cells, after: Cells) -> set[str]:
    """The populations that do not hold this session and are released otherwise without it."""
    own = {gone.station, gone.district, "110000", gone.venue}
    return {
        population(one)
        for name in before.keys() | after.keys()
        if (one := before.get(name) or after[name])
        and before.get(name) != after.get(name)
        and not (one.area in own and one.window.holds(gone.week))
    }


def without_one(seed: int, most: int) -> tuple[Weekly, Cells, Cells]:
    rng = Random(seed)
    sessions = drawn(rng, SITES, weeks(4), 3, most)
    gone = rng.choice(sessions)
    fewer = list(sessions)
    fewer.remove(gone)
    return gone, released(counted(sessions), 4), released(counted(fewer), 4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from((14, 60)))
def test_one_session_less_changes_its_own_populations_by_one_step_only(
    seed: int, most: int
) -> None:
    """Of the areas and windows that it is in, a count moves by one rounding step or not at all.

    Such a population may also pass the minimum and be absent, and a part may pass a threshold, or
    be withheld with another (R2). Populations that it is not in are all as before, except that R8
    may withhold what a changed one would tell with them: then one of both releases says so.
    """
    gone, before, after = without_one(seed, most)
    for name in before.keys() & after.keys():
        cell, less = before[name], after[name]
        if cell.n is not None and less.n is not None:
            assert cell.n - less.n in (0, 5)
        if cell.count is not None and less.count is not None:
            assert cell.count - less.count in (0, 5)
    changed = elsewhere(gone, before, after)
    assert changed <= by_remainders(before, after)
    for name in before.keys() ^ after.keys():
        assert population(before.get(name) or after[name]) not in changed


def test_one_session_less_seldom_makes_r8_withhold_something_elsewhere() -> None:
    """Never in a city whose stations have 30 sessions a week; in about 1 of 20 small ones."""
    assert [seed for seed in range(15) if elsewhere(*without_one(seed, 60))] == []
    small = [seed for seed in range(40) if elsewhere(*without_one(seed, 14))]
    assert len(small) <= 4


@pytest.mark.parametrize("seed", range(4))
def test_a_late_batch_alters_no_cell_of_a_week_that_is_released(seed: int) -> None:
    rng = Random(seed)
    in_time = [one for one in drawn(rng, SITES, weeks(12), 5, 25) if rng.random() < 0.8]
    late = drawn(rng, SITES[:2], weeks(2), 9, 9)
    tallies = counted(in_time)
    fifth = weeks(5)[-1]
    together = tallied([*(one for one in in_time if one.week == fifth), *late], fifth)
    with_late = [one for one in tallies if one.week != fifth] + together
    before, after = released(tallies, 12), released(with_late, 12)
    early = {name for name, cell in before.items() if cell.window.last < fifth.first}
    assert {name for name, cell in after.items() if cell.window.last < fifth.first} == early
    assert [name for name in early if before[name] != after[name]] == []
    city = f"internal:city:110000:{fifth}:bp"
    assert before[f"{city}:late"].state == "small"
    assert after[f"{city}:late"].count == 35
    assert (after[f"{city}:high"].n or 0) - (before[f"{city}:high"].n or 0) in (35, 40)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_tallies_does_not_matter(seed: int, rng: Random) -> None:
    tallies = counted(drawn(Random(seed), SITES, weeks(4), 2, 14))
    cells = released(tallies, 4)
    rng.shuffle(tallies)
    assert released(tallies, 4) == cells


def test_a_station_that_would_tell_of_a_small_block_of_its_own_is_withheld_whole() -> None:
    """Of 97 in twelve weeks 33 and 63 in two blocks of four: the third would be told as one."""
    busy = [Site(f"D{number}", "110101", "bank") for number in range(3)]
    sizes = dict(zip(weeks(12)[::4], (33, 63, 1), strict=True))
    tallies = counted(
        one._replace(sessions=count)
        for week in sizes
        for site, count in ((SITES[0], sizes[week]), *((site, 4000) for site in busy))
        for one in (weekly(site, week, of_category("normal")),)
    )
    cells = released(tallies, 12)
    whole = cells["public:station:A1:2026-B01x12:bp:normal"]
    assert (whole.n, whole.rule) == (None, Rule.REMAINDER)
    assert cells["internal:station:A1:2026-B02x4:bp:normal"].n == 65
    assert cells["public:station:D1:2026-B01x12:bp:normal"].n == 12_000


def by_districts(
    tallies: Sequence[Tally], audience: Audience, block: Block, before: Iterable[Cell]
) -> list[Cell]:
    """A block of stations released as the job does it; some stations have moved."""
    mine = [one for one in tallies if block.holds(one.week)]
    homes = {one.station: one.district for one in sorted(mine)}
    earlier = list(before)
    above = [cell for cell in earlier if cell.level is not Level.STATION]
    stations = StationBlock(audience, block, above, surroundings(mine))
    rng, cells = Random(0), list[Cell]()
    for district in sorted(set(homes.values())):
        # What was released of a station before it moved comes with the district where it was.
        beside = [
            cell
            for cell in earlier
            if cell.level is Level.STATION and home_then(tallies, cell) == district
        ]
        here = (one for one in mine if homes[one.station] == district)
        cells += stations.district(here, rng, beside)
    return [*cells, *stations.rest()]


def home_then(tallies: Sequence[Tally], cell: Cell) -> str:
    return max(
        (one.week, one.district)
        for one in tallies
        if one.station == cell.area and cell.window.holds(one.week)
    )[1]


@pytest.mark.parametrize("seed", range(8))
def test_a_city_in_pieces_is_released_like_all_of_it_at_once(seed: int) -> None:
    sessions = [
        one._replace(district="110102") if one.station == "A2" and one.week.number > 6 else one
        for one in drawn(Random(seed), SITES, weeks(12), 0, (4, 9, 30)[seed % 3])
    ]
    tallies = counted(sessions)
    cells: list[Cell] = []
    for week in weeks(12):
        for audience, block in closing_with(week):
            mine = [one for one in tallies if block.holds(one.week)]
            before = [cell for cell in cells if block.covers(cell.window)]
            made = release(mine, audience, block, Random(0), before)
            if levels_of(audience, block.weeks) == (Level.STATION,):
                found = by_districts(tallies, audience, block, before)
                assert {cell.name: cell for cell in found} == {cell.name: cell for cell in made}
                assert len(found) == len(made)
                again = by_districts(tallies, audience, block, [*before, *made])
                assert again == found  # what a release that was broken off has left is passed over
            cells += made
