"""The officers' weekly report, two pages in PDF or the same tables as a workbook."""
