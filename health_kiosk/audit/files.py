"""The truth and the account of one run, read for an audit, and every reason not to believe them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Literal, TypeVar

from health_kiosk.failure import Failure
from simulators.truth import (
    AccountHeader,
    LedgerFileError,
    StationAccount,
    StationWeek,
    TruthHeader,
    read_account,
    read_truth,
)

Kind = Literal["truth", "account"]
_T = TypeVar("_T")

VERSION = 1
_SAME = ("seed", "stations", "first", "last")


def header_of_truth(path: Path) -> TruthHeader:
    """What the truth is of; raises Failure."""
    return _checked(path, "truth", lambda: read_truth(path)[0])


def header_of_account(path: Path, truth: TruthHeader) -> AccountHeader:
    """What the account is of; raises Failure if it is of another run than the truth."""
    header = _checked(path, "account", lambda: read_account(path)[0])
    for name in _SAME:
        mine, other = getattr(header, name), getattr(truth, name)
        if mine != other:
            raise Failure(
                f"{path} is of another run: its {name} is {mine}, that of the truth is {other};"
                " give the two files of one `health-kiosk simulate city`"
            )
    return header


def accounts(path: Path) -> dict[str, StationAccount]:
    """The account of every station; raises Failure, also for a station that is there twice."""
    found: dict[str, StationAccount] = {}
    with _explained():
        for one in read_account(path)[1]:
            if one.station in found:
                raise Failure(f"{path} has two lines of {one.station}; write it anew")
            found[one.station] = one
    return found


def stations(path: Path) -> Iterator[tuple[str, list[StationWeek]]]:
    """Every station of the truth with its weeks, in order; raises Failure."""
    last = ""
    with _explained():
        for station, weeks in groupby(read_truth(path)[1], attrgetter("station")):
            if station <= last:
                raise Failure(f"{path} is not in order at {station}; write it anew")
            last = station
            yield station, list(weeks)


def _checked(path: Path, kind: Kind, read: Callable[[], _T]) -> _T:
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline() or "null")
    except OSError as error:
        raise Failure(
            f"cannot read {path}: {error.strerror};"
            f" `health-kiosk simulate city --{kind} {path}` writes it"
        ) from error
    except ValueError as error:
        raise Failure(f"{path} is not JSON Lines; give a file that --{kind} has written") from error
    version = first.get(kind) if isinstance(first, dict) else None
    if version is None:
        raise Failure(f"{path} is no {kind} file; give one that --{kind} has written")
    if version != VERSION:
        raise Failure(
            f"{path} is of version {version}, and version {VERSION} is understood;"
            " audit it with the programs that wrote it"
        )
    with _explained():
        return read()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except LedgerFileError as error:
        raise Failure(f"{error}; the file is damaged, write it anew") from error
    except OSError as error:
        raise Failure(f"cannot read {error.filename}: {error.strerror}") from error
