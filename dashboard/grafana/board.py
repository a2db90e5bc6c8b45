"""What all boards have in common: their frame, their variables, and the links between them."""

from collections.abc import Callable, Iterable, Mapping

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, VariableOption

from contract.places import CITY, CITY_ADCODE, DISTRICTS, VENUES, Name
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described

TAG = "health-kiosk"

EIGHT_WEEKS, LAST_MIDNIGHT = "now-8w/d", "now-1d/d"
"""The range of boards about usage: whole local days, so that every weekday is in it eight times."""


def board(
    uid: str,
    title: Name,
    language: Language,
    since: str,
    *,
    refresh: str = "5m",
    fixed: bool = False,
    until: str = "now",
) -> dashboard.Dashboard:
    """An empty board from `since` (such as now-4w) on; `fixed` takes the time picker away.

    Health boards are fixed: what they show was released in windows that nobody may choose.
    """
    made = (
        dashboard.Dashboard(language.of(title))
        .uid(f"{uid}-{language}")
        .tags([TAG, f"{TAG}-{language}"])
        .timezone("Asia/Shanghai")
        .week_start("monday")
        .time(since, until)
        .refresh(refresh)
        .readonly()
        .link(
            dashboard.DashboardLink(language.of(Name("其他看板", "Other boards")))
            .type(DashboardLinkType.DASHBOARDS)
            .tags([f"{TAG}-{language}"])
            .as_dropdown(True)
        )
    )
    return made.timepicker(dashboard.TimePicker().hidden(True)) if fixed else made


def filled(
    made: dashboard.Dashboard,
    language: Language,
    panels: Mapping[int, Callable[[Language], Described]],
) -> dashboard.Dashboard:
    """The board with these panels; a panel keeps its number for ever, for links name it."""
    for number, make in panels.items():
        made.with_panel(make(language).id(number))
    return made


def written(name: str, label: Name, example: str, language: Language) -> dashboard.TextBoxVariable:
    """A variable that a link fills in or the reader writes, for lists too long to choose from."""
    return (
        dashboard.TextBoxVariable(name)
        .label(language.of(label))
        .default_value(example)
        .current(VariableOption(selected=True, text=example, value=example))
    )


def choice(
    name: str, label: Name, options: Mapping[str, Name], language: Language
) -> dashboard.CustomVariable:
    """A variable with a fixed list: what stands in the query, and what the reader sees."""
    values = ", ".join(f"{language.of(words)} : {value}" for value, words in options.items())
    first, words = next(iter(options.items()))
    return (
        dashboard.CustomVariable(name)
        .label(language.of(label))
        .values(values)
        .current(VariableOption(selected=True, text=language.of(words), value=first))
        .options(list(_options(options, language)))
    )


def _options(options: Mapping[str, Name], language: Language) -> Iterable[VariableOption]:
    for place, (value, words) in enumerate(options.items()):
        yield VariableOption(selected=place == 0, text=language.of(words), value=value)


DISTRICT_NAMES = {adcode: district.name for adcode, district in DISTRICTS.items()}
AREAS = {CITY_ADCODE: CITY, **DISTRICT_NAMES}
"""The city and its districts, by code."""
VENUE_NAMES = dict(VENUES)
