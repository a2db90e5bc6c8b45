"""What an audit finds: checks with their figures, and exactly what differs. Pure."""

from dataclasses import dataclass, field

_MOST_KEPT = 100_000
"""Of one check: a city of which all is wrong must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be.

    `place` is a station, an area or the name of a released cell, `week` an ISO week or a window, ""
    where it is the whole run. `what` says of what `expected` and `found` are.
    """

    place: str
    week: str
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"{self.place}, {self.week}" if self.week else self.place
        return f"{where}: {self.what}: expected {self.expected}, found {self.found}"


@dataclass(slots=True)
class Check:
    """One check: what it is called, its figures in words and numbers, and what differs.

    `notes` say what could not be compared, or only within a tolerance. Differences beyond the first
    hundred thousand are only counted.
    """

    name: str
    says: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    count: int = 0

    def differ(
        self, place: str, what: str, expected: object, found: object, week: object = ""
    ) -> None:
        """Note that something is not as expected."""
        self.count += 1
        if self.count <= _MOST_KEPT:
            difference = Difference(place, str(week), what, str(expected), str(found))
            self.differences.append(difference)

    @property
    def balances(self) -> bool:
        """Whether nothing differs."""
        return self.count == 0


@dataclass(frozen=True, slots=True)
class Findings:
    """All checks of an audit, in order."""

    checks: tuple[Check, ...]

    @property
    def balances(self) -> bool:
        """Whether nothing differs in any of them."""
        return all(check.balances for check in self.checks)

    def of(self, name: str) -> Check:
        """The check of this name; raises KeyError."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(name)
