"""Running a coroutine until the process is asked to end."""

import asyncio
import signal
from collections.abc import Coroutine


def run_until_told(work: Coroutine[None, None, None]) -> None:
    """Run `work`; SIGTERM or SIGINT cancels it, and its clean-up is waited for."""
    asyncio.run(_run(work))


async def _run(work: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return
