"""Screening trends of an area: what was released, with its uncertainty and what is hidden.

One board for officers and one as the public may see it; each level has the windows in which it is
released to that audience (districts by week for officers, by four weeks for the public).
"""

from functools import partial

from grafana_foundation_sdk.builders import dashboard

from contract.places import Name
from dashboard.grafana.board import AREAS, board, choice, filled
from dashboard.grafana.boards import cells, extremes, glucose
from dashboard.grafana.boards.cells import INTERNAL, PUBLIC, Scope
from dashboard.grafana.boards.districts_screened import districts_screened
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described, at

TITLE = Name("筛查趋势", "Screening trends")
PUBLIC_TITLE = Name("筛查趋势(公开口径)", "Screening trends (public)")


def screening(language: Language) -> dashboard.Dashboard:
    """The officers' board in one language."""
    return _board(TITLE, INTERNAL, language)


def public_screening(language: Language) -> dashboard.Dashboard:
    """What may be published, in one language."""
    return _board(PUBLIC_TITLE, PUBLIC, language)


def _board(title: Name, scope: Scope, language: Language) -> dashboard.Dashboard:
    made = board(scope.board, title, language, scope.since, fixed=True)
    made.with_variable(choice("area", Name("地区", "Area"), AREAS, language))
    made.with_variable(choice("part", Name("类别", "Part"), cells.PARTS, language))
    panels = {
        1: partial(cells.classes, scope, place=at(0, 0, 16, 11)),
        2: partial(cells.sessions, scope, place=at(16, 0, 8, 11)),
        3: partial(cells.part, scope, place=at(0, 11, 12, 10)),
        4: partial(cells.at_home, scope, place=at(12, 11, 12, 10)),
        5: partial(cells.pressure, "systolic", scope, place=at(0, 21, 12, 9)),
        6: partial(cells.pressure, "diastolic", scope, place=at(12, 21, 12, 9)),
        7: partial(cells.part_table, scope, place=at(0, 30, 24, 11)),
        8: partial(districts_screened, scope, place=at(0, 41, 12, 14)),
        9: partial(cells.quality, scope, place=at(12, 41, 12, 14)),
        **_glucose(scope),
        16: partial(extremes.pressure, scope, place=at(0, 73, 12, 9)),
        17: partial(extremes.glucose, scope, place=at(12, 73, 12, 9)),
    }
    return filled(made, language, panels)


def _glucose(scope: Scope) -> dict[int, partial[Described]]:
    panels = {}
    for place, measure in enumerate(glucose.MEASURES):
        x = 8 * place
        panels[10 + place] = partial(glucose.classes, measure, scope, place=at(x, 55, 8, 9))
        panels[13 + place] = partial(glucose.median, measure, scope, place=at(x, 64, 8, 9))
    return panels
