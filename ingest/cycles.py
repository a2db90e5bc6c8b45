"""Where not to search for garbage in cycles: while much is built up, and in what stays for good."""

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


def leave_alone_what_is_there() -> None:
    """Never again search what exists by now: modules, models, routes.

    There are some hundred thousand objects of them, and all threads stand still while the collector
    looks through them: a tenth of a second, now and again, for as long as the process lives.
    """
    gc.collect()
    gc.freeze()
