"""What a store offers the release of trends: sessions to count, and a room for released cells."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from ingest.calendar import Week
from ingest.disclosure import Cell, Weekly
from ingest.windows import Audience, Block, Level


class Trends(Protocol):
    """Sessions by the week of their day, and cells; every method may raise StoreUnavailable.

    Nothing of a session changes when it is counted, and writing the same cells again changes
    nothing: which week is released, and which sessions it counted, is known to `ingest.release`.
    """

    def weeks(self) -> list[Week]:
        """Every week of which a session is stored and none has expired, oldest first."""

    def session_counts(self, week: Week) -> dict[str, int]:
        """How many sessions, of any measure, each station has in a week; exact."""

    def sessions(self, week: Week, stations: Collection[str]) -> Iterator[Weekly]:
        """The sessions that these stations have in a week; some hundred stations at a time."""

    def publish(self, cells: Iterable[Cell], homes: Mapping[str, str]) -> None:
        """Keep cells for readers; `homes` gives the district of each station among the areas.

        All cells of one population (audience, level, area, window and measure) come together. One
        that R1 hides whole is not kept: nothing tells it from one without sessions.
        """

    def mark_released(self, week: Week) -> None:
        """Tell readers that every block that ends with `week` or before is there."""

    def released_weeks(self) -> list[Week]:
        """Every week that was marked, oldest first."""

    def cells(self, audience: Audience, level: Level, area: str, measure: str) -> list[Cell]:
        """The cells of one area, oldest window first; of windows of any length."""

    def compared(
        self,
        audience: Audience,
        level: Level,
        window: Block,
        measure: str,
        district: str = "",
        part: str = "",
    ) -> list[Cell]:
        """The cells of every area of a level in one window, by area; of stations, one district's.

        Of stations `district` says which; it is not used for other levels. With `part`, a part or
        a percentile, that one cell of each area: of some thousand stations all are a lot.
        """

    def cells_within(self, block: Block, district: str = "") -> list[Cell]:
        """All counts, and no percentile, in windows that `block` covers, for either audience.

        Those of every level but stations; with `district`, those of its stations alone.
        """
