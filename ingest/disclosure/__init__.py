"""Disclosure control: which numbers of closed windows may be shown, and to whom. Pure.

`release` makes the cells of one block from weekly counts; `explain` says which rule hid one.
"""

from ingest.disclosure.cells import RULES as RULES
from ingest.disclosure.cells import Cell as Cell
from ingest.disclosure.cells import Rule as Rule
from ingest.disclosure.cells import Rules as Rules
from ingest.disclosure.cells import State as State
from ingest.disclosure.cells import explain as explain
from ingest.disclosure.counts import CityWeek as CityWeek
from ingest.disclosure.counts import Tally as Tally
from ingest.disclosure.counts import Weekly as Weekly
from ingest.disclosure.counts import tallied as tallied
from ingest.disclosure.release import release as release
