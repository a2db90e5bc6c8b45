"""The API's tables for a spreadsheet: the browser may not reach the API, so they pass here."""

from collections.abc import Mapping
from typing import NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.web.api import IngestApi
from dashboard.web.asking import Asked, asked
from dashboard.web.glucose_panel import CUT_OFFS as GLUCOSE
from dashboard.web.workbook import workbook

_BOM = b"\xef\xbb\xbf"
"""By this a spreadsheet knows that the text is UTF-8, and shows Chinese as it is."""

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The forms of a download by the ending of its name."""

_OF_ALL = ("extremes", "districts", "reach", "equity", "venues", "fleet")
"""The tables that are of no chosen place."""


class Source(NamedTuple):
    """Where the API has a table, and how to ask for it."""

    path: str
    params: Mapping[str, str]


def download_routes(api: IngestApi) -> APIRouter:
    """GET /download/{file}, such as days.csv or trends.xlsx."""
    router = APIRouter()

    @router.get("/download/{file}")
    async def download(request: Request, file: str) -> Response:
        name, _, form = file.rpartition(".")
        query = request.query_params
        wanted = asked("download/", "en", query, query.get("station", ""))
        source = _source(name, wanted, query.get("of", "bp"))
        if source is None or form not in FORMS:
            raise HTTPException(404, "page_unknown")
        text = await api.table(source.path, **source.params)
        if text is None:
            raise HTTPException(404, "page_unknown")
        content = _BOM + text if form == "csv" else workbook(text.decode())
        saved_as = f'attachment; filename="{_saved_name(name, wanted)}.{form}"'
        return Response(content, media_type=FORMS[form], headers={"Content-Disposition": saved_as})

    return router


def _source(name: str, wanted: Asked, measure: str) -> Source | None:
    """The API's table of a name; None if none is offered by that name."""
    if measure != "bp" and measure not in GLUCOSE:
        return None
    weeks = {"weeks": str(wanted.weeks)}
    released = {"measure": measure, "audience": "internal"}
    return {
        "typical-week": Source(f"usage/{wanted.place}/typical-week", weeks),
        "days": Source(f"usage/{wanted.place}/days", weeks),
        "summary": Source(f"usage/{wanted.place}/summary", weeks),
        "uptake": Source(f"usage/{wanted.place}/uptake", {}),
        "trends": Source(f"trends/{wanted.place}", released),
        "extremes": Source("trends/extremes", released),
        "districts": Source("trends/compare/district", released),
        "reach": Source("usage/reach", {}),
        "equity": Source("usage/equity", {}),
        "venues": Source("usage/venues", {}),
        "fleet": Source("fleet", {}),
    }.get(name)


def _saved_name(name: str, wanted: Asked) -> str:
    return name if name in _OF_ALL else f"{name}-{wanted.place.name}"
