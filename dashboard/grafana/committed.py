"""The boards as they were rendered and committed: read from the package, without the builder."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from contract.places import Name
from dashboard.grafana.languages import Language

FOLDER_TITLES = Name("健康小站", "Health kiosk")
"""Boards of each language have a folder of their own."""


@dataclass(frozen=True, slots=True)
class Board:
    """A board in one language; `document` is what Grafana is to keep."""

    uid: str
    language: Language
    document: dict[str, Any]

    @property
    def title(self) -> str:
        """What its readers see above it."""
        return str(self.document["title"])


def folder_uid(language: Language) -> str:
    """The folder of one language, by the uid that provisioning gives it too."""
    return f"health-kiosk-{language}"


def boards(languages: Iterable[Language]) -> list[Board]:
    """Every board in these languages, in the order of their uids."""
    found = []
    for language in languages:
        folder = files("dashboard.grafana") / "rendered" / language
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            document = json.loads(file.read_text(encoding="utf-8"))
            found.append(Board(document["uid"], language, document))
    return found
