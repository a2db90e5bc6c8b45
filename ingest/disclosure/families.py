"""Which published populations can be held against each other, so that R8 need not try all. Pure.

A city has thousands of stations, but only populations that overlap make a small group. So they
are looked at in families: everything above stations; the same with those stations of one district
that are large beside what they overlap; each station with itself over other windows.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ingest.calendar import Week
from ingest.disclosure.counts import Place, Weekly, membership
from ingest.disclosure.remainders import guarded
from ingest.disclosure.tables import Table
from ingest.windows import Level

Family = list[int]


def all_guarded(
    made: Sequence[Table], frozen: Sequence[Table], counts: Sequence[Weekly]
) -> list[Table]:
    """The tables made, after R8; `counts` are those of their block, `frozen` its earlier tables."""
    tables = [*made, *frozen]
    by_measure: defaultdict[str, list[Weekly]] = defaultdict(list)
    for weekly in counts:
        by_measure[weekly.measure].append(weekly)
    for measure, mine in by_measure.items():
        bits = membership(mine)
        members = {
            index: _members(table, bits)
            for index, table in enumerate(tables)
            if table.scale.measure == measure and table.n is not None
        }
        homes = {weekly.station: weekly.district for weekly in mine}
        for family in families(tables, members, homes):
            fresh = [index for index in family if index < len(made)]
            others = [index for index in family if index >= len(made)]
            if fresh and len(family) > 1:
                less = guarded(
                    [tables[index] for index in fresh],
                    [tables[index] for index in others],
                    [members[index] for index in (*fresh, *others)],
                )
                for index, table in zip(fresh, less, strict=True):
                    tables[index] = table
    return tables[: len(made)]


def families(
    tables: Sequence[Table], members: Mapping[int, int], homes: Mapping[str, str]
) -> list[Family]:
    """Positions of tables of one measure that must be looked at together."""
    stations: defaultdict[str, Family] = defaultdict(list)
    above = []
    for index in members:
        if tables[index].level is Level.STATION:
            stations[tables[index].area].append(index)
        else:
            above.append(index)
    found = [above, *stations.values()]
    for district in sorted(set(homes.values())):
        large = [
            index
            for station, positions in stations.items()
            if homes.get(station) == district
            for index in positions
            if _is_large(index, above, tables, members)
        ]
        if large:
            found.append(above + large)
    return found


def _is_large(
    index: int, above: Sequence[int], tables: Sequence[Table], members: Mapping[int, int]
) -> bool:
    """Whether two stations of this size could leave less than the minimum of one above them."""
    size, minimum = tables[index].size()[1], tables[index].rules.minimum_sessions
    return any(
        2 * size > tables[other].size()[0] - minimum
        for other in above
        if members[index] & members[other]
    )


def _members(table: Table, bits: dict[tuple[Place, Week], int]) -> int:
    place = Place(table.level, table.area)
    members = 0
    for week in table.window.members():
        members |= bits.get((place, week), 0)
    return members
