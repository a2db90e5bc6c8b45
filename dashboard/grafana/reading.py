"""How single numbers are read: as a light, as a moment, as a share."""

from typing import TypeVar

from grafana_foundation_sdk.builders import common, dashboard, stat
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models.dashboard import Threshold, ThresholdsMode

from dashboard.grafana.panels import GREEN, ORANGE, VERMILION, Described

_Panel = TypeVar("_Panel", bound=Described)


def light(panel: stat.Panel, warning: float = 1, alarm: float = 10) -> stat.Panel:
    """A number on a coloured ground: green below `warning`, red from `alarm` on.

    The number stays, so that nobody must tell the colours apart.
    """
    return stepped(panel, warning, alarm).color_mode(shapes.BigValueColorMode.BACKGROUND)


def stepped(panel: _Panel, warning: float, alarm: float) -> _Panel:
    """The panel with two thresholds."""
    panel.thresholds(
        dashboard.ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps(
            [
                Threshold(value=None, color=GREEN),
                Threshold(value=warning, color=ORANGE),
                Threshold(value=alarm, color=VERMILION),
            ]
        )
    )
    return panel


def time_shown(panel: stat.Panel) -> stat.Panel:
    """The moment of the last answer instead of its number."""
    return panel.reduce_options(
        common.ReduceDataOptions().calcs(["lastNotNull"]).fields("/^Time$/").values(False)
    )
