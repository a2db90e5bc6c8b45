"""Tallies as rows of their table. Pure."""

import json
from functools import lru_cache
from itertools import chain
from typing import Any

from ingest.calendar import Week, parse_week
from ingest.disclosure import Tally

COLUMNS = ("week", "own", "station", "district", "venue", "measure", "sessions", "counts")
"""What `tally_of` takes, in order."""

_WEEKS_KEPT = 1_024


def row_of(own: Week, tally: Tally) -> dict[str, Any]:
    """The row of a tally of sessions whose days are in the week `own`."""
    # Edges and counts in turn: a release reads a million of these.
    bins = {quantity: [*chain(*counts.items())] for quantity, counts in tally.bins.items()}
    counts = [tally.steps, bins, tally.single]
    return {
        "week": str(tally.week),
        "own": str(own),
        "station": tally.station,
        "district": tally.district,
        "venue": tally.venue,
        "measure": tally.measure,
        "sessions": tally.n,
        "counts": json.dumps(counts, separators=(",", ":")),
    }


def tally_of(
    week: str,
    own: str,
    station: str,
    district: str,
    venue: str,
    measure: str,
    sessions: int,
    counts: str,
) -> Tally:
    """The tally of a row; all of it is late, or nothing."""
    steps, bins, single = json.loads(counts)
    return Tally(
        _week(week),
        station,
        district,
        venue,
        measure,
        tuple(steps),
        {
            quantity: dict(zip(flat[::2], flat[1::2], strict=True))
            for quantity, flat in bins.items()
        },
        single,
        sessions if own < week else 0,
    )


_week = lru_cache(_WEEKS_KEPT)(parse_week)
