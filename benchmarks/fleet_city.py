"""The city of the fleet benchmark, in a process of its own, which does what it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from benchmarks.fleet_living import live
from benchmarks.fleet_plan import Account, Look, Plan, Variant

_PATIENCE_SECONDS = 600.0  # a whole city's days are made in the meantime


class City:
    """The far end of a process that runs a fleet; every method may raise RuntimeError."""

    def __init__(self, process: BaseProcess, there: Connection, size: int) -> None:
        self.size = size
        self._process = process
        self._there = there

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid or 0

    def look(self) -> Look:
        """The fleet now."""
        return Look(*self._ask("look"))

    def clear(self) -> None:
        """Begin to count seconds anew."""
        self._ask("clear")

    def queue(self, variant: Variant) -> int:
        """Let a day have passed at every station; returns how many windows wait now."""
        waiting: int = self._ask("queue", variant)
        return waiting

    def hold(self) -> None:
        """Stop time: nobody visits any station from now on."""
        self._ask("hold")

    def accounts(self) -> dict[tuple[str, int], Account]:
        """What every station knows, by its id and epoch."""
        return {name: Account(*one) for name, one in self._ask("accounts").items()}

    def _ask(self, question: str, *arguments: object) -> Any:
        try:
            self._there.send((question, *arguments))
            if not self._there.poll(_PATIENCE_SECONDS):
                raise RuntimeError(f"the city does not answer to {question!r}")
            return self._there.recv()
        except (EOFError, OSError) as error:
            raise RuntimeError("the city has ended; its own words stand above") from error


@contextmanager
def running_city(plan: Plan) -> Iterator[City]:
    """A city that connects and lives; its stations say goodbye at the end."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=live, args=(plan, there))
    process.start()
    there.close()
    try:
        yield City(process, here, plan.stations)
    finally:
        here.close()
        process.join(_PATIENCE_SECONDS)
        process.terminate()
        process.join()
