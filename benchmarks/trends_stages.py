"""What a thread spends its time with, found by looking at its stack fifty times a second."""

import sys
import threading
from collections import Counter
from collections.abc import Mapping
from types import FrameType, TracebackType
from typing import Self

_EVERY_SECONDS = 0.02

# In a stack, the first of these that is found from within outwards; `tallied` comes before all.
_STAGES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("disclosure", "ingest/disclosure/", frozenset()),
    ("publishing", "ingest/store/", frozenset({"publish", "mark_released"})),
    ("reading what was released", "ingest/store/", frozenset({"cells_within", "released_weeks"})),
    ("reading and tallying sessions", "ingest/store/", frozenset({"sessions", "session_counts"})),
    ("keeping and reading tallies", "ingest/operations/", frozenset()),
)
_TALLYING = ("reading and tallying sessions", "ingest/disclosure/counts.py", "tallied")
_REST = "everything else"


class Stages:
    """Samples the thread that made it, for the length of a block."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._found: Counter[str] = Counter()
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._sampler.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._sampler.join()

    def shares(self) -> Mapping[str, float]:
        """The share of the time that each stage took."""
        total = sum(self._found.values()) or 1
        return {stage: count / total for stage, count in self._found.most_common()}

    def _sample(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self._found[_stage(sys._current_frames().get(self._thread))] += 1


def _stage(frame: FrameType | None) -> str:
    stage = ""
    while frame is not None:
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        if function == _TALLYING[2] and file.endswith(_TALLYING[1]):
            return _TALLYING[0]
        stage = stage or next(
            (
                name
                for name, where, functions in _STAGES
                if where in file and (not functions or function in functions)
            ),
            "",
        )
        frame = frame.f_back
    return stage or _REST
