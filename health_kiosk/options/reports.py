"""What is written of released numbers: reports for officers, exports for other systems."""

import argparse
import re
from datetime import date
from pathlib import Path

from contract.places import CITY_ADCODE, DISTRICTS
from health_kiosk.options.parsers import Commands, add, add_group

_REPORT_EXAMPLES = """\
examples:
  health-kiosk report --week 2026-W40 --pdf week.pdf
  health-kiosk report --week 2026-W40 --district 110105 --lang en --pdf week.pdf --xlsx week.xlsx

Two pages for officers, of released numbers only; the workbook has the same as tables. A PDF needs
Debian's fonts-noto-cjk. HEALTH_KIOSK_API_KEY is the key for an ingest that wants one.
"""

_DHIS2_EXAMPLES = """\
examples:
  health-kiosk export dhis2 --block 2026-B10x4 --out values.json
  health-kiosk export dhis2 --week 2026-W40 --audience internal --out values.json
  health-kiosk export dhis2 --week 2026-W40 --district 110000 --out city.json

The body of a POST to /api/dataValueSets. Elements and organisation units are named by their code:
KSK_BP_SESSIONS, KSK_BP_HIGH, KSK_GLU_CASUAL_SESSIONS, KSK_GLU_CASUAL_HIGH and KSK_ENTRIES, and the
districts' adcodes. What is hidden is not sent, and never as 0. For the public, districts are
released in blocks of four weeks; a single week tells their entries and sessions only. DHIS2 has no
period of four weeks: a block's elements end with _4W and are booked on its last week. Do not import
the city (110000) beside its districts: DHIS2 would add them.
"""

_FHIR_EXAMPLES = """\
examples:
  health-kiosk export fhir --block 2026-B10x4 --out reports.json
  health-kiosk export fhir --week 2026-W40 --audience internal --district 110105 --out report.json

A collection of FHIR R4 MeasureReports of type summary, one for each place. Populations are of
sessions; what is hidden is marked `masked`.
"""

_WEEK, _BLOCK = re.compile(r"\d{4}-W\d{2}"), re.compile(r"\d{4}-B\d{2}x\d{1,2}")


def week(text: str) -> str:
    """An ISO week such as 2026-W40."""
    wrong = argparse.ArgumentTypeError(f"{text!r} is not a week such as 2026-W40")
    if not _WEEK.fullmatch(text):
        raise wrong
    try:
        date.fromisoformat(f"{text}-1")
    except ValueError as error:
        raise wrong from error
    return text


def block(text: str) -> str:
    """A block of weeks such as 2026-B10x4."""
    if not _BLOCK.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a block of weeks such as 2026-B10x4")
    return text


def district(text: str) -> str:
    """The adcode of a district, or of the city."""
    if text != CITY_ADCODE and text not in DISTRICTS:
        known = ", ".join(f"{code} {one.name.zh} {one.name.en}" for code, one in DISTRICTS.items())
        raise argparse.ArgumentTypeError(
            f"there is no district {text!r}; use {CITY_ADCODE} for the city, or one of {known}"
        )
    return text


def add_reports(commands: "Commands[argparse.ArgumentParser]") -> None:
    """`report`, `export`."""
    report = add(
        commands, "report", "write the weekly report of the city or of a district",
        module="report", extra="reports", examples=_REPORT_EXAMPLES,
    )  # fmt: skip
    report.add_argument("--week", type=week, required=True, help="such as 2026-W40")
    report.add_argument(
        "--district", type=district, default=CITY_ADCODE, metavar="ADCODE",
        help="such as 110105 (default: the city)",
    )  # fmt: skip
    report.add_argument("--pdf", type=Path, metavar="FILE", help="two pages to print")
    report.add_argument("--xlsx", type=Path, metavar="FILE", help="the same as tables")
    _add_source(report, "of the report and of errors")

    exports = add_group(commands, "export", "released numbers for other systems")
    _add_export(exports, "dhis2", "write a DHIS2 data value set", _DHIS2_EXAMPLES)
    _add_export(exports, "fhir", "write FHIR R4 MeasureReports", _FHIR_EXAMPLES)


def _add_export(
    commands: "Commands[argparse.ArgumentParser]", name: str, summary: str, examples: str
) -> None:
    parser = add(commands, name, summary, module="export", extra="reports", examples=examples)
    parser.set_defaults(format=name)
    window = parser.add_mutually_exclusive_group(required=True)
    window.add_argument("--week", type=week, help="such as 2026-W40")
    window.add_argument("--block", type=block, help="such as 2026-B10x4")
    parser.add_argument(
        "--district", type=district, metavar="ADCODE",
        help="only this one; 110000 for the city (default: every district)",
    )  # fmt: skip
    parser.add_argument(
        "--audience", choices=("public", "internal"), default="public",
        help="for whom it is (default public)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="JSON")
    _add_source(parser, "of errors; what is written has both")


def _add_source(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help=f"language {what} (default zh)"
    )
    parser.add_argument("--ingest-url", default="http://127.0.0.1:8080", metavar="URL")
