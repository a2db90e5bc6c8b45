"""What a panel of any view is: a sentence, charts, and the same numbers as text."""

from dataclasses import dataclass
from typing import Literal

from dashboard.web.figures import Figure

Shape = Literal["charts", "empty", "unavailable"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel's sentence, and its charts by name and its rows when its `shape` is "charts".

    `wording` is what the API wants to be shown with the numbers, `span` the days they are of.
    """

    shape: Shape
    lead: str
    charts: dict[str, Figure]
    rows: tuple[tuple[str, ...], ...] = ()
    wording: str = ""
    span: str = ""
