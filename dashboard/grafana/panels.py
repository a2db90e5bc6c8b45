"""Panels in one manner: colours that the colour-blind tell apart, a place, the disclaimer."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders import barchart, common, stat, table, text, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, GridPos

from contract.places import Name
from dashboard.grafana.languages import DISCLAIMER, Language

# Okabe and Ito's palette, without black and yellow.
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7",
)  # fmt: skip

Targets = Iterable[Builder[Dataquery]]
Described = timeseries.Panel | stat.Panel | table.Panel | barchart.Panel


def at(x: int, y: int, width: int, height: int) -> GridPos:
    """A place on the board's grid, which is 24 units wide."""
    return GridPos(h=height, w=width, x=x, y=y)


def lines(title: Name, language: Language, place: GridPos, targets: Targets) -> timeseries.Panel:
    """Curves over time, with the last value and the greatest in the legend."""
    return (
        timeseries.Panel()
        .title(language.of(title))
        .grid_pos(place)
        .targets(list(targets))
        .line_width(2)
        .fill_opacity(0)
        .show_points(shapes.VisibilityMode.AUTO)
        .legend(
            common.VizLegendOptions()
            .display_mode(shapes.LegendDisplayMode.TABLE)
            .placement(shapes.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(common.VizTooltipOptions().mode(shapes.TooltipDisplayMode.MULTI))
    )


def number(title: Name, language: Language, place: GridPos, targets: Targets) -> stat.Panel:
    """One large number: the last one there is."""
    return (
        stat.Panel()
        .title(language.of(title))
        .grid_pos(place)
        .targets(list(targets))
        .graph_mode(shapes.BigValueGraphMode.NONE)
        .color_mode(shapes.BigValueColorMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .no_value(language.of(Name("无数据", "no data")))
    )


def rows(title: Name, language: Language, place: GridPos, targets: Targets) -> table.Panel:
    """A table."""
    return (
        table.Panel().title(language.of(title)).grid_pos(place).targets(list(targets)).no_value("–")
    )


def words(title: Name, body: Name, language: Language, place: GridPos) -> text.Panel:
    """Plain words in Markdown."""
    return text.Panel().title(language.of(title)).grid_pos(place).content(language.of(body))


def health(panel: Described, language: Language, more: Name | None = None) -> Described:
    """A panel about screening: it carries the disclaimer, and what else must be said of it."""
    said = language.of(DISCLAIMER)
    if more is not None:
        said = f"{said}\n\n{language.of(more)}"
    return panel.description(said)


def named(panel: Described, names: Iterable[tuple[str, str, str]]) -> Described:
    """The panel with a name and a colour for each field: (field, name, colour)."""
    for field, name, colour in names:
        panel = panel.override_by_name(
            field,
            [
                DynamicConfigValue(id_val="displayName", value=name),
                DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": colour}),
            ],
        )
    return panel
