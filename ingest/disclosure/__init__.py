"""Disclosure control: which numbers of closed windows may be shown, and to whom. Pure.

`release` makes the cells of one block from the tallies of its weeks, `StationBlock` those of a
block of stations district by district, `release_extremes` the rest; `explain_name` says which rule
hid a cell.
"""

from ingest.disclosure.cells import RULES as RULES
from ingest.disclosure.cells import Cell as Cell
from ingest.disclosure.cells import Rule as Rule
from ingest.disclosure.cells import Rules as Rules
from ingest.disclosure.cells import State as State
from ingest.disclosure.cells import explain as explain
from ingest.disclosure.counts import Atom as Atom
from ingest.disclosure.counts import CityWeek as CityWeek
from ingest.disclosure.counts import Tally as Tally
from ingest.disclosure.counts import Weekly as Weekly
from ingest.disclosure.counts import surroundings as surroundings
from ingest.disclosure.counts import tallied as tallied
from ingest.disclosure.names import CellName as CellName
from ingest.disclosure.names import explain_name as explain_name
from ingest.disclosure.names import parse_name as parse_name
from ingest.disclosure.release import release as release
from ingest.disclosure.release import release_extremes as release_extremes
from ingest.disclosure.stations import StationBlock as StationBlock
