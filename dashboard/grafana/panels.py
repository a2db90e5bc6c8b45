"""Panels in one manner: colours that the colour-blind tell apart, a place, the disclaimer."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders import (
    barchart,
    bargauge,
    common,
    geomap,
    stat,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, GridPos

from contract.places import Name
from dashboard.grafana.languages import DISCLAIMER, Language
from dashboard.grafana.wording import NO_DATA

# Okabe and Ito's palette, without black and yellow.
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7",
)  # fmt: skip
GREY = "#808080"

Targets = Iterable[Builder[Dataquery]]
Described = (
    timeseries.Panel
    | stat.Panel
    | table.Panel
    | barchart.Panel
    | bargauge.Panel
    | geomap.Panel
    | text.Panel
)

_DAY_MILLISECONDS = 86_400_000
_BAND_OPACITY = 20
_BAR_OPACITY = 80


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
        .no_value(language.of(NO_DATA))
        .legend(
            common.VizLegendOptions()
            .display_mode(shapes.LegendDisplayMode.TABLE)
            .placement(shapes.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(common.VizTooltipOptions().mode(shapes.TooltipDisplayMode.MULTI))
    )


def windows(
    title: Name, language: Language, place: GridPos, targets: Targets, days: int
) -> timeseries.Panel:
    """Curves over windows of so many days: never drawn across one that shows nothing."""
    return (
        lines(title, language, place, targets)
        .show_points(shapes.VisibilityMode.ALWAYS)
        .point_size(5)
        .insert_nulls((days + 1) * _DAY_MILLISECONDS)
    )


def bars(
    title: Name, language: Language, place: GridPos, targets: Targets, *, stacked: bool = False
) -> timeseries.Panel:
    """Bars over time, beside each other or `stacked`."""
    mode = shapes.StackingMode.NORMAL if stacked else shapes.StackingMode.NONE
    return (
        lines(title, language, place, targets)
        .draw_style(shapes.GraphDrawStyle.BARS)
        .line_width(1)
        .fill_opacity(_BAR_OPACITY)
        .stacking(common.StackingConfig().mode(mode).group("A"))
        .min(0)
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
        .no_value(language.of(NO_DATA))
    )


def rows(title: Name, language: Language, place: GridPos, targets: Targets) -> table.Panel:
    """A table."""
    return (
        table.Panel()
        .title(language.of(title))
        .grid_pos(place)
        .targets(list(targets))
        .show_header(True)
        .cell_height(shapes.TableCellHeight.SM)
        .no_value("–")
    )


def words(title: Name, body: Name, language: Language, place: GridPos) -> text.Panel:
    """Plain words in Markdown."""
    said = language.of(body)
    return (
        text.Panel()
        .title(language.of(title))
        .grid_pos(place)
        .content(said)
        .description(said.replace("\n", " "))
    )


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


def banded(
    panel: timeseries.Panel, low: tuple[str, str], high: tuple[str, str], colour: str
) -> timeseries.Panel:
    """The panel with a ribbon between two fields, each given as (field, name)."""
    invisible = [
        DynamicConfigValue(id_val="custom.lineWidth", value=0),
        DynamicConfigValue(id_val="custom.showPoints", value="never"),
    ]
    named(panel, [(*low, colour), (*high, colour)])
    panel.override_by_name(low[0], list(invisible))
    return panel.override_by_name(
        high[0],
        [
            *invisible,
            # Grafana looks for the other field by the name that is shown.
            DynamicConfigValue(id_val="custom.fillBelowTo", value=low[1]),
            DynamicConfigValue(id_val="custom.fillOpacity", value=_BAND_OPACITY),
        ],
    )
