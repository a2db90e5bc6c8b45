"""Questions to the API about trends and usage, drawn at random for every route that there is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.trends_city import AREAS
from contract.places import DISTRICTS
from ingest.disclosure.scales import EXTREMES, SCALES
from ingest.windows import Audience, Block, Level, extremes_weeks, weeks_of

_PREFIXES = ("/api/v1/trends/", "/api/v1/usage/")
_ABOUT_EXTREMES = "extremes"
# What these routes begin with knows no venue types.
_WITHOUT_VENUES = ("/api/v1/usage/public/", "/api/v1/usage/week-profile")


@dataclass(frozen=True, slots=True)
class Route:
    """A path of the API with the parameters that may be given in it and behind it."""

    path: str
    parameters: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What may be asked about: stations with usage, all stations, and the weeks released.

    `last` is the latest block of one week, `weeks` how many weeks up to it are released.
    """

    with_usage: Sequence[str]
    stations: Sequence[str]
    last: Block
    weeks: int

    def blocks(self, weeks: int) -> list[Block]:
        """The released blocks of a length, oldest first."""
        end = self.last.ordinal + 1
        return [Block(weeks, one) for one in range(-(-(end - self.weeks) // weeks), end // weeks)]


def routes_in(document: Mapping[str, Any]) -> list[Route]:
    """Every route about trends and usage in an OpenAPI document."""
    return [
        Route(path, tuple(methods["get"].get("parameters", ())))
        for path, methods in sorted(document["paths"].items())
        if path.startswith(_PREFIXES) and "get" in methods
    ]


def questions(route: Route, known: Known, rng: Random) -> Iterator[str]:
    """Addresses of a route without end; raises LookupError if it wants what nobody knows here."""
    while True:
        drawn = _Drawn(route, known, rng)
        path, asked = route.path, {}
        for parameter in route.parameters:
            name = parameter["name"]
            value = drawn.value(parameter)
            if value is None:
                continue
            if parameter["in"] == "path":
                path = path.replace("{" + name + "}", quote(value, safe=":"))
            elif parameter["in"] == "query":
                asked[name] = value
        yield f"{path}?{urlencode(asked)}" if asked else path


class _Drawn:
    """One question's values, which must fit each other: a window is one of its level's."""

    def __init__(self, route: Route, known: Known, rng: Random) -> None:
        self._rng = rng
        about_usage = route.path.startswith("/api/v1/usage/")
        self._ids = known.with_usage if about_usage else known.stations
        without_venues = route.path.startswith(_WITHOUT_VENUES)
        self._areas = AREAS[: 1 + len(DISTRICTS)] if without_venues else AREAS
        self._about_extremes = _ABOUT_EXTREMES in route.path
        self._known = known
        self._audience = rng.choice(list(Audience))
        self._level = Level.CITY if self._about_extremes else rng.choice(list(Level))
        self._measure = rng.choices(list(SCALES), (9, *(1 for _ in list(SCALES)[1:])))[0]
        self._district = rng.choice(list(DISTRICTS))

    def value(self, parameter: Mapping[str, Any]) -> str | None:
        """The value of a parameter; None for one that need not be given."""
        draw = self._draws().get(parameter["name"])
        if draw is not None:
            return draw()
        choices = _choices(parameter["schema"])
        if choices:
            return str(self._rng.choice(choices))
        if parameter.get("required"):
            raise LookupError(f"the benchmark does not know what {parameter['name']!r} may be")
        return None

    def _draws(self) -> dict[str, Callable[[], str | None]]:
        return {
            "area": lambda: self._rng.choice(self._areas),
            "station": lambda: self._rng.choice(self._ids),
            "audience": lambda: self._audience.value,
            "level": lambda: self._level.value,
            "measure": lambda: self._measure,
            "window": lambda: str(self._block()),
            "district": lambda: self._district if self._level is Level.STATION else None,
            "part": lambda: self._rng.choice((None, self._part())),
            "name": self._name,
        }

    def _block(self) -> Block:
        return self._rng.choice(self._known.blocks(self._weeks()))

    def _weeks(self) -> int:
        if self._about_extremes:
            return extremes_weeks(self._audience)
        return weeks_of(self._level, self._audience)

    def _name(self) -> str:
        area = {
            Level.STATION: lambda: self._rng.choice(self._ids),
            Level.DISTRICT: lambda: self._district,
            Level.CITY: lambda: AREAS[0],
            Level.VENUE: lambda: self._rng.choice(AREAS[1 + len(DISTRICTS) :]),
        }[self._level]()
        where = f"{self._audience}:{self._level}:{area}:{self._block()}"
        return f"{where}:{self._measure}:{self._part()}"

    def _part(self) -> str:
        scale = EXTREMES if self._about_extremes else SCALES
        return self._rng.choice(scale[self._measure].parts).name


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    """The values of a fixed list, wherever the schema has it."""
    either = (schema, *schema.get("anyOf", ()), *schema.get("allOf", ()))
    return [value for one in either for value in one.get("enum", ())]
