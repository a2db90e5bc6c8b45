"""Tables as JSON, or as CSV for a spreadsheet; either way with the words that belong to them."""

import csv
from collections.abc import Iterable
from enum import StrEnum
from io import StringIO
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Response

from ingest.answers import Name
from ingest.usage_answers import Row, Table

CSV_TYPE = "text/csv"

CSV_TOO: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV_TYPE: {"schema": {"type": "string"}}}}
}
"""How OpenAPI documents that an answer may be CSV as well."""


class Form(StrEnum):
    """The forms that a table may be asked for in."""

    JSON = "json"
    CSV = "csv"


def _wanted(
    wanted: Annotated[
        Form | None, Query(alias="format", description="By default as the Accept header says.")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Form:
    if wanted is not None:
        return wanted
    first = accept.partition(",")[0].partition(";")[0].strip()
    return Form.CSV if first == CSV_TYPE else Form.JSON


WantedForm = Annotated[Form, Depends(_wanted)]
"""The form that a request asks for: its query wins over its header."""


def answer(table: Table[Row], row: type[Row], form: Form) -> Table[Row] | Response:
    """The table, of rows of the class `row`, in the form that was asked for."""
    if form is Form.JSON:
        return table
    return Response(as_csv(table, row), media_type=f"{CSV_TYPE}; charset=utf-8")


def as_csv(table: Table[Row], row: type[Row]) -> str:
    """The rows of a table, under the words that belong to them, its place and its days."""
    about = f"{table.place}, {table.first} – {table.last}"
    rows = (one.model_dump(mode="json").values() for one in table.rows)
    return csv_text(table.wording, about, row.model_fields, rows)


def csv_text(
    wording: Name, about: str, header: Iterable[str], rows: Iterable[Iterable[object]]
) -> str:
    """UTF-8 text: lines that begin with "# " say what it is, then a header, then the rows."""
    text = StringIO()
    text.write(f"# {wording.zh}\r\n# {wording.en}\r\n# {about}\r\n")
    lines = csv.writer(text)
    lines.writerow(header)
    lines.writerows(rows)
    return text.getvalue()
