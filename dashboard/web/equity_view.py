"""How evenly the city is reached: districts by residents, kinds of venue, districts' shares."""

import asyncio
from dataclasses import dataclass

from dashboard.web import equity_panels
from dashboard.web.answers import Comparison
from dashboard.web.api import IngestApi
from dashboard.web.asking import Asked
from dashboard.web.usage_answers import EquityRow, Reach, Table, VenueUptake
from dashboard.web.view import Context, Snapshot, View, part


@dataclass(frozen=True, slots=True)
class EquitySnapshot(Snapshot):
    """The districts and the kinds of venue, side by side."""

    reach: Table[Reach] | None
    evenness: Table[EquityRow] | None
    venues: Table[VenueUptake] | None
    latest: tuple[Comparison, ...] | None


async def take(api: IngestApi, _: Asked) -> EquitySnapshot:
    """Read what is compared, all of it in parallel."""
    return EquitySnapshot(
        *await asyncio.gather(
            api.overview(),
            part(api.reach()),
            part(api.equity()),
            part(api.venues()),
            part(api.latest("district", "bp")),
        )
    )


def show(seen: EquitySnapshot, asked: Asked) -> Context:
    """Reach and its evenness, uptake, and the share at or above 140/90."""
    texts, language = asked.texts, asked.language
    return {
        "reach": equity_panels.reach(seen.reach, texts, language),
        "evenness": equity_panels.evenness(seen.evenness, texts, language),
        "venues": equity_panels.venues(seen.venues, texts, language),
        "high": equity_panels.high_by_district(seen.overview, seen.latest, texts, language),
        "rates": equity_panels.RATES,
    }


EQUITY = View("equity", 60, take, show)
