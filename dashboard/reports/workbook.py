"""Writes the tables of a report as a workbook, in which words are words and never formulas."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

import xlsxwriter

from dashboard.reports.paper import Paper
from dashboard.reports.tables import Grid

_NARROW, _WIDE = 12, 60
_FIRST_ROW = 6


def workbook(paper: Paper, grids: Sequence[Grid], now: datetime) -> bytes:
    """The file; the same tables and `now` give the same bytes."""
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": f"{paper.title} {paper.subtitle}",
                "created": now.astimezone(UTC).replace(tzinfo=None),
            }
        )
        bold = book.add_format({"bold": True})
        title = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for grid in grids:
            sheet = book.add_worksheet(grid.name)
            above = (paper.title, paper.subtitle, paper.caution, paper.officers, paper.demo)
            for row, (said, form) in enumerate(
                zip(above, (title, bold, None, None, bold), strict=True)
            ):
                sheet.write_string(row, 0, said, form)
            for column, said in enumerate(grid.heads):
                sheet.write_string(_FIRST_ROW, column, said, head)
            for row, cells in enumerate(grid.rows, start=_FIRST_ROW + 1):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str):
                        sheet.write_string(row, column, cell)
                    else:
                        sheet.write_number(row, column, cell)
            sheet.freeze_panes(_FIRST_ROW + 1, 0)
            for column in range(len(grid.heads)):
                sheet.set_column(column, column, _width(grid, column))
    return kept.getvalue()


def _width(grid: Grid, column: int) -> int:
    """Wide enough for its longest cell, in characters; those of Chinese are twice as wide."""
    cells = [grid.heads[column], *(str(row[column]) for row in grid.rows)]
    longest = max(len(cell) + sum(ord(one) > 0x2E80 for one in cell) for cell in cells)
    return min(_WIDE, max(_NARROW, longest + 2))
