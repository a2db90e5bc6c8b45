"""Stations as operators write them: a line of a CSV file, or an entry of the API."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from contract.envelope import StationId
from contract.places import DISTRICTS, VENUES
from ingest.operations import Station

COLUMNS = ("id", "name_zh", "name_en", "district", "venue", "seats")
OPTIONAL_COLUMNS = ("place", "opening_hours", "devices")

_HOURS = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"


def _known_district(adcode: str) -> str:
    if adcode not in DISTRICTS:
        raise ValueError(f"no district of Beijing has the code {adcode!r}; 110101 is Dongcheng")
    return adcode


def _known_venue(code: str) -> str:
    if code not in VENUES:
        raise ValueError(f"no such venue type; one of {', '.join(VENUES)}")
    return code


class StationEntry(BaseModel):
    """All that is said of a station besides its id."""

    model_config = ConfigDict(extra="forbid")

    name_zh: Annotated[str, Field(min_length=1, max_length=100, examples=["朝阳区便利店"])]
    name_en: Annotated[str, Field(min_length=1, max_length=100, examples=["Chaoyang store"])]
    district: Annotated[str, AfterValidator(_known_district), Field(examples=["110105"])]
    venue: Annotated[str, AfterValidator(_known_venue), Field(examples=["convenience"])]
    seats: Annotated[int, Field(ge=0, le=1000, examples=[3])]
    place: Annotated[str, Field(max_length=200, description="Where it is, in words.")] = ""
    opening_hours: Annotated[
        str, Field(pattern=_HOURS, description="Local time.", examples=["08:00-20:00"])
    ] = "00:00-24:00"
    devices: Annotated[
        str,
        Field(
            pattern=r"^((bp|glu|door)(,(bp|glu|door))*)?$",
            description="The kinds of device that are expected to report.",
            examples=["bp,door"],
        ),
    ] = ""


class _Line(StationEntry):
    id: StationId


class InventoryError(ValueError):
    """The file cannot be imported; `problems` names every line at fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read(path: Path) -> list[Station]:
    """The stations in a UTF-8 CSV file with the columns of `COLUMNS`, and perhaps the optional.

    Raises InventoryError with all problems of all lines, or OSError.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        found = tuple(reader.fieldnames or ())
        if not set(COLUMNS) <= set(found) <= {*COLUMNS, *OPTIONAL_COLUMNS}:
            raise InventoryError(
                [
                    f"the first line must name the columns {', '.join(COLUMNS)}"
                    f" and may name {', '.join(OPTIONAL_COLUMNS)}; it names {', '.join(found)}"
                ]
            )
        return _checked(enumerate(reader, start=2))


def station_of(station: str, entry: StationEntry) -> Station:
    """The station that `entry` describes, in service."""
    said = entry.model_dump(include=set(StationEntry.model_fields), exclude={"devices"})
    devices = tuple(entry.devices.split(",")) if entry.devices else ()
    return Station(id=station, **said, devices=devices)


def _checked(lines: Iterable[tuple[int, dict[str, str]]]) -> list[Station]:
    stations: dict[str, Station] = {}
    problems: list[str] = []
    for number, line in lines:
        try:
            entry = _Line.model_validate({name: text for name, text in line.items() if text})
            station = station_of(entry.id, entry)
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
