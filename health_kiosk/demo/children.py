"""Child processes of the demo: started with a log each, watched, and ended wave by wave."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from health_kiosk.failure import Failure

_PATIENCE_SECONDS = 8.0
_TAIL_LINES = 5


@dataclass(frozen=True, slots=True)
class Child:
    """A running process and the file that it logs to."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:])


class Children:
    """The processes that the demo started; leaving the context ends every one of them."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._waves: list[list[Child]] = [[]]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for wave in reversed(self._waves):
            _end(wave)

    def next_wave(self) -> None:
        """What is started from here on ends before everything that was started so far."""
        self._waves.append([])

    def start(
        self, name: str, *command: str, environment: Mapping[str, str] | None = None
    ) -> Child:
        """Start a process; its standard error goes to its log, its standard output to a pipe.

        It has a session of its own, so that Ctrl-C reaches only the demo, which ends the others in
        order, and it is told to end by the kernel should the demo be killed.
        """
        log = self._logs / f"{name}.log"
        with log.open("w") as stderr:
            process = subprocess.Popen(  # noqa: S603  # our own commands
                [*_end_with_parent(), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        child = Child(name, process, log)
        self._waves[-1].append(child)
        return child

    def check(self) -> None:
        """Raise Failure with its last words if any process has ended."""
        for child in (child for wave in self._waves for child in wave):
            if (code := child.process.poll()) is not None:
                raise Failure(f"{child.name} ended with {code}:\n{child.last_words()}")


def _end(children: list[Child]) -> None:
    for child in children:
        child.process.terminate()
    for child in children:
        try:
            child.process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        if child.process.stdout:
            child.process.stdout.close()


def _end_with_parent() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
