"""Columns of tables: names, units, words for codes, and links to other boards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from contract.places import Name
from dashboard.grafana.board import DISTRICT_NAMES, VENUE_NAMES
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described

ISO_WEEK = "time:GGGG-[W]WW"
"""A unit: the ISO week of a moment, such as 2026-W47."""

DATE = "time:YYYY-MM-DD"

PLACE_NAMES = {**DISTRICT_NAMES, **VENUE_NAMES}


@dataclass(frozen=True, slots=True)
class Link:
    """A way from a cell to another board, by the uid without its language."""

    title: Name
    board: str
    variable: str

    def url(self, language: Language) -> str:
        """The address, with the cell's own value as the variable."""
        return f"/d/{self.board}-{language}?var-{self.variable}=${{__value.raw}}"


@dataclass(frozen=True, slots=True)
class Column:
    """How one field is shown; `words` stand in place of values, `empty` in place of nothing."""

    key: str
    name: Name
    unit: str = ""
    decimals: int | None = None
    words: Mapping[str, Name] = field(default_factory=dict)
    empty: Name | None = None
    links: tuple[Link, ...] = ()
    bar: tuple[float, float] | None = None
    hidden: bool = False

    def properties(self, language: Language) -> list[DynamicConfigValue]:
        """The same as Grafana keeps it."""
        told: dict[str, object] = {"displayName": language.of(self.name)}
        if self.unit:
            told["unit"] = self.unit
        if self.decimals is not None:
            told["decimals"] = self.decimals
        if self.words or self.empty:
            told["mappings"] = list(self._mappings(language))
        if self.links:
            told["links"] = [
                {"title": language.of(one.title), "url": one.url(language)} for one in self.links
            ]
        if self.bar:
            told["min"], told["max"] = self.bar
            told["custom.cellOptions"] = {"type": "gauge", "mode": "basic"}
        if self.hidden:
            told["custom.hidden"] = True
        return [DynamicConfigValue(id_val=name, value=value) for name, value in told.items()]

    def _mappings(self, language: Language) -> Iterable[dict[str, object]]:
        if self.words:
            options = {
                value: {"text": language.of(name), "index": place}
                for place, (value, name) in enumerate(self.words.items())
            }
            yield {"type": "value", "options": options}
        if self.empty:
            shown = {"text": language.of(self.empty), "index": len(self.words)}
            yield {"type": "special", "options": {"match": "null+nan", "result": shown}}


def with_columns(panel: Described, columns: Iterable[Column], language: Language) -> Described:
    """The panel with each of these fields shown so."""
    for column in columns:
        panel = panel.override_by_name(column.key, column.properties(language))
    return panel


def hidden(*fields: str) -> tuple[Column, ...]:
    """Fields that a table needs and does not show."""
    return tuple(Column(one, Name(one, one), hidden=True) for one in fields)
