"""Leaving cycles of garbage alone while much is built up that has none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cycles_left() -> Iterator[None]:
    """No search for garbage in cycles: what is made here is large, has none, and is gone after.

    The collector would look through all of it again and again, for as long as it is built up.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
