"""A long list, some at a time: databases take only so much at once."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def pieces(whole: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """`whole` in order, `size` of it at a time; the last piece may be shorter."""
    for first in range(0, len(whole), size):
        yield whole[first : first + size]
