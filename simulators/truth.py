"""The two files by which a run of the simulated city is audited: its truth and its account.

The truth says what happened at the stations, by station and ISO week. It depends on seed, dates
and scenario only, never on the timing of a run. The account says what became of the messages.
Both are JSON Lines in UTF-8 with sorted keys; the first line describes the run.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Line = TypeVar("Line", bound=BaseModel)

Counts = Mapping[str, int]
_FROZEN = ConfigDict(frozen=True, extra="forbid")


class LedgerFileError(ValueError):
    """A truth or account file cannot be read; the message names file and line."""


class TruthHeader(BaseModel):
    """What a truth file is of. `until` is there only if the run was ended before its last day."""

    model_config = _FROZEN

    truth: Literal[1] = 1
    seed: int
    stations: int = Field(ge=1)
    first: date
    last: date
    scenario: str | None = None
    min_batch: int = Field(ge=1)
    until: datetime | None = None


class StationWeek(BaseModel):
    """What happened at one station in one ISO week such as "2026-W44", after all faults.

    `sessions` are those measured and kept, by measure ("bp", "glucose") and category; one of
    glucose is "casual/usual": context and category. `truly` counts, for the same sessions, the
    category of the person's usual value. `entries` and `windows` are what its windows say.
    """

    model_config = _FROZEN

    station: str
    district: str
    venue: str
    week: str
    entries: int = Field(ge=0)
    windows: int = Field(ge=0)
    sessions: Mapping[str, Counts]
    truly: Mapping[str, Counts]


class AccountHeader(BaseModel):
    """What an account is of, and how the run went.

    `seconds` are real ones; `messages` have reached their end; quantiles are real seconds from
    publishing to receipt, absent if there was no receipt.
    """

    model_config = _FROZEN

    account: Literal[1] = 1
    seed: int
    stations: int = Field(ge=1)
    first: date
    last: date
    until: datetime
    seconds: float = Field(ge=0)
    messages: int = Field(ge=0)
    p50_seconds: float | None = None
    p99_seconds: float | None = None


class StationAccount(BaseModel):
    """What became of one station's messages: numbered = stored + quarantined + dropped + pending.

    `sessions` and `windows` (distinct ones) were in messages receipted as stored, `staged`
    sessions wait for company, `unnumbered` windows for a message, and `poisoned` messages were
    broken on purpose. `by_week` divides `sessions` by the ISO week of their batch's last day, as
    the centre dates them; it is absent if that was not kept.
    """

    model_config = _FROZEN

    station: str
    epoch: int
    numbered: int = Field(ge=0)
    stored: int = Field(ge=0)
    quarantined: int = Field(ge=0)
    dropped: int = Field(ge=0)
    pending: int = Field(ge=0)
    staged: int = Field(ge=0)
    unnumbered: int = Field(default=0, ge=0)
    sessions: int = Field(ge=0)
    windows: int = Field(ge=0)
    poisoned: int = Field(ge=0)
    by_week: Counts | None = None


def write_truth(path: Path, header: TruthHeader, weeks: Iterable[StationWeek]) -> None:
    """Write a truth; `weeks` come ordered by station and week."""
    _write(path, header, weeks)


def read_truth(path: Path) -> tuple[TruthHeader, Iterator[StationWeek]]:
    """A truth's header at once, and its weeks as they are asked for.

    Raises LedgerFileError, OSError if there is no such file.
    """
    return _read(path, TruthHeader), _lines(path, StationWeek)


def write_account(path: Path, header: AccountHeader, stations: Iterable[StationAccount]) -> None:
    """Write an account."""
    _write(path, header, stations)


def read_account(path: Path) -> tuple[AccountHeader, Iterator[StationAccount]]:
    """An account's header at once, and its stations as they are asked for.

    Raises LedgerFileError, OSError if there is no such file.
    """
    return _read(path, AccountHeader), _lines(path, StationAccount)


def json_line(line: BaseModel) -> str:
    """A line of either file: keys sorted, what is None left out unless it is the scenario."""
    content = {
        key: value
        for key, value in line.model_dump(mode="json").items()
        if value is not None or key == "scenario"
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _write(path: Path, header: BaseModel, lines: Iterable[BaseModel]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json_line(header))
        file.writelines(map(json_line, lines))


def _read(path: Path, kind: type[Line]) -> Line:
    with path.open(encoding="utf-8") as file:
        return _parsed(path, 1, file.readline(), kind)


def _lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    with path.open(encoding="utf-8") as file:
        file.readline()
        for number, text in enumerate(file, start=2):
            yield _parsed(path, number, text, kind)


def _parsed(path: Path, number: int, text: str, kind: type[Line]) -> Line:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole line"
        raise LedgerFileError(f"{path}, line {number}: {where}: {first['msg']}") from error
