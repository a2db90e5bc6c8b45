"""How the agent ends when it has a bug: loudly, and without telling what it held in its hands.

The message of an exception may quote a frame or an address. So of every exception that nobody
caught, the log gets its type and where it happened, and nothing else.
"""

import asyncio
import logging
import resource
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

logger = logging.getLogger(__name__)


def keep_secrets() -> None:
    """Write no core dump, and let no uncaught exception of any thread say its message."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.excepthook = lambda _, error, __: _tell(error)
    sys.unraisablehook = lambda args: _tell(args.exc_value)
    threading.excepthook = lambda args: _tell(args.exc_value)


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """The same for what an event loop would log: its own words name objects and their contents."""
    loop.set_exception_handler(_tell_of_loop)


def described(error: BaseException | None) -> str:
    """Where an exception and its causes happened, by file, line and type alone."""
    return "".join(_lines(error, set()))


def _lines(error: BaseException | None, told: set[int]) -> Iterator[str]:
    if error is None or id(error) in told:
        return
    told.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from _lines(before, told)
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _lines(one, told)


def _tell(error: BaseException | None) -> None:
    if not isinstance(error, KeyboardInterrupt | SystemExit):
        logger.critical("a bug ended this:\n%s", described(error))


def _tell_of_loop(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    logger.error(
        "the event loop found an exception that nobody handled:\n%s",
        described(context.get("exception")),
    )
