"""The bonds that the adapter keeps, in a file if they are to outlive it."""

import json
from collections.abc import Mapping
from pathlib import Path


class Bonds:
    """Bonded devices by address, each with whether it is trusted.

    With a `file`, every change is written at once, and what it holds is there from the beginning.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._trusted: dict[str, bool] = {}
        if file is not None and file.exists():
            kept: Mapping[str, bool] = json.loads(file.read_text())
            self._trusted.update(kept)

    def __contains__(self, address: str) -> bool:
        return address in self._trusted

    def trusts(self, address: str) -> bool:
        """Whether the device is bonded and trusted."""
        return self._trusted.get(address, False)

    def keep(self, address: str, *, trusted: bool) -> None:
        """A new bond, or a change of trust."""
        self._trusted[address] = trusted
        self._write()

    def forget(self, address: str) -> None:
        """Drops a bond; nothing happens if there is none."""
        if self._trusted.pop(address, None) is not None:
            self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(self._trusted, indent=1, sort_keys=True))
        draft.replace(self._file)
