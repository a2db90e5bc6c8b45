"""What the doctor found at one place, in English and Chinese."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Sign(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"  # the station works, but not for ever or not as it should
    FAIL = "fail"  # the station does not work, or loses something
    SKIP = "skip"  # not looked at, for the reason that is said


class Words(NamedTuple):
    """One sentence in each language."""

    en: str
    zh: str

    def __mod__(self, values: object) -> "Words":
        """Both sentences with the same values filled in."""
        return Words(self.en % values, self.zh % values)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found by the check called `name`, and what to do unless it is well."""

    name: str
    title: Words
    sign: Sign
    said: Words
    remedy: Words | None = None


class Check(NamedTuple):
    """A check by its stable name in JSON and its title on the screen; makes its findings."""

    name: str
    title: Words

    def ok(self, said: Words) -> Finding:
        """All is well."""
        return Finding(self.name, self.title, Sign.OK, said)

    def warn(self, said: Words, remedy: Words) -> Finding:
        """It works, but something should be done."""
        return Finding(self.name, self.title, Sign.WARN, said, remedy)

    def fail(self, said: Words, remedy: Words) -> Finding:
        """It does not work until something is done."""
        return Finding(self.name, self.title, Sign.FAIL, said, remedy)

    def skip(self, said: Words) -> Finding:
        """It was not looked at, and why."""
        return Finding(self.name, self.title, Sign.SKIP, said)
