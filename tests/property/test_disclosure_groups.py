"""What R8 looks at: sets of sessions by a few bits, and no group of populations left out."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.places import CITY_ADCODE
from ingest.calendar import Week
from ingest.disclosure import RULES, Tally, surroundings
from ingest.disclosure.families import Above, Station
from ingest.disclosure.gathering import Gathering
from ingest.disclosure.members import Members
from ingest.disclosure.remainders import Combination, group, groups
from ingest.disclosure.scales import SCALES
from ingest.disclosure.stations import told_stations
from ingest.disclosure.tables import Table, table
from ingest.windows import Level, block_of, closing_with, levels_of

DISTRICTS = ("110101", "110102", "110105")
VENUES = ("bank", "gas", "hub")
WEEKS = tuple(Week(2026, number) for number in range(1, 5))
BLOCK = block_of(WEEKS[0], 4)
NO_BINS: dict[str, dict[float, int]] = {"systolic": {}, "diastolic": {}}


def city(rng: Random, stations: int, mean: int) -> list[Tally]:
    """Some stations every week, some for one only, and some that move to another district."""
    found = []
    for number in range(stations):
        where = (rng.choice(DISTRICTS), rng.choice(VENUES))
        moves, only = rng.random() < 0.2, rng.random() < 0.3
        weeks = [rng.choice(WEEKS)] if only else list(WEEKS)
        size = rng.choice((1, mean, mean, 3 * mean))
        for week in weeks:
            if moves and week == WEEKS[2]:
                where = (rng.choice(DISTRICTS), where[1])
            steps = tuple(rng.randrange(size + 1) for _ in range(5))
            found.append(Tally(week, f"S{number:02}", *where, "bp", (*steps, 0), NO_BINS))
    return found


def by_pairs(tallies: Sequence[Tally], one: Table) -> int:
    """The members of a table by one bit for each station and week of the city."""
    pairs = sorted({(tally.station, tally.week) for tally in tallies if tally.n})
    members = 0
    for tally in tallies:
        areas = {
            Level.STATION: tally.station, Level.DISTRICT: tally.district,
            Level.CITY: CITY_ADCODE, Level.VENUE: tally.venue,
        }  # fmt: skip
        if tally.n and areas[one.level] == one.area and one.window.holds(tally.week):
            members |= 1 << pairs.index((tally.station, tally.week))
    return members


class Published(NamedTuple):
    """Everything that may be published of four weeks, before R8."""

    above: list[Table]
    stations: list[Station]

    def tables(self) -> list[Table]:
        return [*self.above, *(one for station in self.stations for one in station.told())]


def published(tallies: Sequence[Tally]) -> Published:
    made = []
    homes = Gathering(BLOCK, ())
    homes.add(tallies)
    for week in WEEKS:
        for audience, block in closing_with(week):
            gathering = Gathering(block, levels_of(audience, block.weeks))
            if block.weeks <= BLOCK.weeks:
                gathering.add(one for one in tallies if block.holds(one.week))
            made += [
                table(one, audience, block, SCALES["bp"], RULES[audience])
                for one in gathering.populations()
            ]
    shown = [one for one in made if one.n is not None]
    return Published(
        [one for one in shown if one.level is not Level.STATION],
        told_stations((one for one in shown if one.level is Level.STATION), homes.homes),
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.data())
def test_few_bits_say_the_same_as_one_for_each_station_and_week(
    seed: int, data: st.DataObject
) -> None:
    tallies = city(Random(seed), 9, 8)
    what = published(tallies)
    own = data.draw(st.sets(st.sampled_from(sorted({one.station for one in tallies}))))
    looked_at = [one for one in what.stations if one.area in own]
    few = Members(surroundings(tallies), [(one.area, one.atoms) for one in looked_at])
    tables = [*what.above, *(one for station in looked_at for one in station.told())]
    mine = [few.of(one) for one in tables]
    theirs = [by_pairs(tallies, one) for one in tables]
    for one, other in combinations(range(len(tables)), 2):
        for some in ((one, other), (other, one)):
            a, b = (mine[i] for i in some)
            x, y = (theirs[i] for i in some)
            assert (a == b, a & b == 0, a & ~b == 0) == (x == y, x & y == 0, x & ~y == 0)
    for plus, minus in shapes(len(tables)) if len(tables) < 30 else ():
        left = group([mine[i] for i in plus], [mine[i] for i in minus])
        right = group([theirs[i] for i in plus], [theirs[i] for i in minus])
        assert [left & ~one == 0 for one in (0, *mine)] == [
            right & ~one == 0 for one in (0, *theirs)
        ]


def shapes(tables: int) -> Iterator[Combination]:
    """Every two or three tables of which some are taken from others."""
    everything = range(tables)
    for whole in everything:
        others = [i for i in everything if i != whole]
        for one in others:
            yield Combination((whole,), (one,))
        for pair in combinations(others, 2):
            yield Combination((whole,), pair)
            yield Combination(pair, (whole,))


def tried(tables: Sequence[Table], members: Sequence[int], fresh: int) -> Iterator[Combination]:
    """The combinations that matter, by trying all."""
    low = [one.size()[0] for one in tables]
    high = [one.size()[1] for one in tables]
    for plus, minus in shapes(len(tables)):
        if min(*plus, *minus) >= fresh:
            continue
        if sum(low[i] for i in plus) - sum(high[i] for i in minus) >= 20:
            continue
        left = group([members[i] for i in plus], [members[i] for i in minus])
        if left and all(one & ~left for one in members):
            yield Combination(plus, minus)


@pytest.mark.parametrize("seed", range(12))
def test_looking_at_little_finds_all_that_trying_everything_does(seed: int) -> None:
    tallies = city(Random(seed), 8, 6)
    tables = published(tallies).tables()[:: 1 + seed % 2]
    members = [by_pairs(tallies, one) for one in tables]
    for fresh in (len(tables), len(tables) // 2, 3):
        found = groups(tables, members, fresh)
        small = {one for one in found if len(one.plus) + len(one.minus) <= 3}
        assert small == set(tried(tables, members, fresh))


def first_week(rng: Random) -> list[Tally]:
    """A city that begins in the last week of a block: few stations are busy, most hardly are."""
    found = []
    for number in range(45):
        where = (rng.choice(DISTRICTS), rng.choice(VENUES))
        most = rng.choice((0, 0, 1, 1, 1, 9, 40, 90))
        steps = (1, *(rng.randrange(most + 1) for _ in range(4)), 0)
        weeks = WEEKS if rng.random() < 0.1 else WEEKS[3:]
        found += [Tally(week, f"S{number:02}", *where, "bp", steps, NO_BINS) for week in weeks]
    return found


def test_no_station_that_tells_something_is_left_out() -> None:
    """Most stations can be left out, and still all groups of two and three are found."""
    left_out = told = 0
    for seed in range(40):
        tallies = first_week(Random(seed))
        what = published(tallies)
        above = Above(what.above, surroundings(tallies))
        chosen = {one.area for one in above.chosen(what.stations)}
        near = {one.area for one in what.stations if above.is_near(one)}
        left_out += len(what.stations) - len(chosen)
        tables = what.tables()
        members = [by_pairs(tallies, one) for one in tables]
        for found in groups(tables, members, len(tables)):
            looked_at = [tables[i] for i in (*found.plus, *found.minus)]
            stations = {one.area for one in looked_at if one.level is Level.STATION}
            alone = len(stations) == 1 and all(one.area in stations for one in looked_at)
            if stations and not alone and len(looked_at) <= 3:
                told += 1
                assert stations <= chosen
                assert stations & near
    assert left_out > 300
    assert told > 30


def of_one_week(week: Week, where: tuple[str, str], sizes: list[int], first: int) -> list[Tally]:
    return [
        Tally(week, f"S{number:02}", *where, "bp", (size, 0, 0, 0, 0, 0), NO_BINS)
        for number, size in enumerate(sizes, first)
    ]


def near(tallies: list[Tally], hidden: str, longest: int) -> bool:
    """Whether S10 is looked at, if this area is hidden, and windows that are longer."""
    what = published(tallies)
    above = [one for one in what.above if one.area != hidden and one.window.weeks <= longest]
    found = Above(above, surroundings(tallies)).chosen(what.stations)
    return "S10" in {one.area for one in found}


def test_a_station_is_looked_at_where_it_fills_what_a_district_leaves_of_the_city() -> None:
    busy = of_one_week(WEEKS[0], ("110101", "bank"), [300] * 3, 0)
    tallies = [*busy, *of_one_week(WEEKS[0], ("110102", "bank"), [30, 3, 3, 3], 10)]
    assert near(tallies, hidden="110102", longest=1)
    more = [*busy, *of_one_week(WEEKS[0], ("110102", "bank"), [30, 3, 30, 30], 10)]
    assert not near(more, hidden="110102", longest=1)


def test_a_station_is_looked_at_where_two_weeks_of_its_district_are_hardly_more() -> None:
    tallies = [
        one
        for week in WEEKS[:2]
        for one in (
            *of_one_week(week, ("110101", "gas"), [300] * 3, 0),
            *of_one_week(week, ("110102", "bank"), [90, 2, 2, 2], 10),
        )
    ]
    assert near(tallies, hidden="", longest=1)
