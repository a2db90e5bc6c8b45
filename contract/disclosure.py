"""How a small count is written so that it tells nothing about one person."""

from typing import Annotated

from pydantic import Field

ROUND_TO = 5
"""Counts are rounded to a multiple of this, half up."""

SMALLEST_COUNT = 8
"""Counts below this are never told apart, not even from zero."""

Band = Annotated[
    str,
    Field(pattern=r"^(<8|[1-9][0-9]*[05])$", description='A count rounded to 5, or "<8".'),
]


def rounded(count: int) -> int:
    """The nearest multiple of five; a half goes up."""
    return (2 * count + ROUND_TO) // (2 * ROUND_TO) * ROUND_TO


def band(count: int) -> Band:
    """`"<8"` for 0 to 7, otherwise the rounded count as text."""
    return "<8" if count < SMALLEST_COUNT else str(rounded(count))


def least(told: Band) -> int:
    """The least count that is written so: 0 for "<8"."""
    return 0 if told == "<8" else max(SMALLEST_COUNT, int(told) - ROUND_TO // 2)
