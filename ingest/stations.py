"""The station inventory as a CSV file: validated line by line, imported whole or not at all."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from contract.envelope import StationId
from contract.places import DISTRICTS, VENUES
from ingest.operations import Station

COLUMNS = ("id", "name_zh", "name_en", "district", "venue", "seats")


def _known_district(adcode: str) -> str:
    if adcode not in DISTRICTS:
        raise ValueError(f"no district of Beijing has the code {adcode!r}; 110101 is Dongcheng")
    return adcode


def _known_venue(code: str) -> str:
    if code not in VENUES:
        raise ValueError(f"no such venue type; one of {', '.join(VENUES)}")
    return code


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: StationId
    name_zh: Annotated[str, Field(min_length=1, max_length=100)]
    name_en: Annotated[str, Field(min_length=1, max_length=100)]
    district: Annotated[str, AfterValidator(_known_district)]
    venue: Annotated[str, AfterValidator(_known_venue)]
    seats: Annotated[int, Field(ge=0, le=1000)]


class InventoryError(ValueError):
    """The file cannot be imported; `problems` names every line at fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read(path: Path) -> list[Station]:
    """The stations in a UTF-8 CSV file with the columns of `COLUMNS`.

    Raises InventoryError with all problems of all lines, or OSError.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        found = tuple(reader.fieldnames or ())
        if set(found) != set(COLUMNS):
            raise InventoryError(
                [f"the first line must name the columns {', '.join(COLUMNS)}; it names {found}"]
            )
        return _checked(enumerate(reader, start=2))


def _checked(lines: Iterable[tuple[int, dict[str, str]]]) -> list[Station]:
    stations: dict[str, Station] = {}
    problems: list[str] = []
    for number, line in lines:
        try:
            station = Station(**_Line.model_validate(line).model_dump())
        except ValidationError as error:
            problems.extend(
                f"line {number}: {'.'.join(map(str, one['loc']))}: {one['msg']}"
                for one in error.errors()
            )
            continue
        if station.id in stations:
            problems.append(f"line {number}: id: {station.id} stands in the file twice")
        stations[station.id] = station
    if problems:
        raise InventoryError(problems)
    return list(stations.values())
