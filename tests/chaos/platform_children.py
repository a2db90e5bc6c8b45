"""The processes of a chaos platform, to be killed, stopped in their tracks and started again."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_PATIENCE_SECONDS = 30.0


class Victim(Protocol):
    """What can be killed, and hang."""

    @property
    def name(self) -> str:
        """Who it is, for people to read."""

    def start(self) -> None:
        """Start it, if it does not run."""

    def kill(self) -> None:
        """SIGKILL."""

    def hang(self) -> None:
        """Stop it in its tracks."""

    def resume(self) -> None:
        """Let it go on."""


class Child:
    """A process of ours; everything that it says is kept in a log of its own."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self._command = tuple(command)
        self._log = log
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, if it does not run."""
        if self.runs:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env={**os.environ, **self._environment}
            )

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def hang(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it in good order; if it does not listen, without."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE_SECONDS)
        self.kill()

    def wait(self) -> int:
        """Wait until it has ended by itself; its return code."""
        assert self._process is not None
        return self._process.wait(_PATIENCE_SECONDS)

    def said(self) -> str:
        """Everything that it said, in all of its lives."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.runs:
            self._process.send_signal(number)
