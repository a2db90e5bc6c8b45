"""Sets a report as two pages of PDF with Typst; fonts are Debian's, embedded as far as used."""

import json
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import typst

from dashboard.reports.api import DocumentError
from dashboard.reports.paper import Paper
from dashboard.reports.svg import FONT

FONTS = Path("/usr/share/fonts/opentype/noto")
"""Where Debian's package fonts-noto-cjk puts them."""


def pdf(paper: Paper, now: datetime, fonts: Path = FONTS) -> bytes:
    """The file; the same paper and `now` give the same bytes. Raises DocumentError without fonts.

    No network: Typst is given no package, and only the fonts of this one directory.
    """
    found = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]
    )
    if FONT not in found.families():
        raise DocumentError(
            zh=f"缺少中文字体 {FONT}（{fonts}）：apt-get install fonts-noto-cjk",
            en=f"the font {FONT} is not in {fonts}: apt-get install fonts-noto-cjk",
        )
    source = (files("dashboard.reports") / "report.typ").read_bytes()
    content: bytes = typst.compile(
        source,
        sys_inputs={"paper": json.dumps(paper.plain(), ensure_ascii=False)},
        font_paths=found,
        ignore_system_fonts=True,
        timestamp=int(now.timestamp()),
    )
    return content
