"""A table of the API as a workbook: what is text in CSV and a number to people is a number."""

import csv
from io import BytesIO, StringIO

from xlsxwriter import Workbook

_REMARK = "# "


def workbook(text: str) -> bytes:
    """A workbook of one sheet with the rows of `text`, a CSV whose first lines are remarks."""
    lines = text.splitlines()
    remarks = [line for line in lines if line.startswith(_REMARK)]
    rows = csv.reader(StringIO("\n".join(lines[len(remarks) :])))
    file = BytesIO()
    # Nothing that the API sends may become a formula or a link.
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, plain) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for at, remark in enumerate(remarks):
            sheet.write_string(at, 0, remark.removeprefix(_REMARK))
        for at, row in enumerate(rows, start=len(remarks)):
            head = at == len(remarks)
            for column, cell in enumerate(row):
                if head:
                    sheet.write_string(at, column, cell, bold)
                elif _is_number(cell):
                    sheet.write_number(at, column, float(cell))
                elif cell:
                    sheet.write_string(at, column, cell)
        sheet.freeze_panes(len(remarks) + 1, 0)
    return file.getvalue()


def _is_number(cell: str) -> bool:
    """Whether a cell is a plain number; a code such as 110105 is one as well."""
    return cell.replace(".", "", 1).removeprefix("-").isdecimal() and cell.isascii()
