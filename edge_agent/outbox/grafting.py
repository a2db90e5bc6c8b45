"""Grafting: a copy of a damaged file whose first page, where all tables begin, is a new one.

The tables of every file of one version begin at the same pages; the marks on their rows tell
whether that was true of this file.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from edge_agent.outbox import schema

_PAGE = 4096
_PAGE_COUNT = slice(28, 32)


def graft(damaged: Path, copy: Path) -> None:
    """Make `copy`, a file of the present version with the pages of `damaged` from the second on.

    Raises OSError.
    """
    copy.touch(mode=0o600)
    with closing(sqlite3.connect(copy, isolation_level=None)) as pattern:
        pattern.execute(f"PRAGMA page_size = {_PAGE}")
        pattern.execute("BEGIN")
        schema.create(pattern)
        pattern.execute("COMMIT")
    first = bytearray(copy.read_bytes()[:_PAGE])
    first[_PAGE_COUNT] = (damaged.stat().st_size // _PAGE).to_bytes(4, "big")
    shutil.copyfile(damaged, copy)
    with copy.open("r+b") as file:
        file.write(first)
