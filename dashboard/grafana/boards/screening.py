"""Screening trends: released blood pressure of an area, and the city's rare values."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.builders.timeseries import Panel as TimeSeries

from contract.places import Name
from dashboard.grafana.board import AREAS, board, choice
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import BLUE, GREEN, ORANGE, VERMILION, at, health, lines, named
from dashboard.grafana.sources import InfluxTarget, Source, influx

UID = "kiosk-screening"
TITLE = Name("筛查趋势", "Screening trends")

_AREA = "audience = 'internal' AND measure = 'bp' AND weeks = '1' AND area = '$area'"
_CLASSES = (
    ("normal", Name("正常", "Normal"), BLUE),
    ("high_normal", Name("正常高值", "High normal"), GREEN),
    ("grade1", Name("1级", "Grade 1"), ORANGE),
    ("grade2_or_higher", Name("2级及以上", "Grade 2 or higher"), VERMILION),
)


def screening(language: Language) -> dashboard.Dashboard:
    """The board in one language."""
    made = board(UID, TITLE, language, "now-1y", fixed=True)
    made.with_variable(choice("area", Name("地区", "Area"), AREAS, language))
    for panel in (_classes(language), _high(language)):
        made.with_panel(panel)
    return made


def _share(ref: str, part: str) -> InfluxTarget:
    text = f'SELECT "{part}_share" AS "{part}" FROM trend WHERE {_AREA} AND $timeFilter'  # noqa: S608
    return influx(Source.TRENDS, ref, text, "$col")


def _classes(language: Language) -> TimeSeries:
    targets = [_share(chr(ord("A") + i), part) for i, (part, _, _) in enumerate(_CLASSES)]
    title = Name("各级血压占比", "Shares of blood-pressure classes")
    panel = lines(title, language, at(0, 0, 24, 10), targets).unit("percent")
    return _as_health(panel, language, _CLASSES)


def _high(language: Language) -> TimeSeries:
    series = (
        ("high", Name("≥140/90", "≥140/90"), VERMILION),
        ("high_home", Name("≥135/85(第二系列)", "≥135/85 (second series)"), ORANGE),
    )
    targets = [_share(chr(ord("A") + i), part) for i, (part, _, _) in enumerate(series)]
    title = Name("偏高占比", "Share of high sessions")
    panel = lines(title, language, at(0, 10, 24, 10), targets).unit("percent")
    return _as_health(panel, language, series)


def _as_health(
    panel: TimeSeries, language: Language, series: tuple[tuple[str, Name, str], ...]
) -> TimeSeries:
    health(panel, language)
    named(panel, _names(series, language))
    return panel


def _names(
    series: tuple[tuple[str, Name, str], ...], language: Language
) -> Iterator[tuple[str, str, str]]:
    for part, name, colour in series:
        yield part, language.of(name), colour
