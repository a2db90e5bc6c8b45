"""Tables for a terminal, in columns that stay straight under Chinese characters."""

from collections.abc import Sequence
from unicodedata import east_asian_width

_BETWEEN = "  "


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """The rows as lines; the columns whose numbers are in `right` stand to the right."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        _BETWEEN.join(
            _padded(text, widths[index], index in right) for index, text in enumerate(row)
        ).rstrip()
        for row in rows
    ]


def _padded(text: str, columns: int, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space
