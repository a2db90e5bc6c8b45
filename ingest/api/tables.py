"""Tables as JSON, or as CSV for a spreadsheet; either way with the words that belong to them."""

import csv
from enum import StrEnum
from io import StringIO
from typing import Annotated, Any

from fastapi import Header, Query, Response
from pydantic import BaseModel

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


Wanted = Annotated[Form | None, Query(alias="format", description="By default as `Accept` says.")]
Accept = Annotated[str, Header(include_in_schema=False)]


def answer(table: Table[Row], wanted: Form | None, accept: str) -> Table[Row] | Response:
    """The table as it was asked for: the query wins over the header."""
    if wanted is None:
        wanted = Form.CSV if accept.partition(",")[0].startswith(CSV_TYPE) else Form.JSON
    if wanted is Form.JSON:
        return table
    return Response(as_csv(table), media_type=f"{CSV_TYPE}; charset=utf-8")


def as_csv(table: Table[Row]) -> str:
    """UTF-8 text: lines that begin with "# " say what it is, then a header, then the rows."""
    text = StringIO()
    text.write(f"# {table.wording.zh}\r\n# {table.wording.en}\r\n")
    text.write(f"# {table.place}, {table.first} – {table.last}\r\n")
    lines = csv.writer(text)
    lines.writerow(_columns(table))
    for row in table.rows:
        lines.writerow(row.model_dump(mode="json").values())
    return text.getvalue()


def _columns(table: Table[Row]) -> list[str]:
    # The class of the rows is in the type that the query gave the table: there may be no rows.
    row: type[BaseModel] = type(table).__pydantic_generic_metadata__["args"][0]
    return list(row.model_fields)
